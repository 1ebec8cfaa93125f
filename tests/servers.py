"""A web server on a real port of this machine, for tests that need real connections.

`serve` starts one for any ASGI application; `live_server` serves the fixture `application`,
which the test module or its folder provides. The server runs in a thread of the test
process and has stopped, its start-up and shut-down code included, when the test ends.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

Application = Callable[..., Any]
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A running server: `url` without a closing slash, `port`, and a way to stop it early."""

    url: str
    port: int
    server: uvicorn.Server
    thread: threading.Thread

    def stop(self) -> None:
        """Let requests in progress end, run the shut-down code, and close the port."""
        self.server.should_exit = True
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive(), "the server did not stop"


Serve = Callable[[Application], LiveServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that serves an application on a free loopback port."""
    running: list[LiveServer] = []

    def start(application: Application) -> LiveServer:
        live = _start(application)
        running.append(live)
        return live

    yield start
    for live in running:
        live.stop()


@pytest.fixture
def live_server(serve: Serve, application: Application) -> LiveServer:
    """The fixture `application`, served."""
    return serve(application)


def _start(application: Application) -> LiveServer:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(
        application,
        log_config=None,
        ws="none",
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name=f"server:{port}")
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            server.should_exit = True
            listener.close()
            pytest.fail("the application did not start; its log is in the captured output")
        time.sleep(0.01)
    return LiveServer(f"http://127.0.0.1:{port}", port, server, thread)
