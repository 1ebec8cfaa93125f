"""How people come to work here: a code, used once, and a password of their own."""

from datetime import UTC, datetime, timedelta

import pytest

from app.database.engine import make_sessions
from app.database.people import colleague_of, find_person
from app.database.visits import Beginning, begin_visit, find_visit
from app.errors import InputRefused, NotFound, WrongState
from app.people.roles import Permission, Role
from app.workflow.people.passwords import is_right
from app.workflow.people.welcoming import (
    Welcomed,
    accept_welcome,
    welcome_first,
    welcome_person,
    whose_welcome,
)
from colleagues import add_colleague
from terminal import run_command
from world import NOW

PHRASE = "tea river copper 41 window"


@pytest.fixture
def sessions(engine):
    return make_sessions(engine)


def first_token(sessions):
    with sessions.begin() as session:
        return welcome_first(session, now=NOW)


def accept(sessions, token, *, now=NOW, **given):
    fields = {"password": PHRASE, "repeated": PHRASE, "login": "Chen.Gang", "name": "陈刚"}
    with sessions.begin() as session:
        return accept_welcome(session, Welcomed(token, **fields | given), now=now).login


def test_the_first_administrator_comes_in_by_a_code_that_works_once(sessions):
    token = first_token(sessions)
    assert accept(sessions, token) == "chen.gang"
    with sessions() as session:
        person = find_person(session, "CHEN.GANG")
        assert is_right(person.password_hash, PHRASE)
        assert person.needs_second_factor
        assert colleague_of(session, person).may(Permission.MANAGE_PEOPLE)
    with pytest.raises(NotFound):
        accept(sessions, token, login="other")
    with pytest.raises(WrongState, match="invite others"):
        first_token(sessions)


def test_a_newer_code_of_the_first_administrator_ends_the_older(sessions):
    older, newer = first_token(sessions), first_token(sessions)
    with pytest.raises(NotFound):
        accept(sessions, older)
    accept(sessions, newer)


def test_a_code_ends_by_itself(sessions):
    token = first_token(sessions)
    with pytest.raises(NotFound, match="mistyped"):
        accept(sessions, token, now=NOW + timedelta(days=3))


def test_all_faults_are_said_at_once_and_the_code_stays_good(sessions):
    token = first_token(sessions)
    with pytest.raises(InputRefused) as refused:
        accept(sessions, token, login="!", name=" ", password="short", repeated="other")
    places = [problem.place for problem in refused.value.problems]
    assert places == ["login", "name", "password", "password", "repeated"]
    accept(sessions, token)


def test_a_new_password_ends_every_visit(sessions):
    with sessions.begin() as session:
        person = add_colleague(session, "an", Role.VIEWER)
        how = Beginning("password", complete=True, browser="")
        visit = begin_visit(session, person, how, now=NOW)
        token = welcome_person(session, person, now=NOW)
        assert whose_welcome(session, token, now=NOW).login == "an"
    accept(sessions, token)
    with sessions() as session:
        assert find_visit(session, visit, now=NOW) is None
        assert is_right(find_person(session, "an").password_hash, PHRASE)


def test_the_terminal_prints_a_code_once_and_keeps_its_hash_alone(engine, monkeypatch):
    monkeypatch.setenv("MINXIN_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    said = run_command("people", "first-administrator")
    token = said.output.split()[0]
    sessions = make_sessions(engine)
    with sessions() as session:
        kept = session.connection().exec_driver_sql("SELECT token_hash FROM welcome").all()
    assert token not in str(kept)
    accept(sessions, token, now=datetime.now(UTC))
    listed = run_command("people", "list").output
    assert "chen.gang" in listed
    assert "administrator" in listed
    run_command("people", "deactivate", "chen.gang")
    assert "(deactivated)" in run_command("people", "list").output
