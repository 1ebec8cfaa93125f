"""The end of the wizard: every mistake with its step, what is frozen, and the round itself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.round_list import code_is_taken
from app.database.rounds import find_round
from app.errors import InputRefused
from app.people.roles import Permission
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.planning.drafts import find_making, revision_in, step_page
from app.web.dependencies import ActingSession, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.definitions.drafting import give_up_draft, signature_of
from app.workflow.planning.making import make_round

router = APIRouter(prefix="/console/rounds/drafts/{code}")


@router.get("")
def show_check(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.PLAN_ROUNDS))],
    session: ReadingSession,
) -> HTMLReply:
    """Whether the plan can become a round, and what opening it would freeze."""
    making = find_making(session, code, desk)
    made = None
    if code_is_taken(session, code):
        made = find_round(session, code, within=desk.scope)
    return step_page(desk, making, None, made=made)


@router.post("/round")
def make(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.PLAN_ROUNDS))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Make the plan the draft of its round."""
    making = find_making(session, code, desk)
    by = signature_of(session, desk.person, desk.scope, now=now)
    try:
        make_round(session, making.row, seen=revision_in(form), registry=making.registry, by=by)
    except InputRefused as refused:
        return step_page(desk, making, None, refused=refused, made=None)
    return desk.lead_to(f"/console/rounds/{code}")


@router.get("/removal")
def confirm_removal(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.PLAN_ROUNDS))],
    session: ReadingSession,
) -> HTMLReply:
    """What giving up a plan means; asks."""
    making = find_making(session, code, desk)
    return desk.page(
        "console/planning/removal.html",
        plan=making.body,
        address=making.address,
        revision=making.row.revision,
    )


@router.post("/removal")
def remove(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.PLAN_ROUNDS))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Give up a plan in the making; a round made from it stays."""
    making = find_making(session, code, desk)
    give_up_draft(session, making.row, seen=revision_in(form), now=now)
    return desk.lead_to("/console/rounds")
