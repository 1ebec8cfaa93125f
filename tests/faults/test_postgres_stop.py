"""PostgreSQL stops without a word under load and comes back: nothing is lost.

The web server lives on, refuses kindly meanwhile, and goes on by itself.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.clients import BUSY, RECEIVED, Crowd, answering
from tests.faults.postgres_server import SturdyPostgres, make_forgetful, sturdy_postgres
from tests.faults.reconciliation import Findings, reconcile
from tests.faults.server_process import serving
from tests.faults.town import Town, open_town

pytestmark = [pytest.mark.faults, pytest.mark.postgres]

TIMES = 6
TIMES_OF_CONTROL = 4
SOME = 10
PATIENCE = 30.0


@pytest.fixture(scope="module")
def sturdy() -> Iterator[SturdyPostgres]:
    """A server with fsync on, that a test may stop and must start again."""
    with sturdy_postgres() as server:
        yield server


def stop_under_load(
    sturdy: SturdyPostgres, town: Town, crowd: Crowd, dice: random.Random
) -> Findings:
    """Stop the database in one of two rude ways, start it again, and look what is there."""
    assert crowd.wait_for(SOME)
    time.sleep(dice.uniform(0.0, 0.6))
    dice.choice([sturdy.stop_immediately, sturdy.kill])()
    time.sleep(dice.uniform(0.1, 0.3))
    sturdy.start()
    return reconcile(town, crowd.records)


def test_a_database_that_stops_under_load_loses_nothing(sturdy: SturdyPostgres, tmp_path: Path):
    url = sturdy.make_database("kept")
    town, dice = open_town(url), random.Random(3)
    with serving(url, tmp_path, workers=2) as server, answering(town, server.port) as crowd:
        for number in range(1, TIMES + 1):
            findings = stop_under_load(sturdy, town, crowd, dice)
            assert not findings.problems(), f"stop {number}: {server.last_words()}"
        assert crowd.finish(PATIENCE), server.last_words()
    findings = reconcile(town, crowd.records)
    assert not findings.problems()
    assert not crowd.records.contradictions
    assert crowd.records.replies.keys() <= {str(RECEIVED), str(BUSY), "nothing"}


def test_a_database_that_promises_too_early_is_caught(sturdy: SturdyPostgres, tmp_path: Path):
    url = sturdy.make_database("forgetful")
    town, dice = open_town(url), random.Random(4)
    make_forgetful(url)
    with serving(url, tmp_path) as server, answering(town, server.port) as crowd:
        for _ in range(TIMES_OF_CONTROL):
            if stop_under_load(sturdy, town, crowd, dice).lost:
                return
    pytest.fail("the harness notices no loss", pytrace=False)
