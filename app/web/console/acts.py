"""What an operator can do to a round: open it, end its fieldwork, ask for a run, publish one.

Each act has an address of its own: looking at it shows what will happen and asks; sending
the form asks somebody else to approve it (`workflow/approvals`). A run needs one person only: a
worker computes it, and nobody but us sees it.
"""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from app.database.console_tables import ApprovalRow
from app.database.engine import Session
from app.database.fieldwork import count_responses
from app.database.results import find_run, list_runs, request_run, result_of
from app.database.rounds import find_round, load_round, record
from app.database.tables import RoundRow, RunRow
from app.documents.results.findings import headline
from app.documents.results.result import read_result
from app.errors import InputRefused, NotFound, Problem, WrongState
from app.people.offices import Scope
from app.people.roles import Permission
from app.web.console.pages import Acting, Desk, Looking
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.approvals import LONGEST_NOTE, Wish, ask, run_object
from app.workflow.publication import public_view, waiting_campaigns

router = APIRouter(prefix="/console/rounds/{code}")


@router.get("/opening")
def confirm_opening(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    session: ReadingSession,
) -> HTMLReply:
    """What opening freezes; asks."""
    row = find_round(session, code, within=desk.scope)
    return desk.page(
        "console/opening.html",
        row=row,
        plan=load_round(session, row).plan,
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


@router.get("/runs/{run_id}/publication")
def confirm_publication(
    code: str,
    run_id: int,
    desk: Annotated[Desk, Depends(Looking(Permission.PUBLISH))],
    session: ReadingSession,
) -> HTMLReply:
    """What the public will read; asks."""
    run = find_run_of(session, code, run_id, within=desk.scope)
    document = result_of(run)
    result = read_result(public_view(document), desk.language)
    withheld = sum(
        figure.withheld is not None for figures in result.rows.values() for figure in figures
    )
    return desk.page(
        "console/publication.html",
        code=code,
        run=run,
        result=result,
        headline=headline(result),
        withheld=withheld,
        waiting=waiting_campaigns(document),
        longest_note=LONGEST_NOTE,
    )


@router.post("/runs/{run_id}/publication")
def publish_run(  # noqa: PLR0913 - what a form of the console needs
    code: str,
    run_id: int,
    desk: Annotated[Desk, Depends(Acting(Permission.PUBLISH))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> Response:
    """Ask for a finished run to become the public result of its round."""
    objections = _objections_until(session, desk, code, form)
    wish = Wish("publish_run", run_object(code, run_id), _note(form), objections)
    return _lead_to_approval(desk, ask(session, desk.person, wish, now=now))


def find_run_of(session: Session, code: str, run_id: int, *, within: Scope) -> RunRow:
    """The run of that number, if it belongs to a round of the scope."""
    run = find_run(session, run_id)
    if run.round_id != find_round(session, code, within=within).id:
        raise NotFound(f"Round {code} has no run {run_id}.")
    return run


def _lead_to_approval(desk: Desk, asked: ApprovalRow) -> Response:
    return desk.lead_to(f"/console/approvals/{asked.id}")


def _note(form: Form) -> str:
    return next(iter(form.get("note", ())), "")


def _objections_until(session: Session, desk: Desk, code: str, form: Form) -> datetime | None:
    """The end of the last day on which units may object; None without such a day."""
    given = next(iter(form.get("objections_until", ())), "").strip()
    if not given:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        cure = "Write it as 2026-12-31, or leave it empty."
        chinese = f"异议期的最后一天“{given[:20]}”不是日期，请写成 2026-12-31，或者不填。"
        problem = Problem("objections_until", "is not a date", cure, given, chinese=chinese)
        raise InputRefused([problem]) from None
    plan = load_round(session, find_round(session, code, within=desk.scope)).plan
    zone = ZoneInfo(plan.window.time_zone)
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)


def _require_closed(row: RoundRow) -> None:
    if row.state not in {"closed", "processed", "published"}:
        raise WrongState(f"Round {row.code} is {row.state}; close it before processing.")
