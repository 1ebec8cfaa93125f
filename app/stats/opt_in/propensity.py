"""Propensities of opt-in answers, learnt from a reference sample with the same covariates.

Chen, Li and Wu (2020): with A the opt-in answers and B a probability sample with weights d,
π(x) = 1/(1 + exp(−x'θ)) solves the pseudo-likelihood equations Σ_A x = Σ_B d π(x) x, and an
opt-in answer stands for w = 1/π(x) people. Everything runs on cells of equal x: A gives
n_A(cell), B gives Σd(cell), so a village and a country cost the same. What follows rests on
the model, on every cell having a chance to answer, and on x holding all that ties answering
to opinion; nothing here can check the last.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from app.errors import CannotEstimate
from app.stats.design import Integers
from app.stats.opt_in.covariate_matrix import CovariateMatrix
from app.stats.opt_in.separation import sample_problems, separation
from app.survey.sample import Flags, Floats, Labels

MINIMUM_OVERLAP = 0.80
"""Least share of the population in cells with an opt-in answer, for a combined number."""
STEPS = 60
SMALL_STEP = 1e-6
"""Relative to the largest coefficient: steps shrink quadratically, so what is left after one
as small as this is rounding."""
FLAT = 1e-10
"""Curvature, relative to that of equal propensities, below which a summit lies at infinity:
a level with a single answer among n has 1/n of it."""
HALVINGS = 40
ROUNDING = 1e-14
EQUATION_ERROR = 1e-11
"""Largest relative error with which an equation counts as met."""


@dataclass(frozen=True, slots=True)
class TwoSamples:
    """Opt-in answers and a reference sample counted in the same k cells.

    All rows of a cell have the same covariates; two cells may have them too.
    """

    covariates: CovariateMatrix
    """k rows."""
    opt_in: Floats
    """n_A: opt-in answers in each cell (k)."""
    reference: Floats
    """Σd: people the reference sample stands for in each cell (k)."""

    def __len__(self) -> int:
        return len(self.opt_in)

    def restrict(self, kept: Flags) -> "TwoSamples":
        """The same cells, with nobody in those where `kept` (k) is false."""
        opt_in, reference = (
            np.where(kept, self.opt_in, 0.0),
            np.where(kept, self.reference, 0.0),
        )
        return TwoSamples(self.covariates, opt_in, reference)


@dataclass(frozen=True, slots=True)
class Propensity:
    """A fitted model of answering."""

    names: tuple[str, ...]
    theta: Floats
    """In the order of `names`."""
    probability: Floats
    """π of each cell (k)."""
    steps: int
    equation_error: float
    """Largest |Σ_A x − Σ_B dπx| of a column over the larger of Σ_A |x| and Σ_B dπ|x|."""

    @property
    def weight(self) -> Floats:
        """1/π of each cell (k): the people that one opt-in answer stands for."""
        weight: Floats = 1 / self.probability
        return weight


def count_cells(
    covariates: CovariateMatrix, *, opt_in: Floats, reference: Floats
) -> tuple[TwoSamples, Integers]:
    """The cells of n rows, and the cell of each row.

    `opt_in` counts the opt-in answers of a row (0 for rows of the reference sample), and
    `reference` is its design weight (0 for opt-in rows).
    """
    wrong = ~(np.isfinite(reference) & (reference >= 0) & np.isfinite(opt_in) & (opt_in >= 0))
    if wrong.any():
        raise CannotEstimate(
            f"{int(wrong.sum())} of {len(wrong)} rows have a count or a reference weight that "
            "is not a number of 0 or more. Complete the weight column."
        )
    cell, first = _cells(covariates.values)
    k = len(first)
    samples = TwoSamples(
        covariates.rows(first),
        np.bincount(cell, opt_in, k).astype(float),
        np.bincount(cell, reference, k).astype(float),
    )
    return samples, cell


def _cells(values: Floats) -> tuple[Integers, Integers]:
    """Cell of each row, and the first row of each cell; one sort for up to 62 dummies."""
    code, size = np.zeros(len(values), np.int64), 1
    for column in values.T:
        if not np.isin(column, (0.0, 1.0)).all():
            found, of_column = np.unique(column, return_inverse=True)
        else:
            found, of_column = np.arange(2.0), column.astype(np.int64)
        if size * len(found) >= 2**62:
            present, code = np.unique(code, return_inverse=True)
            size = len(present)
        code, size = code * len(found) + of_column, size * len(found)
    _, first, cell = np.unique(code, return_index=True, return_inverse=True)
    return cell, first


def overlap(samples: TwoSamples) -> float:
    """Share of the population, by reference weight, in cells with an opt-in answer."""
    cell, first = _cells(samples.covariates.values)
    answers = np.bincount(cell, samples.opt_in, len(first))
    people = np.bincount(cell, samples.reference, len(first))
    if not people.sum() > 0:
        raise CannotEstimate("the reference sample is empty: nothing is known of the others.")
    return float(people[answers > 0].sum() / people.sum())


def require_overlap(share: float) -> None:
    """Refuse to combine what too small a part of the population could have said."""
    if not share >= MINIMUM_OVERLAP:
        raise CannotEstimate(
            f"only {share:.1%} of the population are in cells with an opt-in answer, but a "
            f"combined number needs {MINIMUM_OVERLAP:.0%}. Use fewer or coarser covariates, "
            "or publish the opt-in and the probability numbers apart."
        )


def fit_propensity(samples: TwoSamples) -> Propensity:
    """Solve Σ_A x = Σ_B d π(x) x for θ by damped Newton steps (Chen, Li and Wu 2020, eq. 6).

    Raises CannotEstimate with every problem found: a level without opt-in answers or without
    reference, more answers than people, covariates that repeat each other, or covariates
    that together separate who answers.
    """
    x, a, d = samples.covariates.values, samples.opt_in, samples.reference
    problems = sample_problems(samples.covariates, a, d)
    if problems:
        raise CannotEstimate("\n".join(problems))
    # In columns orthonormal under B a year is as good a covariate as its distance from a mean.
    triangle = np.linalg.qr(np.sqrt(d)[:, None] * x, mode="r")
    z = solve_triangular(triangle, x.T, trans="T").T
    solved = _solve(z, a, d)
    if solved is None:
        raise CannotEstimate(separation(samples.covariates, a, d))
    phi, steps = solved
    pi = _expit(z @ phi)
    theta = solve_triangular(triangle, phi)
    return Propensity(samples.covariates.names, theta, pi, steps, _equation_error(x, a, d * pi))


def _solve(z: Floats, a: Floats, d: Floats) -> tuple[Floats, int] | None:
    """θ and the steps taken; None if they lead away without end.

    The equations are the gradient of the concave l(θ) = Σ_A x'θ − Σ_B d log(1 + exp(x'θ)),
    so a step is halved until it climbs. The columns z are orthonormal under d.
    """
    share = a.sum() / d.sum()
    theta = np.linalg.lstsq(z, np.full(len(z), np.log(share)))[0]
    total = a @ z
    for steps in range(1, STEPS + 1):
        pi = _expit(z @ theta)
        curvature = (z * (d * pi * (1 - pi))[:, None]).T @ z
        if np.linalg.eigvalsh(curvature).min() <= FLAT * share * (1 - share):
            return None
        step = np.linalg.solve(curvature, total - (d * pi) @ z)
        is_last = np.abs(step).max() <= SMALL_STEP * max(1.0, np.abs(theta).max())
        height = total @ theta - d @ np.logaddexp(0, z @ theta)
        for _ in range(HALVINGS):
            ahead = total @ (theta + step) - d @ np.logaddexp(0, z @ (theta + step))
            if ahead >= height - ROUNDING * abs(height):
                break
            step = step / 2
        theta = theta + step
        if is_last and _equation_error(z, a, d * _expit(z @ theta)) <= EQUATION_ERROR:
            return theta, steps
    return None


def _expit(eta: Floats) -> Floats:
    return np.exp(-np.logaddexp(0, -eta))


def _equation_error(x: Floats, a: Floats, dpi: Floats) -> float:
    """Largest of |Σ_A x − Σ_B dπx| relative to what the two sums are made of."""
    size = np.maximum(a @ np.abs(x), dpi @ np.abs(x))
    return float((np.abs((a - dpi) @ x) / size).max())


def fit_propensity_within(samples: TwoSamples, group: Labels) -> dict[str, Propensity]:
    """A model of its own in each group of cells (k labels), by the name of the group.

    π means something in the group's own cells only; `weight_by_group` puts them together.
    """
    fitted: dict[str, Propensity] = {}
    problems: list[str] = []
    for name in np.unique(group).tolist():
        try:
            fitted[name] = fit_propensity(samples.restrict(group == name))
        except CannotEstimate as refusal:
            problems += [f"in {name}: {line}" for line in str(refusal).splitlines()]
    if problems:
        raise CannotEstimate("\n".join(problems))
    return fitted


def weight_by_group(fitted: dict[str, Propensity], group: Labels) -> Floats:
    """1/π of each cell (k) from the model of its group."""
    weight = np.zeros(len(group))
    for name, propensity in fitted.items():
        weight[group == name] = propensity.weight[group == name]
    return weight
