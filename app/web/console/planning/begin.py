"""Beginning a round: anew, or as the last one once more."""

import re
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from app.database.engine import Session
from app.database.round_list import Wanted, list_wanted
from app.database.rounds import FrozenRound, find_round, load_round
from app.database.tables import RoundRow
from app.errors import InputRefused, MinxinError, Problem, WrongState
from app.people.roles import Permission
from app.settings import DEFINITIONS
from app.survey.plan import CODE
from app.survey.planning.beginning import Start
from app.survey.planning.codes import CodeMaker
from app.survey.planning.heading import heading_of
from app.survey.text import Text
from app.web.console.faults import faults_of
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.planning.reading import FormReader
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.definitions.drafting import signature_of
from app.workflow.planning.making import begin_plan
from app.workflow.registry import Registry, full_registry

router = APIRouter(prefix="/console/rounds")

ZONE = ZoneInfo("Asia/Shanghai")
USUAL_DAYS = 30
MOST_OFFERED = 100


@router.get("/new")
def show_beginning(
    desk: Annotated[Desk, Depends(Looking(Permission.PLAN_ROUNDS))],
    now: Now,
    session: ReadingSession,
    last: str = "",
    survey: str = "",
) -> HTMLReply:
    """What a round needs to begin; with `last` or `survey`, filled in from those."""
    before = find_round(session, last, within=desk.scope) if last else None
    known = load_round(session, before) if before else None
    return _page(session, desk, before, typed={"survey": survey, **_first_values(known, now)})


@router.post("/new")
def begin(
    desk: Annotated[Desk, Depends(Acting(Permission.PLAN_ROUNDS))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Begin the plan and go on to its steps."""
    given = FormReader(form)
    last = given.one("last")
    before = find_round(session, last, within=desk.scope) if last else None
    registry = full_registry(session, DEFINITIONS, within=desk.scope)
    try:
        start = _read_start(given, registry)
        by = signature_of(session, desk.person, desk.scope, now=now)
        draft = begin_plan(session, start, last=before, registry=registry, by=by)
    except InputRefused as refused:
        return _page(session, desk, before, typed=_typed(form), refused=refused)
    except WrongState as taken:
        return _page(session, desk, before, typed=_typed(form), refused=_at_code(taken))
    step = "basics" if before else "places"
    return desk.lead_to(f"/console/rounds/drafts/{draft.code}/{step}")


def _page(
    session: Session,
    desk: Desk,
    before: RoundRow | None,
    *,
    typed: dict[str, str],
    refused: InputRefused | None = None,
) -> HTMLReply:
    registry = full_registry(session, DEFINITIONS, within=desk.scope)
    rounds = list_wanted(session, Wanted(), start=0, most=MOST_OFFERED, within=desk.scope)
    return desk.page(
        "console/planning/new.html",
        status=422 if refused else 200,
        before=before,
        typed=typed,
        surveys=[
            (key, f"{survey.title[desk.language]} ({key})")
            for key, (_, survey) in registry.surveys.items()
        ],
        rounds=[(row.code, heading_of(row.plan).title[desk.language]) for row in rounds],
        faults=faults_of(refused, desk.language) if refused else None,
    )


def _first_values(before: FrozenRound | None, now: datetime) -> dict[str, str]:
    """What the form begins with: tomorrow morning, thirty days, the last round's words."""
    today = now.astimezone(ZONE).date()
    opens, closes = today + timedelta(days=1), today + timedelta(days=1 + USUAL_DAYS)
    first: dict[str, str] = {
        "opens": f"{opens}T08:00",
        "closes": f"{closes}T20:00",
        "code": f"round-{today:%Y-%m}",
    }
    if before is None:
        return first
    plan = before.plan
    first |= {"last": before.code, "survey": plan.survey}
    first |= {"title": plan.title.zh, "title-en": plan.title.en}
    first |= {"organiser": plan.organiser.name.zh, "organiser-en": plan.organiser.name.en}
    first |= {"place": plan.regions[0].name.zh, "place-en": plan.regions[0].name.en}
    stem = before.code.rstrip("-0123456789")
    return first | {"code": f"{stem}-{today:%Y-%m}"}


def _read_start(given: FormReader, registry: Registry) -> Start:
    title = given.both("title", Text(zh="标题", en="title"))
    code = given.one("code").lower() or CodeMaker("round", ()).suggest(title["en"])
    start = Start(
        code=code,
        title=title,
        survey=given.chosen("survey", Text(zh="问卷", en="questionnaire"), registry.surveys),
        organiser=given.both("organiser", Text(zh="主办单位", en="organiser")),
        place=given.both("place", Text(zh="调查的地方", en="place")),
        opens=given.moment("opens", Text(zh="开始时间", en="opening time")),
        closes=given.moment("closes", Text(zh="截止时间", en="closing time")),
    )
    if not re.match(CODE, code) or len(code) > 60:
        said = Text(
            zh="代码用小写字母、数字和连字符，如 county-2026。",
            en="A code has lower-case letters, digits and hyphens, as county-2026.",
        )
        given.complain("code", said)
    if start.opens >= start.closes:
        said = Text(zh="截止时间要晚于开始时间。", en="The end comes after the beginning.")
        given.complain("closes", said)
    given.done()
    return start


def _typed(form: Form) -> dict[str, str]:
    return {name: values[-1] for name, values in form.items() if values}


def _at_code(taken: MinxinError) -> InputRefused:
    return InputRefused([Problem("code", str(taken), chinese=taken.in_chinese)])
