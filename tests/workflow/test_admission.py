"""The rules of the one door: who is let in, who hears what, and what is written down.

What happens when many come at one moment is in `test_admission_races`, whether the numbers
of the day agree with what is kept in `test_admission_sums`.
"""

from datetime import timedelta

import pytest
from crowd import EVERY_RIGHT, IN_TIME, Hall, a_hall
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from app.database.engine import make_sessions
from app.database.rights import revoke_batch
from app.database.rounds import find_point_code
from app.database.tables import OutboxRow, PointCodeRow, ResponseRow, RoundRow
from app.errors import KeyReused
from app.survey.tokens import token_hash
from app.workflow.admission import admit, receive_response
from app.workflow.arrivals import Arrival, Verdict, response_row
from app.workflow.collecting import keep_group
from world import NOW


@pytest.fixture
def hall(engine: Engine) -> Hall:
    """A round that takes every right, with tickets `a` and `b`."""
    hall = a_hall(engine, EVERY_RIGHT)
    hall.issue(["a", "b"])
    return hall


def noticed(engine: Engine) -> list[tuple[str, dict[str, str], str]]:
    """What stands in the outbox: kind, detail and day, in the order of the details."""
    with Session(engine) as session:
        rows = session.scalars(select(OutboxRow)).all()
    return sorted(((row.kind, row.detail, row.day) for row in rows), key=str)


# The same key


def test_a_key_with_other_answers_is_refused_with_the_first_receipt(hall: Hall):
    first, other = hall.arrival("k", {"Q1": 5}), hall.arrival("k", {"Q1": 1})
    assert hall.keep(first) == ["stored"]
    (refused,) = keep_group(hall.engine, [other], {}, NOW)
    assert isinstance(refused, KeyReused)
    assert refused.receipt == first.receipt
    assert hall.answers() == [{"Q1": 5}]


