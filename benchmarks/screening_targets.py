"""The targets of the screening, and whether measured figures reach them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

Measured = Mapping[str, Any]
"""One round: `rate`, `report` of the scorer, `bounds` of every point."""

MOST_FALSE = {
    "overall": 0.01,
    "group:incident": 0.005,
    "straightliners": 0.02,
    "group:family_shared": 0.01,
    "group:assisted_device": 0.01,
    "group:promo_event": 0.01,
}
"""Honest group → the largest share of it that may be flagged."""
LEAST_RECALL, LEAST_OF_A_KIND = 0.97, 0.92
MOST_BIAS = {0.05: 0.2, 0.2: 0.3}
LEAST_COVERED, WIDEST = 0.95, 8.0
CLEAN_FALSE, CLEAN_MOVED = 0.003, 0.6
MOST_SECONDS, BLOOMINGTON_FALSE = 15.0, 0.005


@dataclass(frozen=True, slots=True)
class Target:
    """A figure, its limit, and whether the figure keeps to it."""

    what: str
    limit: float
    found: float | None
    worst: float | None = None
    """Of a single round, where `found` is a mean of rounds."""
    least: bool = False
    """Whether the limit is the least allowed, not the most."""

    @property
    def reached(self) -> bool:
        """A figure that could not be measured reaches nothing."""
        if self.found is None:
            return False
        return self.found >= self.limit if self.least else self.found <= self.limit

    def __str__(self) -> str:
        sign, found = ("≥" if self.least else "≤"), shown(self.found)
        worst = f"   worst round {shown(self.worst)}" if self.worst is not None else ""
        passed = "reached" if self.reached else "MISSED"
        return f"{passed:8} {self.what:52} {sign} {self.limit:<6g} {found}{worst}"


def shown(value: float | None) -> str:
    """Four digits after the point; – where nothing was measured."""
    return "–" if value is None else f"{value:.4f}"


def targets(rounds: Sequence[Measured]) -> Iterator[Target]:
    """Every target that made-up rounds can show, rate by rate."""
    for rate in sorted({one["rate"] for one in rounds}):
        of_rate = [one for one in rounds if one["rate"] == rate]
        yield from _clean(of_rate) if rate == 0 else _attacked(rate, of_rate)


def _clean(rounds: Sequence[Measured]) -> Iterator[Target]:
    moved = [one["report"]["summary"]["max |bias| any point, after"] for one in rounds]
    yield Target(
        "clean round: flagged", CLEAN_FALSE, *_mean_and_most(_false(rounds, "overall"))
    )
    yield Target("clean round: largest move of a point", CLEAN_MOVED, max(moved))


def _attacked(rate: float, rounds: Sequence[Measured]) -> Iterator[Target]:
    at = f"{rate:.0%}: "
    recall = [one["report"]["overall_recall"] for one in rounds]
    yield Target(f"{at}recall", LEAST_RECALL, mean(recall), min(recall), least=True)
    for kind in sorted({kind for one in rounds for kind in one["report"]["recall"]}):
        found = [
            one["report"]["recall"][kind] for one in rounds if kind in one["report"]["recall"]
        ]
        what = f"{at}recall of kind {kind}"
        yield Target(what, LEAST_OF_A_KIND, mean(found), min(found), least=True)
    for group, most in MOST_FALSE.items():
        found = _false(rounds, group)
        yield Target(f"{at}honest flagged, {group}", most, *_mean_and_most(found))
    bias = [one["report"]["summary"]["mean |bias| attacked, after"] for one in rounds]
    limit = MOST_BIAS.get(rate, max(MOST_BIAS.values()))
    yield Target(f"{at}mean bias left at attacked points", limit, *_mean_and_most(bias))
    of_points = [point for one in rounds for point in one["bounds"]]
    bounds = [point for point in of_points if point["attacked"]]
    covered = mean(point["low"] <= point["honest_mean"] <= point["high"] for point in bounds)
    width = mean(point["high"] - point["low"] for point in bounds)
    yield Target(f"{at}bounds cover, attacked points", LEAST_COVERED, covered, least=True)
    yield Target(f"{at}mean width of bounds, attacked points", WIDEST, width)


def _false(rounds: Sequence[Measured], group: str) -> list[float]:
    found = [one["report"]["fpr"].get(group) for one in rounds]
    return [rate for rate in found if rate is not None]


def _mean_and_most(found: Sequence[float]) -> tuple[float | None, float | None]:
    return (mean(found), max(found)) if found else (None, None)
