"""Opt-in and probability estimates of the same target, taken together with their bias.

Where both exist, the difference between them shows what choosing to answer does, and a
composite pays for it with a bias term. It is no margin of error: a result says by its label
what it is, and carries what AAPOR (2016) asks to be told of numbers that rest on a model.
What past rounds say of the bias is in `bias_history`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.errors import CannotEstimate
from app.stats.opt_in.bands import ModelStatement
from app.stats.opt_in.propensity import require_overlap


@dataclass(frozen=True, slots=True)
class PairedEstimate:
    """Both estimates of one target: an item, a domain, or the same in a past round.

    The two are taken to be independent. They are not quite where the probability sample of
    the one is the reference sample of the other; then V_A + V_B is an approximation.
    """

    target: str
    opt_in: float
    """m_A."""
    opt_in_variance: float
    """V_A, model-based."""
    probability: float
    """m_B."""
    probability_variance: float
    """V_B."""

    @property
    def difference(self) -> float:
        """m_A − m_B."""
        return self.opt_in - self.probability

    @property
    def variance(self) -> float:
        """V_A + V_B, of the difference."""
        return self.opt_in_variance + self.probability_variance


@dataclass(frozen=True, slots=True)
class Combined:
    """A composite of both estimates of one target."""

    target: str
    value: float
    """L m_B + (1 − L) m_A."""
    probability_share: float
    """L, between 0 and 1."""
    squared_bias: float
    """b², averaged over the targets combined at once."""
    mean_squared_error: float
    """L² V_B + (1 − L)² (V_A + b²), with L and b² taken as known."""
    statement: ModelStatement
    label: Literal["combined"] = "combined"


def squared_bias(pairs: Sequence[PairedEstimate]) -> float:
    """b² = max((m_A − m_B)² − V_A − V_B, 0), averaged over items or domains.

    One pair alone tells too little: where chance makes the two meet, it would find no bias.
    """
    require_variances(pairs)
    return float(np.mean([max(p.difference**2 - p.variance, 0.0) for p in pairs]))


def combine(
    pairs: Sequence[PairedEstimate], *, statement: ModelStatement
) -> tuple[Combined, ...]:
    """The composite of each pair with one bias term for all (Elliott and Haviland 2007).

    L = (V_A + b²)/(V_A + b² + V_B). Raises CannotEstimate if the overlap in `statement` is
    unknown or under `MINIMUM_OVERLAP`, or a variance is not a number of 0 or more.
    """
    if statement.overlap is None:
        raise CannotEstimate(
            "a combined number needs the overlap: the share of the population in cells with an "
            "opt-in answer. Fit propensities to a reference sample first."
        )
    require_overlap(statement.overlap)
    b2 = squared_bias(pairs)
    return tuple(_composite(pair, b2, statement) for pair in pairs)


def _composite(pair: PairedEstimate, b2: float, statement: ModelStatement) -> Combined:
    v_a, v_b = pair.opt_in_variance + b2, pair.probability_variance
    # Two numbers that both are certain are the same one; the unbiased one is kept.
    share = v_a / (v_a + v_b) if v_a + v_b > 0 else 1.0
    return Combined(
        target=pair.target,
        value=share * pair.probability + (1 - share) * pair.opt_in,
        probability_share=share,
        squared_bias=b2,
        mean_squared_error=share**2 * v_b + (1 - share) ** 2 * v_a,
        statement=statement,
    )


def require_variances(pairs: Sequence[PairedEstimate]) -> None:
    """Refuse to go on without pairs, or with a value or variance that cannot be used."""
    problems = [
        f"{p.target}: a value or variance of the two estimates is not a usable number "
        f"(opt-in {p.opt_in:g}, {p.opt_in_variance:g}; probability {p.probability:g}, "
        f"{p.probability_variance:g}). Leave the target out."
        for p in pairs
        if not (
            math.isfinite(p.difference)
            and math.isfinite(p.variance)
            and min(p.opt_in_variance, p.probability_variance) >= 0
        )
    ]
    if not pairs:
        problems.append("there is no target with both an opt-in and a probability estimate.")
    if problems:
        raise CannotEstimate("\n".join(problems))
