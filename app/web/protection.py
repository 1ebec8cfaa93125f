"""What every reply carries and every request must respect: headers, size, silence.

Plain ASGI around the application: strict Content-Security-Policy unless a page brings its
own, no referrer, no sniffing, no framing; bodies are bounded while they stream in; the
request log has a route, a status and a time, and no address, code or receipt.
"""

import logging
import time
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

MOST_BODY_BYTES = 64 * 1024
MOST_CONSOLE_BYTES = 12 * 1024 * 1024
"""A workbook of ten megabytes and the form around it; only the console takes files."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY.format(style="'self'"),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class BodyTooLarge(Exception):
    """A request body exceeds what any form here can need."""


class Protection:
    """Wraps the application."""

    def __init__(self, application: ASGIApp) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        started, status = time.perf_counter(), 500
        is_head = scope.get("method") == "HEAD"
        # Link checkers and chat programs ask for the head alone: a page without its body.
        scope = {**scope, "method": "GET"} if is_head else scope

        async def send_protected(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send({**message, "body": b""} if is_head and "body" in message else message)

        try:
            await self.application(scope, _bounded(receive, _most_bytes(scope)), send_protected)
        finally:
            log.info("request", extra=_logged(scope, status, time.perf_counter() - started))


def _most_bytes(scope: Scope) -> int:
    is_console = str(scope.get("path", "")).startswith("/console/")
    return MOST_CONSOLE_BYTES if is_console else MOST_BODY_BYTES


def _bounded(receive: Receive, most: int) -> Receive:
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise BodyTooLarge
        return message

    return receive_bounded


def _logged(scope: Scope, status: int, seconds: float) -> dict[str, Any]:
    # The route's pattern, never the path: a path holds codes and receipts.
    route = getattr(scope.get("route"), "path", "unknown")
    return {"route": route, "status": status, "milliseconds": round(seconds * 1000, 1)}
