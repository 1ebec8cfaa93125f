"""What every statement about ranks starts from: estimates with joint errors, and their draws.

One set of draws serves all questions, so that the answers agree with each other. A draw is
one vector over the units, never over their pairs. Units are taken in an order of their own,
best first, before anything is drawn: the order in which they were given changes nothing.

A large sample is assumed: the errors are jointly normal with a covariance that is known.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from app.errors import CannotEstimate
from app.survey.sample import Flags, Floats

TIE = 1e-12
"""Values this close, relative to the largest, are equal: arithmetic left the difference."""
CERTAIN = 1e-12
"""A difference whose variance is a smaller part of the two variances is known exactly."""
ROUNDED = 1e-6
"""An eigenvalue of a correlation matrix may be negative by this much: printed digits."""
NAMED = 20
"""Pairs named in a refusal; a matrix that is wrong all over is recognised by as many."""

Best = Literal["highest", "lowest"]


@dataclass(frozen=True, slots=True)
class JointEstimates:
    """Values of named units, and how they err together; nothing is checked yet."""

    names: Sequence[str]
    values: Sequence[float | None] | Floats
    """None or NaN: the unit has no value, and gets no rank."""
    errors: Sequence[float] | Floats
    """Standard errors of independent estimates, or the covariance matrix (units × units)."""


@dataclass(frozen=True, slots=True)
class League:
    """The K units with a value, best first, with B draws of their errors."""

    given: tuple[str, ...]
    """All units, in the order in which they were given."""
    names: tuple[str, ...]
    values: Floats
    """Turned so that more is better."""
    spread: Floats
    """K × K standard errors of the differences; 0 where a difference is known exactly."""
    draws: Floats
    """K × B normal errors with mean 0."""

    @property
    def without_rank(self) -> tuple[str, ...]:
        """The units that have no value."""
        ranked = set(self.names)
        return tuple(name for name in self.given if name not in ranked)

    @property
    def ranks(self) -> tuple[int, ...]:
        """1 = best; equal values share the smallest rank."""
        return tuple(1 + int((self.values > value).sum()) for value in self.values)

    @property
    def differences(self) -> Floats:
        """K × K studentised differences, row less column; infinite where known exactly."""
        gap = self.values[:, None] - self.values
        known = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
        return np.divide(gap, self.spread, out=known, where=self.spread > 0)

    def errors_of_differences(self, unit: int, others: slice) -> Floats:
        """Draws (others × B) of the studentised error of `unit` less each of `others`."""
        spread = self.spread[unit, others]
        # Where a difference is known exactly, both units hold the same draws.
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
        errors: Floats = self.draws[unit] - self.draws[others]
        errors *= scale[:, None]
        return errors


def simulate(
    estimates: JointEstimates,
    *,
    seed: int | np.random.Generator,
    draws: int = 2000,
    best: Best = "highest",
) -> League:
    """Check the estimates and draw their errors from the normal distribution.

    Raises CannotEstimate with everything that is wrong at once: lengths, names given twice,
    values or errors that are no numbers, a matrix that is no covariance, no value at all.
    """
    values = np.array([np.nan if v is None else v for v in estimates.values], np.float64)
    errors = np.asarray(estimates.errors, np.float64)
    refuse(_wrong_shapes(estimates.names, values, errors))
    refuse([*_wrong_numbers(estimates.names, values, errors), *_too_few(draws)])
    has_value = ~np.isnan(values)
    names = np.array(tuple(estimates.names), np.str_)[has_value]
    turned = _tied(values[has_value] if best == "highest" else -values[has_value])
    correlation, deviation = _parts(errors, has_value)
    order = np.lexsort((names, deviation, -turned))
    correlation, deviation = correlation[np.ix_(order, order)], deviation[order]
    spread = _spread(correlation, deviation)
    normal = np.random.default_rng(seed).standard_normal((draws, order.size))
    drawn = np.ascontiguousarray(((normal @ _symmetric_root(correlation)) * deviation).T)
    return League(
        given=tuple(estimates.names),
        names=tuple(str(name) for name in names[order]),
        values=turned[order],
        spread=spread,
        # The root of a singular matrix leaves 1e-8 between units that move as one.
        draws=drawn[(spread == 0).argmax(axis=1)],
    )


def refuse(problems: Iterable[str]) -> None:
    """Raise CannotEstimate naming every problem; nothing happens where there is none."""
    found = list(problems)
    if found:
        raise CannotEstimate("ranks: " + "; ".join(found))


def _wrong_shapes(names: Sequence[str], values: Floats, errors: Floats) -> Iterator[str]:
    n = len(names)
    if values.shape != (n,):
        yield f"{n} names but {values.size} values: give one value (or None) per unit"
    if errors.shape not in ((n,), (n, n)):
        yield (
            f"errors of shape {errors.shape} for {n} units: give {n} standard errors or a "
            f"{n} × {n} covariance matrix"
        )
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        yield f"{', '.join(twice)} named more than once: give every unit its own name"


def _too_few(draws: int) -> Iterator[str]:
    if draws < 1:
        yield f"{draws} draws were asked for: ask for at least 1"


def _wrong_numbers(names: Sequence[str], values: Floats, errors: Floats) -> Iterator[str]:
    def those(which: Flags) -> str:
        return ", ".join(names[int(k)] for k in np.flatnonzero(which))

    has_value = ~np.isnan(values)
    if not has_value.any():
        yield f"none of {len(names)} units has a value: nothing can be ranked"
    if np.isinf(values).any():
        yield f"the value of {those(np.isinf(values))} is infinite"
    own = np.diag(errors) if errors.ndim == 2 else errors
    unknown = has_value & ~(np.isfinite(own) & (own >= 0))
    if unknown.any():
        yield (
            f"{those(unknown)} has a value without a standard error of 0 or more: give the "
            "error, or leave the value out and the unit without a rank"
        )
    elif errors.ndim == 2:
        yield from _wrong_covariance(names, errors, has_value)


def _wrong_covariance(names: Sequence[str], errors: Floats, has_value: Flags) -> Iterator[str]:
    ranked = [name for name, has in zip(names, has_value, strict=True) if has]
    matrix = errors[np.ix_(has_value, has_value)]
    deviation = np.sqrt(np.diag(matrix))
    allowed = np.outer(deviation, deviation)
    with np.errstate(invalid="ignore"):
        uneven = ~(np.abs(matrix - matrix.T) <= ROUNDED * allowed)
        beyond = np.abs(matrix) > (1 + ROUNDED) * allowed
    for j, k in np.argwhere(np.triu(uneven))[:NAMED]:
        yield (
            f"the covariance of {ranked[j]} and {ranked[k]} is given as {matrix[j, k]:.6g} "
            f"and as {matrix[k, j]:.6g}: give one finite number for both"
        )
    for j, k in np.argwhere(np.triu(beyond & ~uneven, 1))[:NAMED]:
        yield (
            f"the covariance {matrix[j, k]:.6g} of {ranked[j]} and {ranked[k]} is larger than "
            f"their standard errors {deviation[j]:.6g} and {deviation[k]:.6g} allow"
        )
    if not (uneven | beyond).any():
        yield from _impossible(_correlation(matrix, deviation))


def _impossible(correlation: Floats) -> Iterator[str]:
    smallest = float(np.linalg.eigvalsh(correlation)[0])
    if smallest < -ROUNDED * len(correlation):
        yield (
            "the errors are no covariance matrix: their correlations have the eigenvalue "
            f"{smallest:.3g}, and no estimates can move together like that; compute all "
            "covariances from one design"
        )


def _tied(values: Floats) -> Floats:
    """The values, those made equal that only arithmetic holds apart."""
    tied, order = values.copy(), np.argsort(-values, kind="stable")
    reach = TIE * float(np.abs(values).max())
    for above, below in pairwise(order):
        if tied[above] - tied[below] <= reach:
            tied[below] = tied[above]
    return tied


def _parts(errors: Floats, has_value: Flags) -> tuple[Floats, Floats]:
    """Correlations and standard errors of the units with a value."""
    if errors.ndim == 1:
        return np.eye(int(has_value.sum())), errors[has_value]
    covariance = errors[np.ix_(has_value, has_value)]
    deviation = np.sqrt(np.diag(covariance))
    return _correlation(covariance, deviation), deviation


def _correlation(covariance: Floats, deviation: Floats) -> Floats:
    """Of units with an error of 0, as if they moved on their own."""
    both = np.outer(deviation, deviation)
    correlation: Floats = np.divide(
        (covariance + covariance.T) / 2, both, out=np.zeros_like(both), where=both > 0
    )
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _symmetric_root(correlation: Floats) -> Floats:
    """A with A A' = R, singular or not; of independent units the identity, as it is."""
    if np.count_nonzero(correlation) == len(correlation):
        return correlation
    values, vectors = np.linalg.eigh(correlation)
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def _spread(correlation: Floats, deviation: Floats) -> Floats:
    """Standard errors of all differences: s_j² + s_k² − 2 r_jk s_j s_k under the root."""
    square = deviation**2
    both = square[:, None] + square
    variance = both - 2 * correlation * np.outer(deviation, deviation)
    spread: Floats = np.sqrt(np.where(variance > CERTAIN * both, variance, 0.0))
    np.fill_diagonal(spread, 0.0)
    return spread
