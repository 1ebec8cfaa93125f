"""Many at one moment: each is let in once, and never one more than there is room for."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from threading import Thread

import pytest
from crowd import EVERY_RIGHT, PATIENCE, a_hall, groups_of, hand_in, meanwhile, same, words
from sqlalchemy import Engine

from app.database.engine import make_sessions, make_writing_engine
from app.database.rounds import find_round
from app.errors import MinxinError
from app.survey.tokens import token_hash
from app.workflow.admission import admit
from app.workflow.arrivals import Arrival, Outcome, Verdict
from app.workflow.collecting import Collector
from app.workflow.fieldwork import close_round
from world import NOW

WORKERS = 3
LAST_PLACE = "admission: {most: 1}\n"
LIMITS = """\
admission:
  rights: [ticket]
  most: 60
  most_per_point: 37
  quotas: [{item: Q1, code: 5, most: 20}]
"""
MOST = {"round": 60, "point:east-hall": 37, "point:west-hall": 37, "quota:Q1=5": 20}
MOST_SECONDS = 30.0


def collected(url: str, arrivals: Sequence[Arrival]) -> list[Outcome]:
    """Send arrivals at one moment through the collectors of several workers, in turn."""
    engines = [make_writing_engine(url) for _ in range(WORKERS)]
    collectors = [Collector(engine, lambda: NOW) for engine in engines]

    async def send() -> list[object]:
        waiting = (
            collectors[number % WORKERS].keep(arrival)
            for number, arrival in enumerate(arrivals)
        )
        return await asyncio.gather(*waiting, return_exceptions=True)

    outcomes = asyncio.run(send())
    for collector, engine in zip(collectors, engines, strict=True):
        collector.stop()
        engine.dispose()
    assert all(isinstance(one, Verdict | MinxinError) for one in outcomes)
    return outcomes  # type: ignore[return-value]


@pytest.mark.parametrize("right", ["open", "ticket", "the last place"])
def test_fifty_identical_posts_at_one_moment_are_one_row_and_one_receipt(
    engine: Engine, database_url: str, right: str
):
    hall = a_hall(
        engine, "admission: {most: 1}\n" if right == "the last place" else EVERY_RIGHT
    )
    hall.issue(["a"])
    arrival = hall.arrival("k", token="a" if right == "ticket" else "")
    outcomes = collected(database_url, same(arrival, 50))
    assert Counter(words(outcomes)) == {"stored": 1, "repeated": 49}
    assert {one.receipt for one in outcomes if isinstance(one, Verdict)} == {arrival.receipt}
    assert hall.stored() == 1
    assert hall.tally() == {"received": 50, "stored": 1, "repeated": 49}


def test_a_thousand_tokens_in_fifty_thousand_hands_let_a_thousand_in(
    engine: Engine, database_url: str
):
    hall = a_hall(engine, EVERY_RIGHT)
    tokens = [f"token {number}" for number in range(1000)]
    hall.issue(tokens)
    hands = [
        hall.arrival(f"{token} {hand}", token=token) for token in tokens for hand in range(50)
    ]
    random.Random(1).shuffle(hands)
    began = time.monotonic()
    outcomes = hand_in(database_url, groups_of(hands, 500), doors=4)
    assert time.monotonic() - began < MOST_SECONDS
    assert Counter(words(outcomes)) == {"stored": 1000, "refused_spent": 49_000}
    assert hall.stored(assurance="one_time") == hall.stored() == 1000
    assert hall.spent() == {token_hash(token) for token in tokens}
    let_in = {
        hand.submission.token
        for hand, what in zip(hands, words(outcomes), strict=True)
        if what == "stored"
    }
    assert let_in == hall.spent()


def test_two_hundred_at_a_cap_of_37_are_37_and_163_told_that_it_is_full(
    engine: Engine, database_url: str
):
    hall = a_hall(engine, "admission: {most: 37}\n")
    outcomes = collected(database_url, [hall.arrival(f"k{n}") for n in range(200)])
    assert Counter(words(outcomes)) == {"stored": 37, "refused_full": 163}
    assert hall.stored() == 37
    assert hall.taken() == {"round": 37}
    assert hall.tally() == {"received": 200, "stored": 37, "refused_full": 163}


def test_groups_of_every_size_keep_to_a_cap(engine: Engine, database_url: str):
    hall = a_hall(engine, "admission: {most: 37}\n")
    groups = groups_of([hall.arrival(f"k{n}") for n in range(200)], 7)
    outcomes = hand_in(database_url, groups, doors=4)
    assert Counter(words(outcomes)) == {"stored": 37, "refused_full": 163}
    assert hall.stored() == 37


def test_a_quota_a_point_and_a_round_are_kept_to_at_once_and_tokens_given_back(
    engine: Engine, database_url: str
):
    hall = a_hall(engine, LIMITS)
    hall.issue((f"e{n}" for n in range(100)), point="east-hall")
    hall.issue((f"w{n}" for n in range(100)), point="west-hall")
    hands = [
        hall.arrival(f"{side}{n}", {"Q1": 4 + n % 2}, token=f"{side}{n}", point=point)
        for n in range(100)
        for side, point in (("e", "east-hall"), ("w", "west-hall"))
    ]
    outcomes = hand_in(database_url, groups_of(hands, 9), doors=4)
    let_in = [hand for hand, one in zip(hands, words(outcomes), strict=True) if one == "stored"]
    assert Counter(words(outcomes)) == {
        "stored": len(let_in),
        "refused_full": 200 - len(let_in),
    }
    assert hall.spent() == {hand.submission.token for hand in let_in}
    taken = hall.taken()
    assert taken["round"] == hall.stored() == len(let_in)
    assert taken["quota:Q1=5"] == sum(answers["Q1"] == 5 for answers in hall.answers())
    assert taken["point:east-hall"] == hall.stored(point="east-hall")
    assert taken["point:west-hall"] == hall.stored(point="west-hall")
    assert all(taken[name] <= most for name, most in MOST.items())
    full = {name for name, most in MOST.items() if taken[name] == most}
    turned_away = [
        hand for hand, one in zip(hands, words(outcomes), strict=True) if one != "stored"
    ]
    assert all(allowances(hand) & full for hand in turned_away)


def allowances(arrival: Arrival) -> set[str]:
    """What an arrival under `LIMITS` takes from."""
    quota = {"quota:Q1=5"} if arrival.submission.answers["Q1"] == 5 else set()
    return {"round", f"point:{arrival.place.point.code}"} | quota


# One group waits for another


@pytest.mark.parametrize("right", ["open", "ticket", "the last place"])
def test_a_repeat_that_meets_its_first_copy_on_the_way_is_answered_like_it(
    engine: Engine, database_url: str, right: str
):
    hall = a_hall(engine, LAST_PLACE if right == "the last place" else EVERY_RIGHT)
    hall.issue(["a"])
    arrival = hall.arrival("k", token="a" if right == "ticket" else "")
    outcomes: list[str] = []
    with (
        meanwhile(database_url, [arrival, arrival], outcomes) as begin,
        engine.begin() as first,
    ):
        assert words(admit(first, [arrival], now=NOW)) == ["stored"]
        begin()
        time.sleep(0.3)
    assert outcomes == ["repeated", "repeated"]
    assert hall.tally() == {"received": 3, "stored": 1, "repeated": 2}


def test_other_answers_that_meet_the_first_on_the_way_are_told_apart(
    engine: Engine, database_url: str
):
    hall = a_hall(engine, LAST_PLACE)
    outcomes: list[str] = []
    others = [hall.arrival("k", {"Q1": 1}), hall.arrival("k", {"Q1": 5}), hall.arrival("m")]
    with meanwhile(database_url, others, outcomes) as begin, engine.begin() as first:
        admit(first, [hall.arrival("k", {"Q1": 5})], now=NOW)
        begin()
        time.sleep(0.3)
    assert outcomes == ["refused_key_reused", "repeated", "refused_full"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_a_first_group_held_is_free_again_if_it_was_undone(
    engine: Engine, database_url: str, is_kept: bool
):
    hall = a_hall(engine, "admission: {rights: [ticket], most: 1}\n")
    hall.issue(["a"])
    outcomes: list[str] = []
    second = hall.arrival("second", token="a")
    with meanwhile(database_url, [second], outcomes) as begin, engine.connect() as first:
        admit(first, [hall.arrival("first", token="a")], now=NOW)
        begin()
        time.sleep(0.3)
        (first.commit if is_kept else first.rollback)()
    assert outcomes == ["refused_spent" if is_kept else "stored"]
    assert hall.stored() == 1


def test_a_close_waits_for_a_group_that_is_being_kept(engine: Engine, database_url: str):
    hall = a_hall(engine)
    closing = Thread(target=hall.close)
    with engine.begin() as first:
        admit(first, [hall.arrival("k")], now=NOW)
        closing.start()
        time.sleep(0.3)
        assert closing.is_alive()
    closing.join(timeout=PATIENCE)
    assert hall.stored() == 1
    assert hall.keep(hall.arrival("m")) == ["refused_over"]


def test_a_group_that_waits_for_a_close_comes_too_late(engine: Engine, database_url: str):
    hall = a_hall(engine)
    outcomes: list[str] = []
    acting, late = make_sessions(engine), [hall.arrival("k")]
    with meanwhile(database_url, late, outcomes) as begin, acting.begin() as session:
        close_round(session, find_round(session, hall.round_code), now=NOW)
        session.flush()
        begin()
        time.sleep(0.3)
    assert outcomes == ["refused_over"]
    assert hall.stored() == 0
