"""A round while answers come in: today and altogether, quotas, silent points, items left out.

Counts go up in steps, shares in steps of five in a hundred, and no score of a point is shown
before the round is computed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends

from app.database.engine import Session
from app.database.fieldwork import (
    count_pressure_reports,
    list_allowances,
    list_waiting_notices,
)
from app.database.progress import (
    last_day_by_point,
    some_answers,
    tallies_by_day,
    tallies_of_points,
)
from app.database.rights import count_token_states
from app.database.rounds import FrozenRound, find_round, load_round
from app.database.segments import list_segments
from app.database.tallies import Counts, reconcile, refused, total
from app.documents.charts.bullet import bullet_svg
from app.documents.wording import translator
from app.errors import NotFound
from app.people.roles import Permission
from app.survey.admission import ROUND_ALLOWANCE
from app.survey.completeness import completeness
from app.survey.plan import Point
from app.survey.text import Language, Text
from app.web.console.pages import Desk, Looking, in_steps
from app.web.dependencies import Now, ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix="/console/rounds/{code}")

MOST_POINTS = 200
"""Points in the table of a page; a unit can be chosen."""
MOST_READ = 5000
"""Responses that item non-response is worked out from."""
FEWEST_READ = 50
SHARE_STEP = 5
SILENT_DAYS = 2


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """An allowance: what it is for, how many came (in steps), how many it takes."""

    name: str
    taken: int
    most: int
    bullet: str

    @property
    def missing(self) -> int:
        """How many are still wanted, as far as the step tells."""
        return max(self.most - self.taken, 0)


@dataclass(frozen=True, slots=True)
class PointLine:
    """A point on the days shown: its numbers in steps, and reports of pressure."""

    name: Text
    unit: Text
    counts: Mapping[str, int]
    pressure: int


@dataclass(frozen=True, slots=True)
class SilentPoint:
    """A point where nobody answers: for how many days, or None where nobody ever did."""

    name: Text
    unit: Text
    days: int | None


@router.get("/fieldwork")
def show_fieldwork(  # noqa: PLR0913 - one parameter is one part of the request
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_ROUNDS))],
    now: Now,
    session: ReadingSession,
    day: str = "",
    unit: str = "",
) -> HTMLReply:
    """How the fieldwork of a round goes."""
    row = find_round(session, code, within=desk.scope)
    frozen = load_round(session, row)
    zone = ZoneInfo(frozen.plan.window.time_zone)
    today = now.astimezone(zone).date()
    by_day, chosen = tallies_by_day(session, row.id), _chosen(day)
    counted = by_day.get(chosen, {}) if chosen else total(by_day.values())
    points = [one for one in frozen.plan.points if not unit or one.unit == unit]
    read = some_answers(session, row.id, most=MOST_READ)
    return desk.page(
        "console/fieldwork.html",
        row=row,
        plan=frozen.plan,
        today=today.isoformat(),
        chosen=chosen,
        unit=unit,
        units=[(one.code, one.name[desk.language]) for one in frozen.plan.units],
        days=_days(by_day),
        shown=_stepped(counted),
        today_counts=_stepped(by_day.get(today.isoformat(), {})),
        whole=_stepped(total(by_day.values())),
        refusals=_refusals(counted, desk.language),
        points=list(_points(session, frozen, points[:MOST_POINTS], chosen)),
        wanted=len(points),
        most_points=MOST_POINTS,
        silent=list(_silent(session, frozen, today)),
        quotas=list(_quotas(session, frozen, desk.language)),
        items=completeness(frozen.survey, read) if len(read) >= FEWEST_READ else (),
        read=in_steps(len(read)),
        share_step=SHARE_STEP,
        tokens=_tokens(session, row.id, now),
    )


@router.get("/fieldwork/accounts")
def show_accounts(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    session: ReadingSession,
) -> HTMLReply:
    """Whether everything that was received is accounted for, and what waits to be told."""
    row = find_round(session, code, within=desk.scope)
    frozen = load_round(session, row)
    return desk.page(
        "console/accounts.html",
        row=row,
        plan=frozen.plan,
        names={point.code: point.name for point in frozen.plan.points},
        discrepancies=reconcile(session, row.id),
        notices=list_waiting_notices(session, row.id),
        segments=list_segments(session, row.id),
    )


def _chosen(day: str) -> str:
    if not day:
        return ""
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        raise NotFound(f"{day!r} is no day.", chinese=f"“{day}”不是日期。") from None


def _stepped(counts: Counts) -> dict[str, int]:
    numbers = {name: in_steps(counts.get(name, 0)) for name in COUNTERS}
    return numbers | {"refused": in_steps(sum(refused(counts).values()))}


COUNTERS = ("served", "started", "returned", "received", "stored", "repeated")


def _days(by_day: Mapping[str, Counts]) -> list[tuple[str, dict[str, int], str]]:
    """Day, its numbers in steps, and a bar beside the fullest day; the last day first."""
    stepped = {day: _stepped(counts) for day, counts in by_day.items()}
    fullest = max((numbers["stored"] for numbers in stepped.values()), default=0)
    return [
        (day, numbers, bullet_svg(numbers["stored"], fullest, day))
        for day, numbers in reversed(stepped.items())
    ]


def _points(
    session: Session, frozen: FrozenRound, points: Sequence[Point], day: str
) -> Iterator[PointLine]:
    units = {unit.code: unit.name for unit in frozen.plan.units}
    by_point = tallies_of_points(session, frozen.id, [one.code for one in points], day=day)
    reports = count_pressure_reports(session, frozen.id)
    for point in points:
        counts = by_point.get(point.code, {})
        yield PointLine(
            name=point.name,
            unit=units[point.unit],
            counts=_stepped(counts),
            pressure=reports.get(point.code, 0),
        )


def _silent(session: Session, frozen: FrozenRound, today: date) -> Iterator[SilentPoint]:
    """Points of an open round where nobody answered for days, or never."""
    begun = frozen.plan.window.start.date()
    if frozen.state != "open" or today <= begun:
        return
    units = {unit.code: unit.name for unit in frozen.plan.units}
    last = last_day_by_point(session, frozen.id)
    for point in frozen.plan.points:
        day = last.get(point.code)
        days = (today - max(date.fromisoformat(day), begun)).days if day else None
        if days is None or days >= SILENT_DAYS:
            yield SilentPoint(point.name, units[point.unit], days)


def _refusals(counts: Counts, language: Language) -> list[tuple[str, int]]:
    _ = translator(language)
    names = {
        "not_yet": _("还没有开始"),
        "over": _("已经截止"),
        "withdrawn": _("码已停用"),
        "full": _("已收满"),
        "needed": _("没有评价码"),
        "spent": _("评价码用过了"),
        "invalid": _("评价码不对"),
        "too_many": _("同一网络一下子太多"),
        "overloaded": _("服务器来不及收"),
        "conflict": _("同一张表交了两种答案"),
    }
    return [(names.get(reason, reason), in_steps(n)) for reason, n in refused(counts).items()]


def _quotas(session: Session, frozen: FrozenRound, language: Language) -> Iterator[QuotaLine]:
    for allowance in list_allowances(session, frozen.id):
        name = _allowance_name(allowance.name, frozen, language)
        taken = in_steps(allowance.taken) if frozen.state == "open" else allowance.taken
        bullet = bullet_svg(taken, allowance.most, name)
        yield QuotaLine(name, taken, allowance.most, bullet)


def _allowance_name(name: str, frozen: FrozenRound, language: Language) -> str:
    _ = translator(language)
    if name == ROUND_ALLOWANCE:
        return _("全轮")
    kind, _mark, rest = name.partition(":")
    if kind == "point":
        return next((p.name[language] for p in frozen.plan.points if p.code == rest), rest)
    item_code, _mark, level = rest.partition("=")
    item = frozen.survey.items.get(item_code)
    if item is None:
        return rest
    options = frozen.survey.scale_of(item).choices
    words = next((o.label[language] for o in options if str(o.code) == level), level)
    return f"{item.text[language]} · {words}"


def _tokens(session: Session, round_id: int, now: datetime) -> Sequence[tuple[str, Any]]:
    """Purpose and its numbers; what was spent goes up in steps like answers do."""
    states = count_token_states(session, round_id, now)
    return [
        (purpose, {**numbers, "spent": in_steps(numbers["spent"])})
        for purpose, numbers in states.items()
    ]
