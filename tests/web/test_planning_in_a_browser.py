"""A newcomer with a browser: from an empty installation to a round that waits to be opened.

Every page on the way is looked at by axe, on a phone and on a desk.
"""

import pytest
from playwright.sync_api import Page

from app.database.engine import make_engine, make_sessions
from app.people.roles import Role
from app.settings import Settings
from app.web.application import create_app
from browser import DESK, PHONE, Device, OpenPage, axe
from colleagues import CHIEF, PASSWORD, add_colleague
from servers import Serve
from world import NOW

ROUND = "/console/rounds/demo-senses"
PAGES = (
    "/console/rounds", "/console/rounds?l=en", "/console/rounds/new?last=demo-senses",
    ROUND, f"{ROUND}/plan", f"{ROUND}/fieldwork", f"{ROUND}/fieldwork?l=en",
    f"{ROUND}/fieldwork/accounts", f"{ROUND}/codes", f"{ROUND}/codes/hall-1-1/rotation",
    f"{ROUND}/sample", "/console/rounds/bloomington-2017",
)  # fmt: skip


@pytest.fixture
def empty_application(sqlite_url: str) -> object:
    """An installation with nothing in it but two people who hold every role."""
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        add_colleague(session, CHIEF, *Role)
    engine.dispose()
    return create_app(Settings(database_url=sqlite_url), clock=lambda: NOW)


def look(page: Page) -> None:
    """No mistake of accessibility, nothing to scroll sideways."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert axe(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/console")
    page.fill("#login", CHIEF)
    page.fill("#password", PASSWORD)
    page.click("main button")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_a_newcomer_plans_a_round_and_asks_for_its_opening(
    open_page: OpenPage, serve: Serve, empty_application, device: Device
):
    url, page = serve(empty_application).url, open_page(device)
    sign_in(page, url)
    page.click("text=调查 >> nth=0")
    look(page)
    page.click("text=新的一轮")
    look(page)
    page.fill("#title", "青山县 2026 年政务服务满意度调查")
    page.select_option("#survey", "service_review@1")
    page.fill("#place", "青山县")
    page.fill("#organiser", "青山县政务服务中心")
    page.click("button:has-text('开始')")

    look(page)
    page.fill("#lines-units", "东街街道，23000\n西街街道 18000\n南山乡 9000")
    page.click("#units button:has-text('加上')")
    look(page)
    page.click("text=下一步")
    page.fill("#lines-points", "市民服务中心 1 号窗口\n市民服务中心 2 号窗口")
    page.click("#points button:has-text('加上')")
    look(page)
    page.click("text=下一步")
    for _ in range(4):  # who answers, weighting, screening, composite: as suggested
        look(page)
        page.click("button:has-text('保存，下一步')")
    assert "方案完整，可以定下来。" in page.inner_text("main")
    look(page)
    page.click("button:has-text('就这样定下来')")
    look(page)
    page.click("text=申请打开")
    look(page)
    page.click("button:has-text('提请打开')")
    assert "等另一个人批准" in page.inner_text("main")
    look(page)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_of_a_round_are_accessible(
    open_page: OpenPage, serve: Serve, open_application, device: Device
):
    url, page = serve(open_application).url, open_page(device)
    sign_in(page, url)
    for address in PAGES:
        page.goto(url + address)
        look(page)
