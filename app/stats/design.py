"""How the answers came about, as far as a variance must know it.

A design holds one final weight per response, the stages by which responses were drawn
(strata, clusters, finite populations) and every calibration the weights went through. It
computes nothing itself: `weighting` makes and adjusts designs, `variance` reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.survey.sample import Floats, Labels

Integers = NDArray[np.intp]

LonelyRule = Literal["fail", "remove", "certainty", "average", "adjust"]
"""What a stratum with one cluster adds to a variance: a refusal (`fail`), nothing (`remove`,
`certainty`), the average of the others (`average`), or its square around the mean of all
clusters (`adjust`, never too small)."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of drawing, over n rows; codes count from 0."""

    stratum: Integers
    """Stratum of each row, nested in the clusters of the stage before."""
    cluster: Integers
    """Cluster of each row, nested in its stratum; no code occurs in two strata."""
    names: Labels
    """Name of each stratum, by its code."""
    fpc: Floats | None = None
    """Clusters in the population of the row's stratum; None if drawn with replacement."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One calibration of the weights: what it did, and what a variance must take out again.

    With `X` the calibration columns of a row, ``columns[cell]``, the new weight is
    ``before * factor`` and depends on the row only through its cell.
    """

    margins: tuple[str, ...]
    before: Floats
    """Weights before the step (n)."""
    factor: Floats
    """New weight over old (n), positive."""
    cell: Integers
    """Row of `columns` that belongs to each response (n)."""
    columns: Floats
    """Calibration columns of each cell (cells by columns); may repeat information."""
    basis: Floats
    """Orthonormal basis of √d X over cells (cells by rank), d the weight of a cell before the
    step: found once, so that taking the step out of a variance is two products."""
    not_stated: Mapping[str, float]
    """Margin → share of the weight before the step whose level was not stated."""
    sweeps: int
    margin_error: float
    """Largest relative distance of a margin level from its target when the step ended."""


@dataclass(frozen=True, slots=True)
class Design:
    """n responses: their weights, how they were drawn, and how the weights were calibrated."""

    weight: Floats
    stages: tuple[Stage, ...]
    adjustments: tuple[Adjustment, ...] = ()
    lonely: LonelyRule = "fail"

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def df(self) -> int:
        """First-stage clusters less strata, over the rows with a positive weight."""
        counted = self.weight > 0
        first = self.stages[0]
        clusters = np.bincount(first.cluster[counted]).astype(bool).sum()
        return int(clusters - np.bincount(first.stratum[counted]).astype(bool).sum())

    def adjusted(self, adjustment: Adjustment) -> "Design":
        """The design after a calibration step."""
        weight = adjustment.before * adjustment.factor
        return replace(self, weight=weight, adjustments=(*self.adjustments, adjustment))


def simple_design(
    weight: Floats,
    *,
    stratum: Labels | None = None,
    psu: Labels | None = None,
    fpc: Floats | None = None,
    lonely: LonelyRule = "fail",
) -> Design:
    """A design of one stage: each row its own cluster, one stratum, unless told otherwise.

    `fpc` is the number of clusters in the population of the row's stratum. Raises ValueError
    if columns differ in length or a weight is negative or not finite.
    """
    weight = np.asarray(weight, float)
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise ValueError("a weight is negative or not finite")
    return Design(weight, (first_stage(len(weight), stratum, psu, fpc=fpc),), lonely=lonely)


def first_stage(
    n: int, stratum: Labels | None, psu: Labels | None, *, fpc: Floats | None = None
) -> Stage:
    """The first stage over n rows; cluster names may repeat in different strata."""
    inside = np.zeros(n, np.intp)
    return next_stage(inside, stratum=stratum, cluster=psu, fpc=fpc)


def next_stage(
    inside: Integers,
    *,
    stratum: Labels | None,
    cluster: Labels | None,
    fpc: Floats | None = None,
) -> Stage:
    """A stage of drawing inside the clusters `inside` of the stage before.

    Names of strata and clusters may repeat in different parents. Without `cluster` every
    row is its own cluster, without `stratum` each parent is one stratum.
    """
    n = len(inside)
    if any(column is not None and len(column) != n for column in (stratum, cluster, fpc)):
        raise ValueError(f"the columns of a stage differ in length from its {n} rows")
    names, name_codes = np.unique(_or_one(stratum, n), return_inverse=True)
    present, strata = np.unique(inside * len(names) + name_codes, return_inverse=True)
    if cluster is None:
        clusters = np.arange(n, dtype=np.intp)
    else:
        known, codes = np.unique(cluster, return_inverse=True)
        _, clusters = np.unique(strata * len(known) + codes, return_inverse=True)
    stage_names = names[present % max(len(names), 1)]
    return Stage(strata.astype(np.intp), clusters.astype(np.intp), stage_names, fpc)


def _or_one(labels: Labels | None, n: int) -> Labels:
    return np.full(n, "all") if labels is None else np.asarray(labels)
