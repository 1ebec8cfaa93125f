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

from app.survey.sample import Flags, Floats, Labels

Integers = NDArray[np.intp]

LonelyRule = Literal["fail", "remove", "certainty", "average", "adjust", "adjust_domains"]
"""What a stratum with one cluster adds to a variance: a refusal (`fail`), nothing (`remove`,
`certainty`), the average of the others (`average`), or its square around the mean of all
clusters (`adjust`, never too small). `adjust_domains` does so too where one cluster alone of
several has members of the domain."""


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
    is_response: bool = False
    """Whether each response is a cluster of its own: a row of several is several clusters."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One calibration of the weights: what it did, and what a variance must take out again.

    With x the calibration columns of a row, ``columns[cell]``, the step found weights
    d g, g = F(x'λ/q), that meet the totals of x. A variance sees g-weighted residuals:
    z − g d x'b with b = (Σ x x' d/q)⁻¹ Σ x z/(g q), sums over responses.
    """

    margins: tuple[str, ...]
    before: Floats
    """The weights d of the regression (n): those before the step, or their mean in the unit
    where a step keeps weights equal within units."""
    factor: Floats
    """g, new weight over old (n); 0 only where a bound of 0 was reached."""
    cell: Integers
    """Row of `columns` that belongs to each response (n)."""
    columns: Floats
    """Calibration columns x of each cell (cells by columns); may repeat information."""
    basis: Floats
    """Orthonormal basis of √D X over cells (cells by rank), D the sum of d/q in a cell:
    found once, so that taking the step out of a variance is two products."""
    not_stated: Mapping[str, float]
    """Margin → share of the weight before the step whose level was not stated."""
    sweeps: int
    margin_error: float
    """Largest relative distance of a total from its target when the step ended."""
    scale: Floats | None = None
    """q (n), how far a response's factor may move; None if 1 for everybody."""


@dataclass(frozen=True, slots=True)
class Replicates:
    """The weights of n rows under R perturbed samples, and how to read their spread.

    V = scale · Σ_r rscales_r (θ_r − c)², c the mean of the θ_r with a positive rscale, or the
    value under the full weights where `centre` says so (Wolter 2007, ch. 2–5).
    """

    weight: Floats
    """n by R, after all steps."""
    scale: float
    rscales: Floats
    """R."""
    df: int
    """Rank of the replicate weights before any step, less one."""
    centre: Literal["mean", "estimate"] = "mean"


@dataclass(frozen=True, slots=True)
class Design:
    """n rows of responses: their weights, how they were drawn and calibrated.

    A row may stand for many identical responses, so that the same estimators run on a
    village's rows and on a country's cells.
    """

    weight: Floats
    """Of one response of the row (n)."""
    stages: tuple[Stage, ...]
    adjustments: tuple[Adjustment, ...] = ()
    lonely: LonelyRule = "fail"
    count: Floats | None = None
    """Responses that each row stands for (n whole numbers); None if one each."""
    replicates: Replicates | None = None
    """Where given, every variance comes from them and the stages are not used."""

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def df(self) -> int:
        """Degrees of freedom: clusters less strata, or those of the replicate weights."""
        return self.df_of(None)

    def df_of(self, domain: Flags | None) -> int:
        """First-stage clusters less strata over a domain's rows with a positive weight.

        With replicate weights their rank over those rows less one.
        """
        if self.replicates is not None:
            return _replicate_df(self.replicates, domain)
        counted = self.weight > 0 if domain is None else (self.weight > 0) & domain
        first = self.stages[0]
        strata = int(np.bincount(first.stratum[counted]).astype(bool).sum())
        if first.is_response:
            return int(self.responses(counted)) - strata
        return int(np.bincount(first.cluster[counted]).astype(bool).sum()) - strata

    def responses(self, rows: Flags) -> int:
        """How many responses the flagged rows stand for."""
        return int(rows.sum() if self.count is None else self.count[rows].sum())

    def times(self, values: Floats) -> Floats:
        """Values of a response (n, or n by k) summed over the responses of its row."""
        if self.count is None:
            return values
        return values * (self.count if values.ndim == 1 else self.count[:, None])

    def adjusted(self, adjustment: Adjustment, *, replicates: Floats | None = None) -> "Design":
        """The design after a calibration step.

        `replicates` (n by R) are the replicate weights after the same step; a design with
        replicates must be told them, or they would not know of the calibration.
        """
        weight = self.weight * adjustment.factor
        return replace(
            self.reweighted(weight, replicates=replicates),
            adjustments=(*self.adjustments, adjustment),
        )

    def reweighted(self, weight: Floats, *, replicates: Floats | None = None) -> "Design":
        """The design with other weights, taken as fixed by a variance."""
        if self.replicates is None:
            return replace(self, weight=weight)
        if replicates is None:
            raise ValueError("the replicate weights must go through the step too")
        return replace(
            self, weight=weight, replicates=replace(self.replicates, weight=replicates)
        )

    def restrict(self, kept: Flags) -> "Design":
        """The design made of some rows only, as if no other had been drawn.

        For rows that are no part of the sample, such as nonrespondents; never for a domain.
        Raises ValueError after a calibration, whose residuals need all rows.
        """
        if self.adjustments:
            raise ValueError("rows cannot leave a calibrated design")
        replicates = self.replicates
        if replicates is not None:
            replicates = replace(replicates, weight=replicates.weight[kept])
        count = None if self.count is None else self.count[kept]
        stages = tuple(_restricted(stage, kept) for stage in self.stages)
        return replace(
            self,
            weight=self.weight[kept],
            stages=stages,
            count=count,
            replicates=replicates,
        )


def _replicate_df(replicates: Replicates, domain: Flags | None) -> int:
    if domain is None:
        return replicates.df
    rows = replicates.weight[domain]
    return int(np.linalg.matrix_rank(rows)) - 1 if len(rows) else 0


def _restricted(stage: Stage, kept: Flags) -> Stage:
    present, stratum = np.unique(stage.stratum[kept], return_inverse=True)
    _, cluster = np.unique(stage.cluster[kept], return_inverse=True)
    fpc = None if stage.fpc is None else stage.fpc[kept]
    return replace(
        stage,
        stratum=stratum.astype(np.intp),
        cluster=cluster.astype(np.intp),
        names=stage.names[present],
        fpc=fpc,
    )


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
    return Stage(
        strata.astype(np.intp),
        clusters.astype(np.intp),
        stage_names,
        fpc,
        is_response=cluster is None,
    )


def _or_one(labels: Labels | None, n: int) -> Labels:
    return np.full(n, "all") if labels is None else np.asarray(labels)
