"""Sobol indices: the share of a result's variance that each uncertain input is behind.

First index S_i = V(E(Y|X_i)) / V(Y): what fixing an input would take away by itself. Total
index T_i = E(V(Y|X_-i)) / V(Y): with everything it does together with others. Inputs are
independent and uniform on [0, 1); the model turns them into what it needs.

Design: matrices A and B of N rows from a scrambled Sobol sequence, and for each input A with
its column from B: N (d + 2) runs. Estimators: first by Saltelli et al. 2010, Computer Physics
Communications 181(2), table 2 (b); total by Jansen 1999, Computer Physics Communications
117(1). Ranges by a bootstrap over the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from app.scoring.simulation.streams import stream
from app.scoring.steps.arrangement import Integers
from app.survey.sample import Floats

Model = Callable[[Floats], Floats]
"""Inputs (runs × d, uniform) → one result for each run, or several (runs × m)."""

RESAMPLES = 200
CONFIDENCE = 0.95
"""Of the bootstrap ranges."""


@dataclass(frozen=True, slots=True)
class Index:
    """One index with its range; an estimate below 0 is shown as 0, the range as it came."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sobol:
    """The indices of one result; all 0 where it does not vary."""

    first: tuple[Index, ...]
    total: tuple[Index, ...]
    variance: float
    base: int
    """N: the model ran N (d + 2) times."""


def sobol(model: Model, inputs: int, *, base: int, seed: int) -> Sobol:
    """The indices of a model with one result; `base` is best a power of 2."""
    return sobol_of_each(model, inputs, base=base, seed=seed)[0]


def sobol_of_each(model: Model, inputs: int, *, base: int, seed: int) -> list[Sobol]:
    """The indices of each of a model's m results, from the same runs."""
    runs = [model(sample) for sample in saltelli_sample(inputs, base=base, seed=seed)]
    # Runs × results, results last: a model with one result gives one column.
    a, b, *mixed = (run.reshape(base, -1) for run in runs)
    chosen = stream(seed, "sobol", "bootstrap").integers(base, size=(RESAMPLES, base))
    return [
        _indices(a[:, k], b[:, k], np.array([one[:, k] for one in mixed]), chosen)
        for k in range(a.shape[1])
    ]


def saltelli_sample(inputs: int, *, base: int, seed: int) -> list[Floats]:
    """A, B, and A with each column in turn from B; each `base` × `inputs`."""
    scrambled_by = int(stream(seed, "sobol", "sample").integers(2**63))
    sequence = qmc.Sobol(2 * inputs, scramble=True, rng=scrambled_by)
    # A power of 2 keeps the sequence balanced; of another size, the first rows serve.
    both = sequence.random_base2(int(np.ceil(np.log2(base))))[:base]
    a, b = both[:, :inputs], both[:, inputs:]
    mixed = []
    for i in range(inputs):
        one = a.copy()
        one[:, i] = b[:, i]
        mixed.append(one)
    return [a, b, *mixed]


def _indices(a: Floats, b: Floats, mixed: Floats, chosen: Integers) -> Sobol:
    first, total, variance = _estimates(a, b, mixed)
    resampled = [_estimates(a[rows], b[rows], mixed[:, rows])[:2] for rows in chosen]
    ends = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    lows, highs = np.quantile(np.array(resampled), ends, axis=0)
    return Sobol(
        first=_as_indices(first, lows[0], highs[0]),
        total=_as_indices(total, lows[1], highs[1]),
        variance=variance,
        base=a.size,
    )


def _estimates(a: Floats, b: Floats, mixed: Floats) -> tuple[Floats, Floats, float]:
    """First and total indices, and the variance, from results of A, B and the mixed runs."""
    both = np.concatenate([a, b])
    variance = float(both.var())
    if variance == 0:
        return np.zeros(len(mixed)), np.zeros(len(mixed)), 0.0
    # Centred, so that a large mean does not drown the differences.
    first = ((b - both.mean()) * (mixed - a)).mean(axis=1) / variance
    total = ((a - mixed) ** 2).mean(axis=1) / (2 * variance)
    return first, total, variance


def _as_indices(values: Floats, lows: Floats, highs: Floats) -> tuple[Index, ...]:
    found = zip(values.tolist(), lows.tolist(), highs.tolist(), strict=True)
    return tuple(Index(max(value, 0.0), low, high) for value, low, high in found)
