"""The answers an estimate is made of: those in a domain, given, and with a positive weight."""

import math
from dataclasses import dataclass

import numpy as np

from app.stats.design import Design
from app.survey.sample import Flags, Floats

ROUNDING = 1e-12
"""A spread below this share of the mean is rounding: everybody said the same."""


@dataclass(frozen=True, slots=True)
class Part:
    """Columns over all n rows of a design; weight and deviation are 0 outside."""

    weight: Floats
    """Of one response of the row."""
    mass: Floats
    """Weight of all responses of the row."""
    deviation: Floats
    """y − ȳ; exactly 0 where all answers are equal."""
    inside: Flags
    mean: float
    """ȳ = Σwy/Σw; NaN if nobody is in the part."""
    sum: float
    """Σw."""
    n: int
    """Responses."""

    @property
    def spread(self) -> float:
        """S² = n/(n − 1) Σw(y − ȳ)²/Σw, with replacement; n must be 2 or more."""
        return float(self.mass @ self.deviation**2) / self.sum * self.n / (self.n - 1)

    @property
    def kish_n(self) -> float:
        """Kish's effective sample size (Σw)²/Σw²; n must be 1 or more."""
        # Scaled first, so that tiny weights do not underflow when squared.
        largest = self.weight.max()
        share = self.mass / largest
        return float(share.sum() ** 2 / (share @ (self.weight / largest)))


def part_of(design: Design, y: Floats, domain: Flags | None) -> Part:
    """The rows of a domain (all if None) with a positive weight and a `y` that is not NaN.

    Raises ValueError if `y` is not as long as the design.
    """
    if len(y) != len(design):
        raise ValueError(f"{len(y)} values for a design of {len(design)} rows")
    counted = (design.weight > 0) & ~np.isnan(y)
    if domain is not None:
        counted &= domain
    n = design.responses(counted)
    if n == 0:
        nothing = np.zeros(len(y))
        return Part(nothing, nothing, nothing, counted, math.nan, 0.0, 0)
    weight = np.where(counted, design.weight, 0.0)
    mass = design.times(weight)
    total = float(mass.sum())
    mean = float(mass @ np.where(counted, y, 0.0)) / total
    deviation = np.where(counted, y - mean, 0.0)
    if np.abs(deviation).max() <= ROUNDING * max(abs(mean), 1.0):
        deviation = np.zeros(len(y))
    return Part(weight, mass, deviation, counted, mean, total, n)
