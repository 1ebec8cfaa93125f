"""The head of a plan without reading the whole of it: for lists of many rounds.

Only the few lines of the keys asked for are read. Plans of rounds were checked when they were
drafted, so nothing is judged here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from app.survey.text import Text

_KEYS = ("title", "window", "survey", "repeats")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list of rounds says of one; `closes` is a wall-clock time, ISO."""

    title: Text
    survey: str
    closes: str
    repeats: str


@lru_cache(maxsize=1024)
def heading_of(plan: str) -> Heading:
    """The heading of a plan's text."""
    return _heading(read_keys(plan, _KEYS))


def read_keys(text: str, keys: Iterable[str]) -> dict[str, Any]:
    """The values of a few keys at the top of a definition, as text."""
    found: dict[str, Any] = {}
    for key in keys:
        part = re.search(rf"^{key}:.*(?:\n[ \t#].*|\n(?=\n))*", text, re.MULTILINE)
        if part:
            found |= yaml.load(part[0], Loader=yaml.BaseLoader)  # noqa: S506 - text values only
    return found


def _heading(found: Mapping[str, Any]) -> Heading:
    title = found["title"]
    return Heading(
        title=Text(zh=title["zh-Hans"], en=title["en"]),
        survey=found["survey"],
        closes=found["window"]["closes"],
        repeats=found.get("repeats", ""),
    )
