"""The product in processes of its own, that can be killed as by a power supply.

The application is the one that `minxin serve` serves, or, for the harnesses' own sake, one of
`unsafe_servers`, which are broken on purpose.
"""

import http.client
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.databases import free_port
from tests.world import PROJECT

PRODUCT = "app.web.application:from_environment"
PATIENCE = 60.0


class ServerProcess(ABC):
    """A server on one port, started and killed as often as needed."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.port, self.log = free_port(), folder / "server.log"
        self.log.touch()
        self.environment = {
            **os.environ,
            "MINXIN_DATABASE_URL": database_url,
            "MINXIN_DATA_DIRECTORY": str(folder / "segments"),
            "MINXIN_LOG_LEVEL": "warning",
            "MINXIN_PROXY_HOPS": "1",
        }

    def start(self) -> None:
        """Start it and wait until it can work."""
        self.launch()
        deadline = time.monotonic() + PATIENCE
        while not self.is_ready():
            if time.monotonic() > deadline:
                pytest.fail(f"the server did not start:\n{self.last_words()}", pytrace=False)
            time.sleep(0.01)

    @abstractmethod
    def launch(self) -> None:
        """Start it; it may not be able to work yet."""

    @abstractmethod
    def kill(self) -> None:
        """Kill -9 of every process of it at once; they are gone when this returns."""

    @abstractmethod
    def end(self) -> None:
        """Kill it for good."""

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

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]


class WarmServer(ServerProcess):
    """Any application in any number of processes, started in a moment by `warm_start`."""

    def __init__(self, database_url: str, folder: Path, application: str, workers: int) -> None:
        super().__init__(database_url, folder)
        orders = (application, str(workers), str(self.port), str(self.log))
        with self.log.open("ab") as log:
            self.starter = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.warm_start", *orders],
                env=self.environment,
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def launch(self) -> None:
        """Fork the processes."""
        self._say("start")

    def kill(self) -> None:
        """Kill the processes."""
        self._say("kill")

    def end(self) -> None:
        """Let the starter kill them and end."""
        self.starter.communicate(timeout=PATIENCE)

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


class CommandServer(ServerProcess):
    """What an operator starts: `minxin serve`, with everything it imports."""

    process: "subprocess.Popen[bytes] | None" = None

    def launch(self) -> None:
        """Run the command in a process group of its own."""
        command = [sys.executable, "-m", "app", "serve", f"--port={self.port}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=self.environment,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill the process group."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def end(self) -> None:
        """The same."""
        self.kill()


@contextmanager
def a_server(
    database_url: str, folder: Path, application: str = PRODUCT, *, workers: int = 1
) -> Iterator[ServerProcess]:
    """A server that is not started yet, with its log in `folder`."""
    server = WarmServer(database_url, folder, application, workers)
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


@contextmanager
def serving_by_command(database_url: str, folder: Path) -> Iterator[ServerProcess]:
    """The running command; killed when the block ends."""
    server = CommandServer(database_url, folder)
    try:
        server.start()
        yield server
    finally:
        server.end()
