"""Calibration: the weights nearest to those before that meet known totals of the population.

Linear (GREG), raking and logit distances, with or without bounds on the ratio or on the
weight itself, one factor for all members of a unit if wanted. Source: Deville and Särndal
1992; equal weights within units: Lemaître and Dufour 1987.
"""

from dataclasses import dataclass, replace

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Adjustment, Design, Integers
from app.stats.weights.distance import Distance
from app.stats.weights.dual import GOOD_ENOUGH, Problem, Solution, solve
from app.stats.weights.feasibility import (
    narrowest_line,
    short_lines,
    shortfalls,
    widening_line,
)
from app.stats.weights.replicated import in_each_replicate
from app.stats.weights.targets import Targets, independent, margin_targets, term_targets
from app.survey.sample import Floats

__all__ = ["Targets", "calibrate", "margin_targets", "term_targets"]


def calibrate(
    design: Design,
    targets: Targets,
    distance: Distance,
    *,
    scale: Floats | None = None,
    units: Integers | None = None,
) -> Design:
    """The design with the nearest weights that meet the targets, and the step remembered.

    `scale` q (n) says how far each row's factor may move, g = F(x'λ/q). With `units` (n
    codes) x and the weight before are averaged over a unit's responses, so that its members
    share one factor. Replicate weights are calibrated to the same totals, each set by
    itself; rows of weight 0 stay 0.

    Raises CannotEstimate, the weights untouched: totals that contradict, bounds that cannot
    be met (naming each total, the nearest that can be reached and the narrowest bounds), or
    linear weights below 0.
    """
    wrong = scale is not None and not (np.isfinite(scale).all() and (scale > 0).all())
    if wrong:
        raise CannotEstimate("a scale of the calibration is 0, negative or missing.")
    count = design.times(np.ones(len(design)))
    step = _Step(targets, distance, count, scale, units)
    adjustment = step.adjustment(design.weight)
    below = int(count[adjustment.factor < 0].sum())
    if below:
        raise CannotEstimate(
            f"{'; '.join(targets.sources)}: the {distance.kind} distance makes {below} weights "
            "negative. Give a lower bound of 0 or more, or take the raking distance."
        )
    if design.replicates is None:
        return design.adjusted(adjustment)
    replicated = in_each_replicate(
        design.replicates, lambda weight: weight * step.adjustment(weight).factor
    )
    return design.adjusted(adjustment, replicates=replicated)


