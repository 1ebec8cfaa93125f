"""Numbers made from weighted answers, each with how it moves when the weights do.

A statistic is a value, its linearised variable and, where the design has replicate weights,
its value under each of them. `errors` turns any of them into variances and covariances, so
that an estimator is three lines and never a formula of its own for the error.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.stats.design import Design
from app.stats.part import Part, part_of
from app.stats.variance import covariances, replicate_covariances
from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number over a design of n rows and R sets of replicate weights."""

    value: float
    linearised: Floats
    """z of one response of each row (n), its weight included; 0 outside the domain."""
    replicated: Floats
    """Value under each set of replicate weights (R); empty without them."""
    inside: Flags
    """The rows it is made of."""
    n: int
    """Responses it is made of."""
    sum_of_weights: float
    is_total: bool = False
    """Whether it grows with the number of responses."""


def mean_of(design: Design, y: Floats, domain: Flags | None = None) -> Statistic:
    """Weighted mean ȳ = Σwy/Σw of the answers that are not NaN; z = w(y − ȳ)/Σw."""
    part = part_of(design, y, domain)
    if part.n == 0:
        return _nobody(design, part)
    weights = _replicate_weights(design, part)
    return _statistic(
        part,
        part.mean,
        linearised=part.weight * part.deviation / part.sum,
        replicated=part.mean + _quotient(part.deviation @ weights, weights.sum(axis=0)),
    )


def total_of(design: Design, y: Floats, domain: Flags | None = None) -> Statistic:
    """Weighted total Σwy of the answers that are not NaN; z = wy. 0 if nobody answered."""
    part = part_of(design, y, domain)
    answers = np.where(part.inside, y, 0.0)
    weights = _replicate_weights(design, part)
    found = _statistic(
        part,
        float(part.mass @ answers),
        linearised=part.weight * answers,
        replicated=answers @ weights,
    )
    return replace(found, is_total=True)


def ratio_of(design: Design, y: Floats, x: Floats, *, domain: Flags | None = None) -> Statistic:
    """R = Σwy/Σwx over the rows with both; z = w(y − Rx)/Σwx.

    NaN where Σwx is 0. Source: Särndal, Swensson and Wretman 1992, ch. 5.6.
    """
    part = part_of(design, y + x, domain)
    above, below = (np.where(part.inside, column, 0.0) for column in (y, x))
    denominator = float(part.mass @ below)
    if part.n == 0 or denominator == 0.0:
        return _nobody(design, part)
    value = float(part.mass @ above) / denominator
    weights = _replicate_weights(design, part)
    return _statistic(
        part,
        value,
        linearised=part.weight * (above - value * below) / denominator,
        replicated=_quotient(above @ weights, below @ weights),
    )


def spread_of(design: Design, y: Floats, domain: Flags | None = None) -> Statistic:
    """S² = n/(n − 1) Σw(y − ȳ)²/Σw; z = w(n/(n − 1)(y − ȳ)² − S²)/Σw, the mean taken as fixed.

    NaN with fewer than two answers.
    """
    part = part_of(design, y, domain)
    if part.n < 2:
        return _nobody(design, part)
    correction = part.n / (part.n - 1)
    squares = correction * part.deviation**2
    weights = _replicate_weights(design, part)
    sums = weights.sum(axis=0)
    shift = _quotient(part.deviation @ weights, sums)
    return _statistic(
        part,
        part.spread,
        linearised=part.weight * (squares - part.spread) / part.sum,
        replicated=_quotient(squares @ weights, sums) - correction * shift**2,
    )


def combination(terms: Sequence[tuple[float, Statistic]]) -> Statistic:
    """Σ c_j θ_j, its linearised variable and its replicates combined alike."""
    (first, start), *rest = terms
    value, z = first * start.value, first * start.linearised
    replicated, inside = first * start.replicated, start.inside
    for coefficient, other in rest:
        value += coefficient * other.value
        z = z + coefficient * other.linearised
        replicated = replicated + coefficient * other.replicated
        inside = inside | other.inside
    parts = [other for _, other in terms]
    return Statistic(
        value,
        z,
        replicated,
        inside,
        n=sum(part.n for part in parts),
        sum_of_weights=sum(part.sum_of_weights for part in parts),
    )


def covariances_of(design: Design, statistics: Sequence[Statistic]) -> Floats:
    """Sampling covariances (k by k) of k statistics of one design.

    Raises CannotEstimate for a lonely stratum without a rule, or where no set of replicate
    weights defines all of them.
    """
    if design.replicates is not None:
        replicated = np.column_stack([one.replicated for one in statistics])
        values = np.array([one.value for one in statistics])
        return replicate_covariances(design.replicates, replicated, values)
    linearised = np.column_stack([one.linearised for one in statistics])
    inside = np.logical_or.reduce([one.inside for one in statistics])
    return covariances(design, linearised, domain=inside)


def standard_error_of(design: Design, statistic: Statistic) -> float:
    """Square root of the statistic's sampling variance."""
    return math.sqrt(float(covariances_of(design, [statistic])[0, 0]))


def _replicate_weights(design: Design, part: Part) -> Floats:
    """Weights of the part's responses under each replicate (n by R), 0 outside."""
    if design.replicates is None:
        return np.zeros((len(design), 0))
    return design.times(design.replicates.weight) * part.inside[:, None]


def _quotient(above: Floats, below: Floats) -> Floats:
    """Quotients by replicate; NaN where a replicate leaves nobody."""
    return np.divide(above, below, np.full(len(above), np.nan), where=below != 0)


def _nobody(design: Design, part: Part) -> Statistic:
    replicates = 0 if design.replicates is None else len(design.replicates.rscales)
    nothing = np.zeros(len(design))
    return _statistic(
        part, math.nan, linearised=nothing, replicated=np.full(replicates, np.nan)
    )


def _statistic(
    part: Part, value: float, *, linearised: Floats, replicated: Floats
) -> Statistic:
    return Statistic(value, linearised, replicated, part.inside, part.n, part.sum)
