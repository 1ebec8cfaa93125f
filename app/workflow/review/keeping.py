"""Keeping the campaigns that a run found, so that people can decide about them.

A campaign belongs to no run. One that an earlier run of the round found too, the same
responses under the same code, is there already, with all that was decided about it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.anomaly.examination import Campaign, Examination
from app.anomaly.submissions import Submissions
from app.database.campaigns import add_campaigns, list_campaigns
from app.database.rounds import record
from app.database.tables import CampaignRow, RoundRow, RunRow
from app.survey.sample import Flags, Floats
from app.workflow.canonical import plain_numbers

LONGEST_PLACE = 100
SHOWN_OF_NETWORK = 8
"""Characters of a keyed hash: enough to tell two networks of a round apart."""


def keep_campaigns(
    session: Session,
    run: RunRow,
    examination: Examination,
    *,
    submissions: Submissions,
    now: datetime,
) -> int:
    """Keep what is new among the campaigns of an examination; how many that are.

    Call it in the act that saves a finished run, while the round is held. `examination` is
    what the engine found, before the plan's rule and before any decision, and `submissions`
    are the columns it examined: rows are named by their identifiers there.
    """
    known = {kept.row.code for kept in list_campaigns(session, run.round_id)}
    new = [campaign for campaign in examination.campaigns if campaign.code not in known]
    if not new:
        return 0
    found = [
        (_row(run, campaign, examination, submissions), _identifiers(campaign, submissions))
        for campaign in new
    ]
    add_campaigns(session, found)
    subject = session.get_one(RoundRow, run.round_id).code
    detail: dict[str, object] = {"run": run.id, "campaigns": len(new)}
    record(session, "keep campaigns", subject=subject, now=now, detail=detail)
    return len(new)


def _row(
    run: RunRow, campaign: Campaign, examination: Examination, submissions: Submissions
) -> CampaignRow:
    rows = list(campaign.rows)
    counted, without = examination.influence.copy(), examination.influence.copy()
    counted[rows], without[rows] = examination.capped[rows], 0.0
    inside = np.isin(np.arange(len(submissions)), rows)
    points = {}
    for point in campaign.points:
        here = submissions.point == point
        points[point] = {
            "n": int((here & inside).sum()),
            "with": _mean(here, counted, submissions.score),
            "without": _mean(here, without, submissions.score),
        }
    detail: Mapping[str, Any] = {
        "points": points,
        "usual": _mean(~inside, without, submissions.score),
        "reasons": [asdict(reason) for reason in campaign.reasons],
        "similarity": campaign.similarity,
    }
    return CampaignRow(
        round_id=run.round_id,
        run_id=run.id,
        code=campaign.code,
        kind=campaign.kind,
        place=_place(campaign),
        first_minute=_minute(campaign.first),
        last_minute=_minute(campaign.last),
        size=len(campaign.rows),
        score_with=plain_numbers(campaign.score_with),
        score_without=plain_numbers(campaign.score_without),
        detail=plain_numbers(detail),
    )


def _identifiers(campaign: Campaign, submissions: Submissions) -> list[str]:
    identifiers: list[str] = submissions.identifier[list(campaign.rows)].tolist()
    return identifiers


def _mean(chosen: Flags, weight: Floats, score: Floats) -> float:
    known = chosen & ~np.isnan(score)
    total = float(weight[known].sum())
    return float((weight[known] * score[known]).sum()) / total if total > 0 else np.nan


def _place(campaign: Campaign) -> str:
    longest = SHOWN_OF_NETWORK if campaign.kind == "network" else LONGEST_PLACE
    return campaign.place[:longest]


def _minute(minute: float) -> int | None:
    return None if np.isnan(minute) else round(minute)
