"""One round in the console: its frozen plan, its points and codes, what came in, its runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends

from app.database.alarms import count_open_alarms
from app.database.campaigns import count_unjudged
from app.database.engine import Session
from app.database.fieldwork import (
    count_by,
    count_pressure_reports,
    count_responses,
    list_imports,
)
from app.database.results import latest_published, list_runs
from app.database.rounds import FrozenRound, active_codes, find_round, load_round
from app.database.tallies import refused, tallies_by_point
from app.people.roles import Permission
from app.survey.plan import Plan
from app.survey.text import Text
from app.web.console.pages import Desk, Looking, in_steps
from app.web.dependencies import Now, ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.telemetry import end_of_review

router = APIRouter(prefix="/console/rounds")


@dataclass(frozen=True, slots=True)
class PointLine:
    """A service point: where its code leads, answers in steps, reports of pressure."""

    name: Text
    unit: Text
    code: str | None
    address: str
    responses: int
    pressure_reports: int


@dataclass(frozen=True, slots=True)
class DayLine:
    """What came to a service point today, in steps."""

    name: Text
    received: int
    stored: int
    refused: int


@router.get("/{code}")
def show_round(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_ROUNDS))],
    now: Now,
    session: ReadingSession,
) -> HTMLReply:
    """Everything about one round, and what can be done with it."""
    row = find_round(session, code, within=desk.scope)
    frozen = load_round(session, row)
    published = latest_published(session, row.id)
    by_point = count_by(session, row.id, "point")
    reports = count_pressure_reports(session, row.id)
    codes = active_codes(session, row.id)
    by_unit = count_by(session, row.id, "unit")
    return desk.page(
        "console/round.html",
        row=row,
        frozen=frozen,
        plan=frozen.plan,
        zone=ZoneInfo(frozen.plan.window.time_zone),
        today=_today(session, frozen, now),
        responses=count_responses(session, row.id),
        points=_points(frozen.plan, codes, by_point, reports, desk.settings.public_url),
        units=[(u.name, in_steps(by_unit.get(u.code, 0))) for u in frozen.plan.units],
        channels={k: in_steps(n) for k, n in count_by(session, row.id, "channel").items()},
        imports=list_imports(session, row.id),
        runs=list_runs(session, row.id),
        published_run=published[1].id if published else None,
        open_alarms=count_open_alarms(session, row.id),
        unjudged=count_unjudged(session, row.id),
        end_of_review=end_of_review(row, frozen.plan.window.time_zone),
    )


def _today(session: Session, frozen: FrozenRound, now: datetime) -> list[DayLine]:
    """The numbers of the day of a round that takes answers."""
    if frozen.state != "open":
        return []
    zone = ZoneInfo(frozen.plan.window.time_zone)
    day = now.astimezone(zone).date().isoformat()
    by_point = tallies_by_point(session, frozen.id, day=day)
    return [
        DayLine(
            name=point.name,
            received=in_steps(counts.get("received", 0)),
            stored=in_steps(counts.get("stored", 0)),
            refused=in_steps(sum(refused(counts).values())),
        )
        for point in frozen.plan.points
        for counts in (by_point.get(point.code, {}),)
    ]


def _points(
    plan: Plan,
    codes: Mapping[str, str],
    counts: Mapping[str, int],
    reports: Mapping[str, int],
    public_url: str,
) -> list[PointLine]:
    units = {unit.code: unit.name for unit in plan.units}
    return [
        PointLine(
            name=point.name,
            unit=units[point.unit],
            code=codes.get(point.code),
            address=f"{public_url}/s/{codes.get(point.code, '')}",
            responses=in_steps(counts.get(point.code, 0)),
            pressure_reports=reports.get(point.code, 0),
        )
        for point in plan.points
    ]
