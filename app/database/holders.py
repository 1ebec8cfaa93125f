"""How many people hold what: is an installation ready, is there a second person.

Numbers only. Whoever may not see people still has to know that nobody could approve.
"""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database.console_tables import OfficeRow, PersonRow, RoleGrantRow
from app.people.roles import ALLOWED, Permission, Role

_IN_FORCE = (RoleGrantRow.taken_back_at.is_(None), PersonRow.active)


def count_holders(session: Session) -> Mapping[Role, int]:
    """Role → how many people who work here now hold it somewhere."""
    wanted = (
        select(RoleGrantRow.role, func.count(PersonRow.id.distinct()))
        .join(PersonRow, PersonRow.id == RoleGrantRow.person_id)
        .where(*_IN_FORCE)
        .group_by(RoleGrantRow.role)
    )
    return {Role(role): n for role, n in session.execute(wanted)}


def count_others(session: Session, permission: Permission, path: str, *, but: int) -> int:
    """How many others hold a role that allows something at the office of a path.

    Who works in an office that is assessed is counted too: the approval itself refuses them.
    """
    roles = [role for role, allowed in ALLOWED.items() if permission in allowed]
    wanted = (
        select(PersonRow.id, OfficeRow.path)
        .join(RoleGrantRow, RoleGrantRow.person_id == PersonRow.id)
        .join(OfficeRow, OfficeRow.id == RoleGrantRow.office_id)
        .where(*_IN_FORCE, RoleGrantRow.role.in_(roles), PersonRow.id != but)
    )
    return len({person for person, at in session.execute(wanted) if path.startswith(at)})
