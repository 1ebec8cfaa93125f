"""The first page of the console: what needs somebody today, every round, every assessment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from app.database.alarms import count_open_alarms
from app.database.assessments import (
    latest_published_scores,
    list_assessments,
    list_score_runs,
    load_assessment,
)
from app.database.campaigns import count_unjudged
from app.database.engine import Session
from app.database.fieldwork import count_pressure_reports, count_responses
from app.database.results import latest_published, list_runs
from app.database.rounds import FrozenRound, list_rounds, load_round
from app.database.tables import AssessmentRow, RoundRow, RunRow
from app.documents.wording import calendar_day, count, translator
from app.people.roles import Permission
from app.survey.assessment import AssessmentPlan
from app.survey.text import Language
from app.web.console.pages import Desk, Looking
from app.web.dependencies import Now, ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.telemetry import end_of_review

router = APIRouter(prefix="/console")


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One round in the list."""

    frozen: FrozenRound
    responses: int
    pressure_reports: int
    runs: tuple[RunRow, ...]
    published_run: int | None
    open_alarms: int
    unjudged: int
    """Campaigns about which nobody has decided anything."""
    end_of_review: date | None


@dataclass(frozen=True, slots=True)
class AssessmentLine:
    """One assessment in the list."""

    code: str
    plan: AssessmentPlan
    runs: int
    published_run: int | None


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that waits for a person: what, in which round, and where to do it."""

    text: str
    round_title: str
    address: str


@router.get("")
def show_overview(
    desk: Annotated[Desk, Depends(Looking(None))],
    now: Now,
    session: ReadingSession,
) -> HTMLReply:
    """What needs me today, then every round and assessment with its state and counts."""
    seen = desk.person.scope(Permission.SEE_ROUNDS)
    lines = [_line(session, row) for row in list_rounds(session, within=seen)]
    duties = [duty for line in lines for duty in _duties(line, desk.language, now)]
    scored = desk.person.scope(Permission.SEE_SCORES)
    assessments = [
        _assessment_line(session, row) for row in list_assessments(session, within=scored)
    ]
    return desk.page(
        "console/overview.html", lines=lines, duties=duties, assessments=assessments
    )


def _assessment_line(session: Session, row: AssessmentRow) -> AssessmentLine:
    published = latest_published_scores(session, row.id)
    return AssessmentLine(
        code=row.code,
        plan=load_assessment(session, row).plan,
        runs=len(list_score_runs(session, row.id)),
        published_run=published[1].number if published else None,
    )


def _line(session: Session, row: RoundRow) -> RoundLine:
    frozen = load_round(session, row)
    published = latest_published(session, frozen.id)
    return RoundLine(
        frozen=frozen,
        responses=count_responses(session, frozen.id),
        pressure_reports=sum(count_pressure_reports(session, frozen.id).values()),
        runs=tuple(list_runs(session, frozen.id)),
        published_run=published[1].id if published else None,
        open_alarms=count_open_alarms(session, frozen.id),
        unjudged=count_unjudged(session, frozen.id),
        end_of_review=end_of_review(row, frozen.plan.window.time_zone),
    )


def _duties(line: RoundLine, language: Language, now: datetime) -> Iterator[Duty]:
    address = f"/console/rounds/{line.frozen.code}"
    title = line.frozen.plan.title[language]
    waiting = (*_waiting(line, language, now), *_noticed(line, language))
    for text, place in waiting:
        yield Duty(text, title, address + place)


def _waiting(line: RoundLine, language: Language, now: datetime) -> Iterator[tuple[str, str]]:
    """What waits in a round, and where under the round's own address."""
    _, state = translator(language), line.frozen.state
    newest = line.runs[0] if line.runs else None
    if state == "draft":
        yield _("方案还是草稿，等待打开"), ""
    if state == "open" and now >= line.frozen.plan.window.end:
        yield _("调查时间已过，等待结束收集"), "/closure"
    if state == "closed" and newest is None:
        yield _("收集已结束，等待计算"), "/runs"
    if newest is not None and newest.state in {"requested", "running"}:
        yield _("正在计算"), f"/runs/{newest.id}"
    if newest is not None and newest.state == "failed":
        yield _("计算没有成功"), f"/runs/{newest.id}"
    if newest is not None and newest.state == "finished" and newest.id != line.published_run:
        yield _("已算出结果，等待核对和公布"), f"/runs/{newest.id}"


def _noticed(line: RoundLine, language: Language) -> Iterator[tuple[str, str]]:
    """What was seen in a round that somebody should look into, and where."""
    _ = translator(language)
    if line.pressure_reports:
        text = _("有 {n} 条“被要求打好评”的反映").format(n=count(line.pressure_reports))
        yield text, "#points"
    if line.open_alarms:
        yield _("有 {n} 条异常提示等人看").format(n=count(line.open_alarms)), "/alarms"
    if line.unjudged and line.end_of_review:
        day = calendar_day(line.end_of_review, language)
        text = _("有 {n} 组有共同来历迹象的回答还没有人核定；{day}起不能再核定")
        yield text.format(n=count(line.unjudged), day=day), ""
