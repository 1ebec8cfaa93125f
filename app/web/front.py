"""The way most requests go: a small router in front of everything else.

A questionnaire that is asked for and a form that is plain and complete are answered here,
from what was compiled before, without framework, template or compression; the answer goes to
the group-committing writer. Whatever is out of the ordinary is passed on, as it came, to the
application behind, which has a page for it. What is answered here is not logged, refusals
are: the numbers of the day say how many came, and no line says when.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database.engine import NO_ANSWER
from app.errors import MinxinError, NotFound, Overloaded
from app.survey.codes import read_code, read_receipt
from app.survey.text import Language
from app.web.errors import refusal
from app.web.protection import HEADERS, MOST_BODY_BYTES, Protection
from app.web.resident.answering import KEY_TO_COME, blank_text, receipt_address
from app.web.resident.door import Door, Sender
from app.web.resident.lookup import Lookup
from app.web.resident.once import is_genuine, new_once
from app.web.resident.pages import FORM_CACHE, Look, policy, working_address
from app.web.resident.quick_form import QuickForm, QuickReading, quick_form, read_quickly
from app.web.resident.receipts import receipt_text
from app.web.resident.sheet import GapSheet, Sheet, chosen_coding
from app.web.resident.visit import known_mode
from app.web.resident.work import challenge_for
from app.workflow.collecting import RETRY_SECONDS
from app.workflow.places import Place, require_open

PREFIX = "/s/"
RECEIPTS = "/r/"
GAPS = ("#1#1", "#2#2", "#3#")
"""Stand in a receipt's page where the three groups of its number will be."""
STARTED = "/started"
END_OF_PAGE = '">'
"""What follows the visitor's key in a compiled page: it stands in the last field."""
FORM_TYPE = b"application/x-www-form-urlencoded"
MOST_SHEET_BYTES = 32 * 1024 * 1024
"""So much memory the compiled pages of one process take."""

SheetKey = tuple[str, Language, str, Look]
Headers = list[tuple[bytes, bytes]]


