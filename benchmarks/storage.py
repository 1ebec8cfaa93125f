"""Databases with an open round of forty points, and fresh copies of them for each sample.

A round is drafted and opened once on SQLite and once on a PostgreSQL server that is started
here with its durable defaults; each sample begins on a copy, so that a fast variant does not
pay for the rows that it has kept before.
"""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine, create_engine, func, make_url, select, text

from app.database.engine import make_engine, make_reading_sessions, open_database
from app.database.rounds import active_codes, find_round, load_round, round_key
from app.database.tables import ResponseRow
from app.settings import HOME
from app.workflow.preparation import draft_round, open_round
from app.workflow.registry import load_registry, read_text

DEFINITIONS = HOME / "survey_defs"
DEBIAN_HOME = Path("/usr/lib/postgresql")
POINTS = 40
PATIENCE = 60.0


@dataclass(slots=True)
class Storage:
    """Where the prepared databases stand and how to copy them."""

    folder: Path
    place: dict[str, dict[str, Any]]
    """sqlite or postgres → what the load generator is told of its round."""
    admin: Engine | None
    postmaster: int | None
    numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def copy(self, kind: str) -> Iterator[str]:
        """The address of a fresh copy; it goes away afterwards."""
        name = f"sample_{next(self.numbers)}"
        if kind == "sqlite":
            folder = self.folder / name
            folder.mkdir()
            shutil.copyfile(self.folder / "template.sqlite3", folder / "minxin.sqlite3")
            os.sync()
            yield f"sqlite:///{folder / 'minxin.sqlite3'}"
            shutil.rmtree(folder)
            return
        self._execute(f"CREATE DATABASE {name} TEMPLATE template_minxin")
        self._execute("CHECKPOINT")
        assert self.admin is not None
        yield self.admin.url.set(database=name).render_as_string(hide_password=False)
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        assert self.admin is not None
        with self.admin.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def prepared_storage(folder: Path, *, with_postgres: bool) -> Iterator[Storage]:
    """Prepare a SQLite file in `folder` and, if asked for, a PostgreSQL server."""
    places = {"sqlite": prepare_round(f"sqlite:///{folder / 'template.sqlite3'}")}
    if not with_postgres:
        yield Storage(folder, places, None, None)
        return
    with temporary_postgres(folder) as (url, pid):
        admin = create_engine(
            make_url(url).set(drivername="postgresql+pg8000"), isolation_level="AUTOCOMMIT"
        )
        storage = Storage(folder, places, admin, pid)
        storage._execute("CREATE DATABASE template_minxin TEMPLATE template0")
        address = make_url(url).set(database="template_minxin")
        places["postgres"] = prepare_round(address.render_as_string(hide_password=False))
        yield storage
        admin.dispose()


def prepare_round(url: str) -> dict[str, Any]:
    """Migrate a database, open a round in it, and say what a generator must know of it."""
    sessions = open_database(url)
    now = datetime.now(UTC)
    with sessions.begin() as session:
        registry = load_registry(DEFINITIONS)
        row = draft_round(session, plan_text(), source="benchmark", registry=registry, now=now)
        open_round(session, row, now=now)
    with sessions.begin() as session:
        row = find_round(session, "collecting")
        survey = load_round(session, row).survey
        place = {
            "codes": list(active_codes(session, row.id).values()),
            "key": round_key(session, row.id).hex(),
            "choices": {
                item.code: [] if item.kind == "text" else sorted({*survey.scale_of(item).codes})
                for item in survey.items.values()
            },
            "optional": [item.code for item in survey.items.values() if item.optional],
            "sections": [section.code for section in survey.sections],
        }
    sessions.kw["bind"].dispose()
    return place


def plan_text() -> str:
    """The demonstration's plan with forty points and without what comes after collecting."""
    plan = yaml.safe_load(read_text(DEFINITIONS / "plans" / "demo_senses.yaml"))
    units = [unit["code"] for unit in plan["units"]]
    plan["code"] = "collecting"
    plan["points"] = [
        {
            "code": f"point-{number}",
            "name": {"zh-Hans": f"{number} 号服务点", "en": f"Service point {number}"},
            "unit": units[number % len(units)],
        }
        for number in range(1, POINTS + 1)
    ]
    plan["weighting"], plan["screening"] = [{"kind": "base"}], {}
    plan["seed"] = 1
    for unneeded in ("composite", "margins"):
        plan.pop(unneeded, None)
    return yaml.safe_dump(plan, allow_unicode=True, sort_keys=False)


def kept_responses(url: str) -> int:
    """How many responses a database holds."""
    engine = make_engine(url)
    with make_reading_sessions(engine)() as session:
        n = session.scalar(select(func.count()).select_from(ResponseRow))
    engine.dispose()
    return n or 0


@contextmanager
def temporary_postgres(folder: Path) -> Iterator[tuple[str, int]]:
    """A server in a folder of its own with durable defaults: its address and process."""
    home = sorted(DEBIAN_HOME.glob("*/bin"), key=lambda path: int(path.parts[-2]))[-1]
    cluster, password = folder / "postgres", secrets.token_urlsafe(16)
    cluster.mkdir()
    (cluster / "password").write_text(password)
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        folder.chmod(0o755)
        identity = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(cluster, "postgres", "postgres")
        shutil.chown(cluster / "password", "postgres", "postgres")
    subprocess.run(
        [
            *(home / "initdb", f"--pgdata={cluster / 'data'}", "--username=minxin"),
            *(f"--pwfile={cluster / 'password'}", "--auth=scram-sha-256"),
            *("--no-locale", "--encoding=UTF8"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=cluster,
        **identity,
    )
    port = free_port()
    settings = {"listen_addresses": "127.0.0.1", "port": port}
    settings["unix_socket_directories"] = str(cluster)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    follow = ("setpriv", "--pdeathsig", "INT")
    with (cluster / "log").open("wb") as log:
        process = subprocess.Popen(
            [*follow, home / "postgres", "-D", cluster / "data", *options],
            stdout=log,
            stderr=log,
            cwd=cluster,
            **identity,
        )
    try:
        await_postgres(home, port)
        yield f"postgresql://minxin:{password}@127.0.0.1:{port}/postgres", process.pid
    finally:
        process.terminate()
        process.wait()


def await_postgres(home: Path, port: int) -> None:
    """Wait until the server takes connections."""
    deadline = time.monotonic() + PATIENCE
    asked = [home / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
    while subprocess.run(asked, check=False).returncode != 0:
        if time.monotonic() > deadline:
            raise SystemExit("PostgreSQL did not start.")
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
