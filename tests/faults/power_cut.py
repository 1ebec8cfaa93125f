"""The power goes while people answer: what was acknowledged is on the disk.

SQLite's file lies on a `forgetful_disk`. After each cut the server is killed, the folder
under the disk is opened as a machine would find it, and the service goes on from there.

From the project's root, for more cuts than the tests take time for:

    .venv/bin/python -m tests.faults.power_cut --times 50
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.database.engine import open_database
from tests.faults.clients import answering
from tests.faults.forgetful_disk import CutMode, forgetful_disk
from tests.faults.reconciliation import Findings, reconcile
from tests.faults.server_process import PRODUCT, a_server
from tests.faults.town import Town, open_town

SOME = 10
"""Receipts that show that answers flow again."""
SHORTEST, LONGEST = 0.2, 0.8
"""Seconds from then to the cut."""
MODES: tuple[CutMode, ...] = ("drop", "random")
FILE = "minxin.sqlite3"


def cut_rounds(
    town: Town,
    folder: Path,
    *,
    times: int,
    dice: random.Random,
    application: str = PRODUCT,
) -> Iterator[Findings]:
    """Cut the power `times` times, the two modes in turn; `folder/kept` holds the database."""
    mount = folder / "disk"
    with (
        a_server(f"sqlite:///{mount / FILE}", folder, application) as server,
        answering(town, server.port) as crowd,
    ):
        for number in range(times):
            with forgetful_disk(folder / "kept", mount) as disk:
                server.start()
                is_busy = crowd.wait_for(SOME)
                time.sleep(dice.uniform(SHORTEST, LONGEST))
                disk.cut(MODES[number % len(MODES)], seed=dice.randrange(1 << 30))
                server.kill()
            findings = reconcile(town, crowd.records)
            if not is_busy:
                findings.damage.append("nobody got a receipt after the last start")
            yield findings


def main() -> None:
    """Cut and print, one line each, and end with status 1 if a cut lost anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.power_cut")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--application", default=PRODUCT, help="what to serve")
    asked = parser.parse_args()
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="minxin-power-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'kept' / FILE}"
        open_database(url).kw["bind"].dispose()
        rounds = cut_rounds(
            open_town(url),
            folder,
            times=asked.times,
            dice=random.Random(),
            application=asked.application,
        )
        for number, found in enumerate(rounds, start=1):
            sys.stdout.write(f"{number:4}  {found}\n")
            sys.stdout.flush()
            problems += found.problems()
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
