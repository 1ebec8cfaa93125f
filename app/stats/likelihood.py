"""The profile interval of a share: where a quasi-binomial logit model stops being likely.

Kept apart from the closed formulas of `intervals`, because it follows the numerical path of
R `survey` (`svyciprop(method = "likelihood")`): R reads the ends off an interpolated curve,
and whoever wants its digits must interpolate alike.
"""

import math
from typing import Any

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr, stdtrit

from app.stats.intervals import Ends, Share, exact_interval
from app.survey.sample import Floats

CONVERGED = 1e-8
"""Relative change of the deviance at which R's fit stops."""

EQUAL_START = math.log(3) + 4 / 3
"""The logit at which the fit begins where everybody says so and weights are equal."""

MOST_STEPS = 25
"""Steps after which R's fit stops anyway."""

MOST_POINTS = 9
"""Points on each side of the estimate after which R's profile stops."""

NEAR = 1e-3
"""R's reading counts where it is within this share of the interval from the exact ends."""


def likelihood_interval(
    share: Share, *, start: float | None = None, confidence: float = 0.95
) -> Ends:
    """The b, as expit b, whose deviance 2(n − 1) KL(p ‖ expit b) is at most t² λ.

    KL is the Kullback-Leibler divergence of two coins, λ = nV/(p(1 − p)) the design effect
    that scales the deviance (Rao and Scott 1984), t Student's quantile with the domain's df.

    R's digits need two of its habits. It reads the ends off a spline through a few points,
    some 1e-4 of the interval off; where that goes astray (large λ, few answers, p near 0 or
    1) the exact ends stand. And its λ uses the information of the last step but one of the
    fit; `start` (see `fitting_start`) is where that begins. Without it all weights count as
    equal, which costs about 1e-6.

    A degenerate share has the exact interval of `proportion_interval`.
    """
    if share.standing == "degenerate":
        return exact_interval(share, confidence)
    if share.standing != "usual":
        return Ends(None, None, share.standing)
    if share.n == 1:
        return Ends(None, None, "no_degrees_of_freedom")
    t = float(stdtrit(share.df, (1 + confidence) / 2))
    cut = t * math.sqrt(_design_effect(share, start))
    exact = _solved(share, cut)
    read = _read_off(share, cut)
    is_near = np.abs(read - exact).max() <= NEAR * (exact[1] - exact[0])
    low, high = read if is_near else exact
    return Ends(float(low), float(high))


def fitting_start(weight: Floats, y: Floats, count: Floats | None = None) -> float:
    """The logit of the share of `y` (0 or 1) after the first step of R's fit.

    One step of iteratively reweighted least squares from the means (w y + ½)/(w + 1) of the
    single answers, w of mean 1. `weight` is positive and that of one answer; a row may stand
    for `count` of them.
    """
    times = np.ones(len(weight)) if count is None else count
    w = weight * times.sum() / (times @ weight)
    mu = (w * y + 0.5) / (w + 1)
    slope = mu * (1 - mu)
    information = times * w * slope
    return float(information @ (logit(mu) + (y - mu) / slope) / information.sum())


def _design_effect(share: Share, start: float | None) -> float:
    """λ, with the information of the last fitting step but one, as R's fit leaves it."""
    p = share.p
    b = EQUAL_START * (2 * p - 1) if start is None else start
    deviance = _deviance(share, b)
    for _ in range(MOST_STEPS):
        slope = float(expit(b) * expit(-b))
        b += (p - float(expit(b))) / slope
        before, deviance = deviance, _deviance(share, b)
        if abs(deviance - before) < CONVERGED * (deviance + 0.1):
            break
    return share.n * share.variance * slope / (p * (1 - p)) ** 2


def _deviance(share: Share, b: float) -> float:
    """2n times the cross-entropy of the coins p and expit b."""
    p = share.p
    return 2 * share.n * float(p * np.logaddexp(0, -b) + (1 - p) * np.logaddexp(0, b))


def _solved(share: Share, cut: float) -> Floats:
    """The shares at which the signed root is -cut and cut."""

    def past(b: float, at: float) -> float:
        return float(_signed_root(share, b)) - at

    estimate = float(logit(share.p))
    far = 1.0
    while np.abs(_signed_root(share, estimate + np.array([-far, far]))).min() < cut:
        far *= 2
    low = brentq(past, estimate - far, estimate, args=(-cut,))
    high = brentq(past, estimate, estimate + far, args=(cut,))
    return np.asarray(expit([low, high]))


def _read_off(share: Share, cut: float) -> Floats:
    """The same as R finds them: between 3m points of a spline through m on the profile."""
    reach = -float(stdtrit(share.n - 1, float(ndtr(-cut)) / 4))
    if not math.isfinite(reach):
        return np.full(2, math.inf)
    p = share.p
    step = reach / 5 * math.sqrt(share.variance) / (p * (1 - p))
    steps = np.arange(-MOST_POINTS, MOST_POINTS + 1)
    root = _signed_root(share, logit(p) + steps * step)
    # The first point past the reach on either side is the last that R looks at.
    inside = np.flatnonzero(np.abs(root) < reach)
    kept = slice(max(inside[0] - 1, 0), inside[-1] + 2)
    b = logit(p) + steps[kept] * step
    fine = np.linspace(b[0], b[-1], 3 * len(b))
    return np.asarray(expit(np.interp([-cut, cut], _interpolated(b, root[kept], fine), fine)))


def _signed_root(share: Share, b: Floats | float) -> Floats:
    """√(2(n − 1) KL(p ‖ expit b)), negative below the estimate."""
    p = share.p
    coins = p * np.logaddexp(0, -b) + (1 - p) * np.logaddexp(0, b)
    entropy = -(p * math.log(p) + (1 - p) * math.log1p(-p))
    divergence = np.maximum(coins - entropy, 0.0)
    return np.asarray(np.sign(b - logit(p)) * np.sqrt(2 * (share.n - 1) * divergence))


def _interpolated(x: Floats, y: Floats, at: Floats) -> Floats:
    """The cubic spline through evenly spaced points (Forsythe, Malcolm and Moler 1977).

    At each end its third derivative is that of the cubic through the four points there.
    """
    if len(x) < 4:
        return np.asarray(make_interp_spline(x, y, k=2)(at))
    third = np.diff(y, 3) / (x[1] - x[0]) ** 3
    # The stubs of scipy do not know ends given as derivatives.
    ends: Any = ([(3, third[0])], [(3, third[-1])])
    return np.asarray(make_interp_spline(x, y, k=3, bc_type=ends)(at))
