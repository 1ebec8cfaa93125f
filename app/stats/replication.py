"""Replicate weights: the sample drawn again and again in thought, to see how numbers move.

They are made here from a design or taken as given; `variance` reads their spread. Weighting
steps go through every set of them, so that the spread knows what the steps did.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.linalg import hadamard

from app.errors import CannotEstimate
from app.stats.design import Design, Integers, Replicates
from app.survey.sample import Flags, Floats

Centre = Literal["mean", "estimate"]


@dataclass(frozen=True, slots=True)
class Multipliers:
    """What each first-stage cluster's weight is multiplied by in each replicate."""

    factor: Floats
    """Clusters by R."""
    scale: float
    rscales: Floats
    """R."""


def with_replicates(
    design: Design, multipliers: Multipliers, *, centre: Centre = "mean"
) -> Design:
    """The design with replicate weights made from its own: w times its cluster's factor.

    Raises CannotEstimate after a calibration: make replicates first, then calibrate.
    """
    if design.adjustments:
        raise CannotEstimate(
            "the weights were calibrated before replicates were made, so these would not know "
            "of it. Make replicate weights first, then apply the steps to all of them."
        )
    weight = design.weight[:, None] * multipliers.factor[design.stages[0].cluster]
    given = given_replicates(weight, multipliers.scale, multipliers.rscales, centre=centre)
    return replace(design, replicates=given)


def given_replicates(
    weight: Floats, scale: float, rscales: Floats, *, centre: Centre = "mean"
) -> Replicates:
    """Replicate weights (n by R) as they came; df is their rank less one.

    Raises CannotEstimate if a weight is not finite or an rscale is missing or negative.
    """
    problems = []
    if weight.ndim != 2 or weight.shape[1] < 2:
        problems.append("fewer than two sets of replicate weights: nothing can be compared.")
    elif len(rscales) != weight.shape[1]:
        problems.append(
            f"{weight.shape[1]} sets of replicate weights, but {len(rscales)} rscales. Give "
            "one for each."
        )
    if not np.isfinite(weight).all():
        problems.append("a replicate weight is missing or not finite. Complete the file.")
    if not (np.isfinite(rscales).all() and (rscales >= 0).all() and scale > 0):
        problems.append("a scale of the replicates is negative, zero or not a number.")
    if problems:
        raise CannotEstimate("\n".join(problems))
    rank = int(np.linalg.matrix_rank(weight))
    return Replicates(weight, scale, rscales, df=rank - 1, centre=centre)


def jackknife_one(design: Design) -> Multipliers:
    """JK1: leave each of n clusters out in turn, the others times n/(n − 1); no strata.

    Scale (n − 1)/n, times 1 − n/N where the clusters came from a finite population.
    """
    stratum_of = _strata_of_clusters(design)
    if len(np.unique(stratum_of)) > 1 and design.stages[0].fpc is not None:
        raise CannotEstimate(
            "JK1 knows no strata, and each stratum has its own population: use JKn."
        )
    n = len(stratum_of)
    if n < 2:
        raise CannotEstimate("one cluster alone cannot be left out. JK1 needs two or more.")
    factor = np.where(np.eye(n, dtype=bool), 0.0, n / (n - 1))
    uncovered = float(_uncovered(design, np.zeros(n, np.intp))[0])
    return Multipliers(factor, uncovered * (n - 1) / n, np.ones(n))


def jackknife_stratified(design: Design) -> Multipliers:
    """JKn: leave each cluster out in turn, the others of its stratum times n_h/(n_h − 1).

    Rscales (1 − n_h/N_h)(n_h − 1)/n_h. Raises CannotEstimate naming the strata with one
    cluster. Source: Wolter 2007, ch. 4.5.
    """
    stratum_of = _strata_of_clusters(design)
    n_h = np.bincount(stratum_of).astype(float)
    _refuse(design, n_h < 2, "has one cluster, which cannot be left out. Merge it with another")
    same = stratum_of[:, None] == stratum_of[None, :]
    more = (n_h / np.maximum(n_h - 1, 1))[stratum_of]
    factor = np.where(same, more[:, None], 1.0)
    np.fill_diagonal(factor, 0.0)
    rscales = (_uncovered(design, stratum_of) * (n_h - 1) / n_h)[stratum_of]
    return Multipliers(factor, 1.0, rscales)


