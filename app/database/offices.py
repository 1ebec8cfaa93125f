"""Questions about the tree of offices, and the filter that keeps a scope."""

from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.database.console_tables import OfficeRow
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


def path_of(session: Session, office_id: int) -> str:
    """Where in the tree an office is."""
    return session.get_one(OfficeRow, office_id).path
