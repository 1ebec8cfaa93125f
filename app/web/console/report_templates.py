"""Word templates of reports: which one is in force, another one, the standard one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.console_tables import OfficeRow
from app.database.engine import Session
from app.database.offices import find_office, list_offices
from app.database.template_files import find_template, list_templates
from app.documents.word.variables import variable_lines
from app.errors import InputRefused, Problem
from app.people.offices import Scope
from app.people.roles import Permission
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
from app.workflow.jobs.templates import (
    REPORT,
    TemplateUpload,
    put_standard,
    put_template,
)

router = APIRouter(prefix="/console/jobs/templates")

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_SAID = 60
"""Mistakes of a template that the page lists."""


@router.get("")
def show_templates(
    desk: Annotated[Desk, Depends(Looking(Permission.EXPORT))], session: ReadingSession
) -> HTMLReply:
    """The templates of the person's offices, what one may name, and the form."""
    return _page(session, desk)


@router.post("")
def take_template(
    desk: Annotated[Desk, Depends(Uploading(Permission.PUBLISH))],
    parts: SubmittedParts,
    now: Now,
    session: ActingSession,
) -> Response:
    """Take a template in, or say everything that is wrong with it."""
    office = _office(session, desk, parts.form)
    upload = parts.files.get("template")
    try:
        if upload is None:
            chinese = "请先选择一个文件。"
            problem = Problem("template", "is not there", "Choose a file.", chinese=chinese)
            raise InputRefused([problem])
        given = TemplateUpload(upload.name, upload.content)
        put_template(session, office, given, person_id=desk.person.id, now=now)
    except InputRefused as refused:
        return _page(session, desk, chosen=office.id, refused=refused)
    return desk.lead_to("/console/jobs/templates")


@router.post("/standard")
def return_to_standard(
    desk: Annotated[Desk, Depends(Acting(Permission.PUBLISH))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> Response:
    """Let an office write with the standard template again."""
    office = _office(session, desk, form)
    put_standard(session, office, person_id=desk.person.id, now=now)
    return desk.lead_to("/console/jobs/templates")


@router.get("/standard.docx")
def send_standard(desk: Annotated[Desk, Depends(Looking(Permission.EXPORT))]) -> Response:
    """The standard template, to be changed in Word."""
    # Word files are made by a library that no other page needs.
    from app.documents.word.standard_template import standard_template

    return _attached(standard_template(), "minxin-report-template.docx")


@router.get("/{number}.docx")
def send_template(
    number: int,
    desk: Annotated[Desk, Depends(Looking(Permission.EXPORT))],
    session: ReadingSession,
) -> Response:
    """A template as it was uploaded."""
    row = find_template(session, number, within=desk.scope)
    return _attached(row.content, f"report-template-{row.id}.docx")


def _attached(content: bytes, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=DOCX, headers=headers)


def _office(session: Session, desk: Desk, form: Form) -> OfficeRow:
    given = first(form, "office")
    number = int(given) if given.isascii() and given.isdigit() else 0
    return find_office(session, number, within=desk.scope)


def _page(
    session: Session,
    desk: Desk,
    *,
    chosen: int | None = None,
    refused: InputRefused | None = None,
) -> HTMLReply:
    shown = InputRefused(refused.problems[:MOST_SAID]) if refused else None
    kept = list_templates(session, within=desk.person.scope(Permission.EXPORT), kind=REPORT)
    offices = list_offices(session, within=_own_scope(desk))
    newest = {one.office.id: one.row.id for one in reversed(kept)}
    return desk.page(
        "console/report_templates.html",
        status=422 if refused else 200,
        kept=kept,
        in_force=frozenset(newest.values()),
        offices=[(office.id, office.name[desk.language]) for office in offices],
        chosen=chosen or desk.person.office.id,
        lines=tuple(variable_lines()),
        faults=faults_of(shown, desk.language) if shown else None,
    )


def _own_scope(desk: Desk) -> Scope:
    return desk.person.scope(Permission.PUBLISH)
