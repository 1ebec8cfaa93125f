"""Rank sets of very many units, where comparing every pair in every draw would take too long.

The same hypotheses as in `app.stats.ranks.ranking`, with normal probabilities and Holm's
steps in the place of the drawn largest error: what is rejected at α divided by the number of
hypotheses that still stand. Wider than the drawn sets, and never too narrow. Source: Holm
1979, Scandinavian Journal of Statistics 6(2); the sets as Mogstad, Romano, Shaikh and
Wilhelm 2024.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import ndtri

from app.scoring.steps.arrangement import Integers
from app.survey.sample import Floats

AT_ONCE = 1_000_000
"""Pairs compared in one go."""
CERTAIN = 1e-12
"""A difference whose variance is a smaller part of the two variances is known exactly."""


@dataclass(frozen=True, slots=True)
class LargeLeague:
    """n units of a group; more is better."""

    names: Sequence[str]
    values: Floats
    covariance: Floats

    def differences(self, rows: slice) -> Floats:
        """Studentised differences of `rows` less all units; infinite where known exactly."""
        own = np.diag(self.covariance)
        both = own[rows, None] + own
        variance = both - 2 * self.covariance[rows]
        gap = self.values[rows, None] - self.values
        known = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
        is_known = variance <= CERTAIN * both
        return np.where(is_known, known, gap / np.sqrt(np.where(is_known, 1.0, variance)))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first and the last rank of every unit."""

    low: Integers
    high: Integers


def simultaneous_bounds(league: LargeLeague, confidence: float) -> Bounds:
    """Sets of all units that cover together with the confidence, at least."""
    n = len(league.names)
    hypotheses, rejected = n * (n - 1), -1
    above = below = np.zeros(n, np.intp)
    while (found := int(above.sum())) > rejected:
        rejected = found
        critical = _critical(confidence, hypotheses - rejected)
        above, below = _by_rows(league, partial(_counts, critical=critical))
    return Bounds(1 + above, n - below)


def marginal_bounds(league: LargeLeague, confidence: float) -> Bounds:
    """A set for each unit by itself: both directions against every other unit."""
    n = len(league.names)
    above, below = _by_rows(league, partial(_stepped, confidence=confidence))
    return Bounds(1 + above, n - below)


def large_tiers(league: LargeLeague, confidence: float) -> list[list[int]]:
    """Positions of the units, tier by tier: a unit surely below the tier's first opens one."""
    n = len(league.names)
    critical = _critical(confidence, n * (n - 1))
    own = np.diag(league.covariance)
    groups: list[list[int]] = []
    surely_above = np.zeros(n, np.bool_)
    for unit in np.lexsort((np.array(league.names), own, -league.values)).tolist():
        if groups and not surely_above[unit]:
            groups[-1].append(unit)
        else:
            groups.append([unit])
            surely_above = league.differences(slice(unit, unit + 1))[0] > critical
    return groups


def _critical(confidence: float, hypotheses: int) -> float:
    return float(-ndtri((1 - confidence) / max(hypotheses, 1)))


def _by_rows(
    league: LargeLeague, count: Callable[[Floats], tuple[Integers, Integers]]
) -> tuple[Integers, Integers]:
    """Units surely above and surely below each unit, a few rows at a time."""
    n = len(league.names)
    step = max(AT_ONCE // n, 1)
    found = [count(league.differences(slice(at, at + step))) for at in range(0, n, step)]
    above, below = (np.concatenate(part) for part in zip(*found, strict=True))
    return above, below


def _counts(differences: Floats, *, critical: float | Floats) -> tuple[Integers, Integers]:
    above = (differences < -critical).sum(axis=1)
    below = (differences > critical).sum(axis=1)
    return above.astype(np.intp), below.astype(np.intp)


def _stepped(differences: Floats, *, confidence: float) -> tuple[Integers, Integers]:
    """Holm's steps for every row by itself, until none of them rejects more."""
    hypotheses = 2 * (differences.shape[1] - 1)
    rejected = np.full(len(differences), -1)
    above = below = np.zeros(len(differences), np.intp)
    while ((found := above + below) > rejected).any():
        rejected = found
        standing = np.maximum(hypotheses - rejected, 1)
        critical = -ndtri((1 - confidence) / standing)[:, None]
        above, below = _counts(differences, critical=critical)
    return above, below