TWINS = {
    "same key, same answers": ([("k", 5, ""), ("k", 5, "")], ["stored", "repeated"]),
    "same key, other answers": ([("k", 5, ""), ("k", 1, "")], ["stored", "refused_key_reused"]),
    "same key, same token": ([("k", 5, "a"), ("k", 5, "a")], ["stored", "repeated"]),
    "same key, same token, other answers": (
        [("k", 5, "a"), ("k", 1, "a")],
        ["stored", "refused_key_reused"],
    ),
    "same key, other token": ([("k", 5, "a"), ("k", 5, "b")], ["stored", "repeated"]),
    "same key, then with a token": ([("k", 5, ""), ("k", 5, "a")], ["stored", "repeated"]),
    "same key, then without one": ([("k", 5, "a"), ("k", 5, "")], ["stored", "repeated"]),
    "same key, bad token": (
        [("k", 5, "bad"), ("k", 5, "bad")],
        ["refused_invalid", "refused_invalid"],
    ),
    "other key, same token": ([("k", 5, "a"), ("m", 5, "a")], ["stored", "refused_spent"]),
    "other key, other token": ([("k", 5, "a"), ("m", 5, "b")], ["stored", "stored"]),
    "other key, no token": ([("k", 5, ""), ("m", 5, "")], ["stored", "stored"]),
    "all of it": (
        [("k", 5, "a"), ("m", 5, "a"), ("k", 5, "a"), ("k", 1, "a"), ("n", 5, "b")],
        ["stored", "refused_spent", "repeated", "refused_key_reused", "stored"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "heard"), TWINS.values(), ids=TWINS)
def test_twins_in_one_group_are_heard_like_twins_one_after_another(
    engine: Engine, sent: list[tuple[str, int, str]], heard: list[str]
):
    for code, is_one_group in (("one-2026", True), ("each-2026", False)):
        hall = a_hall(engine, EVERY_RIGHT, code=code)
        tokens = {"a": f"{code} a", "b": f"{code} b", "bad": "no such token", "": ""}
        hall.issue([tokens["a"], tokens["b"]])
        arrivals = [
            hall.arrival(once, {"Q1": level}, token=tokens[token])
            for once, level, token in sent
        ]
        if is_one_group:
            assert hall.keep(*arrivals) == heard
        else:
            assert [hall.keep(arrival)[0] for arrival in arrivals] == heard
        assert hall.stored() == heard.count("stored")
        let_in = {
            arrival.submission.token
            for arrival, what in zip(arrivals, heard, strict=True)
            if what == "stored" and arrival.submission.token
        }
        assert hall.spent() == let_in


def test_one_key_at_two_points_of_a_round_is_one_submission(hall: Hall):
    east, west = hall.arrival("k"), hall.arrival("k", point="west-hall")
    assert hall.keep(east, west) == ["stored", "repeated"]
    assert hall.keep(west) == ["repeated"]


# A repeat is always answered


def close(hall: Hall) -> None:
    hall.close()


def withdraw(hall: Hall) -> None:
    with make_sessions(hall.engine).begin() as session:
        for place in hall.places.values():
            find_point_code(session, place.code).revoked_at = NOW


def fill(hall: Hall) -> None:
    assert hall.keep(hall.arrival("m"), hall.arrival("n")) == ["stored", "refused_full"]


def nothing(_: Hall) -> None:
    """The token is spent by the first copy itself."""


@pytest.mark.parametrize(
    ("happened", "reason", "days"),
    [
        (close, "over", 0),
        (withdraw, "withdrawn", 0),
        (fill, "full", 0),
        (nothing, "over", 400),
        (nothing, "spent", 0),
    ],
    ids=["closed", "withdrawn", "full", "after the window", "its token is spent"],
)
def test_a_repeat_is_answered_whatever_happened_since(
    engine: Engine, happened, reason: str, days: int
):
    hall = a_hall(engine, "admission: {rights: [open, ticket], most: 2}\n")
    hall.issue(["a"])
    first = hall.arrival("k", token="a")
    assert hall.keep(first) == ["stored"]
    happened(hall)
    then = NOW + timedelta(days=days)
    again, other, late = first, hall.arrival("k", {"Q1": 1}), hall.arrival("z", token="a")
    assert hall.keep(again, other, again, now=then) == [
        "repeated",
        "refused_key_reused",
        "repeated",
    ]
    late = late if reason == "spent" else hall.arrival("z")
    assert hall.keep(late, now=then) == [f"refused_{reason}"]


# One-time rights


def test_a_token_opens_what_it_was_issued_for_and_nothing_else(engine: Engine):
    hall = a_hall(engine, "admission: {rights: [ticket]}\n")
    elsewhere = a_hall(engine, EVERY_RIGHT, code="other-2026")
    hall.issue(["good", "at-another-point", "in-another-round", "revoked"])
    hall.issue(["invitation"], purpose="invitation")
    hall.issue(["expired"], expires_at=NOW)
    assert hall.keep(
        hall.arrival("a", token="invitation"),
        hall.arrival("b", token="at-another-point", point="west-hall"),
        elsewhere.arrival("c", token="in-another-round"),
        hall.arrival("d", token="expired"),
        hall.arrival("e", token="never issued"),
        hall.arrival("f"),
    ) == [*["refused_invalid"] * 5, "refused_needed"]
    with make_sessions(engine).begin() as session:
        revoke_batch(session, hall.round_id, "batch")
    assert hall.keep(hall.arrival("g", token="revoked")) == ["refused_invalid"]
    assert hall.spent() == elsewhere.spent() == set()
    assert hall.stored() == elsewhere.stored() == 0


def test_a_token_is_good_until_the_moment_it_expires(hall: Hall):
    assert hall.keep(hall.arrival("k", token="a"), now=IN_TIME) == ["refused_invalid"]
    just = IN_TIME - timedelta(microseconds=1)
    assert hall.keep(hall.arrival("k", token="a"), now=just) == ["stored"]


def test_a_token_among_very_many_is_found_by_its_hash(engine: Engine):
    hall = a_hall(engine, EVERY_RIGHT)
    for start in range(0, 20_000, 5000):
        hall.issue(f"t{number}" for number in range(start, start + 5000))
    arrivals = [hall.arrival(f"k{number}", token=f"t{number * 40}") for number in range(500)]
    assert hall.keep(*arrivals) == ["stored"] * 500
    assert hall.spent() == {token_hash(f"t{number * 40}") for number in range(500)}


def test_somebody_who_finds_it_full_keeps_the_token(engine: Engine):
    hall = a_hall(
        engine, "admission: {rights: [ticket], quotas: [{item: Q1, code: 5, most: 1}]}\n"
    )
    hall.issue(["a", "b"])
    sent = hall.arrival("k", token="a"), hall.arrival("m", token="b")
    assert hall.keep(*sent) == ["stored", "refused_full"]
    assert hall.spent() == {token_hash("a")}
    assert hall.keep(hall.arrival("m", {"Q1": 4}, token="b")) == ["stored"]


# What is written in the same transaction


def test_a_notice_that_an_allowance_is_used_up_goes_with_the_answer_that_used_it_up(
    engine: Engine,
):
    hall = a_hall(engine, "admission: {most: 2, most_per_point: 1}\n")
    with engine.connect() as connection:
        admit(connection, [hall.arrival("k"), hall.arrival("m")], now=NOW)
        connection.rollback()
    assert noticed(engine) == []
    assert hall.taken() == {"round": 0, "point:east-hall": 0, "point:west-hall": 0}
    assert hall.keep(hall.arrival("k"), hall.arrival("m")) == ["stored", "refused_full"]
    east = ("allowance_used_up", {"allowance": "point:east-hall"}, "2026-11-22")
    assert noticed(engine) == [east]
    assert hall.keep(hall.arrival("w", point="west-hall")) == ["stored"]
    assert [detail["allowance"] for _, detail, _ in noticed(engine)] == [
        "point:east-hall",
        "point:west-hall",
        "round",
    ]


def test_a_notice_has_the_day_of_the_place_and_not_of_greenwich(engine: Engine):
    hall = a_hall(engine, "admission: {most: 1}\n")
    early = NOW.replace(hour=20)  # four in the morning of the next day in Shanghai
    assert hall.keep(hall.arrival("k"), now=early) == ["stored"]
    assert [day for _, _, day in noticed(engine)] == ["2026-11-23"]


def test_numbers_of_the_day_that_are_kept_along_are_undone_with_the_group(engine: Engine):
    hall = a_hall(engine)
    here = hall.round_id, "east-hall", "2026-11-22"
    with engine.connect() as connection:
        admit(connection, [hall.arrival("k")], now=NOW, counted={(*here, "served"): 3})
        connection.rollback()
    assert hall.tally() == {}
    keep_group(engine, [hall.arrival("k")], {(*here, "served"): 3}, NOW)
    assert hall.tally() == {"served": 3, "received": 1, "stored": 1}


# A receipt that is taken


def take(engine: Engine, arrival: Arrival) -> None:
    """Keep somebody else's response under the receipt that `arrival` would get."""
    row, _ = response_row(arrival, "open", None)
    with engine.begin() as connection:
        connection.execute(insert(ResponseRow), [{**row, "submission_hash": "0" * 64}])


def test_where_a_receipt_is_taken_another_is_given_and_stays(hall: Hall, engine: Engine):
    arrival = hall.arrival("k", {"Q1": 4})
    take(engine, arrival)
    take(engine, arrival.again())
    first, twin = keep_group(engine, [arrival, hall.arrival("k", {"Q1": 4})], {}, NOW)
    (again,) = keep_group(engine, [hall.arrival("k", {"Q1": 4})], {}, NOW)
    (other,) = keep_group(engine, [hall.arrival("k", {"Q1": 1})], {}, NOW)
    assert isinstance(first, Verdict)
    assert first.receipt not in {arrival.receipt, arrival.again().receipt}
    assert (twin, again) == (Verdict(first.receipt, "repeated"),) * 2
    assert isinstance(other, KeyReused)
    assert other.receipt == first.receipt
    assert hall.stored() == 3


def test_within_a_session_a_taken_receipt_is_exchanged_too(hall: Hall, engine: Engine):
    arrival = hall.arrival("k")
    take(engine, arrival)
    with make_sessions(engine).begin() as session:
        place, submission = arrival.place, arrival.submission
        receipt = receive_response(session, place, submission, NOW)
        assert receive_response(session, place, submission, NOW) == receipt
    assert receipt == arrival.again().receipt


def test_nothing_is_decided_by_what_a_place_was_when_it_was_looked_up(hall: Hall):
    with make_sessions(hall.engine).begin() as session:
        session.execute(update(PointCodeRow).values(revoked_at=NOW))
    assert hall.keep(hall.arrival("k")) == ["refused_withdrawn"]
    with make_sessions(hall.engine).begin() as session:
        session.execute(update(PointCodeRow).values(revoked_at=None))
        session.execute(update(RoundRow).values(state="closed"))
    assert hall.keep(hall.arrival("k")) == ["refused_over"]
    with make_sessions(hall.engine).begin() as session:
        session.execute(update(RoundRow).values(state="open"))
    assert hall.keep(hall.arrival("k")) == ["stored"]
