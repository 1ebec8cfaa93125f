"""What the names on the audit trail stand for: a login its person, a code its office."""

from collections.abc import Iterable, Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.database.console_tables import OfficeRow, PersonRow


def names_of_people(session: Session, logins: Iterable[str]) -> Mapping[str, str]:
    """Login → name of the person, for those who have one here."""
    people = select(PersonRow.login, PersonRow.name)
    return dict(session.execute(people.where(PersonRow.login.in_(set(logins)))).all())


def names_of_offices(session: Session, codes: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """Code of an office → its names by language."""
    offices = select(OfficeRow.code, OfficeRow.name)
    return dict(session.execute(offices.where(OfficeRow.code.in_(set(codes)))).all())


def all_names_of(session: Session, path: str) -> tuple[str, ...]:
    """Codes and names of an office and of those it belongs to, but for the topmost of all."""
    numbers = [int(number) for number in path.strip("/").split("/")]
    below_the_top = or_(OfficeRow.parent_id.is_not(None), OfficeRow.id == numbers[-1])
    rows = select(OfficeRow).where(OfficeRow.id.in_(numbers), below_the_top)
    return tuple(
        name
        for row in session.scalars(rows.order_by(OfficeRow.path))
        for name in (row.code, *row.name.values())
    )
