"""The one variance function: any linearised variable in, its variance under the design out.

Estimators differ in their linearised variable only; strata, clusters, finite populations
and calibration are known here and nowhere else.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Adjustment, Design, Integers, LonelyRule, Stage
from app.survey.sample import Flags, Floats

Column = TypeVar("Column", Floats, Integers)

CENSUS = 1e-7
"""A stratum drawn to more than 1 minus this share adds nothing at its stage."""


def variance(design: Design, linearised: Floats) -> float:
    """Variance of the sum of `linearised` (n values, weight included, 0 outside the domain).

    Each calibration is taken out as g-weighted residuals (Deville and Särndal 1992), then
    at every stage V = Σ_h (1 − n_h/N_h) n_h/(n_h − 1) Σ_i (z_hi − z̄_h)², later stages times
    the sampling fractions above them (Särndal, Swensson and Wretman 1992, ch. 4).
    Raises CannotEstimate for a lonely stratum under the rule `fail`.
    """
    z = linearised
    for adjustment in design.adjustments:
        z = _residual(z, adjustment)
    total = 0.0
    fraction_above = np.ones(len(design))
    inside = np.zeros(len(design), np.intp)
    for stage in design.stages:
        layout = _layout(stage, inside)
        by_stratum = _stratum_variances(layout, _sums(stage.cluster, z, layout), design.lonely)
        total += float(_last_of(stage.stratum, fraction_above, layout.strata) @ by_stratum)
        if stage.fpc is None:
            break
        fraction_above = fraction_above * layout.fraction[stage.stratum]
        inside = stage.cluster
    return total


def _residual(z: Floats, step: Adjustment) -> Floats:
    """Return z − g d Xb, b the regression of z/(g d) on X with the weights before the step.

    Rows of one cell share X and g, so the regression is solved on cells: it costs the same
    for a thousand responses as for a million.
    """
    cells = len(step.basis)
    root = np.sqrt(np.bincount(step.cell, step.before, cells))
    over_root = np.divide(1.0, root, np.zeros(cells), where=root > 0)
    u = np.bincount(step.cell, z / step.factor, cells) * over_root
    fitted = step.basis @ (step.basis.T @ u) * over_root
    residual: Floats = z - step.factor * step.before * fitted[step.cell]
    return residual


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which clusters lie in which stratum and parent, and how many there are."""

    stratum_of: Integers
    """Stratum of each cluster."""
    parent_of: Integers
    """Parent cluster of each stratum."""
    count: Floats
    """Clusters of each stratum."""
    fraction: Floats
    """Sampled share of each stratum's clusters; 0 if drawn with replacement."""
    names: tuple[str, ...]

    @property
    def strata(self) -> int:
        return len(self.count)


def _layout(stage: Stage, inside: Integers) -> _Layout:
    strata = len(stage.names)
    clusters = int(stage.cluster.max(initial=-1)) + 1
    stratum_of = _last_of(stage.cluster, stage.stratum, clusters)
    count = np.bincount(stratum_of, minlength=strata).astype(float)
    fraction = np.zeros(strata)
    if stage.fpc is not None:
        fraction = count / _last_of(stage.stratum, stage.fpc, strata)
    names = tuple(str(name) for name in stage.names)
    return _Layout(stratum_of, _last_of(stage.stratum, inside, strata), count, fraction, names)


def _last_of(group: Integers, value: Column, groups: int) -> Column:
    """The value that all rows of a group share."""
    result: Column = np.zeros(groups, value.dtype)
    result[group] = value
    return result


def _sums(group: Integers, z: Floats, layout: _Layout) -> Floats:
    return np.bincount(group, weights=z, minlength=len(layout.stratum_of)).astype(float)


def _stratum_variances(layout: _Layout, z: Floats, lonely: LonelyRule) -> Floats:
    """Contribution of each stratum, before the sampling fractions of the stages above."""
    n_h = layout.count
    mean_h = np.bincount(layout.stratum_of, z, layout.strata) / n_h
    squares = np.bincount(
        layout.stratum_of, (z - mean_h[layout.stratum_of]) ** 2, layout.strata
    )
    spread = squares * n_h / np.maximum(n_h - 1, 1)
    single = (n_h == 1) & (1 - layout.fraction >= CENSUS)
    if single.any():
        spread = _with_lonely(layout, z, spread=spread, single=single, rule=lonely)
    return np.where(1 - layout.fraction < CENSUS, 0.0, (1 - layout.fraction) * spread)


def _with_lonely(
    layout: _Layout, z: Floats, *, spread: Floats, single: Flags, rule: LonelyRule
) -> Floats:
    match rule:
        case "fail":
            names = ", ".join(
                name for name, is_single in zip(layout.names, single, strict=True) if is_single
            )
            raise CannotEstimate(
                f"one cluster alone has no variance: stratum {names}. Merge it with a "
                "neighbouring stratum or state a rule for lonely clusters."
            )
        case "remove" | "certainty":
            return spread
        case "average":
            return spread * _inflation(layout, single)
        case "adjust":
            centre = _parent_means(layout, z)
            around = np.bincount(
                layout.stratum_of, (z - centre[layout.stratum_of]) ** 2, layout.strata
            )
            return np.where(single, around, spread)


def _inflation(layout: _Layout, single: Flags) -> Floats:
    """H / (H − H_single) within each parent, by stratum."""
    strata = np.bincount(layout.parent_of)
    alone = np.bincount(layout.parent_of, single)
    if (strata - alone)[layout.parent_of].min() == 0:
        raise CannotEstimate("every stratum has one cluster alone: there is no average")
    return (strata / np.maximum(strata - alone, 1))[layout.parent_of]


def _parent_means(layout: _Layout, z: Floats) -> Floats:
    """Mean of all cluster sums inside the parent, by stratum."""
    parent = layout.parent_of[layout.stratum_of]
    means = np.bincount(parent, z) / np.maximum(np.bincount(parent), 1)
    return means[layout.parent_of]
