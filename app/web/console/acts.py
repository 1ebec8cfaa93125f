"""What an operator can do to a round: end its fieldwork, ask for a run, publish a run.

Each act has an address of its own: looking at it shows what will happen and asks; sending
the form does it. A run is only asked for here; a worker computes it.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.engine import Session
from app.database.fieldwork import count_responses
from app.database.results import find_run, list_runs, request_run, result_of
from app.database.rounds import find_round, load_round, record
from app.database.tables import RoundRow, RunRow
from app.documents.results.findings import headline
from app.documents.results.result import read_result
from app.errors import NotFound, WrongState
from app.people.offices import Scope
from app.people.roles import Permission
from app.web.console.pages import Acting, Desk, Looking
from app.web.dependencies import ActingSession, Now, ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.fieldwork import close_round
from app.workflow.publication import public_view, publish, waiting_campaigns

router = APIRouter(prefix="/console/rounds/{code}")


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
    )


@router.post("/closure")
def close(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ActingSession,
) -> Response:
    """End the fieldwork of an open round."""
    close_round(session, find_round(session, code, within=desk.scope), now=now)
    return desk.lead_to(f"/console/rounds/{code}")


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
    )


@router.post("/runs/{run_id}/publication")
def publish_run(
    code: str,
    run_id: int,
    desk: Annotated[Desk, Depends(Acting(Permission.PUBLISH))],
    now: Now,
    session: ActingSession,
) -> Response:
    """Make a finished run the public result of its round."""
    publish(session, find_run_of(session, code, run_id, within=desk.scope), now=now)
    return desk.lead_to(f"/console/rounds/{code}")


def find_run_of(session: Session, code: str, run_id: int, *, within: Scope) -> RunRow:
    """The run of that number, if it belongs to a round of the scope."""
    run = find_run(session, run_id)
    if run.round_id != find_round(session, code, within=within).id:
        raise NotFound(f"Round {code} has no run {run_id}.")
    return run


def _require_closed(row: RoundRow) -> None:
    if row.state not in {"closed", "processed", "published"}:
        raise WrongState(f"Round {row.code} is {row.state}; close it before processing.")
