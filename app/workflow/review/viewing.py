"""What a reviewer is shown of a campaign: counts, a first look, or the whole.

An office with an interest is shown a count and nothing else. Everybody else first judges
without the direction, the scores, the answers and what others decided, and is shown the
whole after that. Whoever looks, and how far, is an event of the audit trail.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.anomaly.decisions import UNDECIDED
from app.anomaly.precedents import Decided, Rates, nearest, rates_by_direction, rates_of_settled
from app.database.campaigns import (
    VIEWED,
    KeptCampaign,
    find_campaign,
    list_campaign_responses,
    list_campaigns,
    list_reviewed_rounds,
)
from app.database.results import newest_finished, result_of
from app.database.rounds import load_round, record
from app.database.tables import RoundRow
from app.errors import WrongState
from app.survey.plan import Plan
from app.workflow.review.deciding import has_judged
from app.workflow.review.impartiality import (
    Reviewer,
    has_interest,
    require_impartial,
    require_named,
)
from app.workflow.review.shown import (
    CountsOnly,
    Entry,
    FirstLook,
    SeenResponse,
    Stage,
    Whole,
    first_look,
    reasons_of,
    suppressed,
)
from app.workflow.review.verdicts import case_of, decisions_of, load_verdicts
from app.workflow.review.windows import midnights


def list_entries(
    session: Session, row: RoundRow, reviewer: Reviewer, *, now: datetime
) -> list[Entry]:
    """Every campaign of a round, as far as the reviewer may see it; recorded."""
    entries = entries_for(session, row, reviewer)
    stages = [entry.stage for entry in entries]
    detail: dict[str, object] = {
        "author": reviewer.author.strip(),
        "office": reviewer.office.strip(),
        "shown": {stage: stages.count(stage) for stage in sorted(set(stages))},
    }
    record(session, "list campaigns", subject=row.code, now=now, detail=detail)
    return entries


def entries_for(session: Session, row: RoundRow, reviewer: Reviewer) -> list[Entry]:
    """The same, not recorded: for a page that tells no reasons."""
    require_named(reviewer)
    plan, found = load_round(session, row).plan, _newest_codes(session, row)
    campaigns, decided = _decided(session, row)
    days = midnights(session, campaigns)
    return [
        replace(
            _entry(plan, kept, one, reviewer, midnight=days.get(kept.row.run_id)),
            is_found=found is None or kept.row.code in found,
        )
        for kept, one in zip(campaigns, decided, strict=True)
    ]


def show_campaign(
    session: Session, row: RoundRow, reviewer: Reviewer, code: str, *, now: datetime
) -> CountsOnly | FirstLook | Whole:
    """A campaign as far as the reviewer may see it; that it was looked at is recorded."""
    require_named(reviewer)
    kept = find_campaign(session, row, code)
    stage = stage_for(session, row, reviewer, kept)
    _record_view(session, row, reviewer, kept, stage=stage, now=now)
    return campaign_at(session, row, reviewer, kept, stage=stage)


def stage_for(session: Session, row: RoundRow, reviewer: Reviewer, kept: KeptCampaign) -> Stage:
    """How far the reviewer may see the campaign."""
    if has_interest(load_round(session, row).plan, kept, reviewer):
        return "counts"
    return "whole" if has_judged(kept, reviewer) else "first look"


def campaign_at(
    session: Session, row: RoundRow, reviewer: Reviewer, kept: KeptCampaign, *, stage: Stage
) -> CountsOnly | FirstLook | Whole:
    """The campaign so far; whoever shows it has recorded that somebody looked."""
    if stage == "counts":
        return CountsOnly(suppressed(kept.row.size))
    if stage == "first look":
        return first_look(kept, midnights(session, [kept]).get(kept.row.run_id))
    return _whole(session, row, kept, reviewer)


def view_responses(
    session: Session, row: RoundRow, reviewer: Reviewer, code: str, *, now: datetime
) -> list[SeenResponse]:
    """The answers of a campaign, for a reviewer who has judged it; recorded."""
    require_named(reviewer)
    kept = find_campaign(session, row, code)
    require_impartial(load_round(session, row).plan, kept, reviewer)
    if not has_judged(kept, reviewer):
        raise WrongState(
            f"The answers of {kept.row.code} are shown after a first judgement, which is made "
            f"without them: minxin review decide {row.code} {kept.row.code}",
            chinese=f"{kept.row.code} 的答案在您记下第一次判断之后才给出，判断时不看答案："
            f"minxin review decide {row.code} {kept.row.code}",
        )
    responses = responses_of(session, row, kept)
    _record_view(session, row, reviewer, kept, stage="responses", now=now)
    return responses


def responses_of(session: Session, row: RoundRow, kept: KeptCampaign) -> list[SeenResponse]:
    """The same; whoever shows them has made sure of all that, and has recorded the look."""
    responses = list_campaign_responses(session, kept.row.id)
    if not responses:
        raise WrongState(
            f"Which responses {kept.row.code} held was deleted with whatever was kept for "
            "screening only. What was decided stays.",
            chinese=f"{kept.row.code} 含哪些回答，已随只为筛查保存的记录一并删除；"
            "所作的决定仍在。",
        )
    return [
        SeenResponse(
            point=response.point or response.unit,
            channel=response.channel,
            seconds=response.paradata.get("seconds"),
            answers=response.answers,
        )
        for response in responses
    ]


def review_rates(session: Session, row: RoundRow) -> Rates:
    """What became of the round's campaigns that raise a score and of those that lower one.

    Those that wait are told without a direction until review is over, with the telemetry.
    """
    decided = _decided(session, row)[1]
    if row.telemetry_forgotten_at is None:
        return rates_of_settled(decided)
    return rates_by_direction(decided)


def _decided(session: Session, row: RoundRow) -> tuple[list[KeptCampaign], list[Decided]]:
    kept = list_campaigns(session, row.id)
    standings = load_verdicts(session, row.id).standings
    decided = [
        Decided(case_of(one), standings.get(one.row.code, UNDECIDED), decisions_of(one))
        for one in kept
    ]
    return kept, decided


def _entry(
    plan: Plan,
    kept: KeptCampaign,
    decided: Decided,
    reviewer: Reviewer,
    *,
    midnight: datetime | None,
) -> Entry:
    if has_interest(plan, kept, reviewer):
        return Entry(None, suppressed(kept.row.size), None)
    return Entry(
        look=first_look(kept, midnight),
        size=kept.row.size,
        decided=decided if has_judged(kept, reviewer) else None,
    )


def _newest_codes(session: Session, row: RoundRow) -> set[str] | None:
    """Codes of the campaigns that the newest run found; None where it looked for none."""
    run = newest_finished(session, row.id)
    screening = {} if run is None else result_of(run).get("screening", {})
    if "company" not in screening:
        return None
    return {one["code"] for one in screening["company"]["campaigns"]}


def _whole(session: Session, row: RoundRow, kept: KeptCampaign, reviewer: Reviewer) -> Whole:
    look = first_look(kept, midnights(session, [kept]).get(kept.row.run_id))
    case = case_of(kept)
    return Whole(
        look=look,
        reasons=reasons_of(kept),
        case=case,
        scores={point: (one["with"], one["without"]) for point, one in kept.points.items()},
        standing=load_verdicts(session, row.id).standings[kept.row.code],
        history=kept.decisions,
        similar=nearest(case, _precedents(session, reviewer)),
    )


def _precedents(session: Session, reviewer: Reviewer) -> Sequence[Decided]:
    """Decided campaigns of every round in which the reviewer's office has no interest."""
    found: list[Decided] = []
    for row in list_reviewed_rounds(session, within=reviewer.reach):
        plan = load_round(session, row).plan
        found += [
            decided
            for kept, decided in zip(*_decided(session, row), strict=True)
            if kept.decisions and not has_interest(plan, kept, reviewer)
        ]
    return found


def _record_view(  # noqa: PLR0913 - who looked at what, how far, when
    session: Session,
    row: RoundRow,
    reviewer: Reviewer,
    kept: KeptCampaign,
    *,
    stage: str,
    now: datetime,
) -> None:
    detail: dict[str, object] = {
        "campaign": kept.row.code,
        "author": reviewer.author.strip(),
        "office": reviewer.office.strip(),
        "shown": stage,
    }
    record(session, VIEWED, subject=row.code, now=now, detail=detail)