class Front:
    """Answers the requests of residents' pages; passes everything else on."""

    def __init__(
        self,
        application: ASGIApp,
        lookup: Lookup,
        door: Door,
        *,
        clock: Callable[[], datetime],
        hops: int,
    ) -> None:
        self.application = application
        self.lookup, self.door, self.clock, self.hops = lookup, door, clock, hops
        self.sheets: OrderedDict[SheetKey, Sheet] = OrderedDict()
        self.sheet_bytes = 0
        self.forms: dict[str, QuickForm] = {}
        self.receipts: dict[tuple[str, Language, Look], GapSheet] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith((PREFIX, RECEIPTS)):
            await self.application(scope, receive, send)
            return
        try:
            if scope["path"].startswith(RECEIPTS):
                await self._show_receipt(scope, receive, send)
            else:
                await self._answer(scope, receive, send)
        except MinxinError as error:
            await Protection(refusal(scope, error))(scope, receive, send)
        except NO_ANSWER:
            again = Overloaded(RETRY_SECONDS)
            await Protection(refusal(scope, again))(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, name = scope["method"], scope["path"][len(PREFIX) :]
        if method == "POST" and name.endswith(STARTED):
            await self._count_start(name.removesuffix(STARTED), scope, receive, send)
        elif "/" in name or method not in {"GET", "HEAD", "POST"}:
            await self.application(scope, receive, send)
        elif method == "POST":
            await self._take(name, scope, receive, send)
        else:
            await self._show(name, scope, receive, send)

    async def _show(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        place = await self._find(name)
        if place is None:
            await self.application(scope, receive, send)
            return
        now = self.clock()
        require_open(place, now)
        if scope["method"] == "GET":
            self.door.collector.count(place, "served")
        coding = chosen_coding(_header(scope, b"accept-encoding"))
        body = self._sheet(place, scope["query_string"]).with_end(self._end(place, now), coding)
        headers = [*page_headers(), (b"content-length", str(len(body)).encode())]
        if coding != "identity":
            headers.append((b"content-encoding", coding.encode()))
        await _reply(send, 200, headers, b"" if scope["method"] == "HEAD" else body)

    async def _take(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        messages, body = await _read(receive) if _is_form(scope) else ([], None)
        again = _replay(messages, receive)
        place = await self._find(name) if body is not None else None
        reading = self._read(place, body) if place is not None and body is not None else None
        if place is None or reading is None:
            await self.application(scope, again, send)
            return
        sender, now = Sender.of(scope, self.hops), self.clock()
        verdict = await self.door.hand_in(place, reading, sender, now)
        look = Look(reading.is_big, reading.is_dark)
        address = receipt_address(
            place, verdict.receipt, look, reading.language, mode=reading.mode
        )
        headers = [
            *plain_headers(),
            (b"location", address.encode()),
            (b"content-length", b"0"),
            (b"cache-control", b"no-store"),
        ]
        await _reply(send, 303, headers, b"")

    def _read(self, place: Place, body: bytes) -> QuickReading | None:
        """The form, if it is plain, complete, and under a key that we made for this place."""
        form = self.forms.get(place.survey_digest)
        if form is None:
            form = self.forms.setdefault(place.survey_digest, quick_form(place.survey))
        reading = read_quickly(form, body)
        if reading is None or not is_genuine(reading.once, place.key, place.code):
            return None
        return reading

    async def _show_receipt(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The receipt of an answer that waits to be counted, as most are looked at."""
        number = read_receipt(scope["path"][len(RECEIPTS) :])
        is_plain = scope["method"] == "GET" and b"kiosk" not in scope["query_string"]
        state = await self.lookup.receipt(number) if number and is_plain else None
        if number is None or state is None:
            await self.application(scope, receive, send)
            return
        language, _, look = _asked_for(scope["query_string"])
        key = state.round_code, language, look
        sheet = self.receipts.get(key)
        if sheet is None:
            blank = replace(state, number="-".join(GAPS))
            sheet = self.receipts[key] = GapSheet.of(receipt_text(blank, language, look), GAPS)
        accepted = _header(scope, b"accept-encoding").replace(b"br", b"")
        is_gzip = chosen_coding(accepted) == "gzip"
        words = dict(zip(GAPS, number.encode().split(b"-"), strict=True))
        body = sheet.with_words(words, is_gzip=is_gzip)
        headers = [*receipt_headers(), (b"content-length", str(len(body)).encode())]
        if is_gzip:
            headers.append((b"content-encoding", b"gzip"))
        await _reply(send, 200, headers, body)

    async def _count_start(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Somebody has begun to answer; the script says so, without any content."""
        place = await self._find(name)
        if place is None:
            await self.application(scope, receive, send)
            return
        require_open(place, self.clock())
        self.door.collector.count(place, "started")
        await _reply(send, 204, [*plain_headers(), (b"cache-control", b"no-store")], b"")

    async def _find(self, name: str) -> Place | None:
        """The place of a code; None where it is no code or leads nowhere."""
        code = name if self.lookup.has(name) else read_code(name)
        if code is None:
            return None
        try:
            return await self.lookup.find(code)
        except NotFound:
            return None

    def _sheet(self, place: Place, query: bytes) -> Sheet:
        """The compiled page of a place, in the language, mode and look asked for."""
        key = place.code, *_asked_for(query)
        sheet = self.sheets.get(key)
        if sheet is not None:
            self.sheets.move_to_end(key)
            return sheet
        text, _, end = blank_text(place, *key[1:]).partition(KEY_TO_COME)
        if end != END_OF_PAGE:
            raise ValueError("the key has to be the last thing in a questionnaire")
        sheet = self.sheets[key] = Sheet.of(text)
        self.sheet_bytes += sheet.size
        while self.sheet_bytes > MOST_SHEET_BYTES:
            _, oldest = self.sheets.popitem(last=False)
            self.sheet_bytes -= oldest.size
        return sheet

    def _end(self, place: Place, now: datetime) -> bytes:
        """The visitor's own key, and work to do where the place is pressed."""
        once = new_once(place.key, place.code, now)
        if not self.door.pressure.is_pressed(place.code, time.monotonic()):
            return f"{once}{END_OF_PAGE}".encode()
        challenge = challenge_for(place.key, once, now=now)
        work = f'<input type="hidden" name="work" form="f" data-challenge="{challenge}">'
        script = f'<script src="{working_address()}" defer></script>'
        return f"{once}{END_OF_PAGE}{work}{script}".encode()


@cache
def plain_headers() -> Headers:
    """What every reply carries."""
    return [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


def page_headers() -> Headers:
    """What a questionnaire carries."""
    return _headers(FORM_CACHE)


def receipt_headers() -> Headers:
    """What a receipt carries: nobody keeps a copy of it."""
    return _headers("no-store")


@cache
def _headers(cache_control: str) -> Headers:
    own = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy(),
        "cache-control": cache_control,
        "vary": "Accept-Encoding",
    }
    kept = [(name, value) for name, value in plain_headers() if name.decode() not in own]
    return [*kept, *((name.encode(), value.encode()) for name, value in own.items())]


@lru_cache(maxsize=256)
def _asked_for(query: bytes) -> tuple[Language, str, Look]:
    """Language, mode and look, read from an address as everywhere else."""
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    language: Language = "en" if given.get("l", [""])[-1] == "en" else "zh-Hans"
    return language, known_mode(given.get("mode", [""])[-1]), Look.of(given)


def _is_form(scope: Scope) -> bool:
    sent_as = _header(scope, b"content-type")
    return sent_as == FORM_TYPE or sent_as.startswith((FORM_TYPE + b";", FORM_TYPE + b" "))


def _header(scope: Scope, wanted: bytes) -> bytes:
    return next((value for name, value in scope["headers"] if name == wanted), b"")


async def _read(receive: Receive) -> tuple[list[Message], bytes | None]:
    """The messages of a body, and the body; None where it is too long or broke off."""
    messages, parts, length = list[Message](), list[bytes](), 0
    while True:
        message = await receive()
        messages.append(message)
        part = message.get("body", b"")
        parts.append(part)
        length += len(part)
        if message["type"] != "http.request" or length > MOST_BODY_BYTES:
            return messages, None
        if not message.get("more_body"):
            return messages, b"".join(parts)


def _replay(messages: list[Message], receive: Receive) -> Receive:
    """A receiver that begins with messages that were read already."""
    waiting = iter(messages)

    async def receive_again() -> Message:
        return next(waiting, None) or await receive()

    return receive_again


async def _reply(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
