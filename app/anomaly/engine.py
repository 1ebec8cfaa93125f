"""Which responses of a round can be believed, how far, and why: the whole examination.

Read downwards it is the method: what each response is, what company it keeps, what that
adds up to, what is capped for everybody, who is flagged, and what doubt is left at every
point. No response is judged by what it says alone.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from app.anomaly.bounds.points import bound_points
from app.anomaly.company.content import content_of
from app.anomaly.company.evidence import Findings, look
from app.anomaly.company.likeness import Rows
from app.anomaly.company.suspicion import tie
from app.anomaly.examination import Campaign, Examination, PointBounds, Reason
from app.anomaly.judgement.campaigns import group_campaigns
from app.anomaly.judgement.caps import Capped, apply_caps
from app.anomaly.judgement.doubt import doubt_at_points
from app.anomaly.judgement.flagging import accompanied, flag
from app.anomaly.judgement.reasons import Grounds, reasons_of_each
from app.anomaly.judgement.suspecting import Cards, suspect
from app.anomaly.judgement.tables import ASKED, ASKED_AGAIN, EVIDENCE, RARITY, USUAL
from app.anomaly.submissions import Reference, Submissions
from app.survey.sample import Flags, Floats

CARDS = Cards(EVIDENCE, (ASKED, ASKED_AGAIN), USUAL)
VERSION = 1
"""Of the rule: it rises with every change that can move an influence."""
FEWEST = 30
"""Below so many responses nothing can be said of company; the caps hold all the same."""
LEFT_OF_DOUBT = 0.25
"""What a flagged response keeps of its chance to be honest."""
LEAST_INFLUENCE = 0.01
MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class _Judged:
    """What company says of n responses."""

    flagged: Flags
    suspected: Floats
    findings: Findings
    grounds: Grounds


def examine(submissions: Submissions, *, reference: Reference | None, seed: int) -> Examination:
    """Influence, campaigns and bounds of n responses; the same seed finds the same.

    Rows without any answer keep their influence: there is nothing to screen. A `reference`
    is a probability sample of the same people; it changes bounds, never an influence.
    """
    capped = apply_caps(submissions)
    answered = np.asarray((~np.isnan(submissions.answers)).any(axis=1), dtype=np.bool_)
    if answered.sum() < FEWEST:
        return _by_caps_alone(submissions, capped, reference)
    rows = np.flatnonzero(answered)
    judged = _judge(submissions.restrict(answered), seed=seed)
    flagged, suspected = np.zeros(len(submissions), bool), np.zeros(len(submissions))
    flagged[rows], suspected[rows] = judged.flagged, judged.suspected
    left = np.where(flagged, LEFT_OF_DOUBT * (1 - suspected), 1.0)
    influence = np.minimum(capped.influence, np.maximum(left, LEAST_INFLUENCE))
    campaigns = _campaigns(submissions, judged, rows, weights=(influence, capped.influence))
    return Examination(
        influence=influence,
        capped=capped.influence,
        flagged=flagged,
        campaign=_membership(campaigns, len(submissions)),
        reasons=_reasons(judged, rows, capped, influence),
        campaigns=campaigns,
        points=_points(submissions, capped, influence, suspected, reference),
    )


def _judge(submissions: Submissions, *, seed: int) -> _Judged:
    findings = look(submissions, content_of(submissions, seed=seed), seed=seed)
    ties = tie(submissions, findings)
    sums = suspect(submissions, findings, ties, CARDS)
    grounds = Grounds(findings.evidence, sums.amounts, RARITY)
    flagged = accompanied(flag(sums.total, findings), submissions)
    return _Judged(flagged, expit(sums.total), findings, grounds)


def _reasons(
    judged: _Judged, rows: Rows, capped: Capped, influence: Floats
) -> dict[int, tuple[Reason, ...]]:
    """Why each response counts for less; the cap first where it is what decides."""
    flagged = np.flatnonzero(judged.flagged)
    said = reasons_of_each(judged.grounds, flagged, most=MOST_REASONS)
    found = dict(zip(rows[flagged].tolist(), said, strict=True))
    for row, cap in _caps_that_decide(capped, influence).items():
        found[row] = (cap, *found.get(row, ()))[:MOST_REASONS]
    return dict(sorted(found.items()))


def _caps_that_decide(capped: Capped, influence: Floats) -> dict[int, Reason]:
    deciding = np.flatnonzero((capped.influence < 1) & (influence == capped.influence))
    return {
        int(row): Reason(
            signal=str(capped.code[row]),
            version=VERSION,
            observed=float(capped.size[row]),
            expected=float(capped.limit[row]),
            rarity=1.0,
        )
        for row in deciding
    }


def _campaigns(
    submissions: Submissions, judged: _Judged, rows: Rows, *, weights: tuple[Floats, Floats]
) -> tuple[Campaign, ...]:
    influence, capped = weights
    found = group_campaigns(
        submissions.restrict(np.isin(np.arange(len(submissions)), rows)),
        judged.findings,
        judged.grounds,
        flagged=judged.flagged,
        weights=(influence[rows], capped[rows]),
    )
    return tuple(replace(one, rows=tuple(rows[list(one.rows)].tolist())) for one in found)


def _membership(campaigns: tuple[Campaign, ...], n: int) -> tuple[int, ...]:
    member = np.full(n, -1)
    for position, campaign in enumerate(campaigns):
        member[list(campaign.rows)] = position
    return tuple(member.tolist())


def _points(
    submissions: Submissions,
    capped: Capped,
    influence: Floats,
    suspected: Floats,
    reference: Reference | None,
) -> tuple[PointBounds, ...]:
    doubt = doubt_at_points(
        submissions, influence=influence, suspected=suspected, reference=reference
    )
    return bound_points(
        submissions,
        influence=influence,
        capped=capped.influence,
        epsilon=doubt,
        reference=reference,
    )


def _by_caps_alone(
    submissions: Submissions, capped: Capped, reference: Reference | None
) -> Examination:
    n = len(submissions)
    points = _points(submissions, capped, capped.influence, np.zeros(n), reference)
    caps = _caps_that_decide(capped, capped.influence).items()
    return Examination(
        influence=capped.influence,
        capped=capped.influence,
        flagged=np.zeros(n, bool),
        campaign=(-1,) * n,
        reasons={row: (cap,) for row, cap in caps},
        campaigns=(),
        points=points,
    )
