"""Who cannot be told apart: every pair with an adjusted p-value, and tiers in a sentence.

All pairs are compared at once: the p-value of a pair is the share of draws in which the
largest studentised error of all pairs is at least as large as its difference (single-step
max-t). Source: Westfall and Young 1993, Resampling-Based Multiple Testing, section 2.3;
Hothorn, Bretz and Westfall 2008, Biometrical Journal 50(3).

Tiers come from the same p-values, so that a page never says of one pair both that it cannot
be told apart and that a tier's boundary between the two was earned.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.stats.ranks.league import League, refuse
from app.stats.ranks.ranking import check_confidence, critical_value, largest_errors
from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of units, in the order given; matrices are units × units."""

    names: tuple[str, ...]
    confidence: float
    p_value: Floats
    """Adjusted for all pairs; 1 on the diagonal, NaN where a unit has no value."""
    told_apart: Flags
    best_first: NDArray[np.intp]
    """The positions of the units with a value, best first."""

    def cannot_be_told_apart(self, one: str, other: str) -> bool:
        """Whether the estimates leave open which of two units is better."""
        positions = [self._position(name) for name in (one, other)]
        return not self.told_apart[positions[0], positions[1]]

    def _position(self, name: str) -> int:
        if name not in self.names:
            refuse([f"{name} is none of the {len(self.names)} units compared"])
        position = self.names.index(name)
        if np.isnan(self.p_value[position, position]):
            refuse([f"{name} has no value, so it cannot be compared with another unit"])
        return position


@dataclass(frozen=True, slots=True)
class Tier:
    """Units that cannot be told apart from the best among them, and the places they share."""

    names: tuple[str, ...]
    """Best first."""
    first: int
    last: int


def compare_pairs(league: League, *, confidence: float = 0.95) -> Pairs:
    """Compare every unit with every other; the chance of any false statement is 1 − confidence.

    A difference that is known exactly has the p-value 0, or 1 where it is 0.
    """
    check_confidence(league, confidence)
    n, given = len(league.names), len(league.given)
    largest = largest_errors(league, np.ones((n, n), np.bool_))
    size = np.abs(league.differences)
    at_least = largest.size - np.searchsorted(np.sort(largest), size, side="left")
    p_value = np.where(np.isinf(size), 0.0, (1 + at_least) / (1 + largest.size))
    position = {name: k for k, name in enumerate(league.given)}
    best_first = np.array([position[name] for name in league.names], np.intp)
    all_p_values = np.full((given, given), np.nan)
    all_told_apart = np.zeros((given, given), np.bool_)
    all_p_values[np.ix_(best_first, best_first)] = p_value
    all_told_apart[np.ix_(best_first, best_first)] = size > critical_value(largest, confidence)
    return Pairs(league.given, confidence, all_p_values, all_told_apart, best_first)


def tiers(pairs: Pairs) -> tuple[Tier, ...]:
    """Group the units with a value, best tier first.

    The rule: from the best unit down, a unit joins the current tier unless it is
    significantly below that tier's best unit; then it opens the next tier.

    Two units of one tier may differ from each other where both are near to its best; equal
    values are taken in the order of their standard errors, then of their names.
    """
    groups: list[list[int]] = []
    for unit in pairs.best_first:
        if groups and not pairs.told_apart[groups[-1][0], unit]:
            groups[-1].append(int(unit))
        else:
            groups.append([int(unit)])
    found, before = list[Tier](), 0
    for group in groups:
        names = tuple(pairs.names[unit] for unit in group)
        found.append(Tier(names, before + 1, before + len(group)))
        before += len(group)
    return tuple(found)
