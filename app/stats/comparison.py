"""How estimates from one design move together, and what lies between two of them."""

import math
from dataclasses import dataclass

from scipy.special import stdtrit

from app.stats.design import Design
from app.stats.part import part_of
from app.stats.variance import variance
from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """A domain's mean less the mean of everybody, in units of y, with its t interval."""

    value: float
    standard_error: float
    low: float
    high: float


def difference(
    design: Design, y: Floats, *, domain: Flags, confidence: float = 0.95
) -> Difference | None:
    """What a domain's mean of `y` differs from the mean of everybody, the domain included.

    Linearised z = z_domain − z_all, so that the error of the mean of everybody counts, and
    that the domain is a part of everybody too; t with the design's degrees of freedom. None
    where one side has fewer than two answers or the design leaves no degree of freedom.
    Source: linearisation of a difference of two domain means, Särndal, Swensson and Wretman
    1992, ch. 5.
    """
    inside, everybody = (part_of(design.weight, y, which) for which in (domain, None))
    if inside.n < 2 or design.df <= 0:
        return None
    z_inside, z_all = (part.weight * part.deviation / part.sum for part in (inside, everybody))
    error = math.sqrt(variance(design, z_inside - z_all))
    value = inside.mean - everybody.mean
    reach = float(stdtrit(design.df, (1 + confidence) / 2)) * error
    return Difference(value, error, value - reach, value + reach)


def covariance(design: Design, y: Floats, x: Floats, *, domain: Flags | None = None) -> float:
    """Sampling covariance of the means of `y` and `x` in one domain of the design.

    By polarisation of the one variance function, so that strata, clusters and calibration
    count as they do for each mean: Cov = (V(z_y + z_x) − V(z_y − z_x)) / 4. Answers missing
    for one of the two are missing for that mean only. 0 where either mean has no answers.
    """
    parts = [part_of(design.weight, values, domain) for values in (y, x)]
    if any(part.n == 0 for part in parts):
        return 0.0
    z_y, z_x = (part.weight * part.deviation / part.sum for part in parts)
    return (variance(design, z_y + z_x) - variance(design, z_y - z_x)) / 4
