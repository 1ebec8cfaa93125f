"""How estimates from one design move together, and what lies between two of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

from app.stats.design import Design
from app.stats.statistic import (
    Statistic,
    combination,
    covariances_of,
    mean_of,
    standard_error_of,
)
from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two numbers of one design, with its t interval."""

    value: float
    standard_error: float
    low: float
    high: float


def difference(
    design: Design, y: Floats, *, domain: Flags, confidence: float = 0.95
) -> Difference | None:
    """What a domain's mean of `y` differs from the mean of everybody, the domain included.

    The error of the mean of everybody counts, and that the domain is a part of everybody
    too. None where one side has fewer than two answers or the design leaves no degree of
    freedom.
    """
    inside = mean_of(design, y, domain)
    if inside.n < 2 or design.df <= 0:
        return None
    return contrast(design, [(1.0, inside), (-1.0, mean_of(design, y))], confidence=confidence)


def contrast(
    design: Design, terms: Sequence[tuple[float, Statistic]], *, confidence: float = 0.95
) -> Difference:
    """Σ c_j θ_j of statistics of one design, with t and the design's degrees of freedom.

    Linearised z = Σ c_j z_j, so that covariances count: two rounds of a panel share their
    units, two independent rounds lie in different strata. Source: linearisation, Särndal,
    Swensson and Wretman 1992, ch. 5.
    """
    combined = combination(terms)
    error = standard_error_of(design, combined)
    reach = float(stdtrit(design.df, (1 + confidence) / 2)) * error
    return Difference(combined.value, error, combined.value - reach, combined.value + reach)


def covariance(design: Design, y: Floats, x: Floats, *, domain: Flags | None = None) -> float:
    """Sampling covariance of the means of `y` and `x` in one domain of the design.

    Answers missing for one of the two are missing for that mean only. 0 where either mean
    has no answers.
    """
    both = [mean_of(design, values, domain) for values in (y, x)]
    if any(one.n == 0 for one in both):
        return 0.0
    return float(covariances_of(design, both)[0, 1])
