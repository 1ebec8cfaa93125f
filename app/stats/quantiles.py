"""Weighted quantiles by eleven rules, and Woodruff's interval around one.

A quantile is a place among ordered answers, so nothing is known here of designs: whoever
knows the design computes p̂, the weighted share of answers that are at most the quantile, and
its variance; `woodruff` makes them an interval of the quantile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from app.stats.intervals import Ends, Method, Share, Standing, proportion_interval
from app.survey.sample import Flags, Floats

Rule = Literal["math", "school", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]
"""How a quantile is read off the ordered answers; hf1 to hf9 as in Hyndman and Fan (1996)."""

TIED = 1e-12
"""A cumulated share this near to p is p: sums of weights cannot tell them apart."""

PLACES: Mapping[Rule, tuple[float, float]] = {
    "hf4": (0.0, 0.0),
    "hf5": (1 / 2, 0.0),
    "hf6": (0.0, 1.0),
    "hf7": (1.0, -1.0),
    "hf8": (1 / 3, 1 / 3),
    "hf9": (3 / 8, 1 / 4),
}
"""The rules that interpolate: (s, r) such that answer k of weight w_k stands at the cumulated
share (C_k − s w_k)/(C_n + r w_n)."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """m rows of answers with a positive weight, in ascending order."""

    value: Floats
    reached: Floats
    """C_k, the weight of the row and of all below it."""
    weight: Floats
    """Of one answer of the row."""
    is_several: Flags
    """Whether the row stands for more than one answer."""

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True)
class QuantileInterval:
    """The interval of a quantile; an end is None where its probability is not in 0 to 1."""

    low: float | None
    high: float | None
    standard_error: float | None
    """(high − low)/(2t)."""
    status: Standing = "usual"
    """`degenerate` where all answers, or none, are at most the quantile, or always the same
    share of them is."""


def quantile(
    values: Floats, weights: Floats, p: float, *, rule: Rule, count: Floats | None = None
) -> float | None:
    """The quantile p (0 to 1) of n answers; None where no weight is positive.

    A row may stand for `count` equal answers that share its weight. Equal answers with
    different weights count in the order given, as in R, which rules hf4 to hf9 can see.
    """
    return value_at(ordered(values, weights, count), p, rule=rule)


def quantiles_under(
    values: Floats, weights: Floats, p: float, *, rule: Rule, count: Floats | None = None
) -> Floats | None:
    """The quantile p under each column of `weights` (n by R): R values, for replicates.

    None where a column has no positive weight, since the replicates then carry no variance.
    """
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    count = None if count is None else count[order]
    found = [value_at(_ascending(values, column, count), p, rule=rule) for column in weights.T]
    known = [value for value in found if value is not None]
    return np.array(known) if len(known) == len(found) else None


def ordered(values: Floats, weights: Floats, count: Floats | None = None) -> Ordered:
    """The answers in ascending order, for several quantiles of the same.

    Raises ValueError where a value is missing or a weight negative or not finite.
    """
    if np.isnan(values).any() or not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("a quantile needs values, and weights of 0 or more, without gaps")
    order = np.argsort(values, kind="stable")
    count = None if count is None else count[order]
    return _ascending(values[order], weights[order], count)


def value_at(answers: Ordered, p: float, *, rule: Rule) -> float | None:
    """The quantile p (0 to 1) of ordered answers; None of none."""
    if not 0 <= p <= 1:
        raise ValueError(f"a quantile lies at a share from 0 to 1, not at {p}")
    if len(answers) == 0:
        return None
    if rule in PLACES:
        return _between(answers, p, PLACES[rule])
    if rule == "hf3":
        return _at_an_even_step(answers, p)
    k, is_tied = _step(answers.reached, p)
    next_k = min(k + 1, len(answers) - 1)
    if is_tied and rule in ("school", "hf2"):
        return float(answers.value[k] + answers.value[next_k]) / 2
    return float(answers.value[k])


def woodruff(
    answers: Ordered,
    share: Share,
    *,
    rule: Rule,
    method: Method = "mean",
    confidence: float = 0.95,
) -> QuantileInterval:
    """The interval of a quantile q from that of p̂, the share of answers at most q.

    `share` holds p̂ with its variance and df; its interval by `method` is mapped back by the
    rule that gave q (Woodruff 1952). The standard error is the length over 2t.
    """
    ends = _ends(share, method, confidence)
    low = high = error = None
    if ends.low is not None and ends.low >= 0:
        low = value_at(answers, ends.low, rule=rule)
    if ends.high is not None and ends.high <= 1:
        high = value_at(answers, ends.high, rule=rule)
    if low is not None and high is not None:
        error = (high - low) / (2 * float(stdtrit(share.df, (1 + confidence) / 2)))
    is_cut = ends.status == "usual" and error is None
    return QuantileInterval(low, high, error, "beyond_scale" if is_cut else ends.status)


def _ascending(values: Floats, weights: Floats, count: Floats | None) -> Ordered:
    kept = weights > 0
    weight = weights[kept]
    times = np.ones(len(weight)) if count is None else count[kept]
    return Ordered(values[kept], np.cumsum(weight), weight / times, times > 1)


def _step(reached: Floats, p: float) -> tuple[int, bool]:
    """The first k with C_k ≥ pW, counted from 0, and whether C_k = pW."""
    total = reached[-1]
    k = min(int(np.searchsorted(reached, (p - TIED) * total)), len(reached) - 1)
    return k, bool(abs(reached[k] - p * total) <= TIED * total)


def _at_an_even_step(answers: Ordered, p: float) -> float:
    """hf3: steps are distinct values, and a tie goes to the even one, counted from 1."""
    last_of_value = np.flatnonzero(np.append(np.diff(answers.value) > 0, True))
    k, is_tied = _step(answers.reached[last_of_value], p)
    if is_tied and k % 2 == 0:
        k = min(k + 1, len(last_of_value) - 1)
    return float(answers.value[last_of_value[k]])


def _between(answers: Ordered, p: float, place: tuple[float, float]) -> float:
    """Linear between the places of the answers, constant outside.

    As in R, hf4 goes on along its first line below the first place.
    """
    at, value = _places(answers, *place)
    tied = slice(np.searchsorted(at, p - TIED), np.searchsorted(at, p + TIED, "right"))
    if tied.start < tied.stop:
        return float(value[tied][0] + value[tied][-1]) / 2
    above = int(tied.start)
    if above == len(at) or (above == 0 and (place != PLACES["hf4"] or len(at) == 1)):
        return float(value[min(above, len(at) - 1)])
    above = max(above, 1)
    slope = (value[above] - value[above - 1]) / (at[above] - at[above - 1])
    return float(value[above - 1] + (p - at[above - 1]) * slope)


def _places(answers: Ordered, s: float, r: float) -> tuple[Floats, Floats]:
    """Where on the scale of p each answer stands; of several equal ones the two outer."""
    w, reached = answers.weight, answers.reached
    if len(answers) == 1 and not answers.is_several[0]:
        return np.zeros(1), answers.value
    below = np.append(0.0, reached[:-1])
    outer = np.column_stack([below + (1 - s) * w, reached - s * w]).ravel()
    value = np.repeat(answers.value, 2)
    is_kept = np.column_stack([answers.is_several, np.ones(len(w), bool)]).ravel()
    return (outer / (reached[-1] + r * w[-1]))[is_kept], value[is_kept]


def _ends(share: Share, method: Method, confidence: float) -> Ends:
    if share.standing != "degenerate":
        return proportion_interval(share, method=method, confidence=confidence)
    if method != "mean" or share.df <= 0:
        return Ends(None, None, "degenerate")
    p = min(max(share.p, 0.0), 1.0)
    return Ends(p, p, "degenerate")
