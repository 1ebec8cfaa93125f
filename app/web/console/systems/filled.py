"""A form of a system's part as it was typed: its numbers read, its mistakes at their fields."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import InputRefused, Problem
from app.scoring.editing.complaints import said
from app.web.console.questionnaires.opened import one, words
from app.web.console.systems.opened import is_translation
from app.web.dependencies import Form
from app.workflow.definitions.system_soundness import system_mistakes

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
LONGEST_NUMBER = 20
BETWEEN = re.compile(r"[\s,，、;；]+")

Number = int | float


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the fields; what cannot be read gathers in `problems`."""

    form: Form
    problems: list[Problem] = field(default_factory=list)

    @property
    def typed(self) -> dict[str, str]:
        """Every field as it was typed, to be shown again."""
        return {name: one(self.form, name) for name in self.form}

    def text(self, name: str) -> str:
        """A field of words."""
        return one(self.form, name)

    def words(self, name: str) -> dict[str, str]:
        """A text in both languages."""
        return words(self.form, name)

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(one(self.form, name))

    def number(self, name: str) -> Number | None:
        """A number; None where the field is empty or holds none, which is a problem then."""
        text = self.text(name)
        number = read_number(text) if text else None
        if text and number is None:
            self.problems.append(_no_number(name, text))
        return number

    def numbers(self, name: str) -> list[Number]:
        """Several numbers in one field, between blanks or commas."""
        parts = [part for part in BETWEEN.split(self.text(name)) if part]
        found = [read_number(part) for part in parts]
        if None in found:
            self.problems.append(_no_number(name, parts[found.index(None)]))
        return [number for number in found if number is not None]

    def require_readable(self) -> None:
        """InputRefused with everything that could not be read."""
        if self.problems:
            raise InputRefused(self.problems)


def read_number(text: str) -> Number | None:
    """A number as people type it, full-width digits and a percent sign too."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip()
    plain = plain.replace("\N{MINUS SIGN}", "-")
    if len(plain) > LONGEST_NUMBER or not NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    return int(value) if value.is_integer() and "." not in plain else value


def shown_number(value: object) -> str:
    """A number as it goes into a field; empty for None."""
    return "" if value is None else str(value)


def require_sound(
    body: Mapping[str, Any],
    within: Callable[[str], bool],
    field_of: Callable[[str], str],
) -> None:
    """InputRefused with what is wrong `within` the part that a form changed, at its fields.

    Missing English may wait for the release; so may what is wrong elsewhere.
    """
    found = [
        Problem(
            field_of(problem.place),
            problem.message,
            problem.cure,
            problem.value,
            chinese=said(body, problem, "zh-Hans"),
        )
        for problem in system_mistakes(body)
        if within(problem.place) and not is_translation(problem)
    ]
    if found:
        raise InputRefused(found)


def _no_number(name: str, text: str) -> Problem:
    chinese = f"“{text}”不是数字。"
    return Problem(name, "is not a number", "Write digits.", text, chinese=chinese)
