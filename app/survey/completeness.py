"""Item non-response: of those who were asked an item, how many left it out. Pure.

A person is asked an item if its routing says so. Somebody who said "don't know" or "not
applicable" did answer.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.survey.definition import Item, Survey
from app.survey.routing import asked_items


@dataclass(frozen=True, slots=True)
class Completeness:
    """One item: how many were asked it, and how many of these gave no answer."""

    item: Item
    asked: int
    unanswered: int

    @property
    def share(self) -> float | None:
        """Part of 1 that gave no answer; None where nobody was asked."""
        return self.unanswered / self.asked if self.asked else None


def completeness(
    survey: Survey, responses: Sequence[Mapping[str, Any]]
) -> tuple[Completeness, ...]:
    """Every item of a survey, in the order asked."""
    asked: Counter[str] = Counter()
    unanswered: Counter[str] = Counter()
    for answers in responses:
        for item in asked_items(survey, answers):
            asked[item.code] += 1
            unanswered[item.code] += answers.get(item.code) in (None, "", [], ())
    return tuple(
        Completeness(item, asked[code], unanswered[code]) for code, item in survey.items.items()
    )
