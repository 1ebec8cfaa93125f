"""Iterative proportional fitting on cells: the engine behind post-stratification and raking.

Rows with the same levels on all margins share one factor, so the work depends on the number
of occupied cells, not on the number of responses, and each further set of weights
(replicates) costs one more fit on the cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Adjustment, Design, Integers
from app.stats.weights.distance import Distance
from app.stats.weights.dual import GOOD_ENOUGH, Problem, Solution, solve
from app.stats.weights.margins import PopulationMargin, check_margins, level_codes
from app.stats.weights.span import span
from app.stats.weights.targets import Targets, independent
from app.survey.sample import Floats

MARGIN_ERROR = 1e-12
"""Largest relative distance from a target; far below the 1e-10 that is promised."""
SWEEPS = 200
"""After which Newton takes over: sweeps gain a constant share of what is left each."""


@dataclass(frozen=True, slots=True)
class RakingTable:
    """The occupied cells of all margins together, whatever the weights."""

    cell: Integers
    """Cell of each row."""
    count: Floats
    """Responses that each row stands for."""
    code: Integers
    """Level of each cell on each margin (cells by margins); the last code is not stated."""
    margins: tuple[PopulationMargin, ...]

    @classmethod
    def of(cls, design: Design, margins: Sequence[PopulationMargin]) -> "RakingTable":
        """The table of a design; raises CannotEstimate for margins it cannot meet."""
        codes = [level_codes(margin) for margin in margins]
        check_margins(margins, codes, design.weight)
        sizes = tuple(len(margin.totals) + 1 for margin in margins)
        joint = np.ravel_multi_index(tuple(codes), sizes)
        present, cell = np.unique(joint, return_inverse=True)
        code = np.column_stack(np.unravel_index(present, sizes))
        count = design.times(np.ones(len(design)))
        return cls(cell.astype(np.intp), count, code, tuple(margins))

    def adjustment_of(self, weight: Floats) -> Adjustment:
        """What raking does to some weights (n) of one response. Raises CannotEstimate."""
        fit = _fit(self, self._cell_weight(weight))
        columns = _columns(self, fit.targets)
        return Adjustment(
            margins=tuple(margin.name for margin in self.margins),
            before=weight,
            factor=fit.factor[self.cell],
            cell=self.cell,
            columns=columns,
            basis=span(np.sqrt(fit.weight)[:, None] * columns)[1],
            not_stated={
                margin.name: float(share)
                for margin, share in zip(self.margins, fit.not_stated, strict=True)
            },
            sweeps=fit.sweeps,
            margin_error=fit.error,
        )

    def raked(self, weight: Floats) -> Floats:
        """Some weights (n) of one response after raking. Raises CannotEstimate."""
        check_margins(self.margins, [column[self.cell] for column in self.code.T], weight)
        return weight * _fit(self, self._cell_weight(weight)).factor[self.cell]

    def goals(self, weight: Floats) -> Targets:
        """What raking some weights (n) has to meet, as totals over the cells."""
        return _goals(self, _targets(self, self._cell_weight(weight))[1])

    def _cell_weight(self, weight: Floats) -> Floats:
        return np.bincount(self.cell, weight * self.count, len(self.code)).astype(float)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Factors of the cells that bring their weights to every margin."""

    weight: Floats
    """Sum of the weights in each cell before."""
    factor: Floats
    targets: tuple[Floats, ...]
    """Of each margin, people by code: its totals, and the share kept for not stated."""
    not_stated: Floats
    """Share of the weight without a level, by margin."""
    sweeps: int
    error: float


