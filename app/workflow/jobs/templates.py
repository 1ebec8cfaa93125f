"""Word templates of offices: taken in after every check, given back, written down."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.database.console_tables import OfficeRow, TemplateFileRow
from app.database.rounds import record
from app.database.template_files import add_template, template_in_force
from app.documents.word.template_checks import check_template
from app.errors import MinxinError

REPORT = "report_docx"
"""The kind of document that has templates."""
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class TemplateUpload:
    """A file as it was sent."""

    name: str
    content: bytes


def put_template(
    session: Session,
    office: OfficeRow,
    upload: TemplateUpload,
    *,
    person_id: int,
    now: datetime,
) -> TemplateFileRow:
    """Let an office, and those below it without one, write reports with this template."""
    check_template(upload.content, name=upload.name)
    return _keep(session, office, upload, person_id=person_id, now=now)


def put_standard(
    session: Session, office: OfficeRow, *, person_id: int, now: datetime
) -> TemplateFileRow:
    """Let an office go back to the standard template."""
    return _keep(session, office, TemplateUpload("", b""), person_id=person_id, now=now)


def pinned_template(session: Session, office_id: int) -> dict[str, object]:
    """What an order says of the template in force, so that it is filled in and no other."""
    row = template_in_force(session, office_id, kind=REPORT)
    return {} if row is None else {"template": row.id, "template_sha256": row.digest}


def content_of(session: Session, number: int) -> bytes:
    """The content of a template that an order names; refused if it is not what was kept."""
    row = session.get_one(TemplateFileRow, number)
    if hashlib.sha256(row.content).hexdigest() != row.digest:
        raise MinxinError(
            f"Template {number} is not the file that was kept. Upload it again.",
            chinese=f"第 {number} 号模板和保存时不符，请重新上传。",
        )
    return row.content


def _keep(
    session: Session,
    office: OfficeRow,
    upload: TemplateUpload,
    *,
    person_id: int,
    now: datetime,
) -> TemplateFileRow:
    row = TemplateFileRow(
        office_id=office.id,
        kind=REPORT,
        name=upload.name[:LONGEST_NAME],
        content=upload.content,
        digest=hashlib.sha256(upload.content).hexdigest(),
        put_by=person_id,
    )
    row = add_template(session, row, now=now)
    detail: dict[str, object] = {"number": row.id, "name": row.name, "digest": row.digest}
    record(session, "put_template", subject=office.code, now=now, detail=detail)
    return row
