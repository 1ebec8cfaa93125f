"""The disk is full while people answer, and later it is not: refused kindly, nothing lost."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.clients import BUSY, RECEIVED, Manner, answering
from tests.faults.reconciliation import reconcile
from tests.faults.server_process import PRODUCT, ServerProcess, serving
from tests.faults.small_disk import SmallDisk, small_disk
from tests.faults.town import Town, open_town

pytestmark = pytest.mark.faults

BLIND = "tests.faults.unsafe_servers:blind_to_room"
MEGABYTES = 24
TIMES = 3
SOME = 50
FULL_FOR = 1.0
PATIENCE = 30.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A small disk with nothing on it."""
    with small_disk(tmp_path / "disk", MEGABYTES) as disk:
        yield disk


@pytest.fixture
def town(disk: SmallDisk, sqlite_template: Path) -> Town:
    """A round whose database lies on the small disk."""
    file = disk.folder / "minxin.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return open_town(f"sqlite:///{file}")


@pytest.fixture(params=[PRODUCT])
def server(
    request: pytest.FixtureRequest, town: Town, tmp_path: Path
) -> Iterator[ServerProcess]:
    """The product over that database."""
    with serving(town.url, tmp_path, request.param) as server:
        yield server


@pytest.mark.parametrize("server", [PRODUCT, BLIND], ids=["looks", "is told"], indirect=True)
def test_a_full_disk_refuses_kindly_loses_nothing_and_resumes_by_itself(
    disk: SmallDisk, town: Town, server: ServerProcess
):
    with answering(town, server.port) as crowd:
        for number in range(1, TIMES + 1):
            assert crowd.wait_for(SOME), f"{number}: {server.last_words()}"
            refused = crowd.records.replies[str(BUSY)]
            disk.fill()
            time.sleep(FULL_FOR)
            assert crowd.records.replies[str(BUSY)] > refused, crowd.records.replies
            disk.make_room()
        assert crowd.wait_for(SOME), server.last_words()
        assert crowd.finish(PATIENCE), server.last_words()
    assert crowd.records.replies.keys() <= {str(RECEIVED), str(BUSY)}, server.last_words()
    assert not crowd.records.contradictions
    assert not reconcile(town, crowd.records).problems()


def test_a_client_that_takes_a_refusal_for_a_receipt_is_caught(
    disk: SmallDisk, town: Town, server: ServerProcess
):
    credulous = Manner(believes=frozenset({RECEIVED, BUSY}))
    with answering(town, server.port, manner=credulous) as crowd:
        assert crowd.wait_for(SOME), server.last_words()
        disk.fill()
        time.sleep(FULL_FOR)
        crowd.leave()
    disk.make_room()
    assert reconcile(town, crowd.records).lost, "the harness notices no loss"
