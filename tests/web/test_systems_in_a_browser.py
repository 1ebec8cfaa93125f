"""An evaluator changes weights in a browser, and a second person approves what they see."""

from pathlib import Path

import pytest
from playwright.sync_api import Page
from site_parts import site_settings

from app.web.application import create_app
from browser import DESK, PHONE, Device, OpenPage, axe
from colleagues import CHIEF, DEPUTY, PASSWORD
from servers import Serve
from world import NOW

SHELF = "/console/systems"
DRAFT = f"{SHELF}/drafts/demo_hqd"


@pytest.fixture
def served(database: Path, serve: Serve) -> str:
    """Where the demonstration with two colleagues of every role is served."""
    return serve(create_app(site_settings(database), clock=lambda: NOW)).url


def enter(page: Page, served: str, login: str) -> None:
    page.goto(f"{served}/console/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")


def is_sound(page: Page) -> None:
    """Without mistakes of accessibility and not wider than the screen."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_weights_are_changed_by_one_and_approved_by_another(
    served: str, open_page: OpenPage, device: Device
):
    page = open_page(device)
    enter(page, served, CHIEF)
    page.goto(served + SHELF)
    is_sound(page)
    page.click("text=高质量发展综合绩效评价")
    is_sound(page)
    page.click("text=照着改一版")
    is_sound(page)
    page.click("main button:has-text('开始')")
    is_sound(page)

    page.click("#part-opening a:has-text('定权重')")
    is_sound(page)
    page.get_by_label("进出口总额占地区生产总值比重 · 城市主城区").fill("7")
    page.keyboard.press("Enter")
    page.locator("h1 + .finding", has_text="城市主城区多 2。").wait_for()
    is_sound(page)
    page.get_by_label("进出口总额占地区生产总值比重 · 城市主城区").fill("seven")
    page.click("main button[name=done]")
    page.locator(".faults a").click()
    assert page.evaluate("document.activeElement.value") == "seven"
    is_sound(page)
    page.get_by_label("进出口总额占地区生产总值比重 · 城市主城区").fill("7")
    page.locator("button[name=scale]").first.click()
    page.locator("h1 + .finding", has_text="4 套权重都加得起来。").wait_for()
    for place in ("settings", "types", "deductions", "grades", "indicators/clean_air_days"):
        page.goto(f"{served}{DRAFT}/{place}")
        is_sound(page)
    page.select_option("#method", "target")
    assert page.locator("#target").is_visible()
    assert not page.locator("#unacceptable").is_visible()
    for place in ("nodes/green", "new-node", "new-indicator", "deductions/items/false_data"):
        page.goto(f"{served}{DRAFT}/{place}")
        is_sound(page)

    page.goto(f"{served}{DRAFT}/release")
    is_sound(page)
    page.click("main button:has-text('提出定稿')")
    is_sound(page)
    asked = page.url

    other = open_page(device)
    enter(other, served, DEPUTY)
    other.goto(asked)
    assert other.locator("del", has_text="5").count() == 2
    is_sound(other)
    other.click("button:has-text('批准并办理')")
    other.goto(f"{served}{SHELF}/versions/demo_hqd@3")
    assert "demo_hqd@3" in other.locator("h1").inner_text()
    is_sound(other)
    other.goto(f"{served}{SHELF}/versions/demo_hqd@3/changes?since=demo_hqd@2")
    is_sound(other)
