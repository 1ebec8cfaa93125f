"""Sends an application whatever one likes, without a socket, and says what is wrong with it.

A server between a test and the application would refuse half of the bad input itself and
cost most of the time. Here the application is called as a server calls it, with the bytes of
a request as they stand in an `Attempt`; `faults_in` holds the rules that every reply keeps.
"""

import asyncio
import gzip
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import brotli

from app.web.protection import HEADERS

CLIENT = ("127.0.0.1", 40_000)
WIDTH = 16
"""So many requests are under way at once."""
PATIENCE = 30.0
MOST_FAULTS = 20
FORM_AGAIN = {200, 422}
"""A page that shows people what they wrote, escaped, so that they can go on."""
PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request as its bytes came; `mark` is a word in it that may not come back."""

    kind: str
    method: str = "GET"
    path: bytes = b"/"
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    chunks: tuple[bytes, ...] = (b"",)
    ends: bool = True
    """False: the sender goes away before the body is complete."""
    mark: str = ""


@dataclass(slots=True)
class Reply:
    """What came back, decompressed; `escaped` names an exception that was let out."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    is_complete: bool = False
    escaped: str = ""

    def values(self, name: bytes) -> list[bytes]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]


@dataclass(slots=True)
class Score:
    """How a run went: replies by status, and each fault in a sentence."""

    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def attempts(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()


@asynccontextmanager
async def running(application: Any) -> AsyncIterator[None]:
    """Start the application as a server does, and shut it down."""
    inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    life = asyncio.create_task(application(scope, inbox.get, outbox.put))
    for step in ("startup", "shutdown"):
        await inbox.put({"type": f"lifespan.{step}"})
        message = await asyncio.wait_for(outbox.get(), PATIENCE)
        assert message["type"] == f"lifespan.{step}.complete", message
        if step == "startup":
            yield
    await life


async def send(application: Any, attempt: Attempt) -> Reply:
    """The reply to one attempt; what a server would see as an exception is in `escaped`."""
    reply = Reply()
    messages = _messages(attempt)
    parts: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def take(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            reply.headers = [(name.lower(), value) for name, value in message["headers"]]
        else:
            parts.append(message.get("body", b""))
            reply.is_complete = not message.get("more_body", False)

    try:
        await asyncio.wait_for(application(_scope(attempt), receive, take), PATIENCE)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
        reply.escaped = f"{type(error).__name__}: {error}"[:200]
    reply.body = _plain(b"".join(parts), reply.values(b"content-encoding"))
    return reply


async def drive(application: Any, attempts: Iterable[Attempt]) -> Score:
    """Send every attempt, a few at once, and judge every reply."""
    score, left = Score(), iter(attempts)

    async def work() -> None:
        for attempt in left:
            reply = await send(application, attempt)
            score.statuses[reply.status] += 1
            score.kinds[attempt.kind] += 1
            if len(score.faults) < MOST_FAULTS:
                score.faults += [
                    _sentence(attempt, fault) for fault in faults_in(attempt, reply)
                ]

    await asyncio.gather(*(work() for _ in range(WIDTH)))
    return score


def faults_in(attempt: Attempt, reply: Reply) -> Iterator[str]:
    """Every rule that a reply breaks."""
    if reply.escaped:
        yield f"let an exception out: {reply.escaped}"
    if not 200 <= reply.status < 500:
        yield f"answered {reply.status}"
    if not reply.is_complete:
        yield "was not answered to the end"
    for name in HEADERS:
        if len(reply.values(name.lower().encode())) != 1:
            yield f"does not carry {name} once"
    if reply.body and len(reply.values(b"content-type")) != 1:
        yield "does not say what its body is"
    yield from _echoes(attempt, reply)


def resident_bytes() -> int:
    """The memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE_BYTES


def _echoes(attempt: Attempt, reply: Reply) -> Iterator[str]:
    mark = attempt.mark.encode()
    if not mark:
        return
    if any(mark in name or mark in value for name, value in reply.headers):
        yield "repeats what was sent in a header"
    is_page = any(value.startswith(b"text/html") for value in reply.values(b"content-type"))
    # The console tells a signed-in operator, escaped, which round there is not.
    if is_page and (reply.status in FORM_AGAIN or attempt.path.startswith(b"/console")):
        if b"<b id=" + mark in reply.body:
            yield "repeats markup that was sent"
    elif mark in reply.body:
        yield "repeats what was sent on an error page"


def _messages(attempt: Attempt) -> Iterator[dict[str, Any]]:
    last = len(attempt.chunks) - 1
    for position, chunk in enumerate(attempt.chunks):
        is_last = position == last and attempt.ends
        yield {"type": "http.request", "body": chunk, "more_body": not is_last}
    while True:
        yield {"type": "http.disconnect"}


def _scope(attempt: Attempt) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": attempt.method,
        "scheme": "http",
        "path": unquote(attempt.path.decode("ascii")),
        "raw_path": attempt.path,
        "root_path": "",
        "query_string": attempt.query,
        "headers": list(attempt.headers),
        "client": CLIENT,
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


def _plain(body: bytes, encodings: Sequence[bytes]) -> bytes:
    if not body or not encodings:
        return body
    match encodings[0]:
        case b"gzip":
            return gzip.decompress(body)
        case b"br":
            return brotli.decompress(body)
        case b"deflate":
            return zlib.decompress(body)
    return body


def _sentence(attempt: Attempt, fault: str) -> str:
    shown = f"{attempt.path[:80]!r}?{attempt.query[:80]!r} {attempt.headers!r:.200}"
    body = b"".join(attempt.chunks)[:200]
    return f"{attempt.kind}: {attempt.method[:20]} {shown} {body!r} {fault}"
