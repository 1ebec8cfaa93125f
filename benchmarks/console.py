"""Server time of every console page in a large installation, and how often each asks.

    .venv/bin/python benchmarks/console.py [--report] [--url POSTGRES] [--requests 20]

A PostgreSQL server of its own with 10^6 responses, 3,000 units and 200 rounds (see
`console_world.py`), or one that was made before and is named. Somebody with every role follows
the links of the console from its first page, one or two addresses of each kind, those of the
large round first. Each page is asked for through the application in this process: once to warm
it, then as often as said; a page over 300 ms at the median ends the program with status 1,
unless it only reports. Downloads are listed but have no budget.
"""

import argparse
import gc
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from argon2 import PasswordHasher
from console_world import CHIEF, LARGE_ASSESSMENT, LARGE_CLOSED, LARGE_OPEN, NOW, make_world
from sqlalchemy import Engine, event
from starlette.testclient import TestClient
from storage import temporary_postgres

from app.database.engine import Sessions, make_engine, make_sessions, open_database
from app.database.people import Newcomer, add_person, find_person, grant_role
from app.people.roles import Role
from app.settings import HOME, Settings
from app.web.application import create_app

sys.path.insert(0, str(HOME / "tests" / "web"))
from console_walk import Visited, inner, walk

BUDGET = 0.3
PATIENCE = 10.0
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Measured:
    """What asking for one page cost."""

    page: Visited
    seconds: tuple[float, ...]
    questions: int
    size: int

    @property
    def is_over(self) -> bool:
        """Whether it is a page and slower than it may be."""
        return self.page.is_page and median(self.seconds) > BUDGET


def main() -> int:
    """Print a line for each page; 1 if any is over the budget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", action="store_true", help="Report only.")
    parser.add_argument("--url", default="", help="A database that was made before.")
    parser.add_argument("--requests", type=int, default=20)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    with database(given.url) as url:
        found = measure(url, given.requests)
    show(found)
    over = [one for one in found if one.is_over]
    print(f"{len(found)} addresses, {len(over)} over {BUDGET * 1000:.0f} ms at the median")
    return 1 if over and not given.report else 0


@contextmanager
def database(url: str) -> Iterator[str]:
    """The address of a database with everything in it."""
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder, temporary_postgres(Path(folder)) as made:
        sessions = open_database(made[0])
        make_world(sessions, lambda said: print(said, flush=True))
        sessions.kw["bind"].dispose()
        yield made[0]


def measure(url: str, requests: int) -> list[Measured]:
    """Every page that a link leads to, asked for again and again."""
    engine = make_engine(url)
    hire(make_sessions(engine))
    engine.dispose()
    application = create_app(Settings(database_url=url), clock=lambda: NOW)
    options = {"follow_redirects": False, "raise_server_exceptions": False}
    with TestClient(application, **options) as client:
        client.post("/console/sign-in", data={"login": CHIEF, "password": PASSWORD})
        counter = Counter(inner(application).state.engine)
        preferred = (LARGE_CLOSED, LARGE_OPEN, LARGE_ASSESSMENT)
        pages = list(walk(client.get, application, preferred=preferred))
        print(f"{len(pages)} addresses found", flush=True)
        return [repeated(client, page, requests, counter) for page in pages]


def hire(sessions: Sessions) -> None:
    """Somebody who may do everything."""
    with sessions.begin() as session:
        if find_person(session, CHIEF) is None:
            person = add_person(session, Newcomer(CHIEF, "Chief", 1), now=NOW)
            quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            person.password_hash = quick.hash(PASSWORD)
            for role in Role:
                grant_role(session, person, role, office_id=1, now=NOW)


def repeated(client: Any, page: Visited, requests: int, counter: "Counter") -> Measured:
    """One page again and again."""
    if page.is_page:
        client.get(page.address)
    seconds, asked, size = [], 0, 0
    gc.collect()
    for _ in range(requests if page.is_page else 1):
        counter.n = 0
        started = time.perf_counter()
        size = len(client.get(page.address).content)
        seconds.append(time.perf_counter() - started)
        asked = counter.n
        if sum(seconds) > PATIENCE:  # far over: no need to know more precisely
            break
    return Measured(page, tuple(seconds), asked, size)


class Counter:
    """How many statements an engine was asked to execute."""

    def __init__(self, engine: Engine) -> None:
        self.n = 0
        event.listen(engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.n += 1


def show(found: list[Measured]) -> None:
    """The slowest first."""
    print(f"{'median':>8} {'p95':>8} {'asked':>6} {'KB':>7}  page")
    for one in sorted(found, key=lambda one: -median(one.seconds)):
        times = sorted(one.seconds)
        late = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        mark = " !" if one.is_over else ("" if one.page.is_page else " (download)")
        status = "" if one.page.status == 200 else f" [{one.page.status}]"
        print(
            f"{median(times) * 1000:6.0f}ms {late * 1000:6.0f}ms {one.questions:6d} "
            f"{one.size / 1024:7.0f}  {one.page.address}{status}{mark}"
        )


if __name__ == "__main__":
    sys.exit(main())
