"""A walk through the console along its own links: a few addresses of each kind of page.

Pages are of one kind where one route makes them. What no link leads to is told by
`never_reached`.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

LINK = re.compile(r'<(?:a|iframe|img|embed)\b[^>]*?\s(?:href|src)="([^"]+)"')
HOME = "/console"
MOST_PAGES = 150
IS_NO_PAGE = {"/console/sign-in", "/console/sign-in/second"}


@dataclass(frozen=True, slots=True)
class Visited:
    """A page that was asked for."""

    kind: str
    """The path of its route."""
    address: str
    status: int
    is_page: bool
    text: str
    came_from: str


@dataclass(slots=True)
class Walk:
    """How far a walk has come."""

    kinds: Sequence[tuple[re.Pattern[str], str]]
    most: int
    """So many of a kind are visited."""
    seen: dict[str, list[str]] = field(default_factory=dict)

    def kind_of(self, path: str) -> str | None:
        """The route that makes a page; None outside the console."""
        return next((kind for pattern, kind in self.kinds if pattern.fullmatch(path)), None)

    def takes(self, address: str) -> bool:
        """Whether the page is worth a visit; if so it counts as visited."""
        path = urlsplit(address).path
        kind = self.kind_of(path)
        if kind is None or kind in IS_NO_PAGE:
            return False
        known = self.seen.setdefault(kind, [])
        if path in known or len(known) >= self.most:
            return False
        known.append(path)
        return True


def console_kinds(application: Any) -> list[tuple[re.Pattern[str], str]]:
    """The routes of the console that a link can lead to, fixed ones before those with parts."""
    routes = inner(application).routes
    found = {
        (route.path_regex.pattern, route.path)
        for route in flattened(routes)
        if route.path.startswith(HOME) and "GET" in (route.methods or ())
    }
    fixed_first = sorted(found, key=lambda pair: (pair[1].count("{"), pair[1]))
    return [(re.compile(pattern), path) for pattern, path in fixed_first]


def flattened(routes: Iterable[Any]) -> Iterator[Any]:
    """Routes with a path of their own, those of included routers too."""
    for route in routes:
        within = getattr(route, "original_router", route)
        if hasattr(within, "routes"):
            yield from flattened(within.routes)
        elif hasattr(route, "path_regex"):
            yield route


def inner(application: Any) -> Any:
    """The application behind what protects it."""
    while not hasattr(application, "routes"):
        application = application.application
    return application


def walk(
    get: Callable[[str], Any],
    application: Any,
    *,
    language: str = "",
    preferred: Sequence[str] = (),
    most: int = 2,
) -> Iterator[Visited]:
    """Visit pages breadth-first from the first one, at most so many of each kind.

    Addresses with one of the `preferred` words in them come before others.
    """
    so_far = Walk(console_kinds(application), most)
    start = f"{HOME}?l={language}" if language else HOME
    queue, n = deque([(start, "")]), 0
    so_far.takes(start)
    while queue and n < MOST_PAGES:
        address, came_from = queue.popleft()
        reply, n = get(address), n + 1
        is_page = reply.headers.get("content-type", "").startswith("text/html")
        text = reply.text if is_page else ""
        kind = so_far.kind_of(urlsplit(address).path) or ""
        yield Visited(kind, address, reply.status_code, is_page, text, came_from)
        links = sorted(links_in(text, address), key=lambda link: rank(link, preferred))
        queue.extend((link, address) for link in links if so_far.takes(link))


def links_in(text: str, address: str) -> list[str]:
    """Addresses of the console that a page links to, without places in pages."""
    found = {}
    for link in LINK.findall(text):
        parts = urlsplit(urljoin(address, unescape(link)))
        if not parts.netloc and parts.path.startswith(HOME):
            found[parts.path + (f"?{parts.query}" if parts.query else "")] = None
    return list(found)


def rank(link: str, preferred: Sequence[str]) -> int:
    """Where a link stands among others: preferred ones first, else as on the page."""
    return 0 if any(word in link for word in preferred) else 1


def never_reached(application: Any, visited: Iterable[Visited]) -> set[str]:
    """Kinds of pages that no link led to."""
    reached = {one.kind for one in visited}
    return {kind for _, kind in console_kinds(application)} - reached - IS_NO_PAGE
