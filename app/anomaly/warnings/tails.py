"""How rare a count or a value is among its like: tails of Poisson mixtures, and peers.

Places differ for good reasons, so no count is compared with a bare Poisson variable: its
spread beyond chance is estimated from the other places and makes the tails wider.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from app.survey.sample import Floats, Labels

Places = NDArray[np.int64]
"""Positions in another column."""

FEWEST_OTHERS = 4
"""With fewer like it a place is compared with nothing."""
SMALLEST_P = 1e-300


def upper_tail(observed: Floats, expected: Floats, spread: Floats) -> Floats:
    """P(X ≥ observed) of counts with mean `expected`, variance m + spread · m².

    A Poisson variable whose mean is gamma distributed (Greenwood and Yule 1920); Poisson
    where `spread` is 0.
    """
    return _tail(stats.nbinom.sf, stats.poisson.sf, observed - 1, expected, spread)


def lower_tail(observed: Floats, expected: Floats, spread: Floats) -> Floats:
    """P(X ≤ observed) of the same counts."""
    return _tail(stats.nbinom.cdf, stats.poisson.cdf, observed, expected, spread)


def spread_of_others(observed: Floats, expected: Floats) -> Floats:
    """For each count: the spread beyond Poisson of all the other counts, by moments.

    Solves Σ (x − m)² = Σ (m + s · m²) for s, never below 0 (Breslow 1984).
    """
    excess = (observed - expected) ** 2 - expected
    above = excess.sum() - excess
    below = np.maximum((expected**2).sum() - expected**2, 1e-12)
    return np.maximum(above / below, 0.0)


def as_z(p: Floats | float) -> Floats:
    """The upper tail of a normal variable with this probability."""
    return np.asarray(stats.norm.isf(np.clip(p, SMALLEST_P, 1 - 1e-16)), dtype=np.float64)


def corrected(p: Floats, tests: int) -> Floats:
    """Bonferroni's correction for having looked at `tests` places."""
    return np.minimum(p * tests, 1.0)


def against_others(values: Floats, variances: Floats, groups: Labels) -> tuple[Floats, Floats]:
    """How far each value lies from the others of its group: their mean, and z.

    z has the tail of the prediction of one further value from k others (t, k − 1 degrees of
    freedom), where values differ by chance (`variances`) and for good reasons. NaN in a
    group of fewer than five.
    """
    mean, z = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for position in range(len(values)):
        others = groups == groups[position]
        others[position] = False
        others &= np.isfinite(values)
        k = int(others.sum())
        if k < FEWEST_OTHERS or not np.isfinite(values[position]):
            continue
        mean[position] = values[others].mean()
        by_chance = variances[others].mean()
        between = max(values[others].var(ddof=1), by_chance)
        more_chance = max(variances[position] - by_chance, 0.0)
        error = np.sqrt(between * (1 + 1 / k) + more_chance)
        t = (values[position] - mean[position]) / max(error, 1e-9)
        z[position] = np.sign(t) * as_z(stats.t.sf(abs(t), k - 1))
    return mean, z


def _tail(
    mixed: Callable[..., Floats],
    plain: Callable[..., Floats],
    observed: Floats,
    expected: Floats,
    spread: Floats,
) -> Floats:
    size = 1 / np.maximum(spread, 1e-9)
    chance = size / (size + expected)
    tail = np.where(spread > 1e-9, mixed(observed, size, chance), plain(observed, expected))
    return np.maximum(np.asarray(tail, dtype=np.float64), SMALLEST_P)
