"""Calibration on cells: the nearest factors that meet totals, by Newton on the convex dual.

min_λ Σ_j D_j q_j H_j(x_j'λ/q_j) − T'λ, over m cells with weight D_j, has the gradient
Σ D_j F_j(x_j'λ/q_j) x_j − T: at its minimum every total is met. A step that does not go far
enough down is halved, so that no start is too far away and nothing overflows.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from app.stats.weights.distance import Curve
from app.survey.sample import Floats

TOTAL_ERROR = 1e-12
"""Largest relative distance from a total that is aimed at."""
GOOD_ENOUGH = 1e-10
"""The promise; rounding may keep the last digits away from the aim."""
STEPS = 200
HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """m cells, p independent columns."""

    weight: Floats
    """D (m), positive."""
    columns: Floats
    """x (m by p)."""
    totals: Floats
    """T (p)."""
    scale: Floats
    """q (m)."""
    curve: Curve


@dataclass(frozen=True, slots=True)
class Solution:
    """The factors found; `error` above GOOD_ENOUGH says that there are none."""

    factor: Floats
    """g (m)."""
    steps: int
    error: float


def solve(problem: Problem) -> Solution:
    """The factors g_j = F_j(x_j'λ/q_j) with Σ D_j g_j x_j = T."""
    root = np.sqrt(problem.weight / problem.scale)
    # Orthonormal columns: the dual is as round at the start as it can be.
    q, r = np.linalg.qr(root[:, None] * problem.columns)
    dual = _Dual(
        problem, columns=q / root[:, None], totals=np.linalg.solve(r.T, problem.totals)
    )
    at = _start(dual)
    best = Solution(np.ones(len(root)), 0, np.inf)
    for step in range(1, STEPS + 1):
        factor = problem.curve.factor(dual.u(at))
        error = _error(problem, factor)
        if error < best.error:
            best = Solution(factor, step, error)
        if error <= TOTAL_ERROR:
            break
        following = dual.improved(at)
        if following is None:
            break
        at = following
    return best


@dataclass(frozen=True, slots=True)
class _Dual:
    problem: Problem
    columns: Floats
    """x in coordinates in which Σ D x x'/q is the unit matrix."""
    totals: Floats

    def u(self, at: Floats) -> Floats:
        result: Floats = (self.columns @ at) / self.problem.scale
        return result

    def value(self, at: Floats) -> float:
        p = self.problem
        with np.errstate(over="ignore", invalid="ignore"):
            height = p.weight * p.scale * p.curve.integral(self.u(at))
            return float(height.sum() - self.totals @ at)

    def gradient(self, at: Floats) -> Floats:
        p = self.problem
        result: Floats = self.columns.T @ (p.weight * p.curve.factor(self.u(at))) - self.totals
        return result

    def improved(self, at: Floats) -> Floats | None:
        """The next point down, or None where rounding leaves none."""
        gradient = self.gradient(at)
        newton = self._newton(at, gradient)
        slope = float(gradient @ newton)
        value = self.value(at)
        slack = 1e-13 * max(abs(value), float(np.abs(self.totals @ at)))
        length = 1.0
        for _ in range(HALVINGS):
            following = at - length * newton
            reached = self.value(following)
            if np.isfinite(reached) and reached <= value - 1e-4 * length * slope + slack:
                return None if (following == at).all() else following
            length /= 2
        return None

    def _newton(self, at: Floats, gradient: Floats) -> Floats:
        p = self.problem
        bend = p.weight / p.scale * p.curve.slope(self.u(at))
        hessian = self.columns.T @ (bend[:, None] * self.columns)
        # Where many cells sit on a bound the dual is flat along some directions; the ridge
        # shrinks with the gradient, so that the last steps are plain Newton.
        size = float(np.trace(hessian)) / len(hessian) or 1.0
        lack = float(np.linalg.norm(gradient) / (1 + np.linalg.norm(self.totals)))
        ridge = size * min(1e-8, lack) + 1e-14 * size
        for _ in range(HALVINGS):
            try:
                factored = cho_factor(hessian + ridge * np.eye(len(hessian)))
            except np.linalg.LinAlgError:
                ridge *= 10
                continue
            result: Floats = cho_solve(factored, gradient)
            return result
        return gradient


def _start(dual: _Dual) -> Floats:
    """λ at which every g is about N/ΣD, if the columns hold a constant; else 0."""
    p = dual.problem
    ones = np.full(len(p.weight), 1.0)
    # In the coordinates of the dual, projections are plain products.
    constant = dual.columns.T @ (p.weight / p.scale)
    if np.abs(dual.columns @ constant - 1).max() > 1e-9:
        return np.zeros(dual.columns.shape[1])
    ratio = float(dual.totals @ constant) / float(p.weight.sum())
    low, high = np.max(p.curve.lower), np.min(p.curve.upper)
    if not low < ratio < high:
        return np.zeros(dual.columns.shape[1])
    aim = p.curve.inverse(ratio * ones) * p.scale
    result: Floats = dual.columns.T @ (p.weight / p.scale * aim)
    return result if np.isfinite(dual.value(result)) else np.zeros(len(result))


def _error(problem: Problem, factor: Floats) -> float:
    fitted = problem.weight * factor
    gap = np.abs(problem.columns.T @ fitted - problem.totals)
    size = np.maximum(np.abs(problem.totals), np.abs(problem.columns).T @ np.abs(fitted))
    return float((gap / np.where(size > 0, size, 1.0)).max(initial=0.0))
