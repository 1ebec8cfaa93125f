"""A browser without scripts: it reads the form of a page, fills it in, presses the button.

Only for test ratings, which have to come the way people's do. It follows no redirect, keeps
no cookie and sends what a telephone's browser sends.
"""

import http.client
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.errors import MinxinError

PATIENCE = 30.0
LONGEST_PAGE = 4 * 1024 * 1024
AGENTS = (
    "Mozilla/5.0 (Linux; Android 14; V2307A) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/114.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said."""

    status: int
    location: str
    body: str


@dataclass(slots=True)
class PageForm:
    """The form of a page: where it goes, and what it sends before anybody touched it."""

    action: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)
    button: tuple[str, str] = ("", "")

    def filled(self, given: Mapping[str, Sequence[str]]) -> str:
        """The body that is sent once these fields were filled in and the button pressed."""
        sent = {**self.fields, **{name: list(values) for name, values in given.items()}}
        pairs = [(name, value) for name, values in sent.items() for value in values]
        return urlencode([*pairs, self.button])


class Visitor:
    """Somebody with a telephone, at one address."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise MinxinError(f"{address!r} is no address: write it as https://example.gov.cn")
        self._is_secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._folder = parts.path.rstrip("/")
        self._headers = {
            "User-Agent": secrets.choice(AGENTS),
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9",
        }

    def open_form(self, path: str) -> PageForm:
        """The form of a page; MinxinError where there is none."""
        reply = self._ask("GET", path)
        if reply.status != http.client.OK:
            raise MinxinError(f"The page answered {reply.status}.")
        reader = _FormReader()
        reader.feed(reply.body)
        if not reader.form.action:
            raise MinxinError("The page has no form.")
        return reader.form

    def send_form(self, form: PageForm, given: Mapping[str, Sequence[str]]) -> Reply:
        """Fill the form in and press its button."""
        kind = "application/x-www-form-urlencoded"
        return self._ask("POST", form.action, form.filled(given), kind)

    def send_document(self, path: str, document: Mapping[str, Any]) -> Reply:
        """Hand in a JSON document, as a program does."""
        return self._ask("POST", path, json.dumps(document), "application/json")

    def look(self, path: str) -> Reply:
        """Open a page."""
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, body: str = "", kind: str = "") -> Reply:
        headers = self._headers | ({"Content-Type": kind} if kind else {})
        connect = http.client.HTTPSConnection if self._is_secure else http.client.HTTPConnection
        connection = connect(self._host, self._port, timeout=PATIENCE)
        try:
            connection.request(method, self._folder + path, body.encode() or None, headers)
            reply = connection.getresponse()
            said = reply.read(LONGEST_PAGE).decode("utf-8", "replace")
            return Reply(reply.status, reply.headers.get("Location", ""), said)
        except (OSError, http.client.HTTPException) as error:
            raise MinxinError(f"{self._host} did not answer: {type(error).__name__}.") from None
        finally:
            connection.close()


class _FormReader(HTMLParser):
    """Reads the one form of a questionnaire; what is out of it belongs to it by `form`."""

    def __init__(self) -> None:
        super().__init__()
        self.form, self._is_inside = PageForm(), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside, self.form.action = True, given.get("action", "")
        name = given.get("name", "")
        if not name or not (self._is_inside or "form" in given):
            return
        if tag == "textarea":
            self.form.fields.setdefault(name, []).append("")
        elif tag == "button" and name == "send":
            self.form.button = (name, given.get("value", ""))
        elif tag == "input" and self._is_sent(given):
            self.form.fields.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag != "form"

    @staticmethod
    def _is_sent(given: Mapping[str, str]) -> bool:
        return given.get("type") not in {"radio", "checkbox"} or "checked" in given
