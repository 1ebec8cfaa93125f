"""kill -9 of the whole server under load, again and again.

From the project's root, for more rounds than the tests take time for:

    .venv/bin/python -m tests.faults.kill --times 100
    .venv/bin/python -m tests.faults.kill --times 100 --workers 2 --url postgresql://…

Without a URL a new SQLite file is used; a database that is given must be empty.
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
from tests.faults.reconciliation import Findings, reconcile
from tests.faults.server_process import PRODUCT, ServerProcess, serving
from tests.faults.town import Town, open_town

SOME = 10
"""Receipts that show that answers flow again."""
SHORTEST, LONGEST = 0.0, 0.6
"""Seconds from then to the kill."""
PATIENCE = 30.0


def kill_rounds(
    town: Town, server: ServerProcess, *, times: int, dice: random.Random
) -> Iterator[Findings]:
    """Kill a running server `times` times under load; a last round lets everybody finish."""
    with answering(town, server.port) as crowd:
        for _ in range(times):
            is_busy = crowd.wait_for(SOME)
            time.sleep(dice.uniform(SHORTEST, LONGEST))
            server.kill()
            findings = reconcile(town, crowd.records)
            if not is_busy:
                findings.damage.append("nobody got a receipt after the last start")
            yield findings
            server.start()
        is_done = crowd.finish(PATIENCE)
    findings = reconcile(town, crowd.records)
    if not is_done:
        findings.damage.append(f"not everybody had a receipt {PATIENCE} s after the last kill")
    findings.damage.extend(crowd.records.contradictions)
    yield findings


def main() -> None:
    """Run the rounds, one line each, and end with status 1 if one of them lost anything."""
    asked = _asked()
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="minxin-kill-") as folder:
        url = asked.url or f"sqlite:///{folder}/minxin.sqlite3"
        open_database(url).kw["bind"].dispose()
        town = open_town(url)
        with serving(url, Path(folder), asked.application, workers=asked.workers) as server:
            rounds = kill_rounds(town, server, times=asked.times, dice=random.Random())
            for number, found in enumerate(rounds, start=1):
                sys.stdout.write(f"{number:4}  {found}\n")
                sys.stdout.flush()
                problems += found.problems()
    sys.exit(1 if problems else 0)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--url", help="an empty database; without it a new SQLite file")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--application", default=PRODUCT, help="what to serve")
    return parser.parse_args()


if __name__ == "__main__":
    main()
