"""Questions about Word templates: the newest of an office or of one above it is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from app.database.console_tables import OfficeRow, PersonRow, TemplateFileRow
from app.database.offices import kept_within
from app.database.results import LAST_NUMBER
from app.errors import NotFound
from app.people.offices import Scope

WITHOUT_CONTENT = defer(TemplateFileRow.content)


@dataclass(frozen=True, slots=True)
class KeptTemplate:
    """A template without its content, the office it belongs to, and who put it there."""

    row: TemplateFileRow
    office: OfficeRow
    author: PersonRow

    @property
    def is_standard(self) -> bool:
        """Whether the office went back to the standard one with it."""
        return not self.row.name


def template_in_force(session: Session, office_id: int, *, kind: str) -> TemplateFileRow | None:
    """The newest template of an office, else of the nearest above that has one; or None.

    None is the standard one, to which an office can go back too.
    """
    path = session.get_one(OfficeRow, office_id).path
    above = [int(number) for number in path.strip("/").split("/")]
    rows = (
        select(TemplateFileRow)
        .join(OfficeRow, OfficeRow.id == TemplateFileRow.office_id)
        .where(TemplateFileRow.kind == kind, TemplateFileRow.office_id.in_(above))
        .order_by(OfficeRow.path.desc(), TemplateFileRow.id.desc())
        .limit(1)
        .options(WITHOUT_CONTENT)
    )
    found = session.scalar(rows)
    return found if found is not None and found.name else None


def find_template(session: Session, number: int, *, within: Scope) -> TemplateFileRow:
    """The template of that number in a scope."""
    wanted = select(TemplateFileRow).where(TemplateFileRow.id == number)
    wanted = kept_within(wanted, within, TemplateFileRow.office_id)
    row = session.scalar(wanted) if 0 < number <= LAST_NUMBER else None
    if row is None or not row.name:
        raise NotFound(f"There is no template {number}.", chinese="没有这个模板。")
    return row


def list_templates(session: Session, *, within: Scope, kind: str) -> Sequence[KeptTemplate]:
    """Every template of a scope, newest first, without content."""
    rows = (
        select(TemplateFileRow, OfficeRow, PersonRow)
        .join(OfficeRow, OfficeRow.id == TemplateFileRow.office_id)
        .join(PersonRow, PersonRow.id == TemplateFileRow.put_by)
        .where(TemplateFileRow.kind == kind)
        .order_by(TemplateFileRow.id.desc())
        .options(WITHOUT_CONTENT)
    )
    found = session.execute(kept_within(rows, within, TemplateFileRow.office_id))
    return [KeptTemplate(*one) for one in found]


def add_template(session: Session, row: TemplateFileRow, *, now: datetime) -> TemplateFileRow:
    """Keep a template; those before it stay."""
    row.put_at = now
    session.add(row)
    session.flush()
    return row
