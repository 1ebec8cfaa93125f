"""Questions about the tree of offices, and the filter that keeps a scope."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.database.console_tables import OfficeRow
from app.errors import NotFound
from app.people.offices import EVERYWHERE, Scope

Columns = TypeVarTuple("Columns")

ROOT_OFFICE = 1
"""The number of the office that every installation has."""


def lies_in(scope: Scope, office_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition that a row belongs to an office of the scope."""
    if not scope.paths:
        return false()
    paths = or_(*(OfficeRow.path.startswith(path, autoescape=True) for path in scope.paths))
    return office_id.in_(select(OfficeRow.id).where(paths))


def kept_within(
    rows: Select[*Columns], scope: Scope, office_id: InstrumentedAttribute[int]
) -> Select[*Columns]:
    """Rows of the scope only; the terminal reaches all and asks nothing more."""
    return rows if scope == EVERYWHERE else rows.where(lies_in(scope, office_id))


def add_office(
    session: Session, code: str, *, name: dict[str, Any], parent_id: int, now: datetime
) -> OfficeRow:
    """Keep an office under another one, after its siblings, not assessed."""
    above = session.get_one(OfficeRow, parent_id)
    siblings = select(func.count()).where(OfficeRow.parent_id == parent_id)
    row = OfficeRow(
        code=code,
        name=name,
        parent_id=parent_id,
        path=f"{above.path}{code}",  # until it has a number
        position=(session.scalar(siblings) or 0) + 1,
        assessed=False,
        created_at=now,
    )
    session.add(row)
    session.flush()
    row.path = f"{above.path}{row.id}/"
    session.flush()
    return row


def list_offices(session: Session, *, within: Scope = EVERYWHERE) -> Sequence[OfficeRow]:
    """Every office of a scope, each after the one above it, in official order."""
    wanted = kept_within(select(OfficeRow), within, OfficeRow.id)
    rows = {row.id: row for row in session.scalars(wanted)}

    def place(row: OfficeRow) -> tuple[tuple[int, int], ...]:
        above = [int(number) for number in row.path.strip("/").split("/")]
        return tuple((rows[n].position if n in rows else 0, n) for n in above)

    return sorted(rows.values(), key=place)


def find_office(session: Session, office_id: int, *, within: Scope) -> OfficeRow:
    """The office of that number in a scope."""
    wanted = select(OfficeRow).where(OfficeRow.id == office_id)
    row = session.scalar(kept_within(wanted, within, OfficeRow.id))
    if row is None:
        chinese = f"没有编号为 {office_id} 的单位。"
        raise NotFound(f"There is no office {office_id}.", chinese=chinese)
    return row


def office_code_exists(session: Session, code: str) -> bool:
    """Whether an office has that code."""
    return session.scalar(select(OfficeRow.id).where(OfficeRow.code == code)) is not None


def path_of(session: Session, office_id: int) -> str:
    """Where in the tree an office is."""
    return session.get_one(OfficeRow, office_id).path
