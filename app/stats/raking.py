"""Iterative proportional fitting on cells: the engine behind post-stratification and raking.

Responses with the same levels on all margins share one factor, so the work depends on the
number of occupied cells, not on the number of responses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Adjustment, Integers
from app.survey.sample import Floats, Labels

NOT_STATED = ""
MARGIN_ERROR = 1e-12
"""Largest relative distance from a target; far below the 1e-10 that is promised."""
SWEEPS = 5000
SAME_TOTAL = 1e-9
"""Relative distance at which two margins have the same total."""


@dataclass(frozen=True, slots=True)
class PopulationMargin:
    """Known totals of the population by level, and the level of each response."""

    name: str
    level: Labels
    """Level of each response (n); empty where it was not stated."""
    totals: Mapping[str, float]
    """Level → people, in the order in which levels are neighbours."""


def calibrate_to_margins(weight: Floats, margins: Sequence[PopulationMargin]) -> Adjustment:
    """The factors that bring `weight` (n values) to every margin, with their record.

    Raises CannotEstimate with every reason found: totals that contradict, a level without
    answers, an answer without a total; or the level that cannot be met with the others.
    """
    problems = [
        *_total_problems(margins),
        *(problem for margin in margins for problem in _level_problems(margin, weight)),
    ]
    if problems:
        raise CannotEstimate("\n".join(problems))
    table = _table(weight, margins)
    fitted, sweeps, error = _fit(table)
    factor = np.divide(fitted, table.weight, np.ones(len(fitted)), where=table.weight > 0)
    columns = _columns(table)
    return Adjustment(
        margins=tuple(margin.name for margin in margins),
        before=weight,
        factor=factor[table.cell],
        cell=table.cell,
        columns=columns,
        basis=_basis(np.sqrt(table.weight)[:, None] * columns),
        not_stated={
            margin.name: float(share)
            for margin, share in zip(margins, table.not_stated, strict=True)
        },
        sweeps=sweeps,
        margin_error=error,
    )


def _total_problems(margins: Sequence[PopulationMargin]) -> Iterator[str]:
    sums = [sum(margin.totals.values()) for margin in margins]
    for margin, total in zip(margins, sums, strict=True):
        if abs(total - sums[0]) > SAME_TOTAL * max(abs(total), abs(sums[0])):
            yield (
                f"margin {margin.name} sums to {total:.12g} people, but margin "
                f"{margins[0].name} to {sums[0]:.12g}. One population has one total."
            )


def _level_problems(margin: PopulationMargin, weight: Floats) -> Iterator[str]:
    here = f"margin {margin.name}"
    for level, total in margin.totals.items():
        if not (np.isfinite(total) and total > 0):
            yield f"{here}, level {level}: its total {total:g} is not a number of people."
    found, code = np.unique(margin.level[weight > 0], return_inverse=True)
    count = dict(zip(found.tolist(), np.bincount(code).tolist(), strict=True))
    stated = {level: n for level, n in count.items() if level != NOT_STATED}
    if not stated:
        yield f"{here}: nobody who is counted stated a level."
        return
    for level in stated.keys() - margin.totals.keys():
        yield f"{here}, level {level}: {stated[level]} answers, but no total. Add it or recode."
    levels = list(margin.totals)
    for i, level in enumerate(levels):
        if level not in stated:
            near = [other for other in levels[max(i - 1, 0) : i + 2] if other in stated]
            smallest = min(near or sorted(stated), key=lambda other: stated[other])
            yield (
                f"{here}, level {level}: {margin.totals[level]:g} people and no answer. "
                f"Merge it with the level {smallest}."
            )


@dataclass(frozen=True, slots=True)
class _Table:
    """The occupied cells of all margins together."""

    cell: Integers
    """Cell of each response."""
    weight: Floats
    """Sum of the weights in each cell."""
    code: Integers
    """Level of each cell on each margin (cells by margins); the last code is not stated."""
    targets: tuple[Floats, ...]
    """Of each margin, people by code: its totals, and the share kept for not stated."""
    not_stated: Floats
    """Share of the weight without a level, by margin."""
    total: float
    names: tuple[tuple[str, tuple[str, ...]], ...]
    """Name of each margin with the names of its levels."""


def _table(weight: Floats, margins: Sequence[PopulationMargin]) -> _Table:
    sizes = tuple(len(margin.totals) + 1 for margin in margins)
    codes = np.column_stack([_codes(margin) for margin in margins])
    joint = np.ravel_multi_index(tuple(codes.T), sizes)
    present, cell = np.unique(joint, return_inverse=True)
    code = np.column_stack(np.unravel_index(present, sizes))
    cell_weight = np.bincount(cell, weight, len(present)).astype(float)
    total = sum(margins[0].totals.values())
    absent: Floats = np.array(
        [cell_weight[code[:, m] == n - 1].sum() for m, n in enumerate(sizes)]
    )
    absent = absent / cell_weight.sum()
    targets = tuple(
        np.append(np.array(list(margin.totals.values()), float) * (1 - share), total * share)
        for margin, share in zip(margins, absent, strict=True)
    )
    names = tuple((margin.name, (*margin.totals, "not stated")) for margin in margins)
    return _Table(cell, cell_weight, code, targets, absent, total, names)


def _codes(margin: PopulationMargin) -> Integers:
    order = {level: i for i, level in enumerate(margin.totals)}
    found, code = np.unique(margin.level, return_inverse=True)
    # A level without a total can only be left on responses of weight 0.
    return np.array([order.get(level, len(order)) for level in found.tolist()], np.intp)[code]


def _fit(table: _Table) -> tuple[Floats, int, float]:
    """Weights of the cells, sweeps done, and the largest relative error of a margin."""
    fitted = table.weight * (table.total / table.weight.sum())
    margins = range(len(table.targets))
    for sweep in range(1, SWEEPS + 1):
        for m in margins:
            ratio = _ratio(table, fitted, m)
            fitted = fitted * np.where(np.isfinite(ratio), ratio, 1.0)[table.code[:, m]]
        errors = [np.abs(_ratio(table, fitted, m) - 1) for m in margins]
        error = max(float(e.max()) for e in errors)
        if error <= MARGIN_ERROR:
            return fitted, sweep, error
    worst = int(np.argmax([e.max() for e in errors]))
    raise CannotEstimate(
        _out_of_reach(table, fitted, m=worst, level=int(errors[worst].argmax()))
    )


def _ratio(table: _Table, fitted: Floats, m: int) -> Floats:
    """Target over present weight of each level of a margin; 1 where there is neither."""
    target = table.targets[m]
    present = np.bincount(table.code[:, m], fitted, len(target))
    # A level whose weight sank to nothing while it fought the other margins is not met.
    absent = np.where(target > 0, np.inf, 1.0)
    return np.divide(target, present, absent, where=present > 0)


def _out_of_reach(table: _Table, fitted: Floats, *, m: int, level: int) -> str:
    got = float(fitted[table.code[:, m] == level].sum())
    name, levels = table.names[m]
    others = ", ".join(other for i, (other, _) in enumerate(table.names) if i != m)
    return (
        f"margin {name}, level {levels[level]}: {got:.6g} people instead of "
        f"{table.targets[m][level]:.6g} after {SWEEPS} sweeps. On these answers it cannot be "
        f"met together with {others}. Merge levels whose answers fall together."
    )


def _columns(table: _Table) -> Floats:
    """1, and for each level of each margin (1 if the cell has it − its share) if stated.

    Without empty levels these span the indicators of all levels. With them they are what
    the step fixes: the total, and the shares among those who stated a level.
    """
    columns = [np.ones((len(table.weight), 1))]
    for m, target in enumerate(table.targets):
        levels = len(target) - 1
        share = target[:levels] / target[:levels].sum()
        stated = table.code[:, m, None] < levels
        columns.append(stated * ((table.code[:, m, None] == np.arange(levels)) - share))
    return np.hstack(columns)


def _basis(matrix: Floats) -> Floats:
    """Orthonormal basis of the column space; repeated information drops out."""
    left, singular, _ = np.linalg.svd(matrix, full_matrices=False)
    limit = singular.max() * max(matrix.shape) * np.finfo(float).eps
    basis: Floats = left[:, singular > limit]
    return basis
