"""Drawing the mean of an open channel to a small probability sample of the same people.

Volunteers are many and off by an unknown amount; a sample is few and right on average. How
far open means are off, over and above chance, is estimated from all points together and
decides how much the sample counts at each (Meng 2018 gives the reason, Fay & Herriot 1979
and DerSimonian & Laird 1986 the form).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from app.survey.sample import Floats

Positions = NDArray[np.int64]

BOUND = 2.0
"""Standard deviations beyond which a point's difference counts no further."""


def tau_squared(differences: Floats, variances: Floats) -> float:
    """Between-point variance of open minus sample, beyond their sampling `variances`.

    Method of moments: the value at which the mean squared standardised difference is what
    chance would give (Paule & Mandel 1982), never negative. Each square is bounded, and its
    expectation with it (Huber 1981, proposal 2), so one or two attacked points among many
    do not make every other point doubtful. About zero, not about the mean difference: what
    all open channels are off by together is also a reason to trust them less.
    """
    known = np.isfinite(differences) & np.isfinite(variances) & (variances > 0)
    squares, noise = differences[known] ** 2, variances[known]
    if not len(squares):
        return 0.0

    def excess(tau2: float) -> float:
        return float(np.minimum(squares / (tau2 + noise), BOUND**2).mean() - _usual_square())

    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, squares.max() / _usual_square()))


def shrink(
    *,
    open_mean: Floats,
    open_variance: Floats,
    sample_mean: Floats,
    sample_variance: Floats,
    tau2: float,
) -> tuple[Floats, Floats]:
    """(1 − k)·open + k·sample, and k = (τ² + v_open) / (τ² + v_open + v_sample).

    The mean of least error for the population if open means are off by τ² on average and
    the sample is not. A NaN mean is one that is not there: the other one stands alone.
    """
    doubt = tau2 + open_variance
    total = doubt + sample_variance
    usable = np.isfinite(total) & (total > 0)
    weight = np.where(usable, doubt / np.where(usable, total, 1.0), 0.0)
    weight = np.where(np.isnan(open_mean), 1.0, weight)
    weight = np.where(np.isnan(sample_mean), 0.0, weight)
    mixed = (1 - weight) * np.nan_to_num(open_mean) + weight * np.nan_to_num(sample_mean)
    nothing = np.isnan(open_mean) & np.isnan(sample_mean)
    return np.where(nothing, np.nan, mixed), weight


def mean_variances(
    scores: Floats, weights: Floats, *, group: Positions, groups: int
) -> tuple[Floats, Floats]:
    """Weighted mean of each group, and its variance from the spread pooled over all groups.

    Four answers tell next to nothing about their own spread, and four equal ones would seem
    to have none; all groups together tell it well: Σw(x−x̄)² / Σ(W − Σw²/W), times Σw²/W²
    for the mean of one group. Rows without a score have weight 0. NaN where unknown.
    """

    def total(values: Floats) -> Floats:
        return np.bincount(group, weights=values, minlength=groups).astype(np.float64)

    weight, square = total(weights), total(weights**2)
    present = weight > 0
    divisor = np.where(present, weight, 1.0)
    mean = np.where(present, total(weights * scores) / divisor, np.nan)
    deviation = np.where(weights > 0, scores - np.nan_to_num(mean)[group], 0.0)
    freedom = float((weight - square / divisor).sum())
    spread = float((weights * deviation**2).sum()) / freedom if freedom > 1e-9 else np.nan
    return mean, np.where(present, spread * square / divisor**2, np.nan)


def _usual_square() -> float:
    """Expectation of min(Z², BOUND²) for a standard normal Z."""
    inside = 2 * norm.cdf(BOUND) - 1 - 2 * BOUND * norm.pdf(BOUND)
    return float(inside + 2 * BOUND**2 * norm.sf(BOUND))
