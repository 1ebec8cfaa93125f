"""One factor behind several items: maximum likelihood on their correlation matrix.

Jöreskog (1967): minimise F(ψ) = Σ_{m>1} (θ_m − log θ_m − 1) over the uniquenesses ψ, θ the
eigenvalues of Ψ^(−1/2) R Ψ^(−1/2) from the largest down; the loadings follow from the first
eigenvector. Nothing is known here of people, weights or scales.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, minimize

from app.survey.sample import Flags, Floats

LEAST_UNIQUENESS = 0.005
"""A uniqueness stops here: below lies a Heywood case. It is R's `factanal` bound, too."""
SINGULAR = 1e-10
"""An eigenvalue of a correlation matrix below this is zero: items repeat one another."""
STARTS = (0.2, 0.5, 0.8)


@dataclass(frozen=True, slots=True)
class OneFactor:
    """K standardised items explained by one factor: x_j = l_j f + e_j, var(e_j) = ψ_j."""

    loadings: Floats
    """K; the sign is such that they sum to a positive number."""
    uniquenesses: Floats
    """K; the part of each item's variance that is its own: 1 − l² but at a bound."""
    at_bound: Flags
    """K; Heywood cases: the best uniqueness would be 0 or negative."""
    discrepancy: float
    """F at the solution; 0 where one factor reproduces the correlations."""
    gradient: float
    """Largest slope of F that is left, along directions no bound forbids."""


def is_singular(correlation: Floats) -> bool:
    """Whether some items are a sum of others: then the likelihood has no maximum."""
    return bool(np.linalg.eigvalsh(correlation)[0] < SINGULAR)


def one_factor(correlation: Floats) -> OneFactor:
    """The one-factor solution of a K by K correlation matrix, K ≥ 3, not singular.

    Started from Jöreskog's (1 − 1/(2K)) / r^jj and from even uniquenesses, as F may have
    several minima; the lowest is taken.
    """
    best = min((_descend(correlation, start) for start in _starts(correlation)), key=_first)
    discrepancy, psi, slope = best
    loadings = _loadings(correlation, psi)
    at_bound = psi <= LEAST_UNIQUENESS * (1 + 1e-6)
    free = ~((at_bound & (slope > 0)) | ((psi >= 1) & (slope < 0)))
    return OneFactor(
        loadings=-loadings if loadings.sum() < 0 else loadings,
        uniquenesses=psi,
        at_bound=at_bound,
        discrepancy=max(discrepancy, 0.0),
        gradient=float(np.abs(slope[free]).max(initial=0.0)),
    )


def _first(result: tuple[float, Floats, Floats]) -> float:
    # Minima that differ by rounding are one minimum: the first start must win, always.
    return round(result[0], 10)


def _starts(correlation: Floats) -> Sequence[Floats]:
    items = len(correlation)
    joreskog = (1 - 0.5 / items) / np.diag(np.linalg.inv(correlation))
    even = [np.full(items, start) for start in STARTS]
    return [np.clip(start, LEAST_UNIQUENESS, 1.0) for start in (joreskog, *even)]


def _descend(correlation: Floats, start: Floats) -> tuple[float, Floats, Floats]:
    """F, the uniquenesses and the slope by log ψ at the minimum below `start`.

    log ψ is what is moved: there F is close to a quadratic.
    """
    found = minimize(
        lambda log_psi, *_: _discrepancy(correlation, np.exp(log_psi)),
        np.log(start),
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(math.log(LEAST_UNIQUENESS), 0.0),
        options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-16, "gtol": 1e-10},
    )
    psi = np.exp(found.x)
    value, slope = _discrepancy(correlation, psi)
    return value, psi, slope


def _discrepancy(correlation: Floats, psi: Floats) -> tuple[float, Floats]:
    """F and ∂F/∂log ψ_j = −Σ_{m>1} (θ_m − 1) ω_jm²."""
    theta, omega = _eigen(correlation, psi)
    rest = theta[:-1]
    value = float((rest - np.log(rest) - 1).sum())
    slope: Floats = -(omega[:, :-1] ** 2) @ (rest - 1)
    return value, slope


def _loadings(correlation: Floats, psi: Floats) -> Floats:
    theta, omega = _eigen(correlation, psi)
    loadings: Floats = np.sqrt(psi) * omega[:, -1] * np.sqrt(max(theta[-1] - 1, 0.0))
    return loadings


def _eigen(correlation: Floats, psi: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues, from the smallest up, and eigenvectors of Ψ^(−1/2) R Ψ^(−1/2)."""
    root = np.sqrt(psi)
    theta, omega = np.linalg.eigh(correlation / np.outer(root, root))
    return np.maximum(theta, np.finfo(float).tiny), omega
