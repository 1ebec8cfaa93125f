"""A PostgreSQL server that keeps its promises, and can be stopped as by a crash.

The server of `tests/databases.py` is fast because it never forces anything to disk; what
survives a crash can only be learnt from one that does.
"""

import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from app.database.engine import make_engine
from app.database.migration import migrate
from tests.databases import (
    await_connection,
    find_programs,
    free_port,
    initialise,
    owner_of,
    server_identity,
    start_server,
    stop_server,
)

AS_IN_PRODUCTION = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "32MB",
    "wal_writer_delay": "10s",  # what a commit does not force, nobody else does for a while
    "recovery_init_sync_method": "syncfs",  # before recovery: one call, not one a file
}
FORGETFUL = """
CREATE FUNCTION promise_too_early() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN NEW;
END $$;
CREATE TRIGGER promise_too_early BEFORE INSERT ON response
    FOR EACH ROW EXECUTE FUNCTION promise_too_early();
"""
"""Turns synchronous_commit off in every transaction that keeps a response, whatever the
client asked for."""


class SturdyPostgres:
    """A cluster in a folder, on one port; its server comes and goes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.home, self.identity = find_programs(), server_identity()
        self.password = secrets.token_urlsafe(16)
        (folder / "password").write_text(self.password)
        if self.identity:
            for path in (folder, folder / "password"):
                shutil.chown(path, **owner_of(self.identity))
        initialise(self.home, folder, self.identity)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server; recovery has ended when this returns."""
        options = AS_IN_PRODUCTION
        self.process = start_server(self.home, self.folder, self.identity, self.port, options)
        await_connection(self.home, self.port, self.process, self.folder)

    def stop_immediately(self) -> None:
        """Stop as `pg_ctl stop -m immediate` does: nothing is written or flushed any more."""
        self._end_with(signal.SIGQUIT)

    def kill(self) -> None:
        """Kill -9 of the postmaster; its children notice and end."""
        self._end_with(signal.SIGKILL)

    def make_database(self, name: str) -> str:
        """The address of a new, migrated database."""
        admin = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        admin.dispose()
        engine = make_engine(self._url(name))
        migrate(engine)
        engine.dispose()
        return self._url(name).replace("+pg8000", "")

    def _url(self, name: str) -> str:
        return f"postgresql+pg8000://minxin:{self.password}@127.0.0.1:{self.port}/{name}"

    def _end_with(self, kind: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(kind)
        self.process.wait()
        self.process = None


def make_forgetful(url: str) -> None:
    """Let a database acknowledge responses before they are safe."""
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text(FORGETFUL))
    engine.dispose()


@contextmanager
def sturdy_postgres() -> Iterator[SturdyPostgres]:
    """A running server with nothing in it, removed when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="minxin-sturdy-"))
    try:
        server = SturdyPostgres(folder)
        server.start()
        try:
            yield server
        finally:
            if server.process is not None:
                stop_server(server.process)
    finally:
        shutil.rmtree(folder)
