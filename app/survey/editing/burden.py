"""How long a questionnaire takes: an estimate from its words, for who designs it.

Reading 4.5 characters of Chinese a second, and some seconds to judge and to tap. Measured
times of a round are better; before there are any, this keeps a promise of "2 minutes" honest.
"""

import math
from collections.abc import Mapping
from typing import Any

from app.survey.editing.outline import items_of

CHARACTERS_A_SECOND = 4.5
SECONDS: Mapping[str, float] = {"single": 5.0, "number": 7.0, "multiple": 8.0, "text": 20.0}
"""To judge and to answer one item, by its kind."""
OPTIONAL_SHARE = 0.4
"""How many of those asked take an optional item up."""
OPENING_SECONDS = 12.0


def estimated_seconds(body: Mapping[str, Any]) -> float:
    """Seconds from opening the page to sending it, for somebody who answers all."""
    return OPENING_SECONDS + sum(_item_seconds(body, item) for item in items_of(body))


def estimated_minutes(body: Mapping[str, Any]) -> int:
    """The same in whole minutes, at least one, rounded to the nearest."""
    return max(1, math.floor(estimated_seconds(body) / 60 + 0.5))


def _item_seconds(body: Mapping[str, Any], item: Mapping[str, Any]) -> float:
    kind = item.get("kind", "single")
    words = _length(item.get("text")) + _length(item.get("hint"))
    seconds = SECONDS.get(kind, 5.0) + words / CHARACTERS_A_SECOND
    if kind == "multiple":
        options = _scale(body, item).get("options") or []
        seconds += sum(_length(one.get("label")) for one in options) / CHARACTERS_A_SECOND / 2
    if item.get("optional"):
        seconds *= OPTIONAL_SHARE
    return seconds * _asked_share(body, item)


def _asked_share(body: Mapping[str, Any], item: Mapping[str, Any]) -> float:
    """The share of people who are asked, if all answers before were equally likely."""
    condition = item.get("ask_if")
    if not condition:
        return 1.0
    before = next((one for one in items_of(body) if one.get("code") == condition["item"]), {})
    scale = _scale(body, before)
    choices = (
        len(scale.get("options") or []) + ("dont_know" in scale) + ("not_applicable" in scale)
    )
    return min(1.0, len(condition["in"]) / choices) if choices else 1.0


def _scale(body: Mapping[str, Any], item: Mapping[str, Any]) -> Mapping[str, Any]:
    scales: Mapping[str, Mapping[str, Any]] = body.get("scales") or {}
    return scales.get(str(item.get("scale")), {})


def _length(text: Mapping[str, str] | None) -> int:
    return len((text or {}).get("zh-Hans", ""))
