"""What needs somebody today: one line each, with a number and where to do it.

Only what the person may do, at the offices where they may do it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.database.engine import Session
from app.database.today import (
    RoundState,
    count_drafts,
    count_jobs,
    list_waiting_approvals,
    unpublished_scores,
)
from app.documents.wording import calendar_day, count, translator
from app.people.roles import Permission
from app.survey.text import Language
from app.web.console.desktop import SILENT_DAYS, Desktop, Reader
from app.workflow.approvals import ACTS
from app.workflow.telemetry import KEPT_FOR

BEHIND = 0.7
"""A quota is behind if it is filled to less than this part of the time that has passed."""
JOBS_SHOWN = timedelta(days=3)
DRAFT_PLACES = {
    "survey": "/console/questionnaires",
    "plan": "/console/rounds",
    "system": "/console/systems",
    "assessment": "/console/assessments",
}


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that waits for a person: what, in which round, and where to do it."""

    text: str
    about: str
    address: str


def duties_of_person(session: Session, reader: Reader) -> Iterator[Duty]:
    """What waits for the person whatever the round: approvals, drafts, jobs, scorings."""
    yield from _approvals(session, reader)
    _, person = translator(reader.language), reader.person
    for code, number in unpublished_scores(session, within=person.scope(Permission.PUBLISH)):
        text = _("第 {n} 次综合计分还没有公布").format(n=count(number))
        yield Duty(text, code, f"/console/assessments/{code}")
    for kind, n in sorted(count_drafts(session, author=person.id).items()):
        text = _("您有 {n} 份草稿还没有完成").format(n=count(n))
        yield Duty(text, _draft_name(kind, reader.language), DRAFT_PLACES[kind])
    ended = count_jobs(session, asked_by=person.id, since=reader.now - JOBS_SHOWN)
    if ended.get("failed"):
        text = _("您要的文件有 {n} 份没有做成").format(n=count(ended["failed"]))
        yield Duty(text, _("文件"), "/console/jobs")
    if ended.get("finished"):
        text = _("您要的文件做好了 {n} 份").format(n=count(ended["finished"]))
        yield Duty(text, _("文件"), "/console/jobs")


def _approvals(session: Session, reader: Reader) -> Iterator[Duty]:
    _, person = translator(reader.language), reader.person
    waiting = [
        one
        for one in list_waiting_approvals(session, but_of=person.id)
        if one.act in ACTS and person.scope(ACTS[one.act].permission).reaches(one.office_path)
    ]
    if waiting:
        text = _("有 {n} 件事等您作为第二人批准").format(n=count(len(waiting)))
        yield Duty(text, _("待批"), "/console/approvals")


def duties_of_round(one: RoundState, desktop: Desktop) -> Iterator[Duty]:
    """What waits in a round, for somebody who may do it there."""
    address, title = f"/console/rounds/{one.code}", desktop.titles[one.id]
    for text, permission, place in _waiting(one, desktop):
        if desktop.reader.person.scope(permission).reaches(one.office_path):
            yield Duty(text, title, address + place)


Line = tuple[str, Permission, str]
"""What waits, who may do it, and where under the round's own address."""


def _waiting(one: RoundState, desktop: Desktop) -> Iterator[Line]:
    yield from _stages(one, desktop)
    yield from _computed(one, desktop)
    yield from _reviewed(one, desktop)
    yield from _noticed(one, desktop)


def _stages(one: RoundState, desktop: Desktop) -> Iterator[Line]:
    _ = translator(desktop.reader.language)
    if one.state == "draft":
        yield _("方案还是草稿，等待打开"), Permission.RUN_FIELDWORK, ""
    if one.state == "open" and desktop.reader.now >= desktop.plans[one.id].window.end:
        yield _("调查时间已过，等待结束收集"), Permission.RUN_FIELDWORK, "/closure"
    if one.state == "closed" and one.id not in desktop.runs:
        yield _("收集已结束，等待计算"), Permission.RUN_FIELDWORK, "/runs"


def _computed(one: RoundState, desktop: Desktop) -> Iterator[Line]:
    _, run = translator(desktop.reader.language), desktop.runs.get(one.id)
    if run is None:
        return
    place = f"/runs/{run.id}"
    if run.state in {"requested", "running"}:
        yield _("正在计算"), Permission.RUN_FIELDWORK, place
    if run.state == "failed":
        yield _("计算没有成功"), Permission.RUN_FIELDWORK, place
    if run.state == "finished" and desktop.public.get(one.id) != run.id:
        yield _("已算出结果，等待核对和公布"), Permission.PUBLISH, place


def _reviewed(one: RoundState, desktop: Desktop) -> Iterator[Line]:
    _, waiting = translator(desktop.reader.language), desktop.campaigns.get(one.id)
    if waiting is None or one.closed_at is None:
        return
    zone = ZoneInfo(desktop.plans[one.id].window.time_zone)
    day = calendar_day(
        (one.closed_at + KEPT_FOR).astimezone(zone).date(), desktop.reader.language
    )
    if waiting.to_judge:
        text = _("有 {n} 组有共同来历迹象的回答等您核定；{day}起不能再核定")
        yield text.format(n=count(waiting.to_judge), day=day), Permission.REVIEW, "/campaigns"
    if waiting.to_confirm:
        text = _("有 {n} 组的决定等您作为第二人确认；{day}起不能再核定")
        yield text.format(n=count(waiting.to_confirm), day=day), Permission.REVIEW, "/campaigns"


def _noticed(one: RoundState, desktop: Desktop) -> Iterator[Line]:
    """What was seen in a round that somebody should look into."""
    _ = translator(desktop.reader.language)
    if n := desktop.reports.get(one.id):
        text = _("有 {n} 条“被要求打好评”的反映").format(n=count(n))
        yield text, Permission.RUN_FIELDWORK, "#points"
    if n := desktop.alarms.get(one.id):
        text = _("有 {n} 条异常提示等人看").format(n=count(n))
        yield text, Permission.ANSWER_ALARMS, "/alarms"
    if n := desktop.silent.get(one.id):
        text = _("有 {n} 个服务点 {days} 天没有人扫码").format(n=count(n), days=SILENT_DAYS)
        yield text, Permission.RUN_FIELDWORK, "/fieldwork"
    if n := _behind(one, desktop):
        text = _("有 {n} 个配额落后于时间").format(n=count(n))
        yield text, Permission.RUN_FIELDWORK, "/fieldwork"


def _behind(one: RoundState, desktop: Desktop) -> int:
    quotas = desktop.quotas.get(one.id, ())
    if not quotas:
        return 0
    window = desktop.plans[one.id].window
    passed = (desktop.reader.now - window.start) / (window.end - window.start)
    due = BEHIND * min(max(passed, 0.0), 1.0)
    return sum(one.taken < due * one.most for one in quotas)


def _draft_name(kind: str, language: Language) -> str:
    _ = translator(language)
    names = {
        "survey": _("问卷"),
        "plan": _("调查方案"),
        "system": _("指标体系"),
        "assessment": _("考核方案"),
    }
    return names.get(kind, kind)
