"""What an installation without an open round says to whoever comes in, role by role."""

import re

import pytest
from starlette.testclient import TestClient

from app.database.engine import make_engine, make_sessions
from app.people.roles import Role
from app.settings import Settings
from app.web.application import create_app
from app.workflow.preparation import draft_round
from colleagues import add_colleague, sign_in
from world import NOW, TOWN_PLAN, a_round, registry

TITLE = "第一次用：四步开始第一轮调查"
LOGINS = {
    "wang": [Role.ADMINISTRATOR],
    "lin": [Role.SURVEY_DESIGNER],
    "zhao": [Role.ROUND_OPERATOR],
    "qi": [Role.CASE_HANDLER],
    "new": [],
}


@pytest.fixture
def sessions(sqlite_url):
    engine = make_engine(sqlite_url)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        for login, roles in LOGINS.items():
            add_colleague(session, login, *roles)
    yield sessions
    engine.dispose()


@pytest.fixture
def visitor(sqlite_url, sessions):
    """A function that signs somebody in."""
    application, opened = create_app(Settings(database_url=sqlite_url), clock=lambda: NOW), []

    def signed_in(login):
        client = TestClient(application)
        opened.append(client.__enter__())
        return sign_in(client, login)

    yield signed_in
    for client in opened:
        client.__exit__(None, None, None)


def links(page):
    """Where the steps lead that the reader may take."""
    steps = page[page.index('class="first"') :]
    return re.findall(r'first__name"><a href="([^"]+)"', steps)


@pytest.mark.parametrize(
    ("login", "leads_to"),
    [
        ("wang", ["/console/people"]),
        ("lin", ["/console/questionnaires"]),
        ("zhao", ["/console/questionnaires", "/console/rounds/new"]),
    ],
)
def test_each_role_is_led_to_its_own_steps_and_told_who_does_the_others(
    visitor, login, leads_to
):
    page = visitor(login).get("/console").text
    assert TITLE in page
    assert links(page) == leads_to
    assert "现在有 1 位，问卷设计 1 位" in page
    assert "由调查组织办。" in page


def test_who_sees_no_rounds_is_not_told_of_steps_and_who_has_no_role_where_to_get_one(visitor):
    assert TITLE not in visitor("qi").get("/console").text
    page = visitor("new").get("/console").text
    assert TITLE not in page
    assert "请找管理员给您角色" in page


def test_a_draft_leads_to_its_opening_and_an_open_round_ends_the_steps(visitor, sessions):
    operator = visitor("zhao")
    with sessions.begin() as session:
        draft_round(session, TOWN_PLAN, source="town", registry=registry(), now=NOW)
    page = operator.get("/console").text
    assert links(page)[-1] == "/console/rounds/town-2026"
    assert page.count(">好了<") == 2
    with sessions.begin() as session:
        a_round(session, TOWN_PLAN.replace("town-2026", "town-2027"))
    assert TITLE not in operator.get("/console").text


def test_who_asks_alone_is_told_that_nobody_could_approve(visitor, sessions):
    operator = visitor("zhao")
    with sessions.begin() as session:
        draft_round(session, TOWN_PLAN, source="town", registry=registry(), now=NOW)
    alone = "现在没有别人能批准"
    assert alone in operator.get("/console/rounds/town-2026/opening").text
    with sessions.begin() as session:
        add_colleague(session, "qian", Role.ROUND_OPERATOR)
    assert alone not in operator.get("/console/rounds/town-2026/opening").text


def test_the_steps_are_english_where_english_is_read(visitor):
    page = visitor("wang").get("/console?l=en").text
    assert "Take colleagues on and give them roles" in page
    section = page[page.index('class="first"') : page.index("</ol>")]
    assert not re.search(r"[\u4e00-\u9fff]", section)
