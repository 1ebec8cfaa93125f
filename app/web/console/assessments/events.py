"""Events that deduct or add points: recorded with the hash of their evidence, then decided."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from app.database.assessments import list_score_events
from app.database.engine import Session
from app.errors import InputRefused, Problem, WrongState
from app.people.roles import Permission
from app.web.console.assessments.opened import ROOM, Opened, open_assessment
from app.web.console.faults import faults_of
from app.web.console.pages import Acting, Desk, Looking, Uploading
from app.web.console.reviewing import first
from app.web.dependencies import (
    ActingSession,
    Form,
    Now,
    ReadingSession,
    SubmittedForm,
    SubmittedParts,
)
from app.web.rendering import HTMLReply
from app.workflow.assessment.events import (
    EvidenceFile,
    Happening,
    Ruling,
    decide_event,
    record_event,
)

router = APIRouter(prefix=f"{ROOM}/{{code}}/events")

MOST_TIMES = 10_000


@router.get("")
def show_events(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_SCORES))],
    session: ReadingSession,
) -> HTMLReply:
    """Every event with its evidence and all that was decided about it."""
    return _page(desk, session, open_assessment(session, desk, code))


@router.post("", response_model=None)
def add_event(
    code: str,
    desk: Annotated[Desk, Depends(Uploading(Permission.SCORE))],
    now: Now,
    session: ActingSession,
    parts: SubmittedParts,
) -> HTMLReply | Response:
    """Record an event as pending: it costs nothing until it is upheld."""
    opened, form = open_assessment(session, desk, code), parts.form
    upload = parts.files.get("proof")
    proof = EvidenceFile(upload.name if upload else "", upload.content if upload else b"")
    try:
        record_event(session, opened.row, _happening(form), proof=proof, now=now)
    except InputRefused as refused:
        return _page(desk, session, opened, form=form, refused=refused)
    except WrongState as error:
        problem = Problem("", str(error), chinese=error.in_chinese)
        return _page(desk, session, opened, form=form, refused=InputRefused([problem]))
    return desk.lead_to(f"{opened.address}/events")


@router.post("/{number}/{decision}", response_model=None)
def decide(  # noqa: PLR0913 - what a form of the console needs
    code: str,
    number: int,
    decision: Literal["upheld", "overturned"],
    desk: Annotated[Desk, Depends(Acting(Permission.SCORE))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Uphold an event, or overturn it, with the reason."""
    opened = open_assessment(session, desk, code)
    note = f"note-{number}"
    try:
        decide_event(session, opened.row, Ruling(number, decision, first(form, note)), now=now)
    except InputRefused as refused:
        return _page(desk, session, opened, refused=refused, note=note)
    return desk.lead_to(f"{opened.address}/events#event-{number}")


def _happening(form: Form) -> Happening:
    count = first(form, "count").strip()
    if not (count.isascii() and count.isdigit() and 0 < int(count[:6]) <= MOST_TIMES):
        chinese = "次数要写成一个正整数。"
        problem = Problem("count", "is no number", "Write 1 or more.", count, chinese=chinese)
        raise InputRefused([problem])
    evidence = first(form, "evidence").strip()
    if not evidence:
        chinese = "请写明依据，例如文号。"
        problem = Problem("evidence", "is empty", "Name the document.", chinese=chinese)
        raise InputRefused([problem])
    return Happening(first(form, "unit"), first(form, "item"), int(count), evidence)


def _page(  # noqa: PLR0913 - what the page is made of
    desk: Desk,
    session: Session,
    opened: Opened,
    *,
    form: Form | None = None,
    refused: InputRefused | None = None,
    note: str = "",
) -> HTMLReply:
    adjustments = opened.loaded.system.adjustments
    items = (
        {one.code: one.name[desk.language] for one in adjustments.items} if adjustments else {}
    )
    given = {name: first(form or {}, name) for name in ("unit", "item", "count", "evidence")}
    return desk.page(
        "console/assessments/events.html",
        status=422 if refused else 200,
        opened=opened,
        plan=opened.plan,
        events=list_score_events(session, opened.row.id),
        items=items,
        given=given,
        faults=faults_of(refused, desk.language, lambda place: note or _field(place))
        if refused
        else None,
    )


def _field(place: str) -> str:
    return {"evidence file": "proof"}.get(place, place)
