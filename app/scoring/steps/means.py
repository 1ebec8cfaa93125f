"""The ways in which the scores below a node become one score, by the name of the mean.

Each takes the scores of the children and their shares, both units × children, and gives one
score per unit. A share of 0 means: not there, whatever the score beside it. Shares of a unit
sum to 1, or are all 0 where there is nothing to say; that unit's score is not looked at.
Where a mean is not defined, such as a geometric one of a negative score, the score is NaN.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from app.scoring.definition.cards import Aggregate
from app.survey.sample import Floats

Mean = Callable[[Floats, Floats], Floats]

PAIRS_AT_ONCE = 400_000
"""Pairs of units compared in one step: some 25 MB in all."""
NOISE = 1e-10
"""Scores and votes that agree to this much are equal: the rest is binary noise."""


def mean_of(aggregate: Aggregate) -> Mean:
    """The function behind a system's word for a mean."""
    if isinstance(aggregate, str):
        return MEANS[aggregate]
    return NAMED_POWERS.get(aggregate.power, partial(_power, aggregate.power))


def copeland(values: Floats, shares: Floats) -> Floats:
    """Units outranked minus units outranked by (Copeland 1951; COINr's `a_copeland`).

    Unit i outranks j where o_ij = Σ w [x_i > x_j] + ½ Σ w [x_i = x_j] exceeds ½. Two units of
    different types, or with different gaps, have different shares; w is then the average of
    the two over the children that both have, made to sum to 1, so that o_ij + o_ji = 1. Two
    units without a child in common do not outrank each other. Scores may be negative.
    """
    n = values.shape[0]
    result = np.zeros(n)
    step = max(1, PAIRS_AT_ONCE // max(n, 1))
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        wins = _outranked(values, shares, rows)
        result[rows] += wins.sum(axis=1)
        # Who comes after these rows meets them here, and only here.
        result[rows.stop :] -= wins[:, rows.stop - start :].sum(axis=0)
    return result


def _outranked(values: Floats, shares: Floats, rows: slice) -> Floats:
    """1, 0 or -1 for every pair of `rows` with themselves and all units after them."""
    votes = np.zeros((rows.stop - rows.start, values.shape[0] - rows.start))
    together = np.zeros_like(votes)
    for score, share in zip(values.T, shares.T, strict=True):
        here, there = share[rows, None], share[None, rows.start :]
        weight = np.where((here > 0) & (there > 0), here + there, 0.0)
        # A score beside a share of 0 may be NaN.
        x = np.where(share > 0, score, 0.0)
        margin = x[rows, None] - x[None, rows.start :]
        votes += weight * np.where(np.abs(margin) <= NOISE, 0.0, np.sign(margin))
        together += weight
    return np.where(np.abs(votes) <= NOISE * together, 0.0, np.sign(votes))


def _arithmetic(values: Floats, shares: Floats) -> Floats:
    return (shares * np.where(shares > 0, values, 0.0)).sum(axis=1)


def _geometric(values: Floats, shares: Floats) -> Floats:
    positive, defined = _above_zero(values, shares)
    return np.where(defined, np.exp((shares * np.log(positive)).sum(axis=1)), np.nan)


def _harmonic(values: Floats, shares: Floats) -> Floats:
    positive, defined = _above_zero(values, shares)
    sums = (shares / positive).sum(axis=1)
    means = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
    return np.where(defined, means, np.nan)


def _power(power: float, values: Floats, shares: Floats) -> Floats:
    """(Σ w x^p)^(1/p), by way of logarithms: no overflow, and exact as p nears 0.

    Scores of 0 are fine where p > 0, as 0^p is 0.
    """
    there = shares > 0
    low = ~there | ((values >= 0) if power > 0 else (values > 0))
    with np.errstate(divide="ignore"):
        powers = power * np.log(np.where(there & low, values, 1.0))
        largest = np.where(there, powers, -np.inf).max(axis=1)
        centre = np.where(np.isfinite(largest), largest, 0.0)
        deviations = np.where(there, powers - centre[:, None], 0.0)
        total = np.log1p((shares * np.expm1(deviations)).sum(axis=1))
    return np.where(low.all(axis=1), np.exp((centre + total) / power), np.nan)


def _mazziotta_pareto(penalty: int, values: Floats, shares: Floats) -> Floats:
    """M ∓ S² / M over the children that are there (Mazziotta and Pareto 2016), unweighted.

    M is their plain mean and S their population standard deviation: shares only say who is
    there, because the method has no weights.
    """
    there = shares > 0
    n = np.maximum(there.sum(axis=1), 1)
    mean = np.where(there, values, 0.0).sum(axis=1) / n
    variance = (np.where(there, values - mean[:, None], 0.0) ** 2).sum(axis=1) / n
    largest = np.where(there, np.abs(values), 0.0).max(axis=1)
    divides = np.abs(mean) > NOISE * largest
    unevenness = np.divide(variance, mean, out=np.zeros_like(mean), where=divides)
    return np.where(divides | ~there.any(axis=1), mean + penalty * unevenness, np.nan)


def _above_zero(values: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Scores with 1 for what is not there, and whether all that is there is above 0."""
    there = shares > 0
    positive = there & (values > 0)
    return np.where(positive, values, 1.0), (positive == there).all(axis=1)


MEANS: Mapping[str, Mean] = {
    "arithmetic": _arithmetic,
    "geometric": _geometric,
    "harmonic": _harmonic,
    "copeland": copeland,
    "mpi_minus": partial(_mazziotta_pareto, -1),
    "mpi_plus": partial(_mazziotta_pareto, 1),
}
NAMED_POWERS: Mapping[float, Mean] = {1: _arithmetic, 0: _geometric, -1: _harmonic}
