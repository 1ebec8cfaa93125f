"""Many at one moment: each is let in once, and never one more than there is room for."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence

import pytest
from crowd import EVERY_RIGHT, a_hall, groups_of, hand_in, same, words
from sqlalchemy import Engine

from app.database.engine import make_writing_engine
from app.errors import MinxinError
from app.survey.tokens import token_hash
from app.workflow.arrivals import Arrival, Outcome, Verdict
from app.workflow.collecting import Collector
from world import NOW

WORKERS = 3
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
    let_in = [
        a.submission.token
        for a, o in zip(hands, outcomes, strict=True)
        if words([o])[0] == "stored"
    ]
    assert sorted(let_in) == sorted(hall.spent())
