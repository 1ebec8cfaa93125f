"""A one-time right on a phone: from the link, from paper, in step mode; and the kiosk."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.database.engine import make_engine, make_sessions
from app.database.rounds import active_codes
from app.database.tables import ResponseRow, TokenRow
from app.settings import Settings
from app.survey.tokens import write_token
from app.web.application import create_app
from app.workflow.rights import TicketOrder, issue_tickets
from browser import PHONE, OpenPage
from servers import Serve
from world import NOW, TOWN_PLAN, a_round

PLAN = TOWN_PLAN + "admission: {rights: [ticket]}\n"


@dataclass(frozen=True, slots=True)
class Hall:
    """A served round that is answered with tickets."""

    engine: Engine
    address: str
    tokens: tuple[str, ...]

    def kept(self) -> list[tuple[str, str, str]]:
        """Evidence, assurance and channel of every response."""
        columns = ResponseRow.evidence, ResponseRow.assurance, ResponseRow.channel
        with Session(self.engine) as session:
            return [tuple(row) for row in session.execute(select(*columns))]

    def spent(self) -> int:
        """How many tickets were spent."""
        with Session(self.engine) as session:
            spent = select(func.count()).select_from(TokenRow).where(TokenRow.spent)
            return session.scalar(spent) or 0


@pytest.fixture
def hall(sqlite_url: str, serve: Serve) -> Iterator[Hall]:
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        row = a_round(session, PLAN)
        issue = issue_tickets(session, row, TicketOrder("east-hall", 3, "day"), now=NOW)
        code = active_codes(session, row.id)["east-hall"]
    live = serve(create_app(Settings(database_url=sqlite_url), clock=lambda: NOW))
    yield Hall(engine, f"{live.url}/s/{code}", tuple(r.token for r in issue.rights))
    engine.dispose()


def answer(page: Page) -> None:
    for item in ("Q1", "Q2", "Q3"):
        page.locator(f"[name=q-{item}]").first.check(force=True)
    page.locator("form#f button[name=send]").click()


def test_a_link_fills_the_ticket_in_and_leaves_no_trace_of_it(hall: Hall, open_page: OpenPage):
    page = open_page(PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{hall.address}#t={hall.tokens[0]}")
    expect(page.locator("#token-f")).to_be_hidden()
    assert page.locator("#token").input_value() == hall.tokens[0]
    assert page.url == hall.address
    assert hall.spent() == 0
    answer(page)
    page.wait_for_url("**/r/*")
    assert hall.kept() == [("transaction", "one_time", "qr")]
    assert hall.spent() == 1
    assert not [url for url in asked if hall.tokens[0] in url]


def test_a_ticket_is_typed_from_paper_without_scripts(hall: Hall, open_page: OpenPage):
    page = open_page(replace(PHONE, javascript=False))
    page.goto(f"{hall.address}#t={hall.tokens[0]}")
    page.locator("#token").fill(f" {write_token(hall.tokens[1]).lower()} ")
    answer(page)
    page.wait_for_url("**/r/*")
    assert hall.kept() == [("transaction", "one_time", "qr")]


def test_a_spent_and_a_missing_ticket_end_on_a_kind_page(hall: Hall, open_page: OpenPage):
    page = open_page(PHONE)
    for _ in range(2):
        page.goto("about:blank")
        page.goto(f"{hall.address}#t={hall.tokens[0]}")
        answer(page)
        page.wait_for_load_state()
    expect(page.locator("h1")).to_have_text("这个邀请或评价码已经用过了")
    page.goto("about:blank")
    page.goto(hall.address)
    answer(page)
    expect(page.locator("h1")).to_have_text("这次调查要凭邀请或办件评价码填写")
    assert len(hall.kept()) == 1


def test_a_ticket_goes_along_through_step_mode(hall: Hall, open_page: OpenPage):
    page = open_page(PHONE)
    page.goto(f"{hall.address}?mode=step#t={hall.tokens[0]}")
    while "/r/" not in page.url:
        if page.locator("form#f fieldset input").count():
            page.locator("form#f fieldset input").first.check(force=True)
        with page.expect_navigation():
            page.locator("form#f button[name=next]").last.click()
    assert hall.kept() == [("transaction", "one_time", "qr")]


def test_a_kiosk_keeps_nothing_for_the_next_person(hall: Hall, open_page: OpenPage):
    page = open_page(PHONE)
    page.goto(f"{hall.address}?mode=kiosk#t={hall.tokens[0]}")
    answer(page)
    page.wait_for_url("**/r/*")
    assert hall.kept() == [("transaction", "one_time", "kiosk")]
    page.get_by_role("link", name="下一位").click()
    page.wait_for_url("**mode=kiosk")
    assert page.locator("#f :checked[name^=q-]").count() == 0
    assert page.locator("#token").input_value() == ""


def test_a_reload_keeps_the_ticket(hall: Hall, open_page: OpenPage):
    page = open_page(PHONE)
    page.goto(f"{hall.address}#t={hall.tokens[0]}")
    page.locator("[name=q-Q1]").first.check(force=True)
    page.reload()
    assert page.locator("#token").input_value() == hall.tokens[0]
    answer(page)
    page.wait_for_url("**/r/*")
    assert hall.kept() == [("transaction", "one_time", "qr")]
