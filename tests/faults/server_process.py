"""The product in processes of its own, that can be killed as by a power supply.

The application is served as `minxin serve` serves it, or, for the harnesses' own sake, one
of `unsafe_servers`, which are broken on purpose.
"""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.databases import free_port
from tests.world import PROJECT

PRODUCT = "app.web.application:from_environment"
PATIENCE = 60.0


class ServerProcess:
    """A server on one port, started and killed as often as needed."""

    def __init__(self, database_url: str, log: Path, command: Sequence[str]) -> None:
        self.port = free_port()
        self.command = [sys.executable, "-m", *command, f"--port={self.port}"]
        self.environment = {
            **os.environ,
            "MINXIN_DATABASE_URL": database_url,
            "MINXIN_DATA_DIRECTORY": str(log.parent / "segments"),
            "MINXIN_LOG_LEVEL": "warning",
        }
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it can work."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the server did not start:\n{self.last_words()}", pytrace=False)
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """Whether it answers, and its database too."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            asking.request("GET", "/readyz")
            return asking.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asking.close()

    def kill(self) -> None:
        """Kill every process of it at once; none has time for anything."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]


def make_server(
    database_url: str, folder: Path, application: str = PRODUCT, *, workers: int = 1
) -> ServerProcess:
    """A server that is not started yet, with its log in `folder`."""
    command = ["uvicorn", "--factory", application, f"--workers={workers}"]
    quiet = ["--no-access-log", "--log-level=warning"]
    return ServerProcess(database_url, folder / "server.log", [*command, *quiet])


@contextmanager
def serving(
    database_url: str, folder: Path, application: str = PRODUCT, *, workers: int = 1
) -> Iterator[ServerProcess]:
    """A running server; killed when the block ends."""
    server = make_server(database_url, folder, application, workers=workers)
    try:
        server.start()
        yield server
    finally:
        server.kill()
