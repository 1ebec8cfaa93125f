"""Why a response, or a campaign, counts for less: signals with what was seen and expected."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

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

    def named(self, code: str) -> tuple[str, ...]:
        """The pieces of evidence that can be told as counts for a signal."""
        return _named(tuple(self.evidence), code)


@cache
def _named(names: tuple[str, ...], code: str) -> tuple[str, ...]:
    return tuple(n for n in names if signal_code(n) == code and can_be_counted(n))


def reasons_for(grounds: Grounds, rows: Rows, *, most: int) -> tuple[Reason, ...]:
    """The signals that speak most against these responses, the strongest first.

    Numbers are medians over the responses of the piece of evidence that is strongest.
    """
    weight: dict[str, float] = defaultdict(float)
    for name, amounts in grounds.amounts.items():
        weight[signal_code(name)] += float(amounts[rows].mean())
    ordered = sorted(weight, key=lambda code: (-weight[code], code))
    telling = [code for code in ordered if weight[code] >= LEAST_AMOUNT]
    return _said(grounds, telling or ordered, rows, most=most)


def _said(grounds: Grounds, ordered: list[str], rows: Rows, *, most: int) -> tuple[Reason, ...]:
    """Signals with company of their own; where only the company is suspected, the first."""
    found = [_reason(grounds, code, rows) for code in ordered[: most + 3]]
    seen = [
        one
        for one in found
        if one.signal == "SPEED" or one.observed - 1 - one.expected >= FEWEST_SEEN
    ]
    return tuple(seen[:most] or found[:1])


def _reason(grounds: Grounds, code: str, rows: Rows) -> Reason:
    named = grounds.named(code)
    strength = {n: _middle(grounds.evidence[n].strength, rows) for n in named}
    best = max(named, key=lambda name: (strength[name], name))
    piece = grounds.evidence[best]
    observed = _middle(piece.observed, rows)
    expected = _middle(piece.expected, rows)
    if code != "SPEED":
        observed += 1  # the response itself is one of those that were seen
    rare = grounds.rarity.of(best, strength[best])
    return Reason(code, VERSION, round(observed, 1), round(expected, 2), rare)


def _middle(values: Floats, rows: Rows) -> float:
    return float(values[rows[0]]) if len(rows) == 1 else float(np.median(values[rows]))


def reasons_of_each(grounds: Grounds, rows: Rows, *, most: int) -> list[tuple[Reason, ...]]:
    """The same for each of many responses by itself."""
    spoken = sorted({signal_code(name) for name in grounds.amounts})
    weight = np.zeros((len(spoken), len(rows)))
    for name, amounts in grounds.amounts.items():
        weight[spoken.index(signal_code(name))] += amounts[rows]
    # Only signals that may be given as a reason for somebody are looked up at all.
    order = np.argsort(-weight, axis=0, kind="stable")
    found = []
    for place, row in enumerate(rows):
        one = np.array([row])
        telling = [spoken[i] for i in order[:, place] if weight[i, place] >= LEAST_AMOUNT]
        strongest = [spoken[order[0, place]]]
        found.append(_said(grounds, telling or strongest, one, most=most))
    return found
