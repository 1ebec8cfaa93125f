"""What changed from one round to the next, where each asked people drawn for itself.

Answers of two rounds are not linked to persons, so the samples are independent and there is
no panel: the variances add up. Rounds whose units overlap by design are a contrast within
one design instead (`comparison.contrast`).
"""

import math
from dataclasses import dataclass
from typing import Literal

from scipy.special import stdtrit

Verdict = Literal["rose", "fell", "unclear"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number of one round, with its error and the degrees of freedom of that error."""

    value: float
    standard_error: float
    df: float


@dataclass(frozen=True, slots=True)
class Change:
    """A later number less an earlier one, with its t interval."""

    value: float
    standard_error: float
    df: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """Rose or fell where the interval leaves zero outside; else the samples cannot tell."""
        if self.low > 0:
            return "rose"
        return "fell" if self.high < 0 else "unclear"


def change(before: Measurement, after: Measurement, *, confidence: float = 0.95) -> Change:
    """θ₂ − θ₁ with V = V₁ + V₂ and t on V² / (V₁²/ν₁ + V₂²/ν₂) degrees of freedom.

    The degrees of freedom are Satterthwaite's (1946, Biometrics Bulletin 2(6)), at least the
    smaller and at most the sum of both. Raises ValueError without an error or degrees of
    freedom on either side.
    """
    sides = (before, after)
    if any(not one.standard_error > 0 or not one.df > 0 for one in sides):
        raise ValueError(
            "a change needs a standard error and degrees of freedom in both rounds"
        )
    # Shares of V, so that tiny variances do not underflow when squared.
    error = math.hypot(before.standard_error, after.standard_error)
    shares = [(one.standard_error / error) ** 2 for one in sides]
    df = 1 / sum(share**2 / one.df for share, one in zip(shares, sides, strict=True))
    value = after.value - before.value
    reach = float(stdtrit(df, (1 + confidence) / 2)) * error
    return Change(value, error, df, value - reach, value + reach)
