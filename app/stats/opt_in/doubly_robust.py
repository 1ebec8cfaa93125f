"""Means of opt-in answers under a model of who answers and a model of what they answer.

The doubly robust mean of Chen, Li and Wu (2020, eq. 12, with both sums of weights estimated)
is right if one of the two models is. Its variance is in `model_variance`.
"""

from dataclasses import dataclass

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Integers
from app.stats.opt_in.bands import Estimand
from app.stats.opt_in.propensity import TwoSamples
from app.stats.opt_in.separation import dependent_columns
from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class CellAnswers:
    """The opt-in answers to one item, grouped by cell and answer; a row may be one answer."""

    cell: Integers
    """Cell of each group (g)."""
    y: Floats
    """Answer of each group (g); NaN for those who left the item out."""
    n: Floats
    """Answers in each group (g)."""


@dataclass(frozen=True, slots=True)
class OutcomeModel:
    """m(x) = x'b, least squares on the opt-in answers, each of them counted once."""

    names: tuple[str, ...]
    coefficients: Floats
    prediction: Floats
    """m of each cell (k)."""


@dataclass(frozen=True, slots=True)
class DoublyRobust:
    """A mean of everybody in a domain under the two models; no error belongs to it yet."""

    value: float
    """Σ_A w(y − m)/Σ_A w + Σ_B dm/Σ_B d."""
    weighted_mean: float
    """Σ_A wy/Σ_A w, under the propensities alone."""
    predicted_mean: float
    """Σ_B dm/Σ_B d, under the outcome model alone."""
    outcome: OutcomeModel
    n: int
    effective_n: float
    """Kish's (Σw)²/Σw²."""
    largest_weight_ratio: float
    """Largest weight over the mean weight."""
    sum_of_weights: float
    estimand: Estimand = "population under the named model"


def group_answers(answers: CellAnswers) -> CellAnswers:
    """The same answers with one group for each cell and answer, in their order.

    So a draw from the groups does not depend on how, or in what order, they were given.
    """
    order = np.lexsort((answers.y, answers.cell))
    cell, y = answers.cell[order], answers.y[order]
    same = (y[1:] == y[:-1]) | (np.isnan(y[1:]) & np.isnan(y[:-1]))
    begins = np.append(True, (cell[1:] != cell[:-1]) | ~same)
    n = np.bincount(np.cumsum(begins) - 1, answers.n[order]).astype(float)
    return CellAnswers(cell[begins], y[begins], n)


def outcome_model(samples: TwoSamples, answers: CellAnswers) -> OutcomeModel:
    """Ordinary least squares of y on x over the opt-in answers that are not NaN.

    Raises CannotEstimate naming covariates that the answers cannot tell apart.
    """
    n, total = _counts(samples, answers)
    if not n.sum() > 0:
        raise CannotEstimate("nobody answered this item: there is no outcome to model.")
    problems = [
        f"covariate {name}: among those who answered the item it is a combination of the "
        "covariates before it. Merge levels or leave it out."
        for name in dependent_columns(samples.covariates, n)
    ]
    if problems:
        raise CannotEstimate("\n".join(problems))
    b = _least_squares(samples.covariates.values, n, total)
    return OutcomeModel(samples.covariates.names, b, samples.covariates.values @ b)


def doubly_robust_mean(
    samples: TwoSamples, weight: Floats, answers: CellAnswers, *, domain: Flags | None = None
) -> DoublyRobust:
    """The mean of a domain of cells (k flags; all if None); `weight` is w of each cell (k).

    The outcome model is fitted on all opt-in answers, not only those of the domain. The
    weights may be 1/π, or 1/π brought to margins, as long as they are equal within a cell.
    """
    model = outcome_model(samples, answers)
    inside = np.ones(len(samples), bool) if domain is None else domain
    n, total = _counts(samples, answers)
    n_in, w = np.where(inside, n, 0.0), np.where(n > 0, weight, 0.0)
    if not n_in.sum() > 0:
        raise CannotEstimate("nobody in the domain answered this item: it has no mean.")
    if not samples.reference[inside].sum() > 0:
        raise CannotEstimate("the reference sample has nobody in the domain: widen the domain.")
    means = _Means(samples.reference, n, total, w, model.prediction)
    weighted, predicted, correction = means.of(inside)
    sum_w = float(n_in @ w)
    return DoublyRobust(
        value=predicted + correction,
        weighted_mean=weighted,
        predicted_mean=predicted,
        outcome=model,
        n=round(float(n_in.sum())),
        effective_n=float(sum_w**2 / (n_in @ w**2)),
        largest_weight_ratio=float(w[n_in > 0].max() * n_in.sum() / sum_w),
        sum_of_weights=sum_w,
    )


def _counts(samples: TwoSamples, answers: CellAnswers) -> tuple[Floats, Floats]:
    """Answers that are not NaN, and their sum, in each cell that holds opt-in answers."""
    given = ~np.isnan(answers.y)
    k, here = len(samples), samples.opt_in > 0
    n = np.bincount(answers.cell[given], answers.n[given], k)
    total = np.bincount(answers.cell[given], (answers.n * answers.y)[given], k)
    return np.where(here, n, 0.0), np.where(here, total, 0.0)


def _least_squares(x: Floats, n: Floats, total: Floats) -> Floats:
    root = np.sqrt(n)
    mean = np.divide(total, root, np.zeros(len(n)), where=n > 0)
    return np.linalg.lstsq(x * root[:, None], mean)[0].astype(float)


@dataclass(frozen=True, slots=True)
class _Means:
    """What the means of a domain are made of, by cell."""

    reference: Floats
    n: Floats
    total: Floats
    weight: Floats
    prediction: Floats

    def of(self, domain: Flags) -> tuple[float, float, float]:
        """Weighted mean, predicted mean, and the weighted mean of what was not predicted."""
        w, d = np.where(domain, self.weight, 0.0), np.where(domain, self.reference, 0.0)
        sum_w = w @ self.n
        rest = self.total - self.n * self.prediction
        return (
            float(w @ self.total / sum_w),
            float(d @ self.prediction / d.sum()),
            float(w @ rest / sum_w),
        )
