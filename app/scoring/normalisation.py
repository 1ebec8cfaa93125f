"""Normalisation: from raw values in their own units to scores on one scale.

A method is fitted on the values of its reference group and gives a *curve*: a function
from a raw value to a score. So the same curve says what a unit scores, what it would score
with another value, and how steep the score is there, which is all that a standard error or
a sensitivity band needs. `CURVES` is the table of methods; another one is a function and a
line in it. What a definition can say is in `methods`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import InputRefused, Problem
from app.scoring.cards import IndicatorCard
from app.scoring.methods import (
    Efficacy,
    Goalposts,
    Method,
    MinMax,
    Piecewise,
    Position,
    RatioToBest,
    Target,
    ZScore,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Curve = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Fit:
    """One indicator's curve for one reference group, and the values it was fitted on."""

    indicator: str
    region_type: str | None
    """None where the group is all units."""
    n: int
    lowest: float
    highest: float
    curve: Curve


@dataclass(frozen=True, slots=True)
class Normalised:
    """Scores (units × indicators, NaN where there is no value) and the curves behind them."""

    scores: Floats
    fits: tuple[Fit, ...]
    by_cell: Mapping[tuple[int, int], Fit]
    """(indicator column, region type index) → the curve that applies there."""


def normalise(
    cards: Sequence[IndicatorCard], raw: Floats, *, types: Sequence[str], type_of: Ints
) -> Normalised:
    """Scores of `raw` (units × indicators, NaN = no value) by each card's method.

    `type_of` is the index in `types` of every unit. Raises InputRefused with every column
    whose values the method cannot take (E201), each with its cure.
    """
    scores = np.full(raw.shape, np.nan)
    fits: list[Fit] = []
    by_cell: dict[tuple[int, int], Fit] = {}
    problems: list[Problem] = []
    for column, card in enumerate(cards):
        for members, name in _reference_groups(card.normalise, types, type_of):
            rows = members[~np.isnan(raw[members, column])]
            reference = raw[rows, column]
            found = list(_value_problems(card, reference, name))
            problems += found
            if found or not rows.size:
                continue
            fit = _fit(card, reference, name)
            with np.errstate(all="ignore"):
                scores[rows, column] = fit.curve(reference)
            problems += _overflow_problems(card, reference, scores[rows, column])
            fits.append(fit)
            by_cell.update({(column, int(t)): fit for t in np.unique(type_of[members])})
    if problems:
        raise InputRefused(problems)
    return Normalised(scores, tuple(fits), by_cell)


def curve_of(method: Method, direction: int, reference: Floats) -> Curve:
    """The curve of `method` for values of which more is better (1) or worse (-1).

    `reference`: the values of the group, without NaN; not looked at by a fixed method.
    """
    if method.needs_range and np.ptp(reference) == 0 and _zero_range(method) is not None:
        constant = _zero_range(method)
        return lambda x: np.full(np.shape(x), constant)
    return CURVES[method.method](method, direction, reference)


def extent(method: Method, curve: Curve, low: float, high: float) -> tuple[float, float]:
    """The lowest and the highest score that values from `low` to `high` can reach."""
    at = [low, high]
    if isinstance(method, Piecewise):
        at += [x for x, _ in method.points if low < x < high]
    scores = curve(np.array(at))
    return float(scores.min()), float(scores.max())


def _reference_groups(
    method: Method, types: Sequence[str], type_of: Ints
) -> list[tuple[Ints, str | None]]:
    if getattr(method, "reference", "all") == "all":
        return [(np.arange(type_of.size), None)]
    return [(np.flatnonzero(type_of == t), types[t]) for t in np.unique(type_of)]


def _fit(card: IndicatorCard, reference: Floats, name: str | None) -> Fit:
    curve = curve_of(card.normalise, card.direction, reference)
    low, high = float(reference.min()), float(reference.max())
    return Fit(card.code, name, reference.size, low, high, curve)


def _zero_range(method: Method) -> float | None:
    rule = getattr(method, "zero_range", None)
    return None if rule is None else rule.value


def _value_problems(
    card: IndicatorCard, reference: Floats, region_type: str | None
) -> list[Problem]:
    """E201: values of a column with which the method's formula has no meaning."""
    method = card.normalise
    if not reference.size:
        return []
    where = f"indicator {card.code}" + (f", type {region_type}" if region_type else "")
    lowest = float(reference.min())
    problems = []
    if method.needs_range and np.ptp(reference) == 0 and _zero_range(method) is None:
        message = f"E201 has the same value in all {reference.size} units, so it has no range"
        cure = "Use fixed bounds, or set zero_range."
        problems.append(Problem(where, message, cure, lowest))
    if method.method == "percentile_rank" and reference.size == 1:
        message = "E201 has one value only, which has no percentile rank"
        problems.append(Problem(where, message, "Use a method with fixed bounds.", lowest))
    if lowest <= 0 and _divides_or_takes_logarithm(method, card.direction):
        message = f"E201 has a value that is not positive, which {method.method} cannot take"
        problems.append(Problem(where, message, "Use another method.", lowest))
    is_ratio = isinstance(method, RatioToBest) and card.direction > 0
    if is_ratio and (lowest < 0 or float(reference.max()) == 0):
        message = "E201 has no ratio to the best: values must not be negative, or all 0"
        problems.append(Problem(where, message, "Use another method.", lowest))
    return problems


