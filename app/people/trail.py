"""The audit trail as a chain: each line's digest covers the line and the digest before it.

Whoever has written down the digest of a line can tell later whether that line, or any before
it, is another one today. That is all a chain proves: who can change the database can change
it from some line on and compute new digests, but cannot make an old one come true. Pure.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START = hashlib.sha256(b"minxin audit trail").hexdigest()
"""The digest before the first line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the trail: who did what to which object, when."""

    number: int
    at: datetime
    act: str
    object: str
    author: str
    office: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: the digest over every line up to this one."""

    number: int
    digest: str


FIRST = Link(0, START)


def canonical(line: Line) -> str:
    """The one way a line is written: a JSON list in ASCII, keys in order, no spaces."""
    moment = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [line.number, moment, line.act, line.object, line.author, line.office]
    return json.dumps([*parts, dict(line.detail)], sort_keys=True, separators=(",", ":"))


def linked(before: Link, line: Line) -> Link:
    """The next place in the chain: SHA-256 of the digest before, a line feed, the line."""
    text = f"{before.digest}\n{canonical(line)}"
    return Link(line.number, hashlib.sha256(text.encode()).hexdigest())
