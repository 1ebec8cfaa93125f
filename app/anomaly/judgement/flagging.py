"""Who is flagged: as many as a stated rate of mistakes allows, and nobody on a slight hint.

The sums are calibrated on simulated rounds, so they say how many honest people are to be
expected among those above any line. The line is put where that number meets its allowance:
a small one in any round, more in a round in which more is false.
"""

import numpy as np
from scipy.special import expit

from app.anomaly.company.evidence import Findings
from app.anomaly.company.gathering import groups_of
from app.anomaly.judgement.signals_of_evidence import speaks_against_low
from app.anomaly.submissions import Submissions
from app.survey.sample import Flags, Floats

ALWAYS_ALLOWED = 0.001
"""Share of all responses that may be honest and flagged, in a round where nothing is false."""
ALLOWED_MORE = 0.1
"""… and so much of the share that is suspected, on top …"""
MOST_SUSPECTED = 0.06
"""… which counts up to here."""
LEAST_ODDS = -1.6
"""Log odds below which nobody is flagged: five to one for honesty."""
FEWEST_TOGETHER = 3
"""Flags that fewer share, at a point or in an enumerator's work, are lifted."""
TELLING = 0.4
"""Strength from which haste, copied text or concentration speaks against a low score."""


def flag(total: Floats, findings: Findings) -> Flags:
    """Those above the line; low scores only with haste, copied text or concentration.

    `total` are the log odds of each response to be false. Equal sums share one fate.
    """
    may = _may_be_flagged(findings)
    flagged: Flags = may & (total >= max(_line(total, may), LEAST_ODDS))
    return flagged


def accompanied(flagged: Flags, submissions: Submissions) -> Flags:
    """The flags that several share: nobody is judged for a company that was not flagged."""
    interviewed = submissions.enumerator != ""
    kept = np.zeros(len(flagged), bool)
    for labels, among in (
        (submissions.enumerator, flagged & interviewed),
        (submissions.point, flagged & ~interviewed),
    ):
        for rows in groups_of(labels, among, fewest=FEWEST_TOGETHER):
            kept[rows] = True
    return kept


def _line(total: Floats, may: Flags) -> float:
    """The lowest sum above which no more honest people are expected than allowed."""
    false = expit(total)
    allowed = ALWAYS_ALLOWED + ALLOWED_MORE * min(float(false.mean()), MOST_SUSPECTED)
    order = np.argsort(-total, kind="stable")
    mistakes = np.cumsum(np.where(may[order], 1 - false[order], 0.0)) / len(total)
    within = order[mistakes <= allowed]
    return float(total[within].min()) if len(within) else np.inf


def _may_be_flagged(findings: Findings) -> Flags:
    speaking = [
        piece.strength for name, piece in findings.evidence.items() if speaks_against_low(name)
    ]
    may: Flags = (findings.low == 0) | (np.max(speaking, axis=0) > TELLING)
    return may
