"""A network that loses replies: the request reaches the server, its answer no browser."""

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PATIENCE = 10.0
ABORT = struct.pack("ii", 1, 0)  # closing with this linger sends a reset


class Network:
    """Forwards one request a connection; while it `is_cut`, replies to forms are swallowed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.is_cut = False
        self.swallowed: list[bytes] = []
        """The replies that the server gave and the browser never saw."""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def location(self) -> str:
        """Where the last swallowed reply would have led."""
        found = re.search(rb"(?im)^location: (\S+)", self.swallowed[-1])
        assert found is not None, self.swallowed[-1][:200]
        return found[1].decode()

    def listen(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._forward, args=(connection,), daemon=True).start()

    def _forward(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        with connection, suppress(OSError):
            request = _read_request(connection)
            if not request:
                return
            reply = self._ask(request)
            if request.startswith(b"POST") and self.is_cut:
                self.swallowed.append(reply)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
                return
            connection.sendall(reply)

    def _ask(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as server:
            server.sendall(request)
            reply = b""
            while part := server.recv(65536):
                reply += part
            return reply


def _read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        part = connection.recv(65536)
        if not part:
            return b""
        request += part
    head, _, body = request.partition(b"\r\n\r\n")
    head = re.sub(rb"(?im)^connection: .*\r\n", b"", head + b"\r\n")
    found = re.search(rb"(?im)^content-length: (\d+)", head)
    while len(body) < int(found[1] if found else 0):
        body += connection.recv(65536)
    # One request a connection: a browser repeats a form by itself on a reused one.
    return head + b"connection: close\r\n\r\n" + body


@contextmanager
def broken_network(port: int) -> Iterator[Network]:
    """A network before the server on `port`."""
    network = Network(port)
    thread = threading.Thread(target=network.listen, name="network")
    thread.start()
    yield network
    network.listener.shutdown(socket.SHUT_RDWR)
    network.listener.close()
    thread.join(PATIENCE)
