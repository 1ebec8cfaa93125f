"""How estimates from one design move together."""

from app.stats.design import Design
from app.stats.part import part_of
from app.stats.variance import variance
from app.survey.sample import Flags, Floats


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
