"""The product, broken on purpose: each way of losing answers that a harness must notice.

And one way, `blind_to_room`, to bring a fault as far as the database, where nothing may be
lost either.
"""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database import engine
from app.web.application import from_environment
from app.workflow import collecting

DAWDLE = 0.05
KEPT = "synchronous=FULL"


def answers_early() -> ASGIApp:
    """Acknowledges an answer when it has arrived, and keeps it a little later."""
    product = from_environment()
    late = set[asyncio.Task[None]]()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await product(scope, receive, send)
            return
        body = await _whole_body(receive)
        task = asyncio.create_task(_keep_later(product, scope, body))
        late.add(task)
        task.add_done_callback(late.discard)
        headers = [(b"location", b"/r/EARLY"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return application


def synchronous_off() -> ASGIApp:
    """Leaves it to the operating system when answers reach the disk."""
    return _with_pragma("synchronous=OFF")


def synchronous_normal() -> ASGIApp:
    """What is usually advised for SQLite: commits reach the disk with the next checkpoint."""
    return _with_pragma("synchronous=NORMAL")


def blind_to_room() -> ASGIApp:
    """Does not look whether the disk has room: it is told so by a write that fails."""
    if not hasattr(collecting, "has_room"):
        raise RuntimeError("the product does not look for room here any more")
    collecting.has_room = lambda _: True
    return from_environment()


def _with_pragma(wanted: str) -> ASGIApp:
    if KEPT not in engine.PRAGMAS:
        raise RuntimeError(f"the product does not set {KEPT} here any more")
    engine.PRAGMAS = tuple(wanted if one == KEPT else one for one in engine.PRAGMAS)
    return from_environment()


async def _whole_body(receive: Receive) -> bytes:
    body, is_more = b"", True
    while is_more:
        message = await receive()
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    return body


async def _keep_later(product: ASGIApp, scope: Scope, body: bytes) -> None:
    await asyncio.sleep(DAWDLE)
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def forget(_: Any) -> None:
        pass

    await product(scope, receive, forget)
