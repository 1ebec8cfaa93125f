"""Opt-in answers: a mean with a sensitivity band, and never a standard error.

Whoever scans a code chose to answer, and that choice may go with the opinion. A margin of
error would claim that it does not. The band says instead where the mean of everybody would
lie if answering and opinion were correlated a little (Meng 2018, the data defect).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.errors import CannotEstimate
from app.stats.design import Design
from app.stats.part import Part, part_of
from app.survey.sample import Flags, Floats

CORRELATIONS = (-0.05, -0.02, 0.0, 0.02, 0.05)

NoBand = Literal[
    "no_answers", "one_answer", "no_variation", "population_unknown", "more_answers_than_people"
]
"""Why there is no band: it needs answers that differ, and a population they are part of."""

Estimand = Literal["those who answered", "population under the named model"]
"""What an opt-in number is a number of. It speaks of everybody only under a model of who
answers: that margins of the population, or covariates of a reference sample, explain it."""


@dataclass(frozen=True, slots=True)
class ModelStatement:
    """What must be told beside a number that rests on a model (AAPOR 2016)."""

    method: str
    """Such as "doubly robust, propensities from a reference sample"."""
    n: int
    effective_n_kish: float
    """(Σw)²/Σw²: what uneven weights leave of n, whatever the opt-in bias."""
    largest_weight_ratio: float
    """Largest weight over the mean weight."""
    covariates: tuple[str, ...] = ()
    margins: tuple[str, ...] = ()
    effective_n_rho: float | None = None
    """Random answers that would be as good; None where ρ is not known."""
    overlap: float | None = None
    """Share of the population in cells with an opt-in answer; None without a reference."""
    reference_sample: str | None = None
    """Name of the probability sample used; None if none was."""
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SensitivityPoint:
    """The mean of everybody, if answering and opinion had this correlation."""

    correlation: float
    value: float
    effective_n: float | None
    """Random answers that would be as good; None at correlation 0, where nothing is lost."""


@dataclass(frozen=True, slots=True)
class SensitivityBand:
    """A mean under several correlations between answering and opinion."""

    value: float
    low: float
    high: float
    points: tuple[SensitivityPoint, ...]
    sampling_fraction: float
    """f = n / population."""
    cv_squared: float
    """Squared coefficient of variation of the weights."""
    standard_deviation: float
    bounds: tuple[float, float] | None
    """The ends of the scale at which points were cut off; None if they were not."""
    label: Literal["sensitivity_band"] = "sensitivity_band"

    @property
    def correlations(self) -> tuple[float, ...]:
        """The correlations the band was drawn for."""
        return tuple(point.correlation for point in self.points)


@dataclass(frozen=True, slots=True)
class SelfSelected:
    """What is known of people who answered because they chose to."""

    value: float
    standard_deviation: float
    """Of the opinion, on the scale of `value`."""
    n: int
    population: float
    """People who could have answered; at least n."""
    cv_squared: float
    """Squared coefficient of variation of their weights."""

    @property
    def sampling_fraction(self) -> float:
        """The share f = n / population."""
        return self.n / self.population

    @property
    def defect(self) -> float:
        """(1 − f + CV²)/f: the square of what turns ρσ into the distance of the means.

        Raises CannotEstimate if n > population.
        """
        if not 0 < self.n <= self.population:
            raise CannotEstimate(
                f"{self.n} answers cannot come from {self.population:g} people"
            )
        return (1 - self.sampling_fraction + self.cv_squared) / self.sampling_fraction

    def effective_n(self, rho: float) -> float | None:
        """f/((1 − f + CV²)ρ²), random answers as good as these; None if nothing is lost."""
        lost = self.defect * rho**2
        return 1 / lost if lost else None


@dataclass(frozen=True, slots=True)
class OptInEstimate:
    """What opt-in answers say, with what is needed to judge it; no standard error."""

    value: float | None
    n: int
    """Answers with a positive weight."""
    effective_n: float | None
    """Kish's (Σw)²/Σw²: what uneven weights leave of n, whatever the opt-in bias."""
    largest_weight_ratio: float | None
    """Largest weight over the mean weight."""
    sum_of_weights: float
    standard_deviation: float | None
    band: SensitivityBand | None
    no_band: NoBand | None
    estimand: Estimand = "those who answered"
    """Of the population where the weights were brought to margins of it, under that model."""


def sensitivity_band(
    answers: SelfSelected,
    *,
    correlations: Sequence[float] = CORRELATIONS,
    bounds: tuple[float, float] | None = None,
) -> SensitivityBand:
    """The mean of everybody for each correlation ρ of answering with opinion.

    Answers' mean − everybody's mean = ρ σ √((1 − f + CV²)/f), f = n / population
    (Meng 2018, eq. 2.3, and its form with weights); effective n = f / ((1 − f + CV²) ρ²).
    `bounds` cuts the points off at the ends of the scale. Raises CannotEstimate if
    n > population.
    """
    reach = math.sqrt(answers.defect) * answers.standard_deviation
    points = tuple(
        SensitivityPoint(
            correlation=rho,
            value=_within(answers.value - rho * reach, bounds),
            effective_n=answers.effective_n(rho),
        )
        for rho in correlations
    )
    return SensitivityBand(
        value=answers.value,
        low=min(point.value for point in points),
        high=max(point.value for point in points),
        points=points,
        sampling_fraction=answers.sampling_fraction,
        cv_squared=answers.cv_squared,
        standard_deviation=answers.standard_deviation,
        bounds=bounds,
    )


def _within(value: float, bounds: tuple[float, float] | None) -> float:
    return value if bounds is None else min(max(value, bounds[0]), bounds[1])


def opt_in_mean(
    design: Design,
    y: Floats,
    *,
    population: float | None,
    domain: Flags | None = None,
    bounds: tuple[float, float] | None = (0.0, 100.0),
) -> OptInEstimate:
    """Weighted mean of the answers that are not NaN, with its band; y on the scale `bounds`.

    `population` is the number of people the domain stands for, None if it is not known.
    """
    part = part_of(design, y, domain)
    if part.n == 0:
        return OptInEstimate(None, 0, None, None, 0.0, None, None, "no_answers")
    deviation = math.sqrt(part.spread) if part.n > 1 else None
    missing = _no_band(part, deviation, population)
    band = None
    if missing is None and deviation is not None and population is not None:
        # Equal weights give a CV² of 0 up to rounding, which must not come out negative.
        cv_squared = max(part.n / part.kish_n - 1, 0.0)
        answers = SelfSelected(part.mean, deviation, part.n, population, cv_squared)
        band = sensitivity_band(answers, bounds=bounds)
    return OptInEstimate(
        value=part.mean,
        n=part.n,
        effective_n=part.kish_n,
        largest_weight_ratio=float(part.weight.max()) * part.n / part.sum,
        sum_of_weights=part.sum,
        standard_deviation=deviation,
        band=band,
        no_band=missing,
        estimand="population under the named model"
        if design.adjustments
        else "those who answered",
    )


def _no_band(part: Part, deviation: float | None, population: float | None) -> NoBand | None:
    if deviation is None:
        return "one_answer"
    if deviation == 0.0:
        return "no_variation"
    if population is None:
        return "population_unknown"
    return "more_answers_than_people" if part.n > population else None
