"""Taking answers that were collected elsewhere into an open round: the whole file, or none."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.engine import Session
from app.database.fieldwork import list_imports
from app.database.rounds import find_round, load_round
from app.database.tables import RoundRow
from app.errors import AlreadyImported, InputRefused, Problem, WrongState
from app.people.roles import Permission
from app.web.console.faults import faults_of
from app.web.console.pages import Desk, Looking, Uploading
from app.web.dependencies import ActingSession, Now, ReadingSession, SubmittedParts
from app.web.rendering import HTMLReply
from app.workflow.importing import import_answers

router = APIRouter(prefix="/console/rounds/{code}/answer-files")

MOST_SAID = 100
"""Mistakes of a file that the page lists."""


@router.get("")
def show_files(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    session: ReadingSession,
) -> HTMLReply:
    """The files taken in so far, what a file must hold, and the form."""
    return _page(session, desk, find_round(session, code, within=desk.scope))


@router.post("")
def take_in(
    code: str,
    desk: Annotated[Desk, Depends(Uploading(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ActingSession,
    parts: SubmittedParts,
) -> Response:
    """Take a file in, or say of every row what is wrong with it."""
    row = find_round(session, code, within=desk.scope)
    try:
        upload = parts.files.get("answers")
        if upload is None:
            chinese = "请先选择一个文件。"
            problem = Problem("answers", "is not there", "Choose a file.", chinese=chinese)
            raise InputRefused([problem])
        import_answers(session, row, upload.content, name=upload.name[:200], now=now)
    except InputRefused as refused:
        return _page(session, desk, row, refused=InputRefused(refused.problems[:MOST_SAID]))
    except (AlreadyImported, WrongState) as refused:
        problem = Problem("answers", str(refused), chinese=refused.in_chinese)
        return _page(session, desk, row, refused=InputRefused([problem]))
    return desk.lead_to(f"/console/rounds/{code}/answer-files")


def _page(
    session: Session, desk: Desk, row: RoundRow, *, refused: InputRefused | None = None
) -> HTMLReply:
    frozen = load_round(session, row)
    mapping = frozen.survey.import_
    return desk.page(
        "console/answer_files.html",
        status=422 if refused else 200,
        row=row,
        plan=frozen.plan,
        columns=mapping.columns if mapping else (),
        items=list(frozen.survey.items.values()),
        imports=list_imports(session, row.id),
        faults=faults_of(refused, desk.language) if refused else None,
    )
