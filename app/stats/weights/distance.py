"""How far a weight is from the one before: the distances of calibration.

With u = x'λ/q a distance gives the factor g = F(u). Its dual is convex, because
F = H' grows; all distances are solved by the same steps and differ in H only.
Source: Deville and Särndal 1992, JASA 87, 376–382.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit

from app.errors import CannotEstimate
from app.survey.sample import Floats

Kind = Literal["linear", "raking", "logit"]


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance and the limits it keeps."""

    kind: Kind = "linear"
    """`linear` g = 1 + u, `raking` g = exp(u), both cut at the bounds; `logit` bends."""
    bounds: tuple[float, float] | None = None
    """Smallest and largest; an end may be infinite."""
    on: Literal["ratio", "weight"] = "ratio"
    """Whether the bounds limit new weight over old, or the new weight itself."""

    def curve(self, weight: Floats) -> "Curve":
        """F with the limits of m positive weights before the step.

        Raises CannotEstimate for bounds without room between them.
        """
        low, high = (-np.inf, np.inf) if self.bounds is None else self.bounds
        if not low < high or high <= 0:
            raise CannotEstimate(
                f"bounds {self.told}: the lower must be below the upper, which is above 0."
            )
        divisor = weight if self.on == "weight" else np.ones(len(weight))
        return Curve(self.kind, low / divisor, high / divisor)

    @property
    def told(self) -> str:
        """The bounds as text."""
        low, high = (-np.inf, np.inf) if self.bounds is None else self.bounds
        return f"[{low:.6g}, {high:.6g}] on the {self.on}"


@dataclass(frozen=True, slots=True)
class Curve:
    """F and its relatives for m cells with limits of their own."""

    kind: Kind
    lower: Floats
    upper: Floats

    @property
    def is_defined(self) -> bool:
        """Whether F exists: logit needs L < 1 < U everywhere."""
        finite = bool(np.isfinite(self.lower).all() and np.isfinite(self.upper).all())
        around = bool((self.lower < 1).all() and (self.upper > 1).all())
        return self.kind != "logit" or (finite and around)

    def factor(self, u: Floats) -> Floats:
        """Return g = F(u) (m)."""
        if self.kind == "logit":
            return self.lower + (self.upper - self.lower) * expit(
                self._slope * u + self._offset
            )
        return np.clip(self._free(self._cut(u)), self.lower, self.upper)

    def slope(self, u: Floats) -> Floats:
        """F'(u) (m); 0 where a cut distance sits on a bound."""
        if self.kind == "logit":
            share = expit(self._slope * u + self._offset)
            return (self.upper - self.lower) * self._slope * share * (1 - share)
        at = self._cut(u)
        steep = np.ones(len(u)) if self.kind == "linear" else np.exp(at)
        return np.where(at == u, steep, 0.0)

    def integral(self, u: Floats) -> Floats:
        """H(u) with H' = F (m), up to a constant."""
        if self.kind == "logit":
            width = self.upper - self.lower
            bend = np.logaddexp(0.0, self._slope * u + self._offset)
            return self.lower * u + width / self._slope * bend
        at = self._cut(u)
        primitive = at + at**2 / 2 if self.kind == "linear" else np.exp(at)
        # Beyond a bound F is constant and H goes on as a straight line.
        return primitive + self._free(at) * (u - at)

    def inverse(self, g: Floats) -> Floats:
        """The u at which F(u) = g (m), for g from the lower to the upper limit."""
        if self.kind == "logit":
            share = (g - self.lower) / (self.upper - self.lower)
            return (logit(share) - self._offset) / self._slope
        if self.kind == "linear":
            return g - 1
        positive = g > 0
        return np.log(g, where=positive, out=np.full(len(g), -np.inf))

    def _cut(self, u: Floats) -> Floats:
        """u, or the place where F reaches its bound."""
        return np.clip(u, self.inverse(self.lower), self.inverse(self.upper))

    def _free(self, u: Floats) -> Floats:
        return 1 + u if self.kind == "linear" else np.exp(u)

    @property
    def _slope(self) -> Floats:
        """A = (U − L)/((1 − L)(U − 1))."""
        return (self.upper - self.lower) / ((1 - self.lower) * (self.upper - 1))

    @property
    def _offset(self) -> Floats:
        """Where F(0) = 1."""
        return np.log((1 - self.lower) / (self.upper - 1))
