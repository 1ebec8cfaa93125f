"""Ranks and how sure they are: simulated intervals, and sets that cover the true rank.

A simulated interval says where the rank falls when the estimates are drawn again. It is easy
to explain but promises nothing about the true rank: of many units that are equal in truth
the best by chance is drawn lower nearly always, so its interval may even miss the rank it
has. A rank confidence set does cover the true rank, as often as its confidence says.

Sets: every ordered pair has the hypothesis "j is not above k". Rejected where the
studentised difference exceeds what the largest of all errors in the family exceeds in a
share α of the draws; then the same again without the rejected ones, until none is rejected
any more. Low end: 1 + units surely above; high end: units less those surely below. Source:
Mogstad, Romano, Shaikh and Wilhelm 2024, Review of Economic Studies 91(1), section 3; the
steps after Romano and Wolf 2005, Econometrica 73(4).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from app.stats.ranks.league import League, refuse
from app.survey.sample import Flags, Floats

Steps = Literal["stepdown", "single_step"]

WHOLE = 1e-9
"""Binary fractions: 0.95 of 2,000 is the draw 1,900, not the one after it."""


@dataclass(frozen=True, slots=True)
class RankRange:
    """The rank of a unit by its value (1 = best), and the ranks it may as well have."""

    rank: int
    low: int
    high: int


Ranges = dict[str, RankRange | None]
"""Every unit in the order given; None for a unit without a value."""


def rank_intervals(league: League, *, confidence: float = 0.9) -> Ranges:
    """Simulated rank intervals: the middle share `confidence` of the ranks drawn.

    The ends are the smallest ranks at which the cumulative distribution reaches
    (1 − confidence)/2 and (1 + confidence)/2. Source: Goldstein and Spiegelhalter 1996,
    Journal of the Royal Statistical Society A 159(3).
    """
    check_confidence(league, confidence)
    drawn = np.sort(_drawn_ranks(league), axis=1)
    b = drawn.shape[1]
    low, high = (
        max(math.ceil(share * b - WHOLE), 1) - 1
        for share in ((1 - confidence) / 2, (1 + confidence) / 2)
    )
    return _ranges(league, drawn[:, low], drawn[:, high])


def probability_of_top(league: League, k: int) -> dict[str, float | None]:
    """The share of the draws in which a unit is among the best `k`; ties count as within."""
    share = (_drawn_ranks(league) <= k).mean(axis=1)
    found = dict(zip(league.names, (float(s) for s in share), strict=True))
    return {name: found.get(name) for name in league.given}


def marginal_rank_sets(
    league: League, *, confidence: float = 0.95, steps: Steps = "stepdown"
) -> Ranges:
    """A rank confidence set for each unit by itself: "how sure is this one's rank".

    Each covers its unit's true rank with the confidence; together they do not.
    """
    check_confidence(league, confidence)
    observed, n = league.differences, len(league.names)
    above, below = np.zeros((2, n), np.int64)
    for i in range(n):
        errors = league.errors_of_differences(i, slice(None))

        def largest(family: Flags, errors: Floats = errors) -> Floats:
            return _largest(errors, family[0], family[1])

        two_sided = np.stack([observed[i], -observed[i]])
        beats, beaten = _rejected(two_sided, largest, confidence=confidence, steps=steps)
        below[i], above[i] = beats.sum(), beaten.sum()
    return _ranges(league, 1 + above, n - below)


def simultaneous_rank_sets(
    league: League, *, confidence: float = 0.95, steps: Steps = "stepdown"
) -> Ranges:
    """Rank confidence sets of all units for one table: all cover with the confidence."""
    check_confidence(league, confidence)

    def largest(family: Flags) -> Floats:
        return largest_errors(league, family)

    surely = _rejected(league.differences, largest, confidence=confidence, steps=steps)
    return _ranges(league, 1 + surely.sum(axis=0), len(league.names) - surely.sum(axis=1))


def check_confidence(league: League, confidence: float) -> None:
    """Refuse a confidence that is none, or that the draws are too few for."""
    if not 0 < confidence < 1:
        refuse([f"a confidence of {confidence} is not between 0 and 1"])
    b = league.draws.shape[1]
    if _place(b, confidence) > b:
        least = math.ceil(confidence / (1 - confidence) - WHOLE)
        refuse([f"{b} draws cannot show a confidence of {confidence}: draw at least {least}"])


def critical_value(largest: Floats, confidence: float) -> float:
    """What the largest error exceeds in at most a share 1 − confidence of the draws.

    The draw in place ⌈confidence · (B + 1)⌉, so that a difference lies beyond it just when
    its p-value (1 + draws at least as large)/(B + 1) is at most 1 − confidence.
    """
    place = _place(largest.size, confidence) - 1
    return float(np.partition(largest, place)[place])


def largest_errors(league: League, family: Flags) -> Floats:
    """In each draw the largest studentised error among the hypotheses in the family.

    `family[j, k]` is the hypothesis that unit j is not above unit k. At least 0, so that no
    hypothesis is rejected that the estimates agree with.
    """
    largest = np.zeros(league.draws.shape[1])
    for j in range(len(league.names) - 1):
        rest = slice(j + 1, None)
        errors = league.errors_of_differences(j, rest)
        np.maximum(largest, _largest(errors, family[j, rest], family[rest, j]), out=largest)
    return largest


def _largest(errors: Floats, above: Flags, below: Flags) -> Floats:
    """The largest error of one unit less others: upwards where `above`, down where `below`."""
    upwards: Floats = errors[above].max(axis=0, initial=0.0)
    downwards: Floats = errors[below].min(axis=0, initial=0.0)
    return np.maximum(upwards, -downwards)


def _rejected(
    observed: Floats,
    largest: Callable[[Flags], Floats],
    *,
    confidence: float,
    steps: Steps,
) -> Flags:
    """The hypotheses rejected, one entry of `observed` each."""
    rejected = np.zeros(observed.shape, np.bool_)
    while True:
        # Only the rejected direction leaves. Its opposite, "k is not above j", is true where
        # the rejection was right, and a family without its true hypotheses controls nothing.
        critical = critical_value(largest(~rejected), confidence)
        now = observed > critical
        if steps == "single_step" or not (now & ~rejected).any():
            return now
        rejected = now


def _drawn_ranks(league: League) -> Floats:
    """Ranks (K × B) of the values with their errors drawn again; ties share the smallest."""
    drawn = league.values[:, None] + league.draws
    ranks: Floats = rankdata(-drawn, method="min", axis=0)
    return ranks


def _place(draws: int, confidence: float) -> int:
    return math.ceil(confidence * (draws + 1) - WHOLE)


def _ranges(league: League, low: NDArray[Any], high: NDArray[Any]) -> Ranges:
    found = {
        name: RankRange(rank, int(first), int(last))
        for name, rank, first, last in zip(league.names, league.ranks, low, high, strict=True)
    }
    return {name: found.get(name) for name in league.given}
