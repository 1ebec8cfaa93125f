"""A network that breaks at any byte, between the clients and the server.

It knows nothing of HTTP: a connection is given so many bytes in each direction, and is reset
when they are used up. So it breaks before a request, in its middle, after it arrived and
before the reply, and in the middle of the reply. Weather can be changed at any moment.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

ABORT = struct.pack("ii", 1, 0)  # closing with this linger sends a reset
PIECE = 512
FARTHEST = 6_000
"""A connection that is going to break lasts for at most so many bytes: some ten answers."""
REFUSED = 0.1
"""The share of connections that are reset at once in a storm."""
SLOWEST = 0.02
"""Seconds that a piece is held back at most in a storm."""

Weather = Literal["calm", "storm", "silence"]


class ChaosProxy:
    """Forwards connections to `port`, as well as the weather lets it.

    `calm` forwards everything at once, `storm` delays and resets, `silence` takes bytes and
    connections and forwards nothing until it is over.
    """

    def __init__(self, port: int, seed: int) -> None:
        self.target = port
        self.dice = random.Random(seed)
        self.weather: Weather = "calm"
        self.broken = 0
        """How many connections were reset."""
        self.loop = asyncio.new_event_loop()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run, name="chaos")

    def end(self) -> None:
        """Close the listener and every connection."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def _run(self) -> None:
        server = self.loop.run_until_complete(
            asyncio.start_server(self._forward, sock=self.listener)
        )
        self.loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0.05))
        self.loop.close()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        others: asyncio.StreamWriter | None = None
        try:
            if self.weather == "storm" and self.dice.random() < REFUSED:
                raise ConnectionResetError
            theirs, others = await asyncio.open_connection("127.0.0.1", self.target)
            ways = [self._pass_on(reader, others), self._pass_on(theirs, writer)]
            tasks = [asyncio.ensure_future(way) for way in ways]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
            self.broken += any(isinstance(one, ConnectionResetError) for one in results)
        except OSError:
            self.broken += 1
        finally:
            for end in filter(None, (writer, others)):
                _reset(end)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One direction, piece by piece, until its end or its last byte."""
        left = self.dice.randrange(FARTHEST)
        while piece := await reader.read(PIECE):
            while self.weather == "silence":
                await asyncio.sleep(0.02)
            if self.weather == "storm":
                await asyncio.sleep(self.dice.uniform(0, SLOWEST))
                left -= len(piece)
            writer.write(piece[: left if left < 0 else None])
            await writer.drain()
            if left < 0:
                await asyncio.sleep(0.005)  # the part of a piece goes out before the reset
                raise ConnectionResetError


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        plug = writer.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    writer.transport.abort()


@contextmanager
def chaos_before(port: int, *, seed: int) -> Iterator[ChaosProxy]:
    """A network before the server on `port`, calm at first."""
    proxy = ChaosProxy(port, seed)
    proxy.thread.start()
    try:
        yield proxy
    finally:
        proxy.end()
