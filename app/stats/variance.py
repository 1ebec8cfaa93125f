"""The one variance function: any linearised variable in, its variance under the design out.

Estimators differ in their linearised variable only; strata, clusters, finite populations,
calibration and replicate weights are known here and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Adjustment, Design, Integers, LonelyRule, Replicates, Stage
from app.survey.sample import Flags, Floats

Column = TypeVar("Column", Floats, Integers)

CENSUS = 1e-7
"""A stratum drawn to more than 1 minus this share adds nothing at its stage."""


def variance(design: Design, linearised: Floats, *, domain: Flags | None = None) -> float:
    """Variance of the sum of `linearised` (n values of one response, 0 outside the domain).

    The weight is part of the value. See `covariances`.
    """
    return float(covariances(design, linearised[:, None], domain=domain)[0, 0])


def covariances(design: Design, linearised: Floats, *, domain: Flags | None = None) -> Floats:
    """Covariances (k by k) of the sums of k linearised variables (n by k).

    Each calibration is taken out as g-weighted residuals (Deville and Särndal 1992), then
    at every stage V = Σ_h (1 − n_h/N_h) n_h/(n_h − 1) Σ_i (z_hi − z̄_h)(z_hi − z̄_h)', later
    stages times the sampling fractions above them (Särndal, Swensson and Wretman 1992,
    ch. 4). `domain` matters to the rule `adjust_domains` only.
    Raises CannotEstimate for a lonely stratum under the rule `fail`.
    """
    z = linearised
    for adjustment in design.adjustments:
        z = residuals(design, z, adjustment)
    inside = np.ones(len(design), bool) if domain is None else domain
    total = np.zeros((z.shape[1], z.shape[1]))
    for stage, layout, fraction_above in _stages(design):
        unit = z if stage.is_response else _unit_sums(stage, design.times(z), layout)
        spread = _Spread(design.lonely, layout, unit, _members(stage, inside, layout))
        root = np.sqrt(fraction_above * layout.uncovered * spread.scale())[layout.stratum_of]
        deviation = spread.deviation() * (root * np.sqrt(layout.multiplicity))[:, None]
        total += deviation.T @ deviation
    return total


def replicate_covariances(replicates: Replicates, replicated: Floats, values: Floats) -> Floats:
    """Covariances (k by k) of k values from their replicates (R by k).

    A replicate in which a value is not defined (nobody left in its domain) is left out, as
    in R's `survey`. Raises CannotEstimate if none is left.
    """
    sound = np.isfinite(replicated).all(axis=1)
    if not sound.any():
        raise CannotEstimate("no set of replicate weights leaves anybody in the domain")
    theta, rscales = replicated[sound], replicates.rscales[sound]
    centre = values if replicates.centre == "estimate" else theta[rscales > 0].mean(axis=0)
    deviation = (theta - centre) * np.sqrt(rscales)[:, None]
    result: Floats = replicates.scale * (deviation.T @ deviation)
    return result


def residuals(design: Design, linearised: Floats, step: Adjustment) -> Floats:
    """Return z − g d x'b (n by k), b the regression of z/g on x with the weights d of the step.

    Rows of one cell share x, so the regression is solved on cells: it costs the same for a
    thousand responses as for a million.
    """
    cells = len(step.basis)
    inverse = np.divide(1.0, step.factor, np.zeros(len(design)), where=step.factor > 0)
    d_over_q = step.before if step.scale is None else step.before / step.scale
    if step.scale is not None:
        inverse = inverse / step.scale
    root = np.sqrt(np.bincount(step.cell, design.times(d_over_q), cells))
    over_root = np.divide(1.0, root, np.zeros(cells), where=root > 0)[:, None]
    u = _sums(step.cell, design.times(linearised * inverse[:, None]), cells) * over_root
    fitted = step.basis @ (step.basis.T @ u) * over_root
    moved = (step.factor * step.before)[:, None]
    result: Floats = linearised - moved * fitted[step.cell]
    return result


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which clusters lie in which stratum and parent, and how many there are."""

    stratum_of: Integers
    """Stratum of each cluster."""
    parent_of: Integers
    """Parent cluster of each stratum."""
    multiplicity: Floats
    """Clusters that each entry stands for."""
    count: Floats
    """Clusters of each stratum."""
    fraction: Floats
    """Sampled share of each stratum's clusters; 0 if drawn with replacement."""
    names: tuple[str, ...]

    @property
    def strata(self) -> int:
        return len(self.count)

    @property
    def uncovered(self) -> Floats:
        """1 − n_h/N_h; exactly 0 for a census."""
        rest = 1 - self.fraction
        return np.where(rest < CENSUS, 0.0, rest)


def _stages(design: Design) -> Iterator[tuple[Stage, _Layout, Floats]]:
    """Each stage that adds to a variance, with the sampled share above each stratum."""
    fraction_above = np.ones(len(design))
    inside = np.zeros(len(design), np.intp)
    for stage in design.stages:
        layout = _layout(design, stage, inside)
        yield stage, layout, _last_of(stage.stratum, fraction_above, layout.strata)
        if stage.fpc is None:
            return
        fraction_above = fraction_above * layout.fraction[stage.stratum]
        inside = stage.cluster


