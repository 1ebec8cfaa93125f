"""The head of a plan without reading the whole of it: for lists of many rounds.

Only the few lines of the keys asked for are read. Plans of rounds were checked when they were
drafted, so nothing is judged here.
"""

import re
from collections.abc import Mapping
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
    found: dict[str, Any] = {}
    for key in _KEYS:
        part = re.search(rf"^{key}:.*(?:\n[ \t#].*|\n(?=\n))*", plan, re.MULTILINE)
        if part:
            found |= yaml.load(part[0], Loader=yaml.BaseLoader)  # noqa: S506 - text values only
    return _heading(found)


def _heading(found: Mapping[str, Any]) -> Heading:
    title = found["title"]
    return Heading(
        title=Text(zh=title["zh-Hans"], en=title["en"]),
        survey=found["survey"],
        closes=found["window"]["closes"],
        repeats=found.get("repeats", ""),
    )
