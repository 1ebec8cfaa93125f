"""Clients that send a byte at a time or never stop: an honest one beside them is served."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from product import Product, fill_small, product_over

from app.web.protection import MOST_BODY_BYTES
from servers import LiveServer, Serve

SLOW = 200
HONEST = 30
PATIENCE = 20.0
QUICK = 2.0
"""Seconds within which an honest request must be answered, on a machine that others use."""
HEAD = "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
MOST_SENT = 2 * 1024 * 1024
"""What sockets may swallow beside what the application reads."""


@pytest.fixture
def product(sqlite_url: str) -> Product:
    fill_small(sqlite_url)
    return product_over(sqlite_url)


def connect(live: LiveServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", live.port), PATIENCE)


@contextmanager
def slow_clients(live: LiveServer, path: str) -> Iterator[list[socket.socket]]:
    """Connections that go on sending a byte each, half of them within their headers."""
    with ExitStack() as open_until_here:
        sockets = [open_until_here.enter_context(connect(live)) for _ in range(SLOW)]
        head = HEAD.format(path=path).encode()
        for position, one in enumerate(sockets):
            ending = b"X-Slow: " if position % 2 else b"Content-Length: 60000\r\n\r\nq-why="
            one.sendall(head + ending)
        ends = threading.Event()
        drip = threading.Thread(target=_drip, args=(sockets, ends))
        drip.start()
        try:
            yield sockets
        finally:
            ends.set()
            drip.join()


def _drip(sockets: list[socket.socket], ends: threading.Event) -> None:
    while not ends.wait(0.05):
        for one in sockets:
            with suppress(OSError):
                one.send(b"a")


def ask(live: LiveServer, method: str, path: str, body: str | None = None) -> tuple[int, float]:
    """The status of an honest request, and how many seconds it took."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=PATIENCE)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    connection.request(method, path, body, kind)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply.status, time.perf_counter() - started


def test_an_honest_client_beside_two_hundred_slow_ones_is_served(
    product: Product, serve: Serve
):
    live, code = serve(product.application), product.target.codes[0]
    path = f"/s/{code}"
    with slow_clients(live, path) as slow:
        for _ in range(HONEST):
            fields = {"once": product.target.new_key(code), "q-Q1": "5", "skip": "1"}
            for status, seconds in (
                ask(live, "GET", path),
                ask(live, "POST", path, urlencode(fields)),
            ):
                assert status in {200, 303}
                assert seconds < QUICK
        for one in slow:
            one.setblocking(False)
            with pytest.raises(BlockingIOError):  # still there, still without a reply
                one.recv(1)


@pytest.mark.parametrize("path", ["/s/{code}", "/s/{code}/report", "/api/v1/responses"])
@pytest.mark.parametrize("says", ["chunked", "a length that is a lie"])
def test_a_body_without_end_is_cut(product: Product, serve: Serve, path: str, says: str):
    live = serve(product.application)
    kind = "application/json" if "api" in path else "application/x-www-form-urlencoded"
    address = path.format(code=product.target.codes[0])
    head = f"POST {address} HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\n"
    is_chunked = says == "chunked"
    head += (
        "Transfer-Encoding: chunked\r\n\r\n"
        if is_chunked
        else "Content-Length: 999999999\r\n\r\n"
    )
    piece = b"400\r\n" + b"a" * 1024 + b"\r\n" if is_chunked else b"a" * 1024
    with connect(live) as one:
        one.sendall(head.encode())
        one.settimeout(0.002)
        sent, reply = 0, b""
        while sent < MOST_SENT and not reply:
            with suppress(TimeoutError, ConnectionError):
                one.sendall(piece)
                sent += len(piece)
            with suppress(TimeoutError):
                reply = one.recv(100)
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert MOST_BODY_BYTES <= sent < MOST_SENT


def test_a_client_that_leaves_in_the_middle_is_no_failure(
    product: Product, serve: Serve, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    live, code = serve(product.application), product.target.codes[0]
    for path in (f"/s/{code}", f"/s/{code}/report", "/api/v1/responses", "/console/sign-in"):
        with connect(live) as one:
            one.sendall(HEAD.format(path=path).encode() + b"Content-Length: 500\r\n\r\nq-Q1=5")
    assert ask(live, "GET", f"/s/{code}")[0] == 200
    live.stop()
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
