"""The curves of normalisation: one function per method, from raw values to scores.

A method is fitted on the values of its reference group and gives a *curve*: a function from
raw values to scores. The same curve says what a unit scores, what it would score with
another value, and how steep the score is there, which is all that a standard error or a
sensitivity band needs. `CURVES` is the table of methods; another one is a function and a
line in it. What a definition can say is in `methods`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from app.scoring.definition.methods import (
    AdjustedMazziottaPareto,
    Efficacy,
    Goalposts,
    MazziottaPareto,
    Method,
    MinMax,
    Piecewise,
    Position,
    RatioToBest,
    Target,
    ZScore,
)
from app.survey.sample import Floats

Curve = Callable[[Floats], Floats]


def curve_of(method: Method, direction: int, reference: Floats) -> Curve:
    """The curve of `method` for values of which more is better (1) or worse (-1).

    `reference`: the values of the group, without NaN; not looked at by a fixed method.
    """
    if method.needs_range and np.ptp(reference) == 0 and zero_range(method) is not None:
        constant = zero_range(method)
        return lambda x: np.full(np.shape(x), constant)
    return CURVES[method.method](method, direction, reference)


def extent(method: Method, curve: Curve, low: float, high: float) -> tuple[float, float]:
    """The lowest and the highest score that values from `low` to `high` can reach."""
    at = [low, high]
    if isinstance(method, Piecewise):
        at += [x for x, _ in method.points if low < x < high]
    scores = curve(np.array(at))
    return float(scores.min()), float(scores.max())


def zero_range(method: Method) -> float | None:
    """The score of everybody where all values are equal; None where that is a mistake."""
    rule = getattr(method, "zero_range", None)
    return None if rule is None else rule.value


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


def _mazziotta_pareto(method: MazziottaPareto, direction: int, reference: Floats) -> Curve:
    """Standard scores (n) with mean 100 and standard deviation 10 (Mazziotta, Pareto 2016)."""
    centre, spread = float(reference.mean()), float(reference.std())
    return lambda x: 100 + 10 * direction * (x - centre) / spread


def _adjusted_mazziotta_pareto(
    method: AdjustedMazziottaPareto, direction: int, reference: Floats
) -> Curve:
    """70 at the worse goalpost, 130 at the better one (Mazziotta and Pareto 2016)."""
    ends = np.array([method.goalposts.lower, method.goalposts.upper])
    worst, best = _worst_and_best(direction, ends)
    return lambda x: 70 + 60 * (x - worst) / (best - worst)


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
    "mpi": _mazziotta_pareto,
    "ampi": _adjusted_mazziotta_pareto,
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
