"""From evidence to suspicion: two cards, and a few rounds of asking around.

The first card adds up a response's own evidence. The second adds how far its company is
suspected, and is asked again with its own answer until suspicion has spread through a
campaign; it does not spread where there is no evidence to begin with.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from app.anomaly.company.evidence import Findings
from app.anomaly.company.suspicion import Ties
from app.anomaly.judgement.scorecard import Scorecard
from app.anomaly.judgement.unknown import unknown
from app.anomaly.submissions import Submissions
from app.survey.sample import Floats

TURNS = 4


@dataclass(frozen=True, slots=True)
class Sums:
    """Log odds of each response, and what every piece adds to them beyond the usual."""

    total: Floats
    amounts: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Cards:
    """What was learned: the two cards, and what each piece usually says of honest people."""

    first: Scorecard
    second: Scorecard
    usual: Mapping[str, float]


def suspect(submissions: Submissions, findings: Findings, ties: Ties, cards: Cards) -> Sums:
    """The sums of the second card after a fixed number of turns."""
    strengths = {name: piece.strength for name, piece in findings.evidence.items()}
    missing = {name: unknown(name, submissions, findings) for name in cards.usual}

    def known(found: Mapping[str, Floats]) -> dict[str, Floats]:
        return {n: np.where(missing[n], cards.usual[n], found[n]) for n in found}

    strengths = known(strengths)
    first, second = cards.first, cards.second
    suspected = expit(first.total(strengths))
    for _ in range(TURNS):
        strengths |= known(ties.odds(suspected))
        total = second.total(strengths)
        suspected = expit(total)
    added = second.amounts(strengths)
    return Sums(total, {n: _beyond_usual(second, n, added[n], cards) for n in added})


def _beyond_usual(card: Scorecard, name: str, amounts: Floats, cards: Cards) -> Floats:
    """What a piece adds beyond what it adds for most honest people: only that is a reason."""
    usual = card.steps[name].at(np.array([cards.usual[name]]))
    return np.maximum(amounts - usual, 0.0)
