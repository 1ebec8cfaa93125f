"""Open answers in the console: scrubbed, in batches of ten and more, and every look kept."""

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.database.engine import make_engine, make_sessions
from app.database.tables import AuditEventRow, ResponseRow, ResponseTextRow, RoundRow
from app.people.roles import Role
from app.settings import Settings
from app.web.application import create_app
from colleagues import add_colleague, sign_in
from reviews import a_reviewed_round
from world import NOW

PAGE = "/console/rounds/town-2026/runs/1/texts"


def write(session, unit, texts):
    """Let people of a unit write these texts."""
    rows = session.scalars(
        select(ResponseRow).where(ResponseRow.unit == unit).order_by(ResponseRow.id)
    )
    for row, text in zip(rows, texts, strict=False):
        session.add(ResponseTextRow(response_id=row.id, item="why", text=text))


@pytest.fixture
def engine(database_url):
    engine = make_engine(database_url)
    with make_sessions(engine).begin() as session:
        a_reviewed_round(session)
        add_colleague(session, "eve", Role.EVALUATOR)
        add_colleague(session, "op", Role.ROUND_OPERATOR)
        write(session, "east", [f"东街第 {n} 条，打 138123456{n:02}" for n in range(30)])
    yield engine
    engine.dispose()


@pytest.fixture
def visitor(engine, database_url):
    application, opened = create_app(Settings(database_url=database_url), clock=lambda: NOW), []

    def signed_in(login):
        client = TestClient(application, follow_redirects=False)
        opened.append(client.__enter__())
        return sign_in(client, login)

    yield signed_in
    for client in opened:
        client.__exit__(None, None, None)


def texts_in(page):
    return re.findall(r'class="voices__one">([^<]+)<', page)


def test_texts_are_scrubbed_and_shuffled_and_the_look_is_kept(visitor, engine):
    page = visitor("eve").get(PAGE).text
    shown = texts_in(page)
    assert len(shown) == 30
    assert all(text.endswith("打 【电话】") for text in shown)
    assert shown != sorted(shown, key=lambda text: int(re.search(r"第 (\d+)", text)[1]))
    with make_sessions(engine)() as session:
        looks = select(AuditEventRow).where(AuditEventRow.act == "see_texts")
        line = session.scalars(looks).one()
    assert (line.author, line.object, line.detail["item"]) == ("eve", "town-2026", "why")


def test_a_unit_with_few_texts_is_never_shown_by_itself(visitor, engine):
    with make_sessions(engine).begin() as session:
        write(session, "west", ["西街一条"] * 4)
    page = visitor("eve").get(f"{PAGE}?unit=west").text
    assert len(texts_in(page)) == 34, "everybody's instead"
    assert "unit=east" not in page, "else everybody less the east would be the west"
    with make_sessions(engine).begin() as session:
        session.execute(ResponseTextRow.__table__.delete())
        write(session, "east", ["只有几条"] * 9)
    page = visitor("eve").get(PAGE).text
    assert texts_in(page) == []
    assert "不足 10 条，不显示" in page


def test_a_unit_with_enough_can_be_asked_for(visitor, engine):
    with make_sessions(engine).begin() as session:
        write(session, "west", [f"西街 {n}" for n in range(12)])
    page = visitor("eve").get(f"{PAGE}?unit=west").text
    assert len(texts_in(page)) == 12
    assert all("西街" in text for text in texts_in(page))


def test_only_who_may_see_texts_sees_them(visitor):
    assert visitor("op").get(PAGE).status_code == 403


def test_no_text_is_shown_while_answers_come_in(visitor, engine):
    with make_sessions(engine).begin() as session:
        session.scalars(select(RoundRow)).one().state = "open"
    assert visitor("eve").get(PAGE).status_code == 409
