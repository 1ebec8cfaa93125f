"""From evidence to suspicion: one card of a response's own evidence, and two rounds of asking.

The first card adds up a response's own evidence. Each of the next adds how far its company
is suspected by the card before, so that suspicion spreads through a campaign; it does not
spread where there is no evidence to begin with, nor further than it was learned to.
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


@dataclass(frozen=True, slots=True)
class Sums:
    """Log odds of each response, and what every piece adds to them beyond the usual."""

    total: Floats
    amounts: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Cards:
    """What was learned: the cards, and what each piece usually says of honest people."""

    first: Scorecard
    asking: tuple[Scorecard, ...]
    """In the order in which company is asked around."""
    usual: Mapping[str, float]


def suspect(submissions: Submissions, findings: Findings, ties: Ties, cards: Cards) -> Sums:
    """The sums of the last card."""
    strengths = {name: piece.strength for name, piece in findings.evidence.items()}
    missing = {name: unknown(name, submissions, findings) for name in cards.usual}

    def known(found: Mapping[str, Floats]) -> dict[str, Floats]:
        return {n: np.where(missing[n], cards.usual[n], found[n]) for n in found}

    strengths = known(strengths)
    total = cards.first.total(strengths)
    for card in cards.asking:
        strengths |= known(ties.odds(expit(total)))
        total = card.total(strengths)
    last = cards.asking[-1]
    added = last.amounts(strengths)
    return Sums(total, {n: _beyond_usual(last, n, added[n], cards) for n in added})


def _beyond_usual(card: Scorecard, name: str, amounts: Floats, cards: Cards) -> Floats:
    """What a piece adds beyond what it adds for most honest people: only that is a reason."""
    usual = card.steps[name].at(np.array([cards.usual[name]]))
    return np.maximum(amounts - usual, 0.0)
