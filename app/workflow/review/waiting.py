"""How many campaigns wait for one person, over many rounds at once.

A campaign waits for a first judgement until something that counts is decided about it or an
audit is asked for. The numbers name no campaign and tell no direction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.anomaly.decisions import UNDECIDED, Standing, is_same, settle
from app.database.campaigns import KeptCampaign
from app.database.tables import CampaignDecisionRow
from app.database.today import list_campaigns_of
from app.survey.plan import Plan
from app.workflow.review.deciding import has_judged, in_force
from app.workflow.review.impartiality import Reviewer, has_interest
from app.workflow.review.verdicts import case_of, decisions_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for somebody in one round."""

    to_judge: int
    to_confirm: int
    """Campaigns they have judged, about which a decision of another office waits."""


def waiting_campaigns_of(
    session: Session, plans: Mapping[int, Plan], reviewer: Reviewer
) -> Mapping[int, Waiting]:
    """Round → what waits for this person, for rounds whose review is not over."""
    campaigns, rows = list_campaigns_of(session, list(plans))
    decisions: dict[int, list[CampaignDecisionRow]] = {}
    for row in rows:
        decisions.setdefault(row.campaign_id, []).append(row)
    by_round: dict[int, list[KeptCampaign]] = {}
    for one in campaigns:
        kept = KeptCampaign(one, tuple(decisions.get(one.id, ())))
        if not has_interest(plans[one.round_id], kept, reviewer):
            by_round.setdefault(one.round_id, []).append(kept)
    return {number: _waiting(some, reviewer) for number, some in by_round.items()}


def _waiting(campaigns: Sequence[KeptCampaign], reviewer: Reviewer) -> Waiting:
    standings = settle(
        {one.row.code: case_of(one) for one in campaigns},
        {one.row.code: decisions_of(one) for one in campaigns},
    )
    judged = [one for one in campaigns if has_judged(one, reviewer)]
    unsettled = [one for one in campaigns if _is_open(standings.get(one.row.code, UNDECIDED))]
    return Waiting(
        to_judge=sum(one not in judged for one in unsettled),
        to_confirm=sum(_may_confirm(one, standings[one.row.code], reviewer) for one in judged),
    )


def _is_open(standing: Standing) -> bool:
    return bool(standing.waiting) or (standing.verdict == "engine" and not standing.audit)


def _may_confirm(kept: KeptCampaign, standing: Standing, reviewer: Reviewer) -> bool:
    return any(
        one.id in standing.waiting
        and not is_same(one.author, reviewer.author)
        and not is_same(one.office, reviewer.office)
        for one in in_force(kept)
    )
