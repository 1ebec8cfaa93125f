"""A server that is killed under load keeps what it acknowledged, on both databases."""

import random
from pathlib import Path

import pytest

from tests.faults.kill import kill_rounds
from tests.faults.server_process import PRODUCT, serving, serving_by_command
from tests.faults.town import open_town

pytestmark = pytest.mark.faults

TIMES = 25
TIMES_OF_COMMAND = 1
TIMES_OF_CONTROL = 4
EARLY = "tests.faults.unsafe_servers:answers_early"


def test_a_server_killed_under_load_loses_nothing_and_doubles_nothing(
    database_url: str, tmp_path: Path
):
    town = open_town(database_url)
    workers = 2 if database_url.startswith("postgresql") else 1
    with serving(database_url, tmp_path, PRODUCT, workers=workers) as server:
        rounds = kill_rounds(town, server, times=TIMES, dice=random.Random(1))
        for number, findings in enumerate(rounds, start=1):
            assert not findings.problems(), f"round {number}: {server.last_words()}"
    assert findings.acknowledged > TIMES * 20


def test_the_command_that_operators_run_can_be_killed_too(sqlite_url: str, tmp_path: Path):
    town = open_town(sqlite_url)
    with serving_by_command(sqlite_url, tmp_path) as server:
        for findings in kill_rounds(
            town, server, times=TIMES_OF_COMMAND, dice=random.Random(7)
        ):
            assert not findings.problems(), server.last_words()


def test_a_server_that_acknowledges_before_it_keeps_is_caught(sqlite_url: str, tmp_path: Path):
    town = open_town(sqlite_url)
    with serving(sqlite_url, tmp_path, EARLY) as server:
        rounds = kill_rounds(town, server, times=TIMES_OF_CONTROL, dice=random.Random(2))
        assert any(findings.lost for findings in rounds), "the harness notices no loss"
