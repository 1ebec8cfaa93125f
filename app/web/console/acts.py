"""What an operator can do to a round: open it, end its fieldwork, ask for a run.

Each act has an address of its own: looking at it shows what will happen and asks; sending
the form asks somebody else to approve it (`workflow/approvals`). A run needs one person only: a
worker computes it, and nobody but us sees it.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.console_tables import ApprovalRow
from app.database.fieldwork import count_responses
from app.database.holders import count_others
from app.database.offices import path_of
from app.database.results import list_runs, request_run
from app.database.rounds import find_round, load_round, record
from app.database.tables import RoundRow
from app.errors import WrongState
from app.people.roles import Permission
from app.web.console.pages import Acting, Desk, Looking
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.approvals import LONGEST_NOTE, Wish, ask

router = APIRouter(prefix="/console/rounds/{code}")


@router.get("/opening")
def confirm_opening(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    session: ReadingSession,
) -> HTMLReply:
    """What opening freezes; asks."""
    row = find_round(session, code, within=desk.scope)
    path = path_of(session, row.office_id)
    return desk.page(
        "console/opening.html",
        row=row,
        plan=load_round(session, row).plan,
        others=count_others(session, Permission.RUN_FIELDWORK, path, but=desk.person.id),
        longest_note=LONGEST_NOTE,
    )


@router.post("/opening")
def open_draft(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.RUN_FIELDWORK))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> Response:
    """Ask for a drafted round to be opened."""
    wish = Wish("open_round", code, _note(form))
    return _lead_to_approval(desk, ask(session, desk.person, wish, now=now))


@router.get("/closure")
def confirm_closure(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    session: ReadingSession,
) -> HTMLReply:
    """What ending the fieldwork means; asks."""
    row = find_round(session, code, within=desk.scope)
    return desk.page(
        "console/closure.html",
        row=row,
        plan=load_round(session, row).plan,
        responses=count_responses(session, row.id),
        longest_note=LONGEST_NOTE,
    )


@router.post("/closure")
def close(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.RUN_FIELDWORK))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> Response:
    """Ask for the end of the fieldwork of an open round."""
    wish = Wish("close_round", code, _note(form))
    return _lead_to_approval(desk, ask(session, desk.person, wish, now=now))


@router.get("/runs")
def confirm_run(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    session: ReadingSession,
) -> HTMLReply:
    """What a run does; asks."""
    row = find_round(session, code, within=desk.scope)
    plan = load_round(session, row).plan
    return desk.page("console/run_request.html", row=row, plan=plan)


@router.post("/runs")
def ask_for_run(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ActingSession,
) -> Response:
    """Ask for a run of a closed round; one at a time."""
    row = find_round(session, code, within=desk.scope)
    _require_closed(row)
    if any(run.state in {"requested", "running"} for run in list_runs(session, row.id)):
        raise WrongState(f"A run of {row.code} is waiting or being computed already.")
    run = request_run(session, row, seed=load_round(session, row).plan.seed, now=now)
    record(session, "request_run", subject=row.code, now=now, detail={"run": run.id})
    return desk.lead_to(f"/console/rounds/{code}/runs/{run.id}")


def _lead_to_approval(desk: Desk, asked: ApprovalRow) -> Response:
    return desk.lead_to(f"/console/approvals/{asked.id}")


def _note(form: Form) -> str:
    return next(iter(form.get("note", ())), "")


def _require_closed(row: RoundRow) -> None:
    if row.state not in {"closed", "processed", "published"}:
        raise WrongState(f"Round {row.code} is {row.state}; close it before processing.")
