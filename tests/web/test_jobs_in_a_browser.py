"""Documents in a browser: ordered on the page of a run, followed, fetched; templates."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.cli.worker import make_once
from app.database.engine import make_engine, make_sessions
from browser import DESK, PHONE, Device, OpenPage, axe
from colleagues import CHIEF, PASSWORD
from servers import Serve
from world import NOW

RUN = "/console/rounds/bloomington-2017/runs/1"
WITHOUT_SCRIPTS = Device(1280, 900, javascript=False)


@pytest.fixture
def sessions(database: Path):
    engine = make_engine(f"sqlite:///{database}")
    yield make_sessions(engine)
    engine.dispose()


def enter(page: Page, url: str) -> None:
    page.goto(f"{url}/console/sign-in")
    page.fill("[name=login]", CHIEF)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")


def is_in_order(page: Page) -> None:
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_report_is_ordered_followed_and_fetched_without_scripts(
    open_application, open_page: OpenPage, serve: Serve, sessions, tmp_path
):
    url, page = serve(open_application).url, open_page(WITHOUT_SCRIPTS)
    enter(page, url)
    page.goto(f"{url}{RUN}")
    page.check("[name=kind][value=report_pdf]", force=True)
    page.click("form.job-order button")
    page.wait_for_url("**/console/jobs/*")
    expect(page.locator("main")).to_contain_text("正在排队")
    assert make_once(sessions, clock=lambda: NOW)
    expect(page.locator("h1")).to_contain_text("已做好", timeout=20_000)  # it refreshes itself
    with page.expect_download() as waiting:
        page.click("main a[download]")
    kept = tmp_path / "report.pdf"
    waiting.value.save_as(kept)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() in page.content()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_of_documents_can_be_used_by_everybody(
    open_application, open_page: OpenPage, serve: Serve, sessions, device
):
    url, page = serve(open_application).url, open_page(device)
    enter(page, url)
    page.goto(f"{url}/console/jobs")
    is_in_order(page)
    page.goto(f"{url}{RUN}")
    page.click("form.job-order button")
    page.wait_for_url("**/console/jobs/*")
    place = page.url.partition("?")[0]
    page.goto(f"{place}?still=1")
    is_in_order(page)
    page.goto(f"{url}/console/jobs?still=1")
    is_in_order(page)
    assert make_once(sessions, clock=lambda: NOW)
    for address in (place, f"{url}/console/jobs", f"{url}/console/jobs/templates"):
        page.goto(address)
        is_in_order(page)
    page.set_input_files("[name=template]", [
        {"name": "ours.docm", "mimeType": "application/x", "buffer": b"x"}
    ])  # fmt: skip
    page.click("form.panel button[type=submit]")
    expect(page.locator(".faults")).to_contain_text(".docx")
    is_in_order(page)
