"""The audit trail: lines are only added, found again, seen from where they lie, and chained."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.database.audit import (
    EVERYTHING,
    MOST_LINKED,
    Search,
    link_near,
    list_lines,
    newest_number,
    saw,
    walk_lines,
)
from app.database.engine import make_reading_sessions, make_sessions
from app.database.offices import ROOT_OFFICE
from app.database.rounds import act_as, acts_so_far, record
from app.people.offices import EVERYWHERE, NOWHERE, Scope
from app.people.roles import Role
from app.people.trail import FIRST, Link, canonical, linked
from app.workflow.trail import seal, seal_if_due, verify
from colleagues import add_colleague, add_office
from world import NOW


@pytest.fixture
def session(engine):
    with make_sessions(engine)() as session:
        yield session


def write(session, act="sign_in", subject="an", *, by="an", office="", now=NOW, **detail):
    act_as(session, login=by, office=office)
    record(session, act, subject=subject, now=now, detail=detail)
    session.flush()


def told(session, search=EVERYTHING, *, within=EVERYWHERE, before=None, most=50):
    lines = list_lines(session, search, within=within, before=before, most=most)
    return [(line.act, line.object, line.author) for line in lines]


def tamper(engine, statement):
    """What somebody does who owns the database."""
    drop = (
        ["DROP TRIGGER audit_event_append_only ON audit_event"]
        if engine.dialect.name == "postgresql"
        else ["DROP TRIGGER audit_event_no_update", "DROP TRIGGER audit_event_no_delete"]
    )
    with engine.begin() as connection:
        for one in [*drop, statement]:
            connection.execute(text(one))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET author = 'nobody'",
        "UPDATE audit_event SET at = CURRENT_TIMESTAMP WHERE id = 1",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE id = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_line(engine, session, statement):
    write(session, by="an")
    session.commit()
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(statement))
    assert told(session) == [("sign_in", "an", "an")]


def test_a_look_is_a_line_that_makes_no_page_anew(session):
    write(session)
    before = acts_so_far(session)
    act_as(session, login="bo", office="root")
    saw(session, "see_texts", subject="r1", now=NOW, detail={"rows": 12})
    session.commit()
    assert acts_so_far(session) == before
    line = list_lines(session, Search(), most=1)[0]
    assert (line.act, line.author, line.office, line.detail) == (
        "see_texts", "bo", "root", {"rows": 12},
    )  # fmt: skip


def test_what_is_no_look_is_not_recorded_as_one(session):
    with pytest.raises(ValueError, match="no look"):
        saw(session, "publish", subject="r1", now=NOW, detail={})


def test_lines_are_found_by_author_act_object_text_and_day(session):
    write(session, "open", "r1", by="an", plan="abc")
    write(session, "close", "r1", by="bo", now=NOW + timedelta(days=1))
    write(session, "open", "r2", by="bo", note="理由：100%_对", now=NOW + timedelta(days=2))
    session.commit()
    assert told(session, Search(author="bo")) == [("open", "r2", "bo"), ("close", "r1", "bo")]
    assert told(session, Search(act="open", author="an")) == [("open", "r1", "an")]
    assert told(session, Search(object="r1", act="close")) == [("close", "r1", "bo")]
    for words in ("理由", "100%_对", "ABC"):
        assert len(told(session, Search(text=words))) == 1, words
    assert told(session, Search(text="0_对")) == []
    since = Search(since=NOW + timedelta(days=1), until=NOW + timedelta(days=2))
    assert told(session, since) == [("close", "r1", "bo")]


def test_pages_hang_together_by_number_whatever_comes_meanwhile(session):
    for number in range(7):
        write(session, subject=f"o{number}")
    first = list_lines(session, Search(), most=3)
    write(session, subject="late")
    second = list_lines(session, Search(), before=first[-1].number, most=10)
    assert [line.object for line in (*first, *second)] == [f"o{n}" for n in range(6, -1, -1)]


def test_an_auditor_sees_lines_of_authors_and_objects_in_the_scope(session):
    north = add_office(session, "north")
    south = add_office(session, "south")
    add_colleague(session, "nora", Role.AUDITOR, office_id=north.id)
    add_colleague(session, "saul", Role.VIEWER, office_id=south.id)
    write(session, "sign_in", "nora", by="nora")
    write(session, "sign_in", "saul", by="saul")
    write(session, "open", "r1", by="saul", office="south")
    write(session, "close", "r1", by="nora", office="north")
    write(session, "restore", "backup", by="terminal")
    # A round of that name is no person of that name.
    write(session, "open", "nora", by="saul", office="south")
    session.commit()
    assert told(session, within=Scope((north.path,))) == [
        ("close", "r1", "nora"),
        ("sign_in", "nora", "nora"),
    ]
    assert len(told(session, within=Scope((f"/{ROOT_OFFICE}/",)))) == 6
    assert told(session, within=NOWHERE) == []


def test_a_line_is_hashed_in_one_way_in_every_database(session):
    write(session, "open", "r1", by="an", office="root", b="理由", a=[1, 2.5, None])
    line = next(walk_lines(session))
    assert canonical(line) == (
        f'[{line.number},"{NOW.isoformat(timespec="microseconds")}","open","r1","an","root",'
        '{"a":[1,2.5,null],"b":"\\u7406\\u7531"}]'
    )
    assert link_near(session, line.number) == linked(FIRST, line)


def test_a_digest_is_the_same_computed_from_a_checkpoint_and_from_the_start(session):
    for number in range(5):
        write(session, subject=f"o{number}")
    plain = link_near(session, newest_number(session))
    assert seal(session, now=NOW) == plain
    write(session)
    session.commit()
    verdict = verify(session, plain)
    assert verdict.is_whole
    assert (verdict.lines, verdict.checkpoints, verdict.known_holds) == (7, 1, True)
    assert link_near(session, newest_number(session)) == verdict.end


def test_a_page_names_the_checkpoint_where_the_end_lies_far_from_it(session, monkeypatch):
    write(session)
    sealed = seal(session, now=NOW)
    monkeypatch.setattr("app.database.audit.MOST_LINKED", 3)
    assert MOST_LINKED > 3
    for _ in range(4):
        write(session)
    assert link_near(session, newest_number(session)) == sealed


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET author = 'nobody' WHERE id = 2",
        "DELETE FROM audit_event WHERE id = 2",
        "UPDATE audit_event SET at = '2001-01-01 00:00:00+00' WHERE id = 1",
    ],
)
def test_a_changed_line_is_told_by_the_next_checkpoint(engine, session, statement):
    for number in range(3):
        write(session, subject=f"o{number}")
    kept = seal(session, now=NOW)
    session.commit()
    tamper(engine, statement)
    verdict = verify(session, kept)
    assert not verdict.is_whole
    assert verdict.broken == (4,)
    assert verdict.known_holds is False


def test_whoever_writes_the_checkpoints_anew_too_is_told_by_a_digest_kept_elsewhere(
    engine, session
):
    for number in range(3):
        write(session, subject=f"o{number}")
    kept = link_near(session, 3)
    session.commit()
    tamper(engine, "UPDATE audit_event SET object = 'other' WHERE id = 1")
    seal(session, now=NOW)
    assert verify(session).is_whole
    assert verify(session, kept).known_holds is False
    assert verify(session, Link(99, kept.digest)).known_holds is False


def test_the_trail_is_sealed_once_a_day_or_after_many_lines(session, monkeypatch):
    write(session)
    assert seal_if_due(session, now=NOW) is not None
    assert seal_if_due(session, now=NOW + timedelta(days=9)) is None
    write(session)
    assert seal_if_due(session, now=NOW + timedelta(hours=1)) is None
    monkeypatch.setattr("app.workflow.trail.EVERY_LINES", 1)
    assert seal_if_due(session, now=NOW + timedelta(hours=1)) is not None
    monkeypatch.undo()
    write(session)
    assert seal_if_due(session, now=NOW + timedelta(days=2)) is not None


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_no_line_appears_below_one_that_is_there_already(engine):
    """Two acts at once: the second waits with its line until the first is over."""
    engine = engine.execution_options(isolation_level="READ COMMITTED")
    with Session(engine) as first, Session(engine) as second:
        second.execute(text("SET lock_timeout = '200ms'"))
        write(first, subject="first")
        with pytest.raises(DBAPIError):
            write(second, subject="second")
        second.rollback()
        first.commit()
        write(second, subject="second")
        second.commit()
    with make_reading_sessions(engine)() as reading:
        assert [line.object for line in walk_lines(reading)] == ["first", "second"]