def _fit(table: RakingTable, weight: Floats) -> _Fit:
    """Sweep over the margins until each is met; raises CannotEstimate if one stays away."""
    absent, targets = _targets(table, weight)
    margins = range(len(targets))
    fitted = weight * (table.margins[0].people / weight.sum())
    for sweep in range(1, SWEEPS + 1):
        for m in margins:
            ratio = _ratio(table, fitted, target=targets[m], m=m)
            fitted = fitted * np.where(np.isfinite(ratio), ratio, 1.0)[table.code[:, m]]
        errors = [np.abs(_ratio(table, fitted, target=targets[m], m=m) - 1) for m in margins]
        error = max(float(e.max()) for e in errors)
        if error <= MARGIN_ERROR:
            factor = np.divide(fitted, weight, np.ones(len(weight)), where=weight > 0)
            return _Fit(weight, factor, targets, absent, sweep, error)
    found = _newton(table, weight, targets)
    if found is not None:
        return _Fit(weight, found.factor, targets, absent, SWEEPS + found.steps, found.error)
    worst = int(np.argmax([e.max() for e in errors]))
    level = int(errors[worst].argmax())
    got = float(fitted[table.code[:, worst] == level].sum())
    raise CannotEstimate(
        _out_of_reach(table.margins, worst, level=level, got=got, want=targets[worst][level])
    )


def _newton(table: RakingTable, weight: Floats, targets: Sequence[Floats]) -> Solution | None:
    """The same factors from the convex dual, where sweeps come nearer too slowly."""
    goals = _goals(table, targets)
    try:
        kept, _ = independent(goals, weight)
    except CannotEstimate:
        return None
    mass, occupied = weight[weight > 0], weight > 0
    found = solve(
        Problem(
            weight=mass,
            columns=goals.columns[np.ix_(occupied, kept)],
            totals=goals.totals[kept],
            scale=np.ones(len(mass)),
            curve=Distance("raking").curve(mass),
        )
    )
    if found.error > GOOD_ENOUGH:
        return None
    factor = np.ones(len(weight))
    factor[occupied] = found.factor
    return replace(found, factor=factor)


def _goals(table: RakingTable, targets: Sequence[Floats]) -> Targets:
    """People by code of each margin, not stated included, as totals over the cells."""
    levels = [
        table.code[:, m, None] == np.arange(len(target)) for m, target in enumerate(targets)
    ]
    return Targets(
        cell=np.arange(len(table.code)),
        columns=np.hstack(levels).astype(float),
        totals=np.concatenate(targets),
        names=tuple(
            f"margin {margin.name}, level {level}"
            for margin in table.margins
            for level in (*margin.totals, "not stated")
        ),
        sources=tuple(margin.name for margin in table.margins),
    )


def _targets(table: RakingTable, weight: Floats) -> tuple[Floats, tuple[Floats, ...]]:
    """Share of the weight without a level by margin, and people by code."""
    absent: Floats = np.array(
        [
            weight[table.code[:, m] == len(margin.totals)].sum()
            for m, margin in enumerate(table.margins)
        ]
    )
    absent = absent / weight.sum()
    total = table.margins[0].people
    targets = tuple(
        np.append(np.array(list(margin.totals.values()), float) * (1 - share), total * share)
        for margin, share in zip(table.margins, absent, strict=True)
    )
    return absent, targets


def _ratio(table: RakingTable, fitted: Floats, *, target: Floats, m: int) -> Floats:
    """Target over present weight of each level of a margin; 1 where there is neither."""
    present = np.bincount(table.code[:, m], fitted, len(target))
    # A level whose weight sank to nothing while it fought the other margins is not met.
    absent = np.where(target > 0, np.inf, 1.0)
    return np.divide(target, present, absent, where=present > 0)


def _out_of_reach(
    margins: Sequence[PopulationMargin], m: int, *, level: int, got: float, want: float
) -> str:
    name = [*margins[m].totals, "not stated"][level]
    others = ", ".join(other.name for i, other in enumerate(margins) if i != m)
    return (
        f"margin {margins[m].name}, level {name}: {got:.6g} people instead of {want:.6g} "
        f"in the nearest weights found. On these answers it cannot be met together with "
        f"{others}. Merge levels whose answers fall together."
    )


def _columns(table: RakingTable, targets: Sequence[Floats]) -> Floats:
    """1, and for each level of each margin (1 if the cell has it − its share) if stated.

    Without empty levels these span the indicators of all levels. With them they are what
    the step fixes: the total, and the shares among those who stated a level.
    """
    columns = [np.ones((len(table.code), 1))]
    for m, target in enumerate(targets):
        levels = len(target) - 1
        share = target[:levels] / target[:levels].sum()
        stated = table.code[:, m, None] < levels
        columns.append(stated * ((table.code[:, m, None] == np.arange(levels)) - share))
    return np.hstack(columns)
