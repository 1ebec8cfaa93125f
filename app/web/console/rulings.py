"""What a second person does about a decision, the answers of a campaign, and the rates."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from app.database.rounds import find_round, load_round
from app.documents.campaign_answers import beside_bars
from app.documents.charts.answer_bars import tone
from app.errors import InputRefused
from app.people.roles import Permission
from app.web.console.campaigns import campaign_page, place_names
from app.web.console.faults import faults_of
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.reviewing import first, reviewer_at
from app.web.dependencies import ActingSession, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.review.comparing import beside_usual
from app.workflow.review.deciding import Outcome, Ruling, confirm, revoke
from app.workflow.review.looking import look_at_answers, opened_answers
from app.workflow.review.shown import SMALLEST_COUNT
from app.workflow.review.viewing import review_rates

router = APIRouter(prefix="/console/rounds/{code}/campaigns")

ACTS: Mapping[str, Callable[..., Outcome]] = {"confirmation": confirm, "revocation": revoke}


@router.get("/rates")
def show_rates(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_CAMPAIGNS))],
    session: ReadingSession,
) -> HTMLReply:
    """What became of campaigns that raise a score and of those that lower one."""
    row = find_round(session, code, within=desk.scope)
    return desk.page(
        "console/review_rates.html",
        row=row,
        plan=load_round(session, row).plan,
        rates=review_rates(session, row),
        smallest=SMALLEST_COUNT,
    )


@router.post("/{campaign}/answers")
def open_answers(
    code: str,
    campaign: str,
    desk: Annotated[Desk, Depends(Acting(Permission.SEE_CAMPAIGNS))],
    now: Now,
    session: ActingSession,
) -> Response:
    """Say that one looks at the answers of a campaign, and be led to them."""
    row = find_round(session, code, within=desk.scope)
    found = look_at_answers(session, row, reviewer_at(session, desk), campaign, now=now)
    return desk.lead_to(f"/console/rounds/{row.code}/campaigns/{found}/answers")


@router.get("/{campaign}/answers")
def show_answers(
    code: str,
    campaign: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_CAMPAIGNS))],
    session: ReadingSession,
) -> HTMLReply:
    """The answers of a campaign beside the usual ones of its places."""
    row = find_round(session, code, within=desk.scope)
    kept, responses = opened_answers(session, row, reviewer_at(session, desk), campaign)
    frozen, beside = load_round(session, row), beside_usual(session, kept)
    return desk.page(
        "console/campaign_answers.html",
        row=row,
        plan=frozen.plan,
        names=place_names(frozen.plan),
        code=kept.row.code,
        responses=responses,
        beside=beside,
        bars=beside_bars(frozen.survey, beside.here, beside.usual, desk.language),
        items=[item for item in frozen.survey.items.values() if item.kind != "text"],
        tone=tone,
    )


@router.post("/{campaign}/decisions/{number}/{act}", response_model=None)
def rule(  # noqa: PLR0913 - what a form of the console needs
    code: str,
    campaign: str,
    number: int,
    act: Literal["confirmation", "revocation"],
    desk: Annotated[Desk, Depends(Acting(Permission.REVIEW))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Confirm a decision as a second person from another office, or take one back."""
    row = find_round(session, code, within=desk.scope)
    reviewer, field = reviewer_at(session, desk), f"note-{number}-{act}"
    try:
        outcome = ACTS[act](session, row, reviewer, Ruling(number, first(form, field)), now=now)
    except InputRefused as refused:
        faults = faults_of(refused, desk.language, lambda _: field)
        return campaign_page(session, desk, code, campaign, faults=faults)
    done = f"/console/rounds/{row.code}/campaigns/{outcome.campaign}"
    return desk.lead_to(f"{done}#decision-{outcome.number}")
