"""What two people must want: asked by one, approved by another, for what stood there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.database.engine import make_sessions
from app.database.people import colleague_of, find_person
from app.database.rounds import find_round
from app.database.tables import AuditEventRow
from app.errors import NotAllowed, NotFound, WrongState
from app.people.roles import Role
from app.workflow.approvals import Wish, approve, ask, refuse
from colleagues import add_colleague, add_office
from world import NOW, TOWN_PLAN, a_round

CLOSE = Wish("close_round", "town-2026", "the fortnight is over")


@pytest.fixture
def sessions(engine):
    """An open round, two operators of its office, and one of an office beside and below."""
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        a_round(session, TOWN_PLAN)
        for login in ("an", "bo"):
            add_colleague(session, login, Role.ROUND_OPERATOR)
        elsewhere = add_office(session, "elsewhere")
        add_colleague(session, "cui", Role.ROUND_OPERATOR, office_id=elsewhere.id)
        add_colleague(session, "viewer", Role.VIEWER)
    return sessions


def person(session, login):
    return colleague_of(session, find_person(session, login))


def asked_by_an(sessions, wish=CLOSE):
    with sessions.begin() as session:
        return ask(session, person(session, "an"), wish, now=NOW).id


def state(sessions):
    with sessions() as session:
        return find_round(session, "town-2026").state


def approve_as(sessions, login, number, now=NOW):
    with sessions.begin() as session:
        approve(session, person(session, login), number, now=now)


def test_nothing_is_done_until_somebody_else_approves(sessions):
    number = asked_by_an(sessions)
    assert state(sessions) == "open"
    with pytest.raises(NotAllowed, match="somebody else has to approve"):
        approve_as(sessions, "an", number)
    assert state(sessions) == "open"
    approve_as(sessions, "bo", number)
    assert state(sessions) == "closed"
    with sessions() as session:
        acts = [
            row.act for row in session.scalars(select(AuditEventRow).order_by(AuditEventRow.id))
        ]
    assert acts[-3:] == ["ask approval", "approve approval", "close"]


def test_whoever_has_no_right_there_finds_nothing(sessions):
    number = asked_by_an(sessions)
    for login in ("cui", "viewer"):
        with pytest.raises(NotFound):
            approve_as(sessions, login, number)
        with pytest.raises(NotFound), sessions.begin() as session:
            ask(session, person(session, login), CLOSE, now=NOW)
    assert state(sessions) == "open"


def test_the_same_is_asked_for_once_at_a_time(sessions):
    number = asked_by_an(sessions)
    with pytest.raises(WrongState, match=f"number {number}"), sessions.begin() as session:
        ask(session, person(session, "bo"), CLOSE, now=NOW)
    with sessions.begin() as session:
        refuse(session, person(session, "bo"), number, note="too early", now=NOW)
    assert asked_by_an(sessions) > number


def test_a_refusal_says_why_and_the_asker_only_withdraws(sessions):
    number = asked_by_an(sessions)
    with pytest.raises(WrongState, match="Say why"), sessions.begin() as session:
        refuse(session, person(session, "bo"), number, note=" ", now=NOW)
    with sessions.begin() as session:
        refuse(session, person(session, "an"), number, note="", now=NOW)
    with pytest.raises(WrongState, match="answered before"):
        approve_as(sessions, "bo", number)
    assert state(sessions) == "open"


def test_what_changed_since_cannot_be_approved(sessions):
    number = asked_by_an(sessions)
    with sessions.begin() as session:
        find_round(session, "town-2026").plan_digest = "0" * 64
    with pytest.raises(WrongState, match="has changed since"):
        approve_as(sessions, "bo", number)
    assert state(sessions) == "open"


def test_nobody_approves_before_the_objections_are_over(sessions):
    until = NOW + timedelta(days=3)
    number = asked_by_an(sessions, Wish("close_round", "town-2026", objections_until=until))
    with pytest.raises(WrongState, match="may object until"):
        approve_as(sessions, "bo", number, now=until - timedelta(seconds=1))
    approve_as(sessions, "bo", number, now=until)
    assert state(sessions) == "closed"


def test_an_act_that_fails_leaves_no_answer(sessions):
    number = asked_by_an(sessions)
    with sessions.begin() as session:
        find_round(session, "town-2026").state = "closed"
    with pytest.raises(WrongState):
        approve_as(sessions, "bo", number)
    with sessions.begin() as session:
        find_round(session, "town-2026").state = "open"
    approve_as(sessions, "bo", number)
    assert state(sessions) == "closed"
