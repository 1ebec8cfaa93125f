"""The dot-and-interval chart: many units, one number each, and how sure it is.

One specification, drawn twice by hand as SVG: `wide` for a desk, `narrow` for a phone, the
style sheet shows one of them. Shape and colour both tell above, below and no difference,
so a grey print still reads. A sensitivity band of opt-in answers is dashed and bracketed,
is compared with nothing and says what it is: it must never pass for an error margin.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.documents.wording import percent, points

RowKind = Literal["interval", "band", "withheld"]
Unit = Literal["points", "percent"]
Standing = Literal["judged", "unsure", "whole"]
Mark = Literal["above", "below", "same", "unsure", "plain", "point", "band", "withheld"]


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One unit: value with ends of its interval or band, or the reason in `note` for none."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str = ""
    kind: RowKind = "interval"
    standing: Standing = "judged"
    """``unsure`` rests on too few answers to be compared; ``whole`` is everybody, which the
    others are compared with."""
    ranks: tuple[int, int] | None = None
    """The best and the worst rank that the error leaves open; None where no rank is given."""

    def __post_init__(self) -> None:
        numbers = [x for x in (self.value, self.low, self.high) if x is not None]
        if self.kind == "withheld" and numbers:
            raise ValueError(f"{self.label}: a withheld row carries no number")
        if self.kind != "withheld" and self.value is None:
            raise ValueError(f"{self.label}: a row that is not withheld needs a value")
        if (self.low is None) != (self.high is None):
            raise ValueError(f"{self.label}: an interval has two ends")
        if not all(map(math.isfinite, numbers)):
            raise ValueError(f"{self.label}: every number must be finite")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.label}: the interval ends before it begins")
        if self.ranks and not 1 <= self.ranks[0] <= self.ranks[1]:
            raise ValueError(f"{self.label}: ranks run from the best to the worst")


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """What is drawn: `rows` from top to bottom, `sentence` the finding in one sentence.

    `reference` is a line all rows are compared with, such as the county's mean. `unit` says
    whether numbers are points or shares of 1; `confidence` is the level of the intervals.
    """

    rows: tuple[ChartRow, ...]
    sentence: str
    axis_title: str
    reference: float | None = None
    reference_label: str = ""
    unit: Unit = "points"
    decimals: int = 1
    confidence: float = 0.95
    covers: tuple[float, float] | None = None
    """What the axis covers at least: the pieces of one chart share it."""

    def written(self, value: float | None) -> str:
        """Write a number of this chart as people read it."""
        if self.unit == "percent":
            return percent(value, decimals=self.decimals)
        return points(value, decimals=self.decimals)

    def mark(self, row: ChartRow) -> Mark:
        """Say which sign a row gets; a band is never judged against the reference."""
        if row.kind != "interval":
            return row.kind
        if row.low is None or row.high is None:
            return "point"
        if self.reference is None or row.standing == "whole":
            return "plain"
        if row.standing == "unsure":
            return "unsure"
        if row.low > self.reference:
            return "above"
        return "below" if row.high < self.reference else "same"

    def extent(self) -> tuple[float, float]:
        """The smallest and largest number drawn; 0 and 1 when every row is withheld."""
        numbers = [
            number
            for row in self.rows
            for number in (row.value, row.low, row.high)
            if number is not None
        ]
        if self.reference is not None:
            numbers.append(self.reference)
        numbers += self.covers or ()
        return (min(numbers), max(numbers)) if numbers else (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis from `left` to `right` (pixels) whose first and last tick are its ends."""

    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    left: float
    right: float

    def x(self, value: float) -> float:
        """Where `value` stands, in pixels."""
        first, last = self.ticks[0], self.ticks[-1]
        return self.left + (value - first) / (last - first) * (self.right - self.left)


def nice_ticks(low: float, high: float, *, at_most: int) -> tuple[Decimal, ...]:
    """Round numbers 1, 2 or 5 times a power of ten apart, from at or below `low` to `high`.

    At least two, at most `at_most` (no fewer than 3) where the steps allow it.
    """
    if not low < high:
        reach = max(abs(low), 1.0) * 0.05
        low, high = low - reach, high + reach
    exponent = math.floor(math.log10((high - low) / at_most)) - 1
    while True:
        for leading in (1, 2, 5):
            step = Decimal(leading).scaleb(exponent)
            first = math.floor(Decimal(repr(low)) / step)
            last = math.ceil(Decimal(repr(high)) / step)
            if last - first + 1 <= max(at_most, 3):
                return tuple(step * number for number in range(first, last + 1))
        exponent += 1
