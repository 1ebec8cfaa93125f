"""Confidence intervals of a share, from four numbers: no design and no data are known here.

Every formula takes the share, its variance under the design and the degrees of freedom, so
that Taylor and replicate variances, rows and cells all end in the same interval. A share of
0 or 1, or without any error, tells nothing about its own spread; it gets the exact binomial
interval of its n instead, and says so.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from scipy.special import betaincinv, expit, logit, stdtrit

Method = Literal["logit", "xlogit", "asin", "beta", "mean", "wilson"]

Standing = Literal["usual", "degenerate", "no_answers", "no_degrees_of_freedom", "beyond_scale"]
"""What an interval rests on: its formula; the exact binomial interval, since the share is 0
or 1 or has no error; or nothing, since nobody answered, the design leaves no degree of
freedom, or the formula ends beyond what can be."""

ROUNDING = 1e-12
"""A share this near to 0 or 1 is 0 or 1."""

NO_ERROR = 1e-10
"""A standard error of a share below this is rounding."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share and what is known of its precision."""

    p: float
    """0 to 1; anything where n is 0."""
    variance: float
    """Under the design."""
    df: float
    """Of the domain's design: its clusters less its strata."""
    n: int
    """Answers in the domain; for `beta` after a calibration, all rows of the design."""

    @property
    def standing(self) -> Standing:
        """What an interval of this share can rest on."""
        if self.n <= 0:
            return "no_answers"
        if min(self.p, 1 - self.p) <= ROUNDING or self.variance < NO_ERROR**2:
            return "degenerate"
        return "usual" if self.df > 0 else "no_degrees_of_freedom"


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of an interval, both None where `status` says that there is none."""

    low: float | None
    high: float | None
    status: Standing = "usual"


def proportion_interval(share: Share, *, method: Method, confidence: float = 0.95) -> Ends:
    """Interval of a share; t is the quantile of Student's t with the domain's df.

    ``mean`` p ∓ t se, not cut off at 0 and 1; ``logit`` and ``xlogit`` the same on the
    logit scale; ``asin`` on the scale asin √p, where an arc that passes 0 or π/2 is mirrored
    there, as R `survey` does; ``beta`` Clopper and Pearson with an effective n (Korn and
    Graubard 1998); ``wilson`` Wilson's (1927) with n = p(1 − p)/V.

    A degenerate share (`Share.standing`) has the Clopper-Pearson interval with n, which is
    one-sided at 0 and at 1.
    """
    if share.standing == "degenerate":
        return exact_interval(share, confidence)
    if share.standing != "usual":
        return Ends(None, None, share.standing)
    alpha = 1 - confidence
    t = float(stdtrit(share.df, 1 - alpha / 2))
    low, high = _FORMULAS[method](share, t, alpha)
    if not low <= share.p <= high:
        return Ends(None, None, "beyond_scale")
    return Ends(low, high)


def exact_interval(share: Share, confidence: float) -> Ends:
    """The exact binomial interval of n p successes in n (Clopper and Pearson 1934).

    For a degenerate share: from 0 to 1 − (α/2)^(1/n) where nobody said so.
    """
    alpha, n, p = 1 - confidence, share.n, share.p
    low, high = 0.0, 1.0
    if p > ROUNDING:
        x = n * min(p, 1.0)
        low = float(betaincinv(x, n - x + 1, alpha / 2))
    if p < 1 - ROUNDING:
        x = n * max(p, 0.0)
        high = float(betaincinv(x + 1, n - x, 1 - alpha / 2))
    return Ends(low, high, "degenerate")


def _mean(share: Share, t: float, _alpha: float) -> tuple[float, float]:
    reach = t * math.sqrt(share.variance)
    return share.p - reach, share.p + reach


def _logit(share: Share, t: float, _alpha: float) -> tuple[float, float]:
    p = share.p
    centre, reach = logit(p), t * math.sqrt(share.variance) / (p * (1 - p))
    return float(expit(centre - reach)), float(expit(centre + reach))


def _asin(share: Share, t: float, _alpha: float) -> tuple[float, float]:
    p = share.p
    centre = math.asin(math.sqrt(p))
    reach = t * math.sqrt(share.variance) / (2 * math.sqrt(p * (1 - p)))
    return math.sin(centre - reach) ** 2, math.sin(centre + reach) ** 2


def _beta(share: Share, t: float, alpha: float) -> tuple[float, float]:
    p = share.p
    simple_t = float(stdtrit(share.n - 1, 1 - alpha / 2)) if share.n > 1 else t
    n = p * (1 - p) / share.variance * (simple_t / t) ** 2
    low = betaincinv(n * p, n * (1 - p) + 1, alpha / 2)
    high = betaincinv(n * p + 1, n * (1 - p), 1 - alpha / 2)
    return float(low), float(high)


def _wilson(share: Share, t: float, _alpha: float) -> tuple[float, float]:
    p = share.p
    n = p * (1 - p) / share.variance
    centre = p + t**2 / (2 * n)
    reach = t / (2 * n) * math.sqrt(4 * n * p * (1 - p) + t**2)
    return (centre - reach) / (1 + t**2 / n), (centre + reach) / (1 + t**2 / n)


_FORMULAS: Mapping[Method, Callable[[Share, float, float], tuple[float, float]]] = {
    "logit": _logit,
    "xlogit": _logit,
    "asin": _asin,
    "beta": _beta,
    "mean": _mean,
    "wilson": _wilson,
}
