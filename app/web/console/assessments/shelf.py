"""The assessments of a scope, and the beginning of another one."""

from collections.abc import Mapping, Set
from typing import Annotated, Any

import yaml
from fastapi import APIRouter, Depends, Response

from app.database.assessment_list import list_states
from app.database.assessments import find_assessment, list_assessments, load_assessment
from app.database.engine import Session
from app.errors import InputRefused, NotFound, Problem, WrongState
from app.people.roles import Permission
from app.settings import DEFINITIONS
from app.survey.assessment import AssessmentPlan
from app.survey.planning.assessment_heading import assessment_heading_of
from app.web.console.assessments.opened import ROOM
from app.web.console.assessments.plan_form import FIELDS, body_of, field_of, fields_of
from app.web.console.faults import faults_of
from app.web.console.pages import Acting, Desk, Looking, Uploading
from app.web.console.reviewing import first
from app.web.dependencies import (
    ActingSession,
    Now,
    ReadingSession,
    SubmittedForm,
    SubmittedParts,
)
from app.web.rendering import HTMLReply
from app.workflow.assessment.drafting import draft_assessment, read_assessment
from app.workflow.registry import full_registry

router = APIRouter(prefix=ROOM)

MOST_LISTED = 200
ScoringDesk = Annotated[Desk, Depends(Acting(Permission.SCORE))]


@router.get("")
def show_assessments(
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_SCORES))], session: ReadingSession
) -> HTMLReply:
    """Every assessment with its system, how far it is, what is public."""
    found = list_states(session, within=desk.scope, most=MOST_LISTED)
    lines = [(one, assessment_heading_of(one.plan)) for one in found]
    return desk.page("console/assessments/shelf.html", lines=lines, most=MOST_LISTED)


@router.get("/new")
def show_beginning(
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
    like: str = "",
) -> HTMLReply:
    """The form of a new assessment: empty, or filled from another one."""
    typed = dict.fromkeys(FIELDS, "")
    if like:
        row = find_assessment(session, like, within=desk.scope)
        plan = load_assessment(session, row).plan
        typed = fields_of(plan.model_dump(mode="json", by_alias=True))
        typed |= {"code": "", "like": like, "follows": like}
    return _page(desk, session, typed)


@router.post("/new", response_model=None)
def begin(
    desk: ScoringDesk, form: SubmittedForm, now: Now, session: ActingSession
) -> HTMLReply | Response:
    """Keep a plan made from the form."""
    typed = {name: first(form, name) for name in (*FIELDS, "like")}
    like: Mapping[str, Any] = {}
    if typed["like"]:
        row = find_assessment(session, typed["like"], within=desk.scope)
        like = load_assessment(session, row).plan.model_dump(mode="json", by_alias=True)
    try:
        text = yaml.safe_dump(body_of(typed, like), allow_unicode=True, sort_keys=False)
        code = _keep(desk, session, text, source="form", now=now)
    except InputRefused as refused:
        return _page(desk, session, typed, refused=refused)
    return desk.lead_to(f"{ROOM}/{code}")


@router.post("/file", response_model=None)
def take_in_plan(
    desk: Annotated[Desk, Depends(Uploading(Permission.SCORE))],
    parts: SubmittedParts,
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Keep a plan from a file, a new one or instead of one that is not public yet."""
    try:
        file = parts.files.get("plan")
        if file is None:
            chinese = "请先选择一个文件。"
            raise InputRefused(
                [Problem("plan", "is not there", "Choose a file.", chinese=chinese)]
            )
        text = file.content.decode("utf-8", "replace")
        code = _keep(desk, session, text, source=file.name[:100], now=now)
    except InputRefused as refused:
        return _page(desk, session, dict.fromkeys(FIELDS, ""), refused=refused, is_file=True)
    return desk.lead_to(f"{ROOM}/{code}")


def _keep(desk: Desk, session: Session, text: str, *, source: str, now: Now) -> str:
    """Draft a plan for the office of whoever sits here; one that exists stays where it is."""
    mine = {row.code for row in list_assessments(session, within=desk.scope)}
    every = {row.code for row in list_assessments(session)}
    registry = full_registry(session, DEFINITIONS, within=desk.scope)
    # Before anything is kept: a refusal shown on a page does not undo what was written.
    _refuse_foreign(read_assessment(text, source=source, registry=registry), every - mine)
    try:
        row = draft_assessment(session, text, source=source, registry=registry, now=now)
    except WrongState as error:
        problem = Problem("code", str(error), chinese=error.in_chinese)
        raise InputRefused([problem]) from None
    except NotFound as error:
        problem = Problem("follows", str(error), chinese=error.in_chinese)
        raise InputRefused([problem]) from None
    if row.code not in every:
        row.office_id = desk.person.office.id
    return row.code


def _refuse_foreign(plan: AssessmentPlan, taken: Set[str]) -> None:
    if plan.code in taken:
        chinese = f"代码“{plan.code}”已经被别的单位用了，请换一个。"
        raise InputRefused(
            [Problem("code", "is taken", "Choose another one.", plan.code, chinese=chinese)]
        )


def _page(
    desk: Desk,
    session: Session,
    typed: Mapping[str, str],
    *,
    refused: InputRefused | None = None,
    is_file: bool = False,
) -> HTMLReply:
    systems = full_registry(session, DEFINITIONS, within=desk.scope).systems
    return desk.page(
        "console/assessments/new.html",
        status=422 if refused else 200,
        typed={"like": "", **typed},
        kinds=[
            (
                one[1].title[desk.language],
                [(t.code, t.name[desk.language]) for t in one[1].types],
            )
            for one in systems.values()
            if one[1].types
        ],
        systems=[
            (key, f"{one[1].title[desk.language]} · {key}") for key, one in systems.items()
        ],
        others=[row.code for row in list_assessments(session, within=desk.scope)],
        faults=faults_of(refused, desk.language, field_of(is_file=is_file))
        if refused
        else None,
    )
