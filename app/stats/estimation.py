"""Means, shares and totals with their standard error, interval and design effect.

`statistic` gives the value and how it moves; here it becomes what is published. A domain is
a sub-population of the whole design: strata and clusters outside it still count. Too few
answers are no error: the estimate says what is missing and why.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from app.stats.design import Design
from app.stats.part import Part, part_of
from app.stats.statistic import Statistic, mean_of, standard_error_of, total_of
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
    return _estimate(
        design, part_of(design, y, domain), mean_of(design, y, domain), confidence=confidence
    )


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
    part = part_of(design, y, domain)
    return _estimate(design, part, total_of(design, y, domain), confidence=confidence)


def _estimate(
    design: Design, part: Part, statistic: Statistic, *, confidence: float
) -> Estimate:
    """The statistic with its error, and what a simple random sample would have given."""
    df = design.df
    value = error = low = high = effect = None
    gap: Gap | None = _gap(part.n)
    if part.n:
        value = statistic.value
    if part.n > 1 and df > 0:
        error = standard_error_of(design, statistic)
        times = part.sum if statistic.is_total else 1.0
        effect = _design_effect(error / times, part)
        reach = float(stdtrit(df, (1 + confidence) / 2)) * error
        low, high = statistic.value - reach, statistic.value + reach
        gap = "no_variation" if error == 0.0 else None
    return Estimate(
        value=value,
        standard_error=error,
        low=low,
        high=high,
        confidence=confidence,
        df=df,
        n=part.n,
        effective_n=_effective_n(part, effect),
        design_effect=effect,
        sum_of_weights=part.sum,
        gap=gap,
    )


def _gap(n: int) -> Gap:
    if n == 0:
        return "no_answers"
    return "one_answer" if n == 1 else "no_degrees_of_freedom"


def _effective_n(part: Part, effect: float | None) -> float | None:
    if part.n == 0:
        return None
    return part.n / effect if effect and effect > EXACT else part.kish_n


def _design_effect(error: float, part: Part) -> float | None:
    simple = part.spread / part.n
    return None if simple == 0.0 else error**2 / simple