def balanced(design: Design, *, rho: float = 0.0) -> Multipliers:
    """BRR: one of the two clusters of each stratum by the signs of a Hadamard matrix.

    The chosen count 2 − ρ times, the others ρ times; ρ > 0 is Fay's method. Scale
    1/(R(1 − ρ)²). Raises CannotEstimate naming strata without exactly two clusters.
    Source: McCarthy 1969; Judkins 1990.
    """
    if not 0 <= rho < 1:
        raise CannotEstimate(f"Fay's rho is {rho:g}. It lies from 0 up to, not including, 1.")
    stratum_of = _strata_of_clusters(design)
    n_h = np.bincount(stratum_of)
    _refuse(design, n_h != 2, "has not exactly two clusters. Pair clusters, or use JKn")
    replicates = 1 << len(n_h).bit_length()
    signs = hadamard(replicates)[:, 1 : len(n_h) + 1]
    is_second = np.zeros(len(stratum_of), bool)
    is_second[np.unique(stratum_of[::-1], return_index=True)[1]] = True
    is_second = is_second[::-1]
    chosen = (signs[:, stratum_of] > 0) != is_second[None, :]
    factor = np.where(chosen, 2 - rho, rho).T
    return Multipliers(factor, 1 / (replicates * (1 - rho) ** 2), np.ones(replicates))


def bootstrap(design: Design, *, replicates: int, seed: int) -> Multipliers:
    """Rescaled bootstrap: n_h − 1 of n_h clusters of each stratum, drawn with replacement.

    A cluster drawn m times counts m·n_h/(n_h − 1) times; scale 1/(R − 1). Raises
    CannotEstimate naming strata with one cluster. Source: Rao and Wu 1988.
    """
    if replicates < 2 or seed < 0:
        raise CannotEstimate(
            f"{replicates} bootstrap replicates with the seed {seed}. Ask for two or more, and "
            "give a seed of 0 or more."
        )
    stratum_of = _strata_of_clusters(design)
    n_h = np.bincount(stratum_of)
    _refuse(design, n_h < 2, "has one cluster, which cannot be drawn anew. Merge it")
    dice = np.random.default_rng(seed)
    factor = np.zeros((len(stratum_of), replicates))
    for h, n in enumerate(n_h):
        drawn = dice.multinomial(n - 1, np.full(n, 1 / n), size=replicates)
        factor[stratum_of == h] = drawn.T * n / (n - 1)
    return Multipliers(factor, 1 / (replicates - 1), np.ones(replicates))


def _strata_of_clusters(design: Design) -> Integers:
    if design.stages[0].is_response and design.count is not None:
        raise CannotEstimate(
            "rows stand for many responses each drawn by itself: one row cannot be left out "
            "for all of them. Give one row for each response."
        )
    first = design.stages[0]
    stratum_of = np.zeros(int(first.cluster.max(initial=-1)) + 1, np.intp)
    stratum_of[first.cluster] = first.stratum
    return stratum_of


def _uncovered(design: Design, stratum_of: Integers) -> Floats:
    """1 − n_h/N_h by stratum; 1 where drawn with replacement."""
    first = design.stages[0]
    n_h = np.bincount(stratum_of).astype(float)
    if first.fpc is None:
        return np.ones(len(n_h))
    population = np.zeros(len(n_h))
    population[stratum_of[first.cluster]] = first.fpc
    return 1 - n_h / population


def _refuse(design: Design, wrong: Flags, reason: str) -> None:
    names = [str(name) for name, bad in zip(design.stages[0].names, wrong, strict=True) if bad]
    if names:
        listed = "\n".join(f"stratum {name} {reason}." for name in names)
        raise CannotEstimate(listed)
