"""Campaigns under review: the queue, one campaign, and what somebody decides about it.

A campaign is opened by a form, because who looked, and how far, is kept; its page then shows
what has been opened. Nothing before the first decision tells a direction.
"""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Response

from app.anomaly.decisions import Verdict
from app.database.engine import Session
from app.database.rounds import find_round, load_round
from app.documents.campaign_words import distance_words, reason_words, window_words
from app.errors import InputRefused
from app.people.roles import Permission
from app.survey.plan import Plan, Point, Region, Unit
from app.survey.text import Text
from app.web.console.faults import Faults, faults_of
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.reviewing import Signatures, first, reaches, reviewer_at, signatures
from app.web.dependencies import ActingSession, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.review.deciding import LONGEST_NOTE, Judgement, decide
from app.workflow.review.looking import look, opened
from app.workflow.review.shown import Entry, Whole
from app.workflow.review.viewing import entries_for
from app.workflow.telemetry import end_of_review

router = APIRouter(prefix="/console/rounds/{code}/campaigns")


@router.get("")
def show_queue(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_CAMPAIGNS))],
    session: ReadingSession,
) -> HTMLReply:
    """Every campaign of a round as far as one may know of it: what waits for me first."""
    row = find_round(session, code, within=desk.scope)
    plan = load_round(session, row).plan
    entries = sorted(entries_for(session, row, reviewer_at(session, desk)), key=_urgency)
    return desk.page(
        "console/campaigns.html",
        row=row,
        plan=plan,
        entries=entries,
        names=place_names(plan),
        window_words=window_words,
        to_judge=sum(one.look is not None and one.decided is None for one in entries),
        to_confirm=sum(one.waits for one in entries),
        may_review=reaches(session, desk, Permission.REVIEW, row),
        end_of_review=end_of_review(row, plan.window.time_zone),
    )


@router.get("/{campaign}")
def show_campaign(
    code: str,
    campaign: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_CAMPAIGNS))],
    session: ReadingSession,
) -> HTMLReply:
    """One campaign as far as its reader has opened it."""
    return campaign_page(session, desk, code, campaign)


@router.post("/{campaign}/looks")
def open_campaign(
    code: str,
    campaign: str,
    desk: Annotated[Desk, Depends(Acting(Permission.SEE_CAMPAIGNS))],
    now: Now,
    session: ActingSession,
) -> Response:
    """Say that one looks at a campaign, and be led to it."""
    row = find_round(session, code, within=desk.scope)
    found = look(session, row, reviewer_at(session, desk), campaign, now=now)
    return desk.lead_to(f"/console/rounds/{row.code}/campaigns/{found}")


@router.post("/{campaign}/decisions", response_model=None)
def decide_campaign(  # noqa: PLR0913 - what a form of the console needs
    code: str,
    campaign: str,
    desk: Annotated[Desk, Depends(Acting(Permission.REVIEW))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Keep what somebody decides; a first decision opens the whole to its author."""
    row = find_round(session, code, within=desk.scope)
    reviewer = reviewer_at(session, desk)
    verdict, reason, note = (first(form, name) for name in ("verdict", "reason", "note"))
    judgement = Judgement(campaign, cast(Verdict, verdict), reason, note)
    try:
        outcome = decide(session, row, reviewer, judgement, now=now)
    except InputRefused as refused:
        faults = faults_of(refused, desk.language)
        return campaign_page(session, desk, code, campaign, given=judgement, faults=faults)
    look(session, row, reviewer, campaign, now=now)
    done = f"/console/rounds/{row.code}/campaigns/{outcome.campaign}"
    return desk.lead_to(f"{done}#decisions")


def campaign_page(  # noqa: PLR0913 - a page, and what was wrong with a form of it
    session: Session,
    desk: Desk,
    code: str,
    campaign: str,
    *,
    given: Judgement | None = None,
    faults: Faults | None = None,
) -> HTMLReply:
    """The page of one campaign; with what was wrong about a decision where it is refused."""
    row = find_round(session, code, within=desk.scope)
    plan = load_round(session, row).plan
    found = opened(session, row, reviewer_at(session, desk), campaign)
    common: dict[str, Any] = {"row": row, "plan": plan, "names": place_names(plan)}
    if found is None:
        return desk.page("console/campaign_closed.html", **common, campaign=campaign)
    shown = found.shown
    signed = signatures(session, shown.history) if isinstance(shown, Whole) else Signatures()
    return desk.page(
        "console/campaign.html",
        status=422 if faults else 200,
        **common,
        found=found,
        whole=shown if isinstance(shown, Whole) else None,
        look=shown.look if isinstance(shown, Whole) else shown,
        said=signed,
        reason_words=reason_words,
        window_words=window_words,
        distance_words=distance_words,
        may_review=reaches(session, desk, Permission.REVIEW, row),
        given=given,
        faults=faults,
        longest_note=LONGEST_NOTE,
    )


def place_names(plan: Plan) -> Mapping[str, Text]:
    """What points, units and regions of a plan are called, by code."""
    places: tuple[Region | Unit | Point, ...] = (*plan.regions, *plan.units, *plan.points)
    return {one.code: one.name for one in places}


def _urgency(entry: Entry) -> tuple[int, int]:
    """What I have yet to judge first, then what waits for a second person, then the rest."""
    if entry.look is None:
        return 3, 0
    return (0 if entry.decided is None else 1 if entry.waits else 2), -entry.look.size
