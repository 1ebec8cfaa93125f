"""The power is cut under load: SQLite as the product sets it keeps what was acknowledged."""

import random
import shutil
from pathlib import Path

import pytest

from tests.faults.power_cut import FILE, cut_rounds
from tests.faults.town import Town, open_town

pytestmark = pytest.mark.faults

TIMES = 8
TIMES_OF_CONTROL = 3


def a_town(folder: Path, template: Path) -> Town:
    """An open round on a disk of its own."""
    (folder / "kept").mkdir(parents=True)
    shutil.copyfile(template, folder / "kept" / FILE)
    return open_town(f"sqlite:///{folder / 'kept' / FILE}")


def test_a_power_cut_under_load_loses_nothing(sqlite_template: Path, tmp_path: Path):
    town = a_town(tmp_path, sqlite_template)
    for findings in cut_rounds(town, tmp_path, times=TIMES, dice=random.Random(6)):
        assert not findings.problems(), (tmp_path / "server.log").read_text()[-3000:]


@pytest.mark.parametrize("setting", ["synchronous_off", "synchronous_normal"])
def test_a_weaker_setting_of_sqlite_is_caught(
    sqlite_template: Path, tmp_path: Path, setting: str
):
    application = f"tests.faults.unsafe_servers:{setting}"
    found = []
    for number in range(TIMES_OF_CONTROL):
        folder = tmp_path / str(number)
        town = a_town(folder, sqlite_template)
        (findings,) = cut_rounds(
            town, folder, times=1, dice=random.Random(number), application=application
        )
        found.append(findings)
        if findings.lost:
            return
    pytest.fail(f"the harness notices no loss: {found}", pytrace=False)
