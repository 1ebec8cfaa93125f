"""What rounds with both an opt-in and a probability estimate say of rounds without the latter.

Their differences are a history of bias: its mean corrects a round that has opt-in answers
only, and its spread is in the interval. The same history, told as correlations between
answering and opinion, says how wide a sensitivity band should be.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t as student

from app.errors import CannotEstimate
from app.stats.opt_in.bands import ModelStatement, SelfSelected
from app.stats.opt_in.blending import PairedEstimate, require_variances
from app.survey.sample import Floats

FEWEST_ROUNDS = 2
"""With both estimates, before past bias says anything about a round without."""


@dataclass(frozen=True, slots=True)
class PastBias:
    """What rounds with both estimates say about the bias of opt-in ones."""

    mean: float
    """b0, of m_A − m_B; rounds are weighted by 1/(V_A + V_B + τ²)."""
    variance: float
    """V_b0."""
    between_rounds: float
    """τ², not below V_b0."""
    rounds: int


@dataclass(frozen=True, slots=True)
class BiasAdjusted:
    """An opt-in estimate less the bias of past rounds, and where it would lie."""

    value: float
    """m_A − b0."""
    low: float
    high: float
    confidence: float
    df: int
    """Past rounds less one."""
    past: PastBias
    statement: ModelStatement
    label: Literal["bias_adjusted"] = "bias_adjusted"


@dataclass(frozen=True, slots=True)
class DefectCorrelation:
    """ρ of answering with opinion as one round with both estimates shows it."""

    rho: float
    standard_error: float
    """From V_A + V_B: how well the round tells ρ, not how far ρ moves between rounds."""

    @property
    def variance(self) -> float:
        """The square of the standard error."""
        return self.standard_error**2


@dataclass(frozen=True, slots=True)
class DefectRecord:
    """A line of the history of ρ: one item in one channel and round."""

    item: str
    channel: str
    survey_round: str
    correlation: DefectCorrelation


@dataclass(frozen=True, slots=True)
class UsualDefect:
    """What a history of ρ lets expect of a round without a probability sample."""

    mean: float
    spread: float
    """Standard deviation of ρ between rounds; not below the standard error of `mean`."""
    rounds: int

    @property
    def correlations(self) -> tuple[float, float, float]:
        """For a sensitivity band: the mean, and two spreads to either side, within ±1."""
        low, high = self.mean - 2 * self.spread, self.mean + 2 * self.spread
        return max(low, -1.0), self.mean, min(high, 1.0)


def past_bias(history: Sequence[PairedEstimate]) -> PastBias:
    """b0 and τ² over rounds with both estimates (DerSimonian and Laird 1986).

    With v = V_A + V_B and weights 1/v, Q the weighted squares around their mean,
    τ² = max(0, (Q − (k − 1))/(Σ1/v − Σ1/v²/Σ1/v)); b0 and V_b0 are those of the weights
    1/(v + τ²), and τ² is not let below V_b0: k rounds cannot show less. Raises
    CannotEstimate with fewer than two rounds or a round whose v is 0.
    """
    _require_rounds(len(history))
    require_variances(history)
    certain = [p.target for p in history if not p.variance > 0]
    if certain:
        raise CannotEstimate(
            f"{', '.join(certain)}: both estimates have a variance of 0, so this round would "
            "outweigh all others. Leave it out of the history."
        )
    bias = np.array([p.difference for p in history])
    return _between(bias, np.array([p.variance for p in history]))


def _require_rounds(rounds: int) -> None:
    if rounds < FEWEST_ROUNDS:
        raise CannotEstimate(
            f"{rounds} past rounds have both an opt-in and a probability estimate, but how "
            f"bias moves between rounds needs at least {FEWEST_ROUNDS}. Show the sensitivity "
            "band instead."
        )


def _between(bias: Floats, v: Floats) -> PastBias:
    w = 1 / v
    k, fixed = len(bias), w @ bias / w.sum()
    q = w @ (bias - fixed) ** 2
    tau2 = max(0.0, float((q - (k - 1)) / (w.sum() - w @ w / w.sum())))
    w = 1 / (v + tau2)
    variance = float(1 / w.sum())
    return PastBias(float(w @ bias / w.sum()), variance, max(tau2, variance), k)


def adjust_for_past_bias(
    opt_in: float,
    opt_in_variance: float,
    past: PastBias,
    *,
    statement: ModelStatement,
    confidence: float = 0.95,
) -> BiasAdjusted:
    """m_A − b0 −/+ t √(V_A + V_b0 + τ²), t with one degree of freedom less than rounds.

    It assumes that this round's bias is one more like those of the past.
    """
    df = past.rounds - 1
    spread = math.sqrt(opt_in_variance + past.variance + past.between_rounds)
    reach = float(student.ppf(0.5 + confidence / 2, df)) * spread
    value = opt_in - past.mean
    return BiasAdjusted(value, value - reach, value + reach, confidence, df, past, statement)


def defect_correlation(answers: SelfSelected, pair: PairedEstimate) -> DefectCorrelation:
    """ρ̂ = (m_A − m_B)/(σ √((1 − f + CV²)/f)), f = n / population (Meng 2018, eq. 2.3).

    `answers` gives n, σ, CV² and the population; the two means are those of `pair`. Its
    standard error is √(V_A + V_B) on the same scale.
    """
    require_variances([pair])
    scale = math.sqrt(answers.defect) * answers.standard_deviation
    if not scale > 0:
        raise CannotEstimate(
            f"{pair.target}: everybody answered, or all the same; no correlation is defined."
        )
    return DefectCorrelation(pair.difference / scale, math.sqrt(pair.variance) / scale)


def usual_defect(history: Sequence[DefectRecord], *, item: str, channel: str) -> UsualDefect:
    """Mean and spread of ρ over the rounds of one item in one channel.

    As `past_bias` does for the bias itself. Raises CannotEstimate with fewer than two rounds.
    """
    records = [one for one in history if (one.item, one.channel) == (item, channel)]
    _require_rounds(len(records))
    pairs = [
        PairedEstimate(
            one.survey_round, one.correlation.rho, one.correlation.variance, 0.0, 0.0
        )
        for one in records
    ]
    past = past_bias(pairs)
    return UsualDefect(past.mean, math.sqrt(past.between_rounds), past.rounds)
