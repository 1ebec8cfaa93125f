"""Beginning an indicator system: empty, from a version that is there, or from a file."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.database.drafts import ZONE, NewDraft, list_drafts
from app.errors import InputRefused, Problem, WrongState
from app.people.offices import Scope
from app.people.roles import Permission
from app.scoring.definition.system import IndicatorSystem
from app.scoring.editing.outline import Body, empty_system, with_keys
from app.settings import DEFINITIONS
from app.survey.definition import CODE
from app.survey.editing.outline import unused_code
from app.survey.reading import read_definition
from app.survey.yaml_tree import load_tree
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking, Uploading
from app.web.console.questionnaires.opened import one, words
from app.web.console.questionnaires.sending import Sent, SentForm, faults_about
from app.web.console.systems.opened import ADDRESS
from app.web.dependencies import ActingSession, Now, ReadingSession, SubmittedParts, Upload
from app.web.rendering import HTMLReply
from app.workflow.definitions.drafting import signature_of, start_draft
from app.workflow.definitions.system_versions import find_system, next_number

router = APIRouter(prefix=ADDRESS)

LONGEST_CODE = 60


@router.get("/new")
def show_beginning(
    request: Request,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """The form to begin with: a name; or, from a version, its code."""
    return _page(desk, session, request.query_params.get("from", ""), {})


@router.post("/drafts", response_model=None)
def begin(
    desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Begin a draft, empty or as a copy."""
    base, title = one(sent.form, "base"), words(sent.form, "title")
    try:
        body = _copy(sent, desk, base) if base else _empty(sent, title)
        by = signature_of(sent.session, desk.person, desk.scope, now=sent.now)
        row = start_draft(sent.session, NewDraft("system", body["code"], body), by=by)
    except (InputRefused, WrongState) as refused:
        faults = faults_about(refused, desk)
        code = one(sent.form, "code")
        return _page(desk, sent.session, base, title, code=code, faults=faults)
    return desk.lead_to(f"{ADDRESS}/drafts/{row.code}")


@router.get("/file")
def show_upload(desk: Annotated[Desk, Depends(Looking(Permission.SCORE))]) -> HTMLReply:
    """The form to begin from a file."""
    return desk.page("console/systems/file.html", faults=None)


@router.post("/file", response_model=None)
def begin_from_file(
    desk: Annotated[Desk, Depends(Uploading(Permission.SCORE))],
    parts: SubmittedParts,
    now: Now,
    session: ActingSession,
) -> Response | HTMLReply:
    """Begin a draft from a YAML file, or say everything that is wrong with it."""
    try:
        body = _read_upload(parts.files.get("file"), one(parts.form, "code"))
        by = signature_of(session, desk.person, desk.scope, now=now)
        row = start_draft(session, NewDraft("system", body["code"], body), by=by)
    except (InputRefused, WrongState) as refused:
        faults = faults_about(
            refused, desk, lambda place: "code" if place == "code" else "file"
        )
        return desk.page("console/systems/file.html", status=422, faults=faults)
    return desk.lead_to(f"{ADDRESS}/drafts/{row.code}")


def _page(  # noqa: PLR0913 - what the page shows
    desk: Desk,
    session: ReadingSession,
    base: str,
    title: dict[str, str],
    *,
    code: str = "",
    faults: Faults | None = None,
) -> HTMLReply:
    version = find_system(session, DEFINITIONS, base, within=_sight(desk)) if base else None
    return desk.page(
        "console/systems/new.html",
        status=422 if faults else 200,
        version=version,
        title=title,
        code=code or (version.system.code if version else ""),
        faults=faults,
    )


def _sight(desk: Desk) -> Scope:
    return desk.person.scope(Permission.SEE_DEFINITIONS)


def _copy(sent: SentForm, desk: Desk, base: str) -> Body:
    version = find_system(sent.session, DEFINITIONS, base, within=_sight(desk))
    code = one(sent.form, "code") or version.system.code
    _require_code(code)
    number = next_number(sent.session, DEFINITIONS, code)
    return with_keys(version.body, {"code": code, "version": number})


def _empty(sent: SentForm, title: dict[str, str]) -> Body:
    code = one(sent.form, "code")
    if not title:
        chinese = "请写名称。"
        raise InputRefused([Problem("title_zh", "is empty", "Write a name.", chinese=chinese)])
    if not code:
        drafts = list_drafts(sent.session, "system")
        code = unused_code([draft.row.code for draft in drafts], f"system_{sent.now:%Y%m%d}_")
    _require_code(code)
    begins = sent.now.astimezone(ZONE).date().replace(month=1, day=1).isoformat()
    number = next_number(sent.session, DEFINITIONS, code)
    return {**empty_system(code, title, begins=begins), "version": number}


def _require_code(code: str) -> None:
    if not re.fullmatch(CODE, code) or len(code) > LONGEST_CODE:
        cure = "Begin with a letter; use letters, digits and underscores only."
        chinese = "代码用英文字母开头，只含字母、数字和下划线，不超过 60 个字符。"
        raise InputRefused(
            [Problem("code", "has another form than allowed", cure, chinese=chinese)]
        )


def _read_upload(upload: Upload | None, code: str) -> Body:
    if upload is None:
        chinese = "请选一个文件。"
        raise InputRefused([Problem("file", "is missing", "Choose a file.", chinese=chinese)])
    try:
        text = upload.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        chinese = "文件不是 UTF-8 编码，请另存为 UTF-8。"
        cure = "Save it as UTF-8."
        raise InputRefused([Problem("file", "is not UTF-8", cure, chinese=chinese)]) from None
    read_definition(IndicatorSystem, text, source=upload.name)
    body = dict(load_tree(text).value or {})
    if code:
        body = {**body, "code": code}
    _require_code(str(body["code"]))
    return body
