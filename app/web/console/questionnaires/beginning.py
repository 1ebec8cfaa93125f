"""Beginning a questionnaire: empty, from a version that is there, or from a file."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.database.drafts import NewDraft, list_drafts
from app.documents.xlsform import read_xlsform
from app.errors import InputRefused, Problem, WrongState
from app.people.offices import Scope
from app.people.roles import Permission
from app.settings import DEFINITIONS
from app.survey.definition import CODE, Survey
from app.survey.editing.outline import Body, empty_survey, unused_code, with_values
from app.survey.reading import read_definition
from app.survey.yaml_tree import load_tree
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking, Uploading
from app.web.console.questionnaires.opened import ADDRESS, one, words
from app.web.console.questionnaires.sending import Sent, SentForm, faults_about
from app.web.dependencies import (
    ActingSession,
    Now,
    ReadingSession,
    SubmittedParts,
    Upload,
)
from app.web.rendering import HTMLReply
from app.workflow.definitions.drafting import signature_of, start_draft
from app.workflow.definitions.versions import find_version, next_number

router = APIRouter(prefix="/console/questionnaires")

LONGEST_CODE = 60


@router.get("/new")
def show_beginning(
    request: Request,
    desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))],
    session: ReadingSession,
) -> HTMLReply:
    """The form to begin with: a title; or, from a version, its code."""
    base = request.query_params.get("from", "")
    if base:
        find_version(session, DEFINITIONS, base, within=_sight(desk))
    return _page(desk, session, base, {})


@router.post("/drafts", response_model=None)
def begin(
    desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response | HTMLReply:
    """Begin a draft, empty or as a copy."""
    base, title = one(sent.form, "base"), words(sent.form, "title")
    try:
        body = _copy(sent, desk, base) if base else _empty(sent, desk)
        start = NewDraft("survey", body["code"], body)
        by = signature_of(sent.session, desk.person, desk.scope, now=sent.now)
        row = start_draft(sent.session, start, by=by)
    except (InputRefused, WrongState) as refused:
        code = one(sent.form, "code")
        faults = faults_about(refused, desk)
        return _page(desk, sent.session, base, title, code=code, faults=faults)
    return desk.lead_to(f"{ADDRESS}/drafts/{row.code}")


@router.get("/file")
def show_upload(desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))]) -> HTMLReply:
    """The form to begin from a file."""
    return desk.page("console/questionnaires/file.html", faults=None)


@router.post("/file", response_model=None)
def begin_from_file(
    desk: Annotated[Desk, Depends(Uploading(Permission.DESIGN))],
    parts: SubmittedParts,
    now: Now,
    session: ActingSession,
) -> Response | HTMLReply:
    """Begin a draft from an XLSForm or a YAML file, or say everything that is wrong with it."""
    upload = parts.files.get("file")
    try:
        body = _read_upload(upload, one(parts.form, "code"))
        by = signature_of(session, desk.person, desk.scope, now=now)
        row = start_draft(session, NewDraft("survey", body["code"], body), by=by)
    except (InputRefused, WrongState) as refused:
        return _refused_upload(desk, refused)
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
    version = find_version(session, DEFINITIONS, base, within=_sight(desk)) if base else None
    return desk.page(
        "console/questionnaires/new.html",
        status=422 if faults else 200,
        version=version,
        title=title,
        code=code or (version.survey.code if version else ""),
        faults=faults,
    )


def _sight(desk: Desk) -> Scope:
    return desk.person.scope(Permission.SEE_DEFINITIONS)


def _copy(sent: SentForm, desk: Desk, base: str) -> Body:
    version = find_version(sent.session, DEFINITIONS, base, within=_sight(desk))
    code = one(sent.form, "code") or version.survey.code
    _require_code(code)
    number = next_number(sent.session, DEFINITIONS, code)
    return with_values(version.body, {"code": code, "version": number})


def _empty(sent: SentForm, desk: Desk) -> Body:
    title, code = words(sent.form, "title"), one(sent.form, "code")
    if not title:
        chinese = "请写标题。"
        raise InputRefused([Problem("title_zh", "is empty", "Write a title.", chinese=chinese)])
    if not code:
        drafts = list_drafts(sent.session, "survey")
        code = unused_code([draft.row.code for draft in drafts], f"survey_{sent.now:%Y%m%d}_")
    _require_code(code)
    body = empty_survey(code, title)
    return {**body, "version": next_number(sent.session, DEFINITIONS, code)}


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
    if upload.name.lower().endswith((".yaml", ".yml")):
        body = _read_yaml(upload)
    else:
        body = read_xlsform(upload.content, source=upload.name)
    if code:
        body = {**body, "code": code}
    _require_code(str(body["code"]))
    return body


def _read_yaml(upload: Upload) -> Body:
    try:
        text = upload.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        chinese = "文件不是 UTF-8 编码，请另存为 UTF-8。"
        cure = "Save it as UTF-8."
        raise InputRefused([Problem("file", "is not UTF-8", cure, chinese=chinese)]) from None
    read_definition(Survey, text, source=upload.name)
    return dict(load_tree(text).value or {})


def _refused_upload(desk: Desk, refused: InputRefused | WrongState) -> HTMLReply:
    return desk.page(
        "console/questionnaires/file.html",
        status=422,
        faults=faults_about(refused, desk, _field_of),
    )


def _field_of(place: str) -> str:
    return "code" if place == "code" else "file"
