"""The answers an estimate is made of: those in a domain, given, and with a positive weight."""

import math
from dataclasses import dataclass

import numpy as np

from app.survey.sample import Flags, Floats

ROUNDING = 1e-12
"""A spread below this share of the mean is rounding: everybody said the same."""


@dataclass(frozen=True, slots=True)
class Part:
    """Columns over all n responses of a design; weight and deviation are 0 outside."""

    weight: Floats
    deviation: Floats
    """y − ȳ; exactly 0 where all answers are equal."""
    mean: float
    """ȳ = Σwy/Σw; NaN if nobody is in the part."""
    sum: float
    """Σw."""
    n: int

    @property
    def spread(self) -> float:
        """S² = n/(n − 1) Σw(y − ȳ)²/Σw, with replacement; n must be 2 or more."""
        return float(self.weight @ self.deviation**2) / self.sum * self.n / (self.n - 1)

    @property
    def kish_n(self) -> float:
        """Kish's effective sample size (Σw)²/Σw²; n must be 1 or more."""
        # Scaled first, so that tiny weights do not underflow when squared.
        share = self.weight / self.weight.max()
        return float(share.sum() ** 2 / (share @ share))


def part_of(weight: Floats, y: Floats, domain: Flags | None) -> Part:
    """The rows of a domain (all if None) with a positive weight and a `y` that is not NaN."""
    counted = (weight > 0) & ~np.isnan(y)
    if domain is not None:
        counted &= domain
    n = int(counted.sum())
    if n == 0:
        return Part(np.zeros(len(y)), np.zeros(len(y)), math.nan, 0.0, 0)
    w = np.where(counted, weight, 0.0)
    total = float(w.sum())
    mean = float(w @ np.where(counted, y, 0.0)) / total
    deviation = np.where(counted, y - mean, 0.0)
    if np.abs(deviation).max() <= ROUNDING * max(abs(mean), 1.0):
        deviation = np.zeros(len(y))
    return Part(w, deviation, mean, total, n)
