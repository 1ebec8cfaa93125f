"""Means, shares and totals with their standard error, interval and design effect.

Every estimator gives its value and its linearised variable; `variance` does the rest. A
domain is a sub-population of the whole design: strata and clusters outside it still count.
Too few answers are no error: the estimate says what is missing and why.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from app.stats.design import Design
from app.stats.part import Part, part_of
from app.stats.variance import variance
from app.survey.sample import Flags, Floats

Gap = Literal["no_answers", "one_answer", "no_degrees_of_freedom", "no_variation"]
"""Why an estimate lacks its value, lacks its error, or has an error that says nothing:
nobody answered; one person did; the design leaves no degree of freedom; all who answered
said the same, so that the error is zero whatever the population thinks."""

EXACT = 1e-12
"""A design effect below this is rounding: calibration fixed the value."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its uncertainty; None where the answers do not carry one."""

    value: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    """Ends of the t interval, not cut off at the ends of any scale."""
    confidence: float
    df: int
    n: int
    """Answers with a positive weight."""
    effective_n: float | None
    """Size of the simple random sample that would be as precise: n / design effect. Kish's
    (Σw)²/Σw² where answers do not vary or calibration leaves them no error."""
    design_effect: float | None
    """V over the variance of a simple random sample of n with replacement."""
    sum_of_weights: float
    gap: Gap | None = None

    @property
    def design_effect_without_replacement(self) -> float | None:
        """The design effect against a sample drawn without replacement from Σw people."""
        if self.design_effect is None or self.sum_of_weights <= self.n:
            return None
        return self.design_effect / (1 - self.n / self.sum_of_weights)


def mean(
    design: Design, y: Floats, *, domain: Flags | None = None, confidence: float = 0.95
) -> Estimate:
    """Weighted mean ȳ = Σwy/Σw of the answers that are not NaN, linearised w(y − ȳ)/Σw."""
    part = _part(design, y, domain)
    if part.n == 0:
        return _nothing(design, confidence)
    z = part.weight * part.deviation / part.sum
    return _estimate(design, part, linearised=z, times=1.0, confidence=confidence)


def proportion(
    design: Design,
    codes: Floats,
    *,
    values: Collection[float],
    domain: Flags | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Share (0 to 1) of the given `codes` that are among `values`; NaN is no answer.

    Don't know is a code: set it to NaN where the share is among those with an opinion.
    """
    chosen = np.where(np.isnan(codes), np.nan, np.isin(codes, list(values)))
    return mean(design, chosen, domain=domain, confidence=confidence)


def total(
    design: Design, y: Floats, *, domain: Flags | None = None, confidence: float = 0.95
) -> Estimate:
    """Weighted total Σwy of the answers that are not NaN, linearised wy."""
    part = _part(design, y, domain)
    if part.n == 0:
        return _nothing(design, confidence)
    z = part.weight * (part.mean + part.deviation)
    return _estimate(design, part, linearised=z, times=part.sum, confidence=confidence)


def _part(design: Design, y: Floats, domain: Flags | None) -> Part:
    if len(y) != len(design):
        raise ValueError(f"{len(y)} values for a design of {len(design)} responses")
    return part_of(design.weight, y, domain)


def _nothing(design: Design, confidence: float) -> Estimate:
    return Estimate(
        value=None,
        standard_error=None,
        low=None,
        high=None,
        confidence=confidence,
        df=design.df,
        n=0,
        effective_n=None,
        design_effect=None,
        sum_of_weights=0.0,
        gap="no_answers",
    )


def _estimate(
    design: Design, part: Part, *, linearised: Floats, times: float, confidence: float
) -> Estimate:
    """The mean of the part, `times` a number, with the variance of `linearised`."""
    value, df = part.mean * times, design.df
    error = low = high = effect = None
    gap: Gap | None = "one_answer" if part.n == 1 else "no_degrees_of_freedom"
    if part.n > 1 and df > 0:
        error = math.sqrt(variance(design, linearised))
        effect = _design_effect(error / times, part)
        reach = float(stdtrit(df, (1 + confidence) / 2)) * error
        low, high = value - reach, value + reach
        gap = "no_variation" if error == 0.0 else None
    return Estimate(
        value=value,
        standard_error=error,
        low=low,
        high=high,
        confidence=confidence,
        df=df,
        n=part.n,
        effective_n=part.n / effect if effect and effect > EXACT else part.kish_n,
        design_effect=effect,
        sum_of_weights=part.sum,
        gap=gap,
    )


def _design_effect(error: float, part: Part) -> float | None:
    simple = part.spread / part.n
    return None if simple == 0.0 else error**2 / simple
