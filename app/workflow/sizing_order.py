"""What an operator wants of a planned sample, and everything that cannot be wanted.

Limits are wide; what lies beyond them is a slip of the hand, and would leave the range in
which sizes are whole numbers of people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from app.errors import Problem
from app.stats.allocation import Rule
from app.survey.strata_file import LARGEST, MOST_PEOPLE, SMALLEST, StratumRow

RULES: tuple[str, ...] = get_args(Rule)
LIMITS: dict[str, tuple[float, float, str]] = {
    "margin": (SMALLEST, LARGEST, "Write a number above 0, such as 0.03 for 3 points in 100."),
    "margin_each": (SMALLEST, LARGEST, "Write a number above 0, such as 0.05."),
    "answers": (1, MOST_PEOPLE, f"Write 1 to {MOST_PEOPLE}."),
    "population": (1, MOST_PEOPLE, "Write 1 or more, or leave it out."),
    "share": (SMALLEST, 1 - SMALLEST, "Write a number above 0 and below 1, such as 0.5."),
    "spread": (SMALLEST, LARGEST, "Write a standard deviation above 0, such as 18.5."),
    "confidence": (0.5, 0.999999, "Write a number such as 0.95."),
    "design_effect": (0.01, 1000, "Write a number such as 1.5; 1 is a simple random sample."),
    "response_rate": (1e-6, 1, "Write a number above 0 and at most 1, such as 0.4."),
    "power": (0.5, 0.999999, "Write a number such as 0.8."),
    "least": (1, MOST_PEOPLE, "Write 1 or more: a stratum left out is not represented."),
    "exponent": (0, 1, "0 makes strata as precise as each other, 1 the whole precise."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeOrder:
    """Just one of `answers`, `margin` and `margin_each` is given; shares are parts of 1."""

    answers: int | None = None
    margin: float | None = None
    """± wanted of the estimate for everybody."""
    margin_each: float | None = None
    """± wanted in every stratum."""
    share: float | None = None
    spread: float | None = None
    """Standard deviation of the answers, for a mean; without it a share is planned."""
    population: int | None = None
    confidence: float = 0.95
    design_effect: float = 1.0
    response_rate: float = 1.0
    power: float = 0.8
    rule: str | None = None
    least: int = 2
    exponent: float = 0.5
    source: str = ""
    """The name of the file of strata; empty without one."""


def order_problems(order: SizeOrder) -> Iterator[Problem]:
    """Everything that is wrong with an order by itself, without its strata."""
    for name, (low, high, cure) in LIMITS.items():
        value = getattr(order, name)
        if value is not None and not low <= value <= high:
            yield Problem(_option(name), "is out of range", cure, value)
    wanted = [
        _option(name)
        for name in ("answers", "margin", "margin_each")
        if getattr(order, name) is not None
    ]
    if len(wanted) != 1:
        message = f"are given: {', '.join(wanted)}" if wanted else "are not given"
        cure = "Give one of answers, margin and margin-each."
        yield Problem("wishes", message, cure)
    if order.share is not None and order.spread is not None:
        cure = "A spread is for a mean, a share for a share: leave one out."
        yield Problem("spread", "is given beside a share", cure, order.spread)
    if order.rule is not None and order.rule not in RULES:
        yield Problem("rule", "is no rule", f"Rules: {', '.join(RULES)}.", order.rule)
    yield from _strata_problems(order)


def column_problems(order: SizeOrder, row: StratumRow) -> Iterator[Problem]:
    """What options and columns do not say together, or say twice."""
    spread_column = "spread" if row.spread is not None else "share"
    has_column = row.spread is not None or row.share is not None
    if has_column and (order.share is not None or order.spread is not None):
        message = f"is said by the column {spread_column} and by an option too"
        yield Problem("strata", message, "Leave out one of the two.", source=order.source)
    cure = "Add it, or choose another rule."
    if order.rule == "neyman" and not has_column:
        message = "lacks the column spread or share, which the rule neyman goes by"
        yield Problem("row 1", message, cure, source=order.source)
    if order.rule == "cost" and row.cost is None:
        message = "lacks the column cost, which the rule cost goes by"
        yield Problem("row 1", message, cure, source=order.source)
    if order.rule == "power" and row.mean is None and row.share is None:
        message = "lacks the column mean (or share), which the rule power goes by"
        yield Problem("row 1", message, cure, source=order.source)


def _strata_problems(order: SizeOrder) -> Iterator[Problem]:
    """What makes no sense with strata, or without."""
    if not order.source:
        for name in ("margin_each", "rule"):
            if (value := getattr(order, name)) is not None:
                message, cure = "speaks of strata, and there are none", "Give a file of strata."
                yield Problem(_option(name), message, cure, value)
        return
    if order.population is not None:
        message, cure = "is given beside strata, which say it themselves", "Leave it out."
        yield Problem("population", message, cure, order.population)
    if order.margin_each is not None and order.rule is not None:
        message = "divides answers, but with margin-each every stratum gets what it needs"
        yield Problem("rule", message, "Leave out one of the two.", order.rule)


def _option(name: str) -> str:
    return name.replace("_", "-")
