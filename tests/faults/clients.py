"""People who answer all at once and do not give up, and what they were promised.

Everybody sends numbered answers, each under a key of its own, and sends the same again under
the same key until a receipt comes: over broken connections, silence and refusals. What was
acknowledged is remembered, for `reconciliation` to look for it.
"""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from urllib.parse import urlencode, urlsplit

from app.web.resident.once import new_once
from tests.faults.town import Town

RECEIVED = 303
BUSY = 503
SHORTEST_REST, LONGEST_REST = 0.02, 0.4
LONGEST_WAIT = 30.0
"""Seconds; on a machine that is busy with other things a server takes its time to start."""
ASKS_AGAIN = 0.1
"""The share of receipts that are asked for a second time, as after a lost reply."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody behaves; anything but the defaults is wrong and must be noticed."""

    keeps_key: bool = True
    """Whether an answer is sent again under the same key."""
    believes: frozenset[int] = frozenset({RECEIVED})
    """The statuses taken for an acknowledgement."""
    patience: float = 5.0
    """Seconds to wait for a reply."""


@dataclass
class Records:
    """What was sent and what came back."""

    sent: set[int] = field(default_factory=set)
    """The numbers of the answers that were sent at least once."""
    receipts: dict[str, tuple[int, str]] = field(default_factory=dict)
    """The key of every acknowledged answer → its number and its receipt."""
    replies: Counter[str] = field(default_factory=Counter)
    """What came back, and how often: statuses, `503 without Retry-After`, `nothing`."""
    contradictions: list[str] = field(default_factory=list)
    """A second receipt for one key, or a final refusal of a sound answer."""

    def copy(self) -> "Records":
        """As it stands; what is promised later is not in it."""
        return Records(
            set(self.sent),
            dict(self.receipts),
            Counter(self.replies),
            list(self.contradictions),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said."""

    status: int
    receipt: str
    retry_after: str


def coded_answers(number: int) -> dict[str, int]:
    """The answers to the scale items that go with a number."""
    return {
        "Q1": 1 + number % 5,
        "Q2": 1 + number // 5 % 5,
        "Q3": 1 + number // 25 % 5,
    }


def written_answer(number: int) -> str:
    """The words that go with a number: no other number has them."""
    return f"answer {number}"


class Crowd:
    """`size` people before the server on `port`, each with one answer after the other."""

    def __init__(self, town: Town, port: int, size: int, manner: Manner) -> None:
        self.town, self.port, self.manner = town, port, manner
        self.records = Records()
        self.numbers = count(1)
        self.dice = random.Random(20261122)  # only for rests; the course is not repeatable
        self.is_going_home = False
        self.loop = asyncio.new_event_loop()
        self.people = [self.loop.create_task(self._answer_on()) for _ in range(size)]
        self.thread = threading.Thread(target=self._run, name="crowd")

    def acknowledged(self) -> int:
        """How many answers have a receipt."""
        return len(self.records.receipts)

    def wait_for(self, more: int, within: float = LONGEST_WAIT) -> bool:
        """Whether so many more answers are acknowledged in `within` seconds."""
        wanted, deadline = self.acknowledged() + more, time.monotonic() + within
        while self.acknowledged() < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.acknowledged() >= wanted

    def finish(self, within: float) -> bool:
        """Begin no new answer; whether every one begun has its receipt in `within` seconds."""
        self.is_going_home = True
        self.thread.join(within)
        is_done = not self.thread.is_alive()
        self.leave()
        return is_done

    def leave(self) -> None:
        """Give up, and wait until the last person has."""
        with suppress(RuntimeError):  # the loop is closed: nobody is there any more
            self.loop.call_soon_threadsafe(self._send_home)
        self.thread.join()

    def _send_home(self) -> None:
        for person in self.people:
            person.cancel()

    def _run(self) -> None:
        ended = self.loop.run_until_complete(
            asyncio.gather(*self.people, return_exceptions=True)
        )
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
        for one in ended:
            if isinstance(one, Exception):
                self.records.contradictions.append(f"a client failed: {one!r}")

    async def _answer_on(self) -> None:
        line = Line(self.port)
        try:
            while not self.is_going_home:
                await self._answer(line, next(self.numbers))
        finally:
            line.hang_up()

    async def _answer(self, line: "Line", number: int) -> None:
        once, rest = self._new_key(), SHORTEST_REST
        self.records.sent.add(number)
        while not await self._try(line, number, once):
            await asyncio.sleep(rest * self.dice.uniform(0.5, 1))
            rest = min(rest * 2, LONGEST_REST)
            if not self.manner.keeps_key:
                once = self._new_key()
        if self.dice.random() < ASKS_AGAIN:
            await self._try(line, number, once)

    async def _try(self, line: "Line", number: int, once: str) -> bool:
        """Send an answer; whether it was acknowledged."""
        try:
            async with asyncio.timeout(self.manner.patience):
                reply = await line.post(_request(self.town.code, number, once))
        except (OSError, EOFError, TimeoutError, ValueError):
            line.hang_up()
            self.records.replies["nothing"] += 1
            return False
        self._note(reply)
        if reply.status in self.manner.believes:
            self._keep_receipt(number, once, reply.receipt)
            return True
        if reply.status < 500 and reply.status != 429:
            self.records.contradictions.append(f"answer {number} was refused: {reply.status}")
            return True
        return False

    def _note(self, reply: Reply) -> None:
        is_rude = reply.status == BUSY and not reply.retry_after.isdigit()
        self.records.replies[f"{reply.status}{' without Retry-After' if is_rude else ''}"] += 1

    def _keep_receipt(self, number: int, once: str, receipt: str) -> None:
        first = self.records.receipts.setdefault(once, (number, receipt))
        if first != (number, receipt):
            self.records.contradictions.append(
                f"answer {number} has two receipts: {first[1]} and {receipt}"
            )

    def _new_key(self) -> str:
        return new_once(self.town.key, self.town.code, datetime.now(UTC))


class Line:
    """A connection that is kept for the next request as long as it holds."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, request: bytes) -> Reply:
        """Send a request; OSError, EOFError or ValueError if no whole reply comes."""
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        writer.write(request)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        lines = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in lines}
        await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.hang_up()
        receipt = urlsplit(headers.get("location", "")).path.removeprefix("/r/")
        return Reply(int(head[0].split(" ")[1]), receipt, headers.get("retry-after", ""))

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        if self.streams is not None:
            self.streams[1].transport.abort()
            self.streams = None


def _form(number: int, once: str) -> bytes:
    fields = {"once": once, "l": "zh-Hans", "mode": "page", "send": "1"}
    coded = {f"q-{item}": code for item, code in coded_answers(number).items()}
    return urlencode({**fields, **coded, "q-why": written_answer(number)}).encode()


def _request(code: str, number: int, once: str) -> bytes:
    """The whole request; every number comes from a network of its own, as people do."""
    form = _form(number, once)
    head = (
        f"POST /s/{code} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        f"x-forwarded-for: 10.{number >> 8 & 255}.{number & 255}.7\r\n"
        "content-type: application/x-www-form-urlencoded\r\n"
        f"content-length: {len(form)}\r\n\r\n"
    )
    return head.encode() + form


@contextmanager
def answering(
    town: Town, port: int, *, size: int = 16, manner: Manner | None = None
) -> Iterator[Crowd]:
    """A crowd that answers until it is told to finish or to leave, or the block ends."""
    crowd = Crowd(town, port, size, manner or Manner())
    crowd.thread.start()
    try:
        yield crowd
    finally:
        crowd.leave()
