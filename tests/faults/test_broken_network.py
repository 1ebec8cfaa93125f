"""Connections break at any byte, and people try again: nothing lost, nothing doubled."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.chaos_proxy import ChaosProxy, chaos_before
from tests.faults.clients import RECEIVED, Manner, answering
from tests.faults.reconciliation import reconcile
from tests.faults.server_process import serving
from tests.faults.town import Town, open_town

pytestmark = pytest.mark.faults

STORM = 4.0
SILENCE = 2.5
HEALED_IN = 10.0
"""Seconds after the network has healed in which everybody must have a receipt."""
PATIENT = Manner(patience=1.0)
FORGETFUL = Manner(patience=1.0, keeps_key=False)


@pytest.fixture
def town(database_url: str) -> Town:
    """An open round."""
    return open_town(database_url)


@pytest.fixture
def network(town: Town, tmp_path: Path) -> Iterator[ChaosProxy]:
    """The product behind a network that can break."""
    with serving(town.url, tmp_path) as server, chaos_before(server.port, seed=5) as proxy:
        yield proxy


def test_a_broken_network_loses_nothing_and_doubles_nothing(town: Town, network: ChaosProxy):
    with answering(town, network.port, size=48, manner=PATIENT) as crowd:
        for weather, seconds in (("storm", STORM), ("silence", SILENCE), ("storm", STORM)):
            network.weather = weather
            time.sleep(seconds)
        network.weather = "calm"
        assert crowd.finish(HEALED_IN)
    assert network.broken > 100
    assert crowd.records.replies["nothing"] > 100
    assert crowd.records.replies.keys() <= {str(RECEIVED), "nothing"}
    assert not crowd.records.contradictions
    assert not reconcile(town, crowd.records).problems()


def test_a_client_that_makes_a_new_key_for_every_try_is_caught(town: Town, network: ChaosProxy):
    with answering(town, network.port, size=48, manner=FORGETFUL) as crowd:
        network.weather = "storm"
        time.sleep(STORM)
        network.weather = "calm"
        assert crowd.finish(HEALED_IN)
    assert reconcile(town, crowd.records).doubled, "the harness notices nothing doubled"
