"""Draws of the indicator values: what they might have been with other people in the sample.

A value with a standard error is drawn from x ~ N(value, covariance): by itself, or together
with the values that `Covariance` ties it to, in its unit or in another. An opt-in value with
a band is drawn evenly over its band. That is no sampling error, and no draw makes it one: it
only lets the doubt that the system accepted reach the score. Every other value stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from app.errors import InputRefused, Problem
from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import Covariance
from app.scoring.simulation.streams import stream
from app.scoring.steps.aggregation import nominal_weights
from app.scoring.steps.arrangement import Inputs, Integers
from app.survey.sample import Flags, Floats

ROUNDED = 1e-6
"""An eigenvalue of a correlation matrix may be negative by this much: printed digits."""
NAMED = 6
"""Values named in a refusal of a block."""


@dataclass(frozen=True, slots=True)
class TiedErrors:
    """The values that err together: positions among the drawn, and a root A with A A' = Σ."""

    cells: Integers
    root: csr_array


@dataclass(frozen=True, slots=True)
class ValueDraws:
    """What is needed to draw the values of m indicators in n units, again and again.

    Matrices are m × n, in the order of the codes of indicators and units, so that the order
    in which they were given changes nothing.
    """

    seed: int
    indicators: tuple[str, ...]
    columns: Integers
    """Of the m indicators in the system."""
    rows: Integers
    """Of the n units as they were given."""
    value: Floats
    error: Floats
    """0 where a value does not move."""
    tied: TiedErrors | None
    low: Floats
    high: Floats
    banded: Flags

    def draw(self, number: int) -> Floats:
        """Draw `number` of the values, units (as given) × indicators (`columns`)."""
        n = self.rows.size
        normal = np.empty_like(self.value)
        for one, code in enumerate(self.indicators):
            stream(self.seed, "error", code, number=number).standard_normal(out=normal[one])
        off = self.error * normal
        if self.tied is not None:
            off.reshape(-1)[self.tied.cells] = self.tied.root @ normal.ravel()[self.tied.cells]
        drawn = self.value + off
        for one in np.flatnonzero(self.banded.any(axis=1)).tolist():
            share = stream(self.seed, "band", self.indicators[one], number=number).random(n)
            spread = self.low[one] + share * (self.high[one] - self.low[one])
            drawn[one] = np.where(self.banded[one], spread, drawn[one])
        given: Floats = np.empty((n, len(self.indicators)))
        given[self.rows] = drawn.T
        return given


def value_draws(
    system: IndicatorSystem, inputs: Inputs, covariances: Sequence[Covariance], *, seed: int
) -> ValueDraws:
    """Prepare the draws of all values that carry an error or a band and a weight.

    Raises InputRefused naming every block of covariances that no estimates can have.
    """
    codes = np.array([card.code for card in system.indicators], np.str_)
    weights = nominal_weights(system)
    weighs = np.array([bool(weights[str(code)].any()) for code in codes])
    error = np.nan_to_num(inputs.standard_error)
    banded = ~np.isnan(inputs.band_low) & ~(error > 0)
    moves = weighs & ((error > 0) | banded).any(axis=0)
    columns = np.array(
        sorted(np.flatnonzero(moves), key=lambda column: str(codes[column])), np.intp
    )
    rows = np.argsort(np.array([unit.code for unit in inputs.units], np.str_), kind="stable")
    cut = np.ix_(rows, columns)
    indicators = tuple(str(code) for code in codes[columns])
    units = [inputs.units[row].code for row in rows]
    error = np.ascontiguousarray(error[cut].T)
    return ValueDraws(
        seed=seed,
        indicators=indicators,
        columns=columns,
        rows=rows,
        value=np.ascontiguousarray(inputs.value[cut].T),
        error=error,
        tied=_tied_errors(error, indicators, units, covariances),
        low=inputs.band_low[cut].T,
        high=inputs.band_high[cut].T,
        banded=banded[cut].T,
    )


