"""One round in the console: where it stands, what can be done, and the pages that show more."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends

from app.database.alarms import count_open_alarms
from app.database.campaigns import count_unjudged
from app.database.drafts import find_draft
from app.database.engine import Session
from app.database.fieldwork import (
    count_by,
    count_pressure_reports,
    count_responses,
    list_imports,
)
from app.database.results import latest_published, list_runs
from app.database.rounds import find_round, load_round
from app.database.tables import RoundRow
from app.errors import NotFound
from app.people.roles import Permission
from app.web.console.pages import Desk, Looking, in_steps
from app.web.dependencies import Now, ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.telemetry import end_of_review

router = APIRouter(prefix="/console/rounds")

MOST_UNITS = 200
"""Units in the table of the page."""


@dataclass(frozen=True, slots=True)
class Part:
    """A page of the round: its key, where it is, and what waits there."""

    key: str
    address: str
    waiting: int = 0


@router.get("/{code}")
def show_round(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_ROUNDS))],
    now: Now,
    session: ReadingSession,
) -> HTMLReply:
    """Where a round stands, its parts, its runs."""
    row = find_round(session, code, within=desk.scope)
    frozen = load_round(session, row)
    published = latest_published(session, row.id)
    by_unit = count_by(session, row.id, "unit")
    return desk.page(
        "console/round.html",
        row=row,
        frozen=frozen,
        plan=frozen.plan,
        zone=ZoneInfo(frozen.plan.window.time_zone),
        responses=count_responses(session, row.id),
        parts=list(_parts(session, desk, row)),
        units=[
            (unit.name, in_steps(by_unit.get(unit.code, 0)))
            for unit in frozen.plan.units[:MOST_UNITS]
        ],
        channels={k: in_steps(n) for k, n in count_by(session, row.id, "channel").items()},
        imports=list_imports(session, row.id),
        runs=list_runs(session, row.id),
        published_run=published[1].id if published else None,
        unjudged=count_unjudged(session, row.id),
        end_of_review=end_of_review(row, frozen.plan.window.time_zone),
        is_over=now >= frozen.plan.window.end,
        plan_draft=_plan_draft(session, desk, row),
    )


def _parts(session: Session, desk: Desk, row: RoundRow) -> Iterator[Part]:
    """The pages of a round that its reader may open, in the order of the work."""
    here = f"/console/rounds/{row.code}"
    yield Part("plan", f"{here}/plan")
    if row.state != "draft":
        reports = sum(count_pressure_reports(session, row.id).values())
        yield Part("fieldwork", f"{here}/fieldwork", reports)
    yield Part("codes", f"{here}/codes")
    if desk.may(Permission.RUN_FIELDWORK):
        yield Part("sample", f"{here}/sample")
        yield Part("files", f"{here}/answer-files")
    if desk.may(Permission.SEE_ALARMS):
        yield Part("alarms", f"{here}/alarms", count_open_alarms(session, row.id))
    if desk.may(Permission.SEE_CAMPAIGNS) and row.state not in {"draft", "open"}:
        yield Part("campaigns", f"{here}/campaigns", count_unjudged(session, row.id))


def _plan_draft(session: Session, desk: Desk, row: RoundRow) -> str:
    """Where the plan of a draft can be changed; empty where it cannot be by this person."""
    if row.state != "draft" or not desk.may(Permission.PLAN_ROUNDS):
        return ""
    try:
        reach = desk.person.scope(Permission.PLAN_ROUNDS)
        find_draft(session, "plan", row.code, within=reach)
    except NotFound:
        return ""
    return f"/console/rounds/drafts/{row.code}"
