"""The variance of opt-in means under their model: both samples are drawn again and again.

Opt-in answers are drawn anew from their cells, the reference sample by bootstrap weights,
and everything is fitted again each time. The spread is that of the model only: it knows
nothing of what the covariates leave out, so it is labelled model-based wherever it goes, and
is never published as an error of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Integers
from app.stats.opt_in.doubly_robust import CellAnswers, doubly_robust_mean, group_answers
from app.stats.opt_in.propensity import TwoSamples, fit_propensity
from app.survey.sample import Flags, Floats, Labels

REPLICATES = 200
LARGEST_FAILED_SHARE = 0.05
"""Of the redrawn samples, how many may have no solution before there is no variance."""


@dataclass(frozen=True, slots=True)
class ReferenceDraw:
    """How the reference sample was drawn; r rows, of one person or of one unit and cell."""

    cell: Integers
    weight: Floats
    """Sum of the design weights of each row (r)."""
    stratum: Labels
    psu: Labels
    """First-stage unit of each row (r), nested in its stratum."""


@dataclass(frozen=True, slots=True)
class Redraws:
    """The reference sample under R bootstrap weights, and the seed of the opt-in draws."""

    reference: Floats
    """Sum of the bootstrap weights in each cell (k by R)."""
    seed: int


@dataclass(frozen=True, slots=True)
class ModelVariance:
    """V_A of the means of one or several domains, over R redraws."""

    weighted_mean: Floats
    """Covariance of the means under the propensities alone (domains by domains)."""
    doubly_robust: Floats
    """Covariance of the doubly robust means (domains by domains)."""
    replicates: int
    """Redraws that could be fitted."""
    failed: int
    """Redraws that could not, and are left out."""
    seed: int
    basis: Literal["model_based"] = "model_based"


Weigh = Callable[[TwoSamples], Floats]


def propensity_weights(samples: TwoSamples) -> Floats:
    """1/π of each cell (k): what is done again in every redraw unless told otherwise."""
    return fit_propensity(samples).weight


def bootstrap_variance(
    samples: TwoSamples,
    answers: CellAnswers,
    redraws: Redraws,
    *,
    domains: Sequence[Flags] = (),
    weigh: Weigh = propensity_weights,
) -> ModelVariance:
    """Model-based variance of `doubly_robust_mean` and of the weighted mean in it.

    `answers` must hold every opt-in answer of `samples`, NaN where the item was left out.
    `domains` are flags over the k cells; without any there is one, of everybody. `weigh` is
    the way from two samples to weights, so that a fit by zones or onto margins is done again
    as it was. Raises CannotEstimate if the samples themselves have no solution, or more than
    5 % of the redraws.
    """
    held = np.bincount(answers.cell, answers.n, len(samples))
    if not np.allclose(held, samples.opt_in, rtol=1e-9, atol=0):
        raise CannotEstimate(
            f"the item has {held.sum():.12g} answers or empty answers in its cells, but there "
            f"are {samples.opt_in.sum():.12g} opt-in answers. Keep those who left it out, too."
        )
    parts = tuple(domains) or (np.ones(len(samples), bool),)
    _values(samples, answers, parts, weigh)
    drawn = list(_redrawn(samples, group_answers(answers), redraws))
    found = []
    for redrawn, drawn_answers in drawn:
        try:
            found.append(_values(redrawn, drawn_answers, parts, weigh))
        except CannotEstimate:
            continue
    failed = len(drawn) - len(found)
    if len(found) < 2 or failed > LARGEST_FAILED_SHARE * len(drawn):
        raise CannotEstimate(
            f"{failed} of {len(drawn)} redrawn samples have no solution: some levels have too "
            "few answers for a variance. Merge levels or use fewer covariates."
        )
    weighted, robust = np.moveaxis(np.array(found), 2, 0)
    return ModelVariance(
        weighted_mean=np.atleast_2d(np.cov(weighted, rowvar=False)),
        doubly_robust=np.atleast_2d(np.cov(robust, rowvar=False)),
        replicates=len(found),
        failed=failed,
        seed=redraws.seed,
    )


def _values(
    samples: TwoSamples, answers: CellAnswers, domains: Sequence[Flags], weigh: Weigh
) -> list[tuple[float, float]]:
    weight = weigh(samples)
    means = [doubly_robust_mean(samples, weight, answers, domain=part) for part in domains]
    return [(mean.weighted_mean, mean.value) for mean in means]


def _redrawn(
    samples: TwoSamples, answers: CellAnswers, redraws: Redraws
) -> Iterator[tuple[TwoSamples, CellAnswers]]:
    """A: as many answers as there were, from its groups. B: each column of weights."""
    dice = np.random.default_rng(redraws.seed)
    total = float(answers.n.sum())
    size, share = round(total), answers.n / total
    for reference in redraws.reference.T:
        # Answers that are believed by half make a total that no draw can have.
        n: Floats = dice.multinomial(size, share) * np.float64(total / size)
        opt_in = np.bincount(answers.cell, n, len(samples)).astype(float)
        yield (
            TwoSamples(samples.covariates, opt_in, reference),
            CellAnswers(answers.cell, answers.y, n),
        )


def rescaled_bootstrap(
    draw: ReferenceDraw, cells: int, *, replicates: int = REPLICATES, seed: int
) -> Redraws:
    """Bootstrap weights of a reference sample by its first-stage units (Rao and Wu 1988).

    In each stratum n_h − 1 of the n_h units are drawn with replacement; one drawn m times
    weighs m n_h/(n_h − 1) of before. Raises CannotEstimate naming strata with one unit.
    """
    names, unit = np.unique(
        np.column_stack([draw.stratum, draw.psu]), axis=0, return_inverse=True
    )
    strata, stratum = np.unique(names[:, 0], return_inverse=True)
    size = np.bincount(stratum)
    if (size < 2).any():
        alone = ", ".join(strata[size < 2].tolist())
        raise CannotEstimate(
            f"the reference sample has a single first-stage unit in stratum {alone}: its "
            "spread is unknown. Merge the stratum with one like it."
        )
    # Apart from the draws of the opt-in answers, which begin with the same seed.
    dice = np.random.default_rng([seed, 1])
    factor = np.zeros((len(names), replicates))
    for h, n_h in enumerate(size.tolist()):
        times = dice.multinomial(n_h - 1, np.full(n_h, 1 / n_h), replicates).T
        factor[stratum == h] = times * (n_h / (n_h - 1))
    weights = draw.weight[:, None] * factor[unit]
    summed = np.zeros((cells, replicates))
    np.add.at(summed, draw.cell, weights)
    return Redraws(summed, seed)
