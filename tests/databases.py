"""The databases that tests run on, each built once by the migrations and then copied.

`database_url` gives every test that asks for it two runs, one on SQLite and one on
PostgreSQL, each with a database of its own. The PostgreSQL server is a temporary one that
this process starts and stops; MINXIN_TEST_POSTGRES_URL names another to use instead. Where
neither is to be had the test fails and says what is missing: it is never passed over.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from app.database.engine import make_engine
from app.database.migration import migrate

DEBIAN_HOME = Path("/usr/lib/postgresql")
MISSING = (
    "PostgreSQL is missing: apt-get install postgresql, or name a server in"
    " MINXIN_TEST_POSTGRES_URL, or leave these tests out with: make test-fast"
)
PATIENCE = 60.0
SPEED = {  # nothing here outlives the test run, so nothing need survive a power cut
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database: one run on SQLite, one on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on `database_url`, closed after the test."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh, migrated SQLite file."""
    file = tmp_path / "minxin.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that nothing writes to."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    _build(f"sqlite:///{file}")
    turns = file.with_name(f"{file.name}-writer")
    left_over = [path.name for path in file.parent.iterdir() if path not in {file, turns}]
    assert not left_over, f"the template is still open: {left_over}"
    return file


@pytest.fixture
def postgres_url(postgres: "Postgres") -> Iterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    name = postgres.copy_template()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator["Postgres"]:
    """A PostgreSQL server with a migrated template database."""
    given = os.environ.get("MINXIN_TEST_POSTGRES_URL")
    if given:
        with _with_template(given) as server:
            yield server
        return
    with _temporary_server() as url, _with_template(url) as server:
        yield server


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server, reached as a user who may create databases, and its template."""

    admin: Engine
    template: str
    numbers: Iterator[int]

    def url(self, name: str) -> str:
        """The address of database `name` on this server."""
        return self.admin.url.set(database=name).render_as_string(hide_password=False)

    def copy_template(self) -> str:
        """Create a copy of the template and return its name."""
        name = f"{self.template}_{next(self.numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run a statement that must stand outside a transaction."""
        with self.admin.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def _with_template(url: str) -> Iterator[Postgres]:
    address = make_url(url).set(drivername="postgresql+pg8000")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    server = Postgres(admin, f"minxin_test_{os.getpid()}_{secrets.token_hex(4)}", count(1))
    try:
        server.execute(
            f"CREATE DATABASE \"{server.template}\" TEMPLATE template0 ENCODING 'UTF8'"
        )
        _build(server.url(server.template))
        yield server
    finally:
        server.drop(server.template)
        admin.dispose()


def _build(url: str) -> None:
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()


@contextmanager
def _temporary_server() -> Iterator[str]:
    """Start a server in a folder of its own and yield the address of its first database."""
    home = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="minxin-postgres-"))
    password = secrets.token_urlsafe(16)
    identity = server_identity()
    try:
        (folder / "password").write_text(password)
        if identity:
            shutil.chown(folder, **owner_of(identity))
            shutil.chown(folder / "password", **owner_of(identity))
        initialise(home, folder, identity)
        port = free_port()
        process = start_server(home, folder, identity, port, SPEED)
        try:
            await_connection(home, port, process, folder)
            yield f"postgresql://minxin:{password}@127.0.0.1:{port}/postgres"
        finally:
            stop_server(process)
    finally:
        shutil.rmtree(folder)


def find_programs() -> Path:
    """The folder of PostgreSQL's programs, newest first."""
    versions = sorted(
        DEBIAN_HOME.glob("*/bin/initdb"), key=lambda path: _number(path.parts[-3])
    )
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return Path(found).resolve().parent


def _number(version: str) -> float:
    return float(version) if version.replace(".", "", 1).isdigit() else 0.0


def server_identity() -> dict[str, object]:
    """Whom the server runs as: itself refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def owner_of(identity: dict[str, object]) -> dict[str, str]:
    """Whom the server's files must belong to."""
    return {key: str(identity[key]) for key in ("user", "group")}


def initialise(home: Path, folder: Path, identity: dict[str, object]) -> None:
    """Make an empty cluster in `folder`, whose password lies there too."""
    subprocess.run(
        [
            home / "initdb",
            f"--pgdata={folder / 'cluster'}",
            f"--pwfile={folder / 'password'}",
            "--username=minxin",
            "--auth=scram-sha-256",
            "--no-locale",
            "--encoding=UTF8",
            "--no-sync",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **identity,  # type: ignore[call-overload]
    )


def start_server(
    home: Path,
    folder: Path,
    identity: dict[str, object],
    port: int,
    options: Mapping[str, object],
) -> "subprocess.Popen[bytes]":
    """Start a server on the cluster in `folder`; it may not yet answer."""
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        **options,
    }
    settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    command = [home / "postgres", "-D", folder / "cluster", *settings]
    # The server must not outlive a test run that is killed.
    follow = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(
            [*follow, *command],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            **identity,  # type: ignore[call-overload]
        )


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def await_connection(
    home: Path, port: int, process: "subprocess.Popen[bytes]", folder: Path
) -> None:
    """Wait until the server answers; fail with the end of its log if it does not."""
    deadline = time.monotonic() + PATIENCE
    asked = [home / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
    while subprocess.run(asked, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            log = (folder / "server.log").read_text(errors="replace")
            pytest.fail(f"PostgreSQL did not start:\n{log[-2000:]}", pytrace=False)
        time.sleep(0.05)


def stop_server(process: "subprocess.Popen[bytes]") -> None:
    """Stop a server and wait for its end."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
