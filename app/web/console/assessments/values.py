"""Files of indicator values: what each column means, what would change, then taking them in.

A file is shown first: what it adds, changes and leaves without a row. It travels through that
page as text and is read again when it is taken in, so nothing is kept in between.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.assessments import list_value_imports
from app.database.engine import Session
from app.errors import InputRefused, Problem, WrongState
from app.people.roles import Permission
from app.web.console.assessments.opened import ROOM, Opened, open_assessment
from app.web.console.faults import faults_of
from app.web.console.pages import Acting, Desk, Looking, Uploading
from app.web.console.reviewing import first
from app.web.dependencies import (
    ActingSession,
    Form,
    Now,
    ReadingSession,
    SubmittedForm,
    SubmittedParts,
)
from app.web.rendering import HTMLReply
from app.workflow.assessment.columns import IGNORED, ROLES
from app.workflow.assessment.importing import (
    Differences,
    ValueFile,
    import_values,
    preview_import,
    undo_import,
)
from app.workflow.assessment.sheets import read_sheet

router = APIRouter(prefix=f"{ROOM}/{{code}}/values")

MOST_SAID = 100
MOST_SHOWN = 200
MOST_COLUMNS = 60
HEADER_ROWS = 3
ScoringDesk = Annotated[Desk, Depends(Acting(Permission.SCORE))]


@router.get("")
def show_values(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_SCORES))],
    session: ReadingSession,
) -> HTMLReply:
    """Every file taken in, which were taken back, and the form for another."""
    return _page(desk, session, open_assessment(session, desk, code))


@router.post("/file", response_model=None)
def try_file(
    code: str,
    desk: Annotated[Desk, Depends(Uploading(Permission.SCORE))],
    session: ActingSession,
    parts: SubmittedParts,
) -> HTMLReply:
    """What a file would change; keeps nothing."""
    opened = open_assessment(session, desk, code)
    upload = parts.files.get("values")
    if upload is None or not upload.content:
        chinese = "请先选择一个文件。"
        problem = Problem("values", "is not there", "Choose a file.", chinese=chinese)
        return _page(desk, session, opened, refused=InputRefused([problem]))
    return _tried(desk, session, opened, ValueFile(upload.name[:200], upload.content))


@router.post("/trial", response_model=None)
def try_again(
    code: str, desk: ScoringDesk, session: ActingSession, form: SubmittedForm
) -> HTMLReply:
    """The same file with other meanings of its columns."""
    opened = open_assessment(session, desk, code)
    try:
        file = _carried(form)
    except InputRefused as refused:
        return _page(desk, session, opened, refused=refused)
    return _tried(desk, session, opened, file)


@router.post("", response_model=None)
def take_in(
    code: str, desk: ScoringDesk, now: Now, session: ActingSession, form: SubmittedForm
) -> HTMLReply | Response:
    """Take a file in that was shown before."""
    opened = open_assessment(session, desk, code)
    try:
        import_values(session, opened.row, _carried(form), now=now)
    except InputRefused as refused:
        return _page(desk, session, opened, refused=refused)
    except WrongState as error:
        problem = Problem("", str(error), chinese=error.in_chinese)
        return _page(desk, session, opened, refused=InputRefused([problem]))
    return desk.lead_to(f"{opened.address}/values")


@router.post("/{number}/undo")
def take_back(
    code: str, number: int, desk: ScoringDesk, now: Now, session: ActingSession
) -> Response:
    """Take an import back; its cells are again what they were before it."""
    opened = open_assessment(session, desk, code)
    undo_import(session, opened.row, number, now=now)
    return desk.lead_to(f"{opened.address}/values")


def _tried(desk: Desk, session: Session, opened: Opened, file: ValueFile) -> HTMLReply:
    refused, changes = None, None
    try:
        changes = preview_import(session, opened.row, file)
    except InputRefused as error:
        refused = error
    said = InputRefused(refused.problems[:MOST_SAID]) if refused else None
    return desk.page(
        "console/assessments/trial.html",
        status=422 if refused else 200,
        opened=opened,
        plan=opened.plan,
        file=file,
        content=base64.b64encode(file.content).decode(),
        headings=_headings(file),
        meanings=_meanings(opened),
        changes=changes,
        shown=changes.changes[:MOST_SHOWN] if changes else (),
        without=_named(opened, changes) if changes else (),
        faults=faults_of(said, desk.language, lambda _: "") if said else None,
    )


def _headings(file: ValueFile) -> Sequence[str]:
    """What stands at the head of the columns, as far as the file can be read at all."""
    try:
        rows = read_sheet(file.content, source=file.name).rows[:HEADER_ROWS]
    except InputRefused:
        return ()
    widest: tuple[str, ...] = max(rows, key=lambda cells: sum(map(bool, cells)), default=())
    return [cell for cell in dict.fromkeys(widest) if cell][:MOST_COLUMNS]


def _meanings(opened: Opened) -> Sequence[tuple[str, str]]:
    roles = [(role, role) for role in ROLES]
    return [*roles, (IGNORED, IGNORED), *opened.indicators.items()]


def _named(opened: Opened, changes: Differences) -> Sequence[tuple[str, str]]:
    units, indicators = opened.units, opened.indicators
    pairs = changes.without[:MOST_SHOWN]
    return [(units.get(unit, unit), indicators.get(code, code)) for unit, code in pairs]


def _carried(form: Form) -> ValueFile:
    """The file that a page of changes carried, and how its columns are to be read."""
    try:
        content = base64.b64decode(first(form, "content"), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        chinese = "文件在路上丢了，请重新选择。"
        raise InputRefused(
            [Problem("values", "was lost on the way", "Send it again.", chinese=chinese)]
        )
    return ValueFile(first(form, "name")[:200] or "values", content, _mapping(form))


def _mapping(form: Form) -> Mapping[str, str]:
    pairs = zip(form.get("heading", ()), form.get("meaning", ()), strict=False)
    return {heading: meaning for heading, meaning in pairs if meaning}


def _page(
    desk: Desk, session: Session, opened: Opened, *, refused: InputRefused | None = None
) -> HTMLReply:
    return desk.page(
        "console/assessments/values.html",
        status=422 if refused else 200,
        opened=opened,
        plan=opened.plan,
        imports=list_value_imports(session, opened.row.id),
        faults=faults_of(refused, desk.language) if refused else None,
    )
