"""A reviewer decides a campaign in a browser, and somebody of another office confirms it."""

import pytest
from playwright.sync_api import Page

from app.database.engine import make_engine, make_sessions
from app.settings import Settings
from app.web.application import create_app
from browser import DESK, PHONE, OpenPage, axe
from colleagues import PASSWORD
from review_offices import open_review
from reviews import SMALL, UP
from servers import Serve
from world import NOW

ROUND = "/console/rounds/town-2026/campaigns"


@pytest.fixture
def town(sqlite_url, serve: Serve) -> str:
    """Where the round under review is served."""
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        open_review(session)
    engine.dispose()
    return serve(create_app(Settings(database_url=sqlite_url), clock=lambda: NOW)).url


def enter(page: Page, town: str, login: str) -> None:
    page.goto(f"{town}/console/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.goto(f"{town}{ROUND}")


def is_sound(page: Page) -> None:
    """Without mistakes of accessibility and not wider than the screen."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def open_one(page: Page, code: str = UP) -> None:
    page.click(f"form[action*='{code}/looks'] button")
    page.wait_for_url(f"**{ROUND}/{code}")


def decide(page: Page, verdict: str, reason: str) -> None:
    page.check(f"[name=verdict][value={verdict}]")
    page.check(f"[name=reason][value={reason}]")
    page.fill("#note", "looked through the log of the hall")
    page.click("#decide button")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_a_reviewer_decides_and_a_second_person_confirms(
    town: str, open_page: OpenPage, device
):
    an, cui = open_page(device), open_page(device)
    enter(an, town, "an")
    is_sound(an)
    open_one(an)
    is_sound(an)
    decide(an, "exclude", "HASTE")
    an.wait_for_url("**#decisions")
    is_sound(an)

    enter(cui, town, "cui")
    open_one(cui)
    assert cui.locator("text=抬高得分").count() == 0
    decide(cui, "audit", "UNCLEAR")
    cui.click("text=作为第二人确认第 1 号")
    cui.fill("#note-1-confirmation", "the log says so")
    cui.click("#decision-1 button:has-text('确认')")
    cui.wait_for_url("**#decision-3")
    assert cui.locator(".finding", has_text="现行：排除").count() == 1
    cui.click("text=看这一组的答案")
    is_sound(cui)
    cui.goto(f"{town}{ROUND}/rates")
    is_sound(cui)


def test_what_was_wrong_leads_to_its_field(town: str, desk_page: Page):
    enter(desk_page, town, "an")
    open_one(desk_page, SMALL)
    desk_page.check("[name=verdict][value=keep]")
    desk_page.check("[name=reason][value=HASTE]")
    desk_page.click("#decide button")
    is_sound(desk_page)
    desk_page.click(".faults a[href='#reason']")
    assert desk_page.evaluate("location.hash") == "#reason"
    assert desk_page.locator("[name=verdict][value=keep]").is_checked()
