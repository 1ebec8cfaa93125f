"""The load generator: a process of its own that sends requests and times the replies.

    echo JOB | .venv/bin/python benchmarks/load.py

A job is one line of JSON (see `Job`); the answer is one line of JSON (see `report`). Each
connection is kept alive and carries one request at a time. Without a rate the loop is closed:
a reply is followed by the next request. With a rate the loop is open: requests fall due by
the clock whether the server keeps up or not, and latency counts from that moment, so that a
stalled server cannot hide its own queue.
"""

import asyncio
import gc
import json
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import uvloop
from traffic import page_requests, read_place, submissions

TICK = 0.001
DRAIN = 30.0
"""Seconds that replies still under way are waited for; they count as acknowledged."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to do."""

    port: int
    kind: str
    """page, submission, or respondent: the page and then the submission."""
    connections: int
    seconds: float
    rate: float | None
    """Arrivals a second; None for a closed loop."""
    cpu: int
    """The processor this process keeps to."""
    place: dict[str, Any]
    seed: int


class Load:
    """The state of a run: who is idle, who waits, what came back."""

    def __init__(self, job: Job) -> None:
        place = read_place(f"127.0.0.1:{job.port}", job.place)
        pages, forms = page_requests(place, job.seed), submissions(place, job.seed)
        by_kind: dict[str, list[Iterator[bytes]]] = {
            "page": [pages],
            "submission": [forms],
            "respondent": [pages, forms],
        }
        self.job = job
        self.steps = by_kind[job.kind]
        self.idle: deque[Connection] = deque()
        self.overdue: deque[float] = deque()
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.acknowledged = 0
        self.broken = 0
        self.busy = 0
        self.until = 0.0
        self.cpu = 0.0

    def answered(self, connection: "Connection", status: int, location: bytes) -> None:
        """Count a reply and send what comes next."""
        self.statuses[status] += 1
        self.acknowledged += location.startswith(b"/r/")
        now = time.perf_counter()
        connection.step += 1
        if connection.step < len(self.steps):
            connection.send(next(self.steps[connection.step]))
            return
        self.busy -= 1
        if now < self.until:
            self.latencies.append(now - connection.due)
        self.go_on(connection, now)

    def go_on(self, connection: "Connection", now: float) -> None:
        """Give a free connection the next thing to do, if there is any."""
        if now >= self.until:
            return
        if self.job.rate is None:
            self.start(connection, now)
        elif self.overdue:
            self.start(connection, self.overdue.popleft())
        else:
            self.idle.append(connection)

    def start(self, connection: "Connection", due: float) -> None:
        """Send the first request of a visit that was due at this moment."""
        self.busy += 1
        connection.due, connection.step = due, 0
        connection.send(next(self.steps[0]))

    async def run(self) -> float:
        """Open the connections, load the server, wait for the last replies; seconds loaded."""
        loop = asyncio.get_running_loop()
        opened = [
            (await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.job.port))
            for _ in range(self.job.connections)
        ]
        cpu, started = time.process_time(), time.perf_counter()
        self.until = started + self.job.seconds
        for _, connection in opened:
            self.go_on(connection, started)
        if self.job.rate is None:
            await asyncio.sleep(self.job.seconds)
        else:
            await self._keep_pace(started, self.job.rate)
        lasted = time.perf_counter() - started
        self.cpu = time.process_time() - cpu
        while self.busy and time.perf_counter() - started < self.job.seconds + DRAIN:
            await asyncio.sleep(0.01)
        return lasted

    async def _keep_pace(self, started: float, rate: float) -> None:
        due = started
        while (now := time.perf_counter()) < self.until:
            while due <= now:
                if self.idle:
                    self.start(self.idle.popleft(), due)
                else:
                    self.overdue.append(due)
                due += 1 / rate
            await asyncio.sleep(TICK)


class Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request under way."""

    __slots__ = ("buffer", "due", "load", "step", "transport", "waits")

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer = b""
        self.due = 0.0
        self.step = 0
        self.waits = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the server."""
        self.transport = transport

    def send(self, request: bytes) -> None:
        """Send one request."""
        self.waits = True
        self.transport.write(request)

    def data_received(self, received: bytes) -> None:
        """Collect a reply; when it is whole, count it."""
        if self.buffer:
            received = self.buffer + received
        end = received.find(b"\r\n\r\n")
        if end < 0 or len(received) < end + 4 + body_length(received, end):
            self.buffer = received
            return
        self.buffer = b""
        self.waits = False
        status = int(received[9:12])
        location = header(received, end, b"location") if status == 303 else b""
        self.load.answered(self, status, location)

    def connection_lost(self, error: Exception | None) -> None:
        """A connection that ends under a request is a lost reply, and is not opened again."""
        if self.waits:
            self.load.broken += 1
            self.load.busy -= 1


def body_length(reply: bytes, end: int) -> int:
    """Bytes of the body; every reply here must say."""
    told = header(reply, end, b"content-length")
    if not told:
        raise ValueError(f"a reply does not say how long it is: {reply[:end]!r}")
    return int(told)


def header(reply: bytes, end: int, name: bytes) -> bytes:
    """The value of a header written in lower case, as the server does; empty without it."""
    start = reply.find(b"\r\n%b:" % name, 0, end)
    if start < 0:
        return b""
    start += len(name) + 3
    stop = reply.find(b"\r\n", start)
    return reply[start:stop].strip()


def report(load: Load, seconds: float) -> dict[str, Any]:
    """The figures of a run; latencies in milliseconds."""
    ordered = sorted(load.latencies)
    return {
        "visits": len(ordered),
        "replies": sum(load.statuses.values()),
        "seconds": seconds,
        "rate": len(ordered) / seconds,
        "p50": percentile(ordered, 0.50),
        "p95": percentile(ordered, 0.95),
        "p99": percentile(ordered, 0.99),
        "max": percentile(ordered, 1.0),
        "statuses": {str(status): n for status, n in sorted(load.statuses.items())},
        "acknowledged": load.acknowledged,
        "broken": load.broken,
        "unanswered": load.busy + len(load.overdue),
        "own_cpu": time.process_time(),
        "own_micros": load.cpu / max(sum(load.statuses.values()), 1) * 1e6,
    }


def percentile(ordered: list[float], share: float) -> float:
    """Milliseconds below which this share of the latencies lies; NaN without any."""
    if not ordered:
        return float("nan")
    return ordered[max(ceil(share * len(ordered)) - 1, 0)] * 1000


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """The least an application can do: what the generator itself is measured against."""
    if scope["type"] != "http":
        return
    is_form = scope["method"] == "POST"
    body = b"" if is_form else b"x" * 4096
    while is_form and (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"%d" % len(body))]
    status, headers = (303, [*headers, (b"location", b"/r/0")]) if is_form else (200, headers)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Do the job that stands on the first line of the input."""
    job = Job(**json.loads(sys.stdin.readline()))
    os.sched_setaffinity(0, {job.cpu})
    load = Load(job)
    gc.disable()
    seconds = uvloop.run(load.run())
    print(json.dumps(report(load, seconds)))


if __name__ == "__main__":
    main()
