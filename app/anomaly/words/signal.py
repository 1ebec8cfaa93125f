"""One signal of the examination as people read it, and how its figures are written.

A version rises whenever the rule or the words change: both were part of a published number.
"""

import math
from dataclasses import dataclass
from typing import Literal

from app.survey.text import Text

Measure = Literal["answers", "interviews", "comments", "seconds", "points"]
UNITS: dict[Measure, tuple[str, str, str]] = {
    "answers": ("份", "answer", "answers"),
    "interviews": ("份", "interview", "interviews"),
    "comments": ("条", "comment", "comments"),
    "seconds": ("秒", "second", "seconds"),
    "points": ("分", "point", "points"),
}


@dataclass(frozen=True, slots=True)
class GroupSignal:
    """What is said of one kind of evidence, in both languages.

    Nothing in it says that somebody did wrong. The innocent explanation is as long as the
    suspicion, because most of what is rare was done by honest people too.
    """

    code: str
    measure: Measure
    """What `observed` and `expected` of a reason count."""
    name: Text
    seen: Text
    """A sentence with a place for ``{observed}``, with its unit, and for ``{expected}``."""
    null: Text
    """What would be usual, and how that is reckoned."""
    innocent: Text
    """How honest people come to look like this."""
    confirming: Text
    """What a person could find out that would confirm it, and what would clear it."""
    silent: Text
    """About whom it can say nothing, and why."""
    version: int = 1
    is_rule: bool = False
    """A published cap: it binds everybody, so how rare it is says nothing."""

    def sentence(self, observed: float, expected: float) -> Text:
        """What was seen, with the figures in it."""
        unit_zh, one, many = UNITS[self.measure]
        # Likeness has degrees, but nobody sees nine answers and a third.
        counted = math.isfinite(observed) and self.measure not in {"seconds", "points"}
        seen, usual = figure(round(observed) if counted else observed), figure(expected)
        unit = one if seen.en == "1" else many if math.isfinite(observed) else f"of {many}"
        count = "no" if seen.en == "none" else seen.en
        english = self.seen.en.format(observed=f"{count} {unit}", expected=usual.en)
        return Text(
            zh=self.seen.zh.format(observed=f"{seen.zh} {unit_zh}", expected=usual.zh),
            en=english[0].upper() + english[1:],
        )


def figure(value: float) -> Text:
    """A count as it is read: whole from ten on, one place below, words where there is none."""
    if not math.isfinite(value):
        return Text(zh="若干", en="an unknown number")
    if value == 0:
        return Text(zh="0", en="none")
    if 0 < value < 0.05:
        return Text(zh="不到 0.1", en="less than 0.1")
    digits = f"{value:,.0f}" if abs(value) >= 9.95 else f"{round(value, 1):g}"
    return Text(zh=digits, en=digits)
