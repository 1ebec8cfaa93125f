"""What an examination found: influence, campaigns with their reasons, bounds of every point.

A campaign is the unit of review: responses at one place that share evidence. Nothing here
says that somebody cheated; it says what was seen, what would be usual, and what it moves.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was seen, against what would be usual."""

    signal: str
    """Code of a signal of the catalogue, such as ``NET_CLUSTER``."""
    version: int
    observed: float
    expected: float
    """Under the signal's null, which the catalogue states."""
    rarity: float
    """Share of responses in attack-free rounds that reach what was observed; small is rare."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Responses that share evidence, flagged together and decided together."""

    code: str
    """Derived from its responses, so the same responses are the same campaign."""
    kind: str
    """``point``, ``enumerator`` or ``network``: what it is judged as."""
    place: str
    """The point, enumerator or network it is about."""
    rows: tuple[int, ...]
    points: tuple[str, ...]
    first: float
    """Minute of its first response; NaN if times are not known."""
    last: float
    reasons: tuple[Reason, ...]
    """Three to five where there are so many; the strongest first."""
    score_with: float
    """Capped mean of the responses' points with the campaign counted fully."""
    score_without: float
    similarity: Mapping[str, float]
    """Figures by which decided campaigns are compared: log size, log hours, mean, spread …"""


@dataclass(frozen=True, slots=True)
class PointBounds:
    """The numbers beside the score of one point, 0–100."""

    point: str
    n: int
    reduced: int
    """Responses that count for less than fully, and for more than nothing."""
    excluded: int
    raw: float
    capped: float
    """With the published caps alone."""
    score: float
    """Mean of the responses with caps, flags and decisions; NaN if nothing counts."""
    low: float
    high: float
    """Where the mean of the point's honest responses may lie if a share `epsilon` of what still
    counts is not honest; without allowance for chance, or for who answers at all."""
    epsilon: float
    answers_up: float
    """Answers of full marks that raise the raw score by one point; infinite if impossible."""
    answers_down: float
    sample_n: int
    """Size of the probability sample at the point; 0 without one."""
    sample_mean: float
    shrinkage: float
    """Weight of the probability sample in `shrunk`, 0 to 1."""
    shrunk: float = math.nan
    """`score` drawn to the probability sample: the best guess at what the whole population
    thinks. It may lie outside `low` and `high`, which are about those who answered. NaN
    without a sample at the point."""


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was found about n responses."""

    influence: Floats
    """0 to 1: caps times what the flags leave, before anybody decided."""
    capped: Floats
    """0 to 1: influence by the caps alone."""
    flagged: Flags
    campaign: tuple[int, ...]
    """Position of each response's campaign in `campaigns`; −1 if it is in none."""
    reasons: Mapping[int, tuple[Reason, ...]]
    """Row → why its influence was lowered; rows without a reason are left out."""
    campaigns: tuple[Campaign, ...]
    points: tuple[PointBounds, ...]