def _tied_errors(
    error: Floats,
    indicators: Sequence[str],
    units: Sequence[str],
    covariances: Sequence[Covariance],
) -> TiedErrors | None:
    """Blocks of values that covariances connect, each with a root of its own."""
    pairs = list(_pairs(indicators, units, covariances))
    if not pairs:
        return None
    one, other, together = (np.array(part) for part in zip(*pairs, strict=True))
    cells, ends = np.unique(np.concatenate([one, other]), return_inverse=True)
    one, other = ends[: one.size], ends[one.size :]
    links = coo_array((np.ones(one.size), (one, other)), shape=(cells.size, cells.size))
    _, block_of = connected_components(links, directed=False)
    deviation = error.ravel()[cells]
    covariance = coo_array(
        (
            np.concatenate([together, together, deviation**2]),
            (
                np.concatenate([one, other, np.arange(cells.size)]),
                np.concatenate([other, one, np.arange(cells.size)]),
            ),
        ),
        shape=links.shape,
    ).tocsr()
    names = [f"{units[cell % len(units)]}/{indicators[cell // len(units)]}" for cell in cells]
    return TiedErrors(cells.astype(np.intp), _root(covariance, block_of.astype(np.intp), names))


def _pairs(
    indicators: Sequence[str], units: Sequence[str], covariances: Sequence[Covariance]
) -> Iterator[tuple[int, int, float]]:
    """Positions (in the flattened matrix) of two values, and their covariance."""
    column = {code: place for place, code in enumerate(indicators)}
    row = {code: place for place, code in enumerate(units)}
    n = len(units)
    for given in covariances:
        if given.indicator in column and given.other in column and given.value != 0:
            other_row = row[given.other_unit or given.unit]
            one = column[given.indicator] * n + row[given.unit]
            other = column[given.other] * n + other_row
            yield one, other, given.value


def _root(covariance: csr_array, block_of: Integers, names: Sequence[str]) -> csr_array:
    """The symmetric root of each block; blocks of one size are taken apart together."""
    by_size: dict[int, list[Integers]] = {}
    order = np.argsort(block_of, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(block_of[order])) + 1):
        by_size.setdefault(members.size, []).append(members)
    problems: list[Problem] = []
    at: list[tuple[Integers, Integers, Floats]] = []
    for size, blocks in by_size.items():
        members = np.array(blocks)
        one, other = np.repeat(members, size, axis=1), np.tile(members, size)
        matrices = np.asarray(covariance[one.ravel(), other.ravel()])
        matrices = matrices.reshape(len(blocks), size, size)
        roots, smallest = _symmetric_roots(matrices)
        for block in np.flatnonzero(smallest < -ROUNDED * size):
            found = [names[cell] for cell in members[block]]
            problems.append(_impossible(found, float(smallest[block])))
        at.append((one.ravel(), other.ravel(), roots.ravel()))
    if problems:
        raise InputRefused(problems)
    rows, columns, values = (np.concatenate(part) for part in zip(*at, strict=True))
    return coo_array((values, (rows, columns)), shape=covariance.shape).tocsr()


def _symmetric_roots(covariance: Floats) -> tuple[Floats, Floats]:
    """Roots of stacked matrices, and the smallest eigenvalue of each one's correlations."""
    deviation = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    both = deviation[:, :, None] * deviation[:, None, :]
    # A value with an error of 0 moves on its own, that is not at all.
    correlation = np.divide(covariance, both, out=np.zeros_like(both), where=both > 0)
    size = np.arange(correlation.shape[-1])
    correlation[:, size, size] = 1.0
    values, vectors = np.linalg.eigh(correlation)
    scaled = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    root = deviation[:, :, None] * (scaled @ np.swapaxes(vectors, -1, -2))
    return root, values[:, 0]


def _impossible(names: Sequence[str], smallest: float) -> Problem:
    shown = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    listed = "、".join(names[:NAMED]) + ("等" if len(names) > NAMED else "")
    return Problem(
        f"covariances of {shown}",
        "E204 are no covariance matrix: the correlations have a negative eigenvalue, and no "
        "estimates can move together like that",
        "Compute all covariances of these values from one design.",
        smallest,
        chinese=f"E204 {listed} 共 {len(names)} 个估计值的协方差不构成协方差矩阵：相关系数矩阵"
        f"有负特征值 {smallest:.3g}，任何抽样都不可能这样共同变动。请用同一抽样设计重新计算"
        "这些估计值的全部协方差。",
    )