def _overflow_problems(
    card: IndicatorCard, reference: Floats, scores: Floats
) -> Iterator[Problem]:
    for value in reference[~np.isfinite(scores)]:
        message = f"E201 has a value whose {card.normalise.method} score is no finite number"
        yield Problem(f"indicator {card.code}", message, "Check the value.", float(value))


def _divides_or_takes_logarithm(method: Method, direction: int) -> bool:
    if isinstance(method, Goalposts):
        return method.log
    return direction < 0 and isinstance(method, RatioToBest | Target)


def _minmax(method: MinMax, direction: int, reference: Floats) -> Curve:
    low, high = method.range
    worst, best = _worst_and_best(direction, reference)
    return lambda x: low + (high - low) * (x - worst) / (best - worst)


def _zscore(method: ZScore, direction: int, reference: Floats) -> Curve:
    centre, spread = float(reference.mean()), float(reference.std(ddof=1))
    return lambda x: method.mean + method.sd * direction * (x - centre) / spread


def _efficacy(method: Efficacy, direction: int, reference: Floats) -> Curve:
    way = _way_between_bounds(method, direction, reference)
    clip = _clip(method.clip, method.base, method.top)
    return lambda x: clip(method.base + (method.top - method.base) * way(x))


def _efficacy_exp(method: Efficacy, direction: int, reference: Floats) -> Curve:
    way = _way_between_bounds(method, direction, reference)
    clip = _clip(method.clip, method.base, method.top)
    return lambda x: clip(method.base * (method.top / method.base) ** way(x))


def _goalposts(method: Goalposts, direction: int, reference: Floats) -> Curve:
    bend = _logarithm if method.log else _as_is
    lower, upper = bend(np.array([method.lower, method.upper])).tolist()
    start, goal = (lower, upper) if direction > 0 else (upper, lower)
    clip = _clip(method.clip, 0.0, 1.0)
    return lambda x: method.scale * clip((bend(x) - start) / (goal - start))


def _target(method: Target, direction: int, reference: Floats) -> Curve:
    most = np.inf if method.cap is None else method.cap
    if direction > 0:
        return lambda x: method.full * np.minimum(x / method.target, most)
    return lambda x: method.full * np.minimum(method.target / x, most)


def _ratio_best(method: RatioToBest, direction: int, reference: Floats) -> Curve:
    _, best = _worst_and_best(direction, reference)
    if direction > 0:
        return lambda x: method.full * x / best
    return lambda x: method.full * best / x


def _rank(method: Position, direction: int, reference: Floats) -> Curve:
    ordered = np.sort(direction * reference)

    def rank(x: Floats) -> Floats:
        not_better = np.searchsorted(ordered, direction * x, "right").astype(np.float64)
        return 1 + ordered.size - not_better

    return rank


def _borda(method: Position, direction: int, reference: Floats) -> Curve:
    ordered = np.sort(direction * reference)
    return lambda x: np.searchsorted(ordered, direction * x, "left").astype(np.float64)


def _percentile_rank(method: Position, direction: int, reference: Floats) -> Curve:
    beaten = _borda(method, direction, reference)
    return lambda x: beaten(x) / (reference.size - 1)


def _piecewise(method: Piecewise, direction: int, reference: Floats) -> Curve:
    xs, ys = np.array(method.points).T
    return lambda x: np.interp(x, xs, ys)


CURVES: Mapping[str, Callable[[Any, int, Floats], Curve]] = {
    "minmax": _minmax,
    "zscore": _zscore,
    "efficacy": _efficacy,
    "efficacy_exp": _efficacy_exp,
    "goalposts": _goalposts,
    "target": _target,
    "ratio_best": _ratio_best,
    "rank": _rank,
    "borda": _borda,
    "percentile_rank": _percentile_rank,
    "piecewise": _piecewise,
}


def _worst_and_best(direction: int, reference: Floats) -> tuple[float, float]:
    ends = float(reference.min()), float(reference.max())
    return ends if direction > 0 else (ends[1], ends[0])


def _way_between_bounds(method: Efficacy, direction: int, reference: Floats) -> Curve:
    """The share of the way from the unacceptable value to the satisfactory one."""
    if method.bounds == "data":
        worst, best = _worst_and_best(direction, reference)
    else:
        worst, best = method.bounds.unacceptable, method.bounds.satisfactory
    return lambda x: (x - worst) / (best - worst)


def _clip(wanted: bool, low: float, high: float) -> Curve:
    return (lambda y: np.clip(y, low, high)) if wanted else _as_is


def _logarithm(x: Floats) -> Floats:
    return np.log(x)


def _as_is(x: Floats) -> Floats:
    return x
