"""Why a response, or a campaign, counts for less: signals with what was seen and expected."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.anomaly.company.evidence import Evidence
from app.anomaly.company.likeness import Rows
from app.anomaly.examination import Reason
from app.anomaly.judgement.rarity import Rarity
from app.anomaly.judgement.signals_of_evidence import can_be_counted, signal_code
from app.survey.sample import Floats

VERSION = 1
LEAST_AMOUNT = 0.15
"""A piece of evidence that adds less is no reason."""
FEWEST_SEEN = 1.0
"""So many others must have been seen beyond what is usual."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What every piece of evidence adds to n sums, and where it can be looked up."""

    evidence: Mapping[str, Evidence]
    amounts: Mapping[str, Floats]
    """By name; companies of the suspected speak for the signal of their cell."""
    rarity: Rarity


def reasons_for(grounds: Grounds, rows: Rows, *, most: int) -> tuple[Reason, ...]:
    """The signals that speak most against these responses, the strongest first.

    Numbers are medians over the responses of the piece of evidence that is strongest.
    """
    weight: dict[str, float] = defaultdict(float)
    for name, amounts in grounds.amounts.items():
        weight[signal_code(name)] += float(amounts[rows].mean())
    ordered = sorted(weight, key=lambda code: (-weight[code], code))
    telling = [code for code in ordered if weight[code] >= LEAST_AMOUNT]
    found = [_reason(grounds, code, rows) for code in telling]
    return tuple(reason for reason in found if reason is not None)[:most]


def _reason(grounds: Grounds, code: str, rows: Rows) -> Reason | None:
    named = [n for n in grounds.evidence if signal_code(n) == code and can_be_counted(n)]
    strength = {n: float(np.median(grounds.evidence[n].strength[rows])) for n in named}
    best = max(named, key=lambda name: (strength[name], name))
    piece = grounds.evidence[best]
    observed = float(np.median(piece.observed[rows]))
    expected = float(np.median(piece.expected[rows]))
    if code != "SPEED":
        if observed - expected < FEWEST_SEEN:
            return None
        observed += 1  # the response itself is one of those that were seen
    rare = grounds.rarity.of(best, strength[best])
    return Reason(code, VERSION, round(observed, 1), round(expected, 2), rare)


def codes(reasons: Sequence[Reason]) -> list[str]:
    """The signals of some reasons, in their order."""
    return [reason.signal for reason in reasons]