@dataclass(frozen=True, slots=True)
class _Step:
    """What one calibration asks for, whatever the weights."""

    targets: Targets
    distance: Distance
    count: Floats
    """Responses of each row."""
    scale: Floats | None
    units: Integers | None

    def adjustment(self, weight: Floats) -> Adjustment:
        """The factors for some weights (n) of one response, with what a variance needs."""
        if (weight < 0).any():
            raise CannotEstimate(
                "a weight before the calibration is negative, from a linear step without a "
                "lower bound. Give that step a lower bound of 0 or take the raking distance."
            )
        step, before = self._averaged(weight)
        columns = step.targets.columns
        q = 1.0 if step.scale is None else step.scale
        mass = np.bincount(step.targets.cell, before * step.count / q, len(columns))
        kept, basis = independent(step.targets, mass.astype(float))
        solution, group = step.solution(before, kept)
        factor = np.where(before > 0, solution.factor[group], 1.0)
        return Adjustment(
            margins=step.targets.sources,
            before=before,
            factor=factor,
            cell=step.targets.cell,
            columns=columns,
            basis=basis,
            not_stated={},
            sweeps=solution.steps,
            margin_error=_margin_error(self.targets, weight * self.count * factor),
            scale=step.scale,
        )

    def solution(self, before: Floats, kept: Integers) -> tuple[Solution, Integers]:
        """The factors of groups of rows that share one, and the group of each row."""
        group, first = self._groups(before)
        mass = np.bincount(group, before * self.count, len(first)).astype(float)
        occupied = mass > 0
        scale = np.ones(len(first)) if self.scale is None else self.scale[first]
        columns = self.targets.columns[self.targets.cell[first[occupied]]]
        problem = Problem(
            weight=mass[occupied],
            columns=columns[:, kept],
            totals=self.targets.totals[kept],
            scale=scale[occupied],
            curve=self.distance.curve(before[first[occupied]]),
        )
        if not problem.curve.is_defined:
            raise CannotEstimate("\n".join([self._undefined(), *self._short(problem, columns)]))
        found = solve(problem)
        if found.error > GOOD_ENOUGH:
            short = self._short(problem, columns) or [self._undecided(found)]
            raise CannotEstimate("\n".join(short))
        factor = np.ones(len(first))
        factor[occupied] = found.factor
        return replace(found, factor=factor), group

    def _groups(self, before: Floats) -> tuple[Integers, Integers]:
        """Group of each row, and a row of each group; one group shares x, q and its bounds."""
        group = self.targets.cell
        apart = [] if self.scale is None else [self.scale]
        if self.distance.bounds is not None and self.distance.on == "weight":
            apart.append(before)
        elif (before <= 0).any():
            apart.append((before > 0).astype(float))
        for column in apart:
            _, code = np.unique(column, return_inverse=True)
            _, group = np.unique(group * (int(code.max()) + 1) + code, return_inverse=True)
        first = np.zeros(int(group.max(initial=-1)) + 1, np.intp)
        first[group[::-1]] = np.arange(len(group))[::-1]
        return group.astype(np.intp), first

    def _short(self, problem: Problem, columns: Floats) -> list[str]:
        """The totals that the bounds keep out of reach, and how far to widen them."""
        cells = replace(self.targets, cell=np.arange(len(columns)), columns=columns)
        lower = np.maximum(problem.curve.lower, 0.0) * problem.weight
        upper = problem.curve.upper * problem.weight
        short = shortfalls(cells, lower, upper)
        if not short:
            return []
        if self.distance.bounds is not None and self.distance.on == "weight":
            return [*short_lines(short), widening_line(cells, lower, upper)]
        return [*short_lines(short), narrowest_line(cells, problem.weight)]

    def _undefined(self) -> str:
        return (
            f"bounds {self.distance.told}: the logit distance needs both, with every weight "
            "before the step inside them. Widen them or take the linear or raking distance."
        )

    def _undecided(self, found: Solution) -> str:
        return (
            f"{', '.join(self.targets.sources)}: the totals are met only to a relative error "
            f"of {found.error:.2g}, because the bounds leave almost no choice. Widen them or "
            "merge levels."
        )

    def _averaged(self, weight: Floats) -> "tuple[_Step, Floats]":
        """The step on units instead of rows: x, q and the weight averaged over responses."""
        if self.units is None:
            return self, weight
        counted = np.where(weight > 0, self.count, 0.0)
        size = np.maximum(np.bincount(self.units, counted), 1e-300)
        x = self.targets.columns[self.targets.cell]
        sums = [np.bincount(self.units, counted * column) for column in x.T]
        columns = np.column_stack(sums) / size[:, None]
        before = np.bincount(self.units, counted * weight) / size
        scale = self.scale
        if scale is not None:
            mean = np.bincount(self.units, counted * scale) / size
            # A unit of weight 0 has no mean and moves nowhere.
            scale = np.where(mean > 0, mean, 1.0)[self.units]
        targets = replace(self.targets, cell=self.units, columns=columns)
        averaged = np.where(weight > 0, before[self.units], 0.0)
        return replace(self, targets=targets, scale=scale, units=None), averaged


def _margin_error(targets: Targets, weight: Floats) -> float:
    """Largest relative distance of a sum of `weight` (n, of all responses) from its total."""
    fitted = np.bincount(targets.cell, weight, len(targets.columns))
    gap = np.abs(targets.columns.T @ fitted - targets.totals)
    size = np.maximum(np.abs(targets.totals), np.abs(targets.columns).T @ np.abs(fitted))
    return float((gap / np.where(size > 0, size, 1.0)).max(initial=0.0))
