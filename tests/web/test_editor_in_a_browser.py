"""A designer who never read the documentation makes a questionnaire of ten items."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page

from app.database.engine import make_engine, make_sessions
from app.people.roles import Role
from app.settings import Settings
from app.web.application import create_app
from browser import DESK, PHONE, Device, OpenPage, axe
from colleagues import PASSWORD, add_colleague
from servers import Serve
from world import NOW

ITEMS = (
    "这次办事的总体情况",
    "排队等候的时间",
    "工作人员的态度",
    "办事指南的准确",
    "要交的材料的数量",
    "来回跑的次数",
    "办理的时间",
    "大厅的环境",
)
GRADE = "bank:service_review@1/grade"


@pytest.fixture
def hall(sqlite_url: str, serve: Serve) -> str:
    """Where an empty installation with one designer is served."""
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        add_colleague(session, "ping", Role.SURVEY_DESIGNER)
    engine.dispose()
    return serve(create_app(Settings(database_url=sqlite_url), clock=lambda: NOW)).url


def enter(page: Page, hall: str) -> None:
    page.goto(f"{hall}/console/sign-in")
    page.fill("[name=login]", "ping")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.goto(f"{hall}/console/questionnaires")


def is_sound(page: Page) -> None:
    """Without mistakes of accessibility and not wider than the screen."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def write_item(page: Page, text: str, *, kind: str = "single", scale: str = "") -> None:
    page.fill("#text_zh", text)
    page.check(f"[name=kind][value={kind}]")
    if scale:
        page.select_option("#scale", scale)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_a_designer_makes_a_questionnaire_and_releases_it(
    hall: str, open_page: OpenPage, device: Device
):
    page = open_page(device)
    enter(page, hall)
    is_sound(page)
    page.click("text=新建问卷")
    is_sound(page)
    page.fill("#title_zh", "请您评价这次服务")
    page.click("main button:has-text('开始')")
    is_sound(page)

    page.click("text=加一道题")
    is_sound(page)
    write_item(page, ITEMS[0], scale=GRADE)
    phone = page.frame_locator("iframe[name=phone]")  # follows without a press
    phone.locator("legend", has_text=ITEMS[0]).wait_for()
    assert phone.locator("input[type=radio]").count() == 6
    for text in ITEMS[1:]:
        page.click("text=保存，再加一道")
        write_item(page, text, scale="grade")
    page.click("text=保存，再加一道")
    write_item(page, "您的性别", scale="bank:three_senses@1/gender")
    page.click("text=保存，再加一道")
    write_item(page, "还有什么想说的", kind="text")
    page.check("#optional")
    page.click("main button:text-is('保存')")
    page.wait_for_selector(".outline__item >> nth=9")
    is_sound(page)

    page.click(".outline__what a:has-text('排队等候的时间')")
    is_sound(page)
    page.fill("#text_zh", "工作人员的热情和效率")
    page.click("main button:text-is('保存')")
    page.click(".outline__what a:has-text('工作人员的热情和效率')")
    assert page.locator("#hints p").count() >= 2
    is_sound(page)
    page.fill("#text_zh", ITEMS[1])
    page.click("main button:text-is('保存')")
    page.click("[aria-label='第 2 题下移']")
    page.wait_for_url("**#item-q2")
    assert "排队" in page.locator(".outline__item >> nth=2").inner_text()

    page.click("text=标题与导语")
    is_sound(page)
    page.fill("#lead_zh", "请按这次办事的感受，每题选一个。")
    page.fill("#source", "本单位自拟，2026 年")
    page.click("main button:text-is('保存')")
    page.click(".actions a:text-is('指标')")
    is_sound(page)
    page.fill("#i1_zh", "服务得分")
    page.click("main button:text-is('保存')")
    page.click(".actions a:text-is('量表')")
    is_sound(page)
    page.click("#scale-grade a")
    is_sound(page)
    page.goto(page.url.partition("/scales")[0])

    page.click("a[href$='/sections/main']")
    is_sound(page)
    page.fill("#title_zh", "这次服务")
    page.click("main button:text-is('保存')")
    page.click("text=检查并定稿")
    is_sound(page)
    page.click("text=没写的英文先用中文顶着")
    page.wait_for_selector(".finding:has-text('可以定稿')")
    page.click("text=检查并定稿")
    is_sound(page)
    page.click("main button:text-is('定稿')")
    page.wait_for_url("**/versions/*@1")
    is_sound(page)


def test_a_file_that_cannot_be_kept_is_refused_row_by_row(hall: str, desk_page: Page, tmp_path):
    file = tmp_path / "form.xlsx"
    file.write_bytes(b"PK not a workbook")
    enter(desk_page, hall)
    desk_page.click("text=从文件导入")
    is_sound(desk_page)
    desk_page.set_input_files("#file", file)
    desk_page.click("main button:text-is('导入')")
    assert "不是 XLSX 文件" in desk_page.locator(".faults").inner_text()
    is_sound(desk_page)


def test_without_scripts_a_button_shows_the_item_on_the_phone(hall: str, open_page: OpenPage):
    page = open_page(replace(DESK, javascript=False))
    enter(page, hall)
    page.click("text=新建问卷")
    page.fill("#title_zh", "请您评价这次服务")
    page.click("main button:has-text('开始')")
    page.click("text=加一道题")
    phone = page.frame_locator("iframe[name=phone]")
    page.click("text=先看看效果")
    phone.locator("p", has_text="请写题目。").wait_for()
    write_item(page, ITEMS[0], scale=GRADE)
    page.click("text=先看看效果")
    phone.locator("legend", has_text=ITEMS[0]).wait_for()
    assert page.input_value("#text_zh") == ITEMS[0]
