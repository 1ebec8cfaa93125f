"""The numbers of the day add up, and where they do not, it is said where."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.database.rounds import find_round
from app.database.tallies import list_tallied, reconcile, refused, tallies_by_point, total
from app.workflow.admission import admit
from app.workflow.arrivals import Arrival
from app.workflow.fieldwork import close_round
from world import NOW, TOWN_PLAN, a_place, a_round, a_submission

LIMITED = TOWN_PLAN + "admission: {most_per_point: 2}\n"
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def session(engine: Engine):
    with Session(engine) as session:
        yield session


@pytest.fixture
def row(session):
    """Three came to the east hall, which takes two; one came twice; one to the west hall."""
    row = a_round(session, LIMITED)
    arrive(session, row, "east-hall", "abca")
    arrive(session, row, "west-hall", "d", now=TOMORROW)
    return row


def arrive(session, row, point, keys, now=NOW):
    place = a_place(session, row, point)
    for key in keys:
        arrival = Arrival(place, a_submission(f"{point} {key}", {"Q1": 5}))
        admit(session.connection(), [arrival], now=now)


EAST = {"received": 4, "stored": 2, "repeated": 1, "refused_full": 1}
WEST = {"received": 1, "stored": 1}


def test_the_numbers_are_told_by_point_and_by_day(session, row):
    assert tallies_by_point(session, row.id) == {"east-hall": EAST, "west-hall": WEST}
    assert tallies_by_point(session, row.id, day="2026-11-22") == {"east-hall": EAST}
    assert tallies_by_point(session, row.id, day="2026-11-23") == {"west-hall": WEST}
    assert tallies_by_point(session, row.id, day="2026-11-24") == {}


def test_refusals_are_told_by_their_reason(session, row):
    by_point = tallies_by_point(session, row.id)
    assert refused(by_point["east-hall"]) == {"full": 1}
    assert refused(by_point["west-hall"]) == {}
    assert total(by_point.values()) == EAST | {"received": 5, "stored": 3}


def test_whatever_was_received_is_accounted_for(session, row):
    assert reconcile(session, row.id) == []
    assert reconcile(session.connection(), row.id) == []


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            "UPDATE tally SET n = n + 1 WHERE counter = 'stored' AND point = 'west-hall'",
            [
                "west-hall: 2 counted as stored, 1 there",
                "west-hall: 1 received, 2 stored, repeated or refused",
            ],
        ),
        (
            "DELETE FROM response WHERE point = 'west-hall'",
            ["west-hall: 1 counted as stored, 0 there"],
        ),
        (
            "UPDATE response SET point = 'east-hall' WHERE point = 'west-hall'",
            [
                "east-hall: 2 counted as stored, 3 there",
                "west-hall: 1 counted as stored, 0 there",
            ],
        ),
        (
            "DELETE FROM tally WHERE counter = 'refused_full'",
            ["east-hall: 4 received, 3 stored, repeated or refused"],
        ),
    ],
)
def test_what_does_not_add_up_is_named(session, row, act, said):
    session.execute(text(act))
    assert [str(one) for one in reconcile(session, row.id)] == said


def test_monitoring_sees_rounds_that_are_open_or_were_until_a_week_ago(session, row):
    a_round(session, TOWN_PLAN.replace("town-2026", "other-2026"))
    seen = list_tallied(session, now=NOW)
    assert {one.round_code for one in seen} == {"town-2026"}, "the other has no numbers yet"
    assert sum(one.n for one in seen if one.counter == "stored") == 3
    close_round(session, find_round(session, "town-2026"), now=NOW)
    assert list_tallied(session, now=NOW + timedelta(days=6)) == seen
    assert list_tallied(session, now=NOW + timedelta(days=8)) == []
