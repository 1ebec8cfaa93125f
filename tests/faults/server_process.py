"""The product in processes of its own, that can be killed as by a power supply.

The application is the one that `minxin serve` serves, or, for the harnesses' own sake, one of
`unsafe_servers`, which are broken on purpose. `warm_start` makes the processes.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.databases import free_port
from tests.world import PROJECT

PRODUCT = "app.web.application:from_environment"
PATIENCE = 60.0


class ServerProcess:
    """A server on one port, started and killed as often as needed."""

    def __init__(self, database_url: str, folder: Path, application: str, workers: int) -> None:
        self.port, self.log = free_port(), folder / "server.log"
        numbers = (str(workers), str(self.port))
        with self.log.open("ab") as log:
            self.starter = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.faults.warm_start",
                    application,
                    *numbers,
                    log.name,
                ],
                env={
                    **os.environ,
                    "MINXIN_DATABASE_URL": database_url,
                    "MINXIN_DATA_DIRECTORY": str(folder / "segments"),
                    "MINXIN_LOG_LEVEL": "warning",
                    "MINXIN_PROXY_HOPS": "1",
                },
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def start(self) -> None:
        """Start it and wait until it can work."""
        self._say("start")
        deadline = time.monotonic() + PATIENCE
        while not self.is_ready():
            if time.monotonic() > deadline:
                pytest.fail(f"the server did not start:\n{self.last_words()}", pytrace=False)
            time.sleep(0.01)

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
        """Kill -9 of every process of it at once; they are gone when this returns."""
        self._say("kill")

    def end(self) -> None:
        """Kill it for good."""
        self.starter.communicate(timeout=PATIENCE)

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]

    def _say(self, word: str) -> None:
        assert self.starter.stdin is not None
        assert self.starter.stdout is not None
        try:
            self.starter.stdin.write(f"{word}\n")
            self.starter.stdin.flush()
            done = self.starter.stdout.readline()
        except BrokenPipeError:
            done = ""
        if not done:
            pytest.fail(f"the server cannot be started:\n{self.last_words()}", pytrace=False)


@contextmanager
def a_server(
    database_url: str, folder: Path, application: str = PRODUCT, *, workers: int = 1
) -> Iterator[ServerProcess]:
    """A server that is not started yet, with its log in `folder`."""
    server = ServerProcess(database_url, folder, application, workers)
    try:
        yield server
    finally:
        server.end()


@contextmanager
def serving(
    database_url: str, folder: Path, application: str = PRODUCT, *, workers: int = 1
) -> Iterator[ServerProcess]:
    """A running server; killed when the block ends."""
    with a_server(database_url, folder, application, workers=workers) as server:
        server.start()
        yield server