def _layout(design: Design, stage: Stage, inside: Integers) -> _Layout:
    strata = len(stage.names)
    clusters = int(stage.cluster.max(initial=-1)) + 1
    stratum_of = _last_of(stage.cluster, stage.stratum, clusters)
    is_cell = stage.is_response and design.count is not None
    multiplicity = design.times(np.ones(clusters)) if is_cell else np.ones(clusters)
    count = np.bincount(stratum_of, multiplicity, strata).astype(float)
    fraction = np.zeros(strata)
    if stage.fpc is not None:
        fraction = count / _last_of(stage.stratum, stage.fpc, strata)
    return _Layout(
        stratum_of=stratum_of,
        parent_of=_last_of(stage.stratum, inside, strata),
        multiplicity=multiplicity,
        count=count,
        fraction=fraction,
        names=tuple(str(name) for name in stage.names),
    )


def _members(stage: Stage, inside: Flags, layout: _Layout) -> Flags:
    """Which clusters have members of the domain."""
    return np.bincount(stage.cluster, inside, len(layout.stratum_of)) > 0


@dataclass(frozen=True, slots=True)
class _Spread:
    """How far the clusters of a stage lie from the centre of their stratum."""

    rule: LonelyRule
    layout: _Layout
    unit: Floats
    """z of each cluster (clusters by k)."""
    members: Flags
    """Which clusters have members of the domain."""

    def scale(self) -> Floats:
        """n_h/(n_h − 1) by stratum; what the rule gives a stratum of one cluster."""
        n_h = self.layout.count
        usual = n_h / np.maximum(n_h - 1, 1)
        single = self._single()
        if not single.any():
            return usual
        if self.rule == "fail":
            raise CannotEstimate(_lonely_text(self.layout, single))
        if self.rule == "average":
            usual = usual * _inflation(self.layout, single)
        is_adjusted = self.rule in ("adjust", "adjust_domains")
        return np.where(single, 1.0 if is_adjusted else 0.0, usual)

    def deviation(self) -> Floats:
        """How far z lies from the mean of its stratum, or of all clusters by the rule."""
        layout, unit = self.layout, self.unit
        sums = _sums(layout.stratum_of, unit * layout.multiplicity[:, None], layout.strata)
        centre = sums / layout.count[:, None]
        apart = self._centred_apart()
        if apart.any():
            centre = np.where(apart[:, None], _parent_means(layout, unit), centre)
        return unit - centre[layout.stratum_of]

    def _single(self) -> Flags:
        return (self.layout.count == 1) & (self.layout.uncovered > 0)

    def _centred_apart(self) -> Flags:
        """The strata whose clusters are compared with the mean of all."""
        if self.rule not in ("adjust", "adjust_domains"):
            return np.zeros(self.layout.strata, bool)
        apart = self._single()
        if self.rule == "adjust_domains":
            weight = self.members * self.layout.multiplicity
            apart |= np.bincount(self.layout.stratum_of, weight, self.layout.strata) == 1
        return apart


def _lonely_text(layout: _Layout, single: Flags) -> str:
    names = ", ".join(
        name for name, is_single in zip(layout.names, single, strict=True) if is_single
    )
    return (
        f"one cluster alone has no variance: stratum {names}. Merge it with a "
        "neighbouring stratum or state a rule for lonely clusters."
    )


def _inflation(layout: _Layout, single: Flags) -> Floats:
    """H / (H − H_single) within each parent, by stratum."""
    strata = np.bincount(layout.parent_of)
    alone = np.bincount(layout.parent_of, single)
    if (strata - alone)[layout.parent_of].min() == 0:
        raise CannotEstimate("every stratum has one cluster alone: there is no average")
    return (strata / np.maximum(strata - alone, 1))[layout.parent_of]


def _parent_means(layout: _Layout, unit: Floats) -> Floats:
    """Mean of all cluster sums inside the parent, by stratum (strata by k)."""
    parent = layout.parent_of[layout.stratum_of]
    parents = int(parent.max(initial=-1)) + 1
    sums = _sums(parent, unit * layout.multiplicity[:, None], parents)
    clusters = np.bincount(parent, layout.multiplicity, parents)
    means = sums / np.maximum(clusters, 1)[:, None]
    result: Floats = means[layout.parent_of]
    return result


def _unit_sums(stage: Stage, z: Floats, layout: _Layout) -> Floats:
    return _sums(stage.cluster, z, len(layout.stratum_of))


def _sums(group: Integers, z: Floats, groups: int) -> Floats:
    """Sums of the columns of z (n by k) by group (groups by k)."""
    columns = [np.bincount(group, column, groups) for column in z.T]
    return np.column_stack(columns).astype(float) if columns else np.zeros((groups, 0))


def _last_of(group: Integers, value: Column, groups: int) -> Column:
    """The value that all rows of a group share."""
    result: Column = np.zeros(groups, value.dtype)
    result[group] = value
    return result
