"""Questions about the people who work here: who they are and what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.console_tables import OfficeRow, PersonRow, RoleGrantRow
from app.database.offices import kept_within
from app.errors import NotFound
from app.people.colleague import Colleague, Office
from app.people.offices import EVERYWHERE, Grant, Scope
from app.people.roles import Role


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is to work here."""

    login: str
    name: str
    office_id: int
    needs_second_factor: bool = False


def find_person(session: Session, login: str) -> PersonRow | None:
    """The person of that login, in whatever case it is written."""
    if "\0" in login:  # PostgreSQL refuses to compare with a text that holds a NUL
        return None
    wanted = select(PersonRow).where(PersonRow.login == login.strip().lower())
    return session.scalar(wanted)


def find_person_within(session: Session, login: str, *, within: Scope) -> PersonRow:
    """The person of that login whose office lies in a scope."""
    person = find_person(session, login)
    office = session.get_one(OfficeRow, person.office_id) if person is not None else None
    if person is None or office is None or not within.reaches(office.path):
        chinese = f"没有登录名为“{login}”的人。"
        raise NotFound(f"Nobody here has the login {login!r}.", chinese=chinese)
    return person


def add_person(session: Session, newcomer: Newcomer, *, now: datetime) -> PersonRow:
    """Keep a person, active and without a password."""
    row = PersonRow(
        login=newcomer.login.strip().lower(),
        name=newcomer.name.strip(),
        office_id=newcomer.office_id,
        needs_second_factor=newcomer.needs_second_factor,
        active=True,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody in a list."""

    person: PersonRow
    office: OfficeRow
    roles: Sequence[Role]
    """Those in force, each once."""


def list_people(session: Session, *, within: Scope = EVERYWHERE) -> Sequence[PersonLine]:
    """Everybody whose office lies in a scope, active ones first, in the order of logins."""
    wanted = (
        select(PersonRow, OfficeRow)
        .join(OfficeRow, OfficeRow.id == PersonRow.office_id)
        .order_by(PersonRow.active.desc(), PersonRow.login)
    )
    found = session.execute(kept_within(wanted, within, PersonRow.office_id)).all()
    held = select(RoleGrantRow.person_id, RoleGrantRow.role).distinct()
    roles: dict[int, list[Role]] = {}
    for person_id, role in session.execute(held.where(RoleGrantRow.taken_back_at.is_(None))):
        roles.setdefault(person_id, []).append(Role(role))
    return [PersonLine(person, office, roles.get(person.id, [])) for person, office in found]


def grant_role(
    session: Session, person: PersonRow, role: Role, *, office_id: int, now: datetime
) -> RoleGrantRow:
    """Give somebody a role at an office; by whom is on the audit trail."""
    row = RoleGrantRow(person_id=person.id, role=role, office_id=office_id, granted_at=now)
    session.add(row)
    session.flush()
    return row


def colleague_of(session: Session, person: PersonRow) -> Colleague:
    """Somebody as the policy sees them."""
    office = session.get_one(OfficeRow, person.office_id)
    return Colleague(
        id=person.id,
        login=person.login,
        name=person.name,
        office=Office(office.id, office.code, office.path, _is_assessed(session, office)),
        grants=_grants(session, person.id),
    )


def list_roles_of(session: Session, person_id: int) -> Sequence[tuple[Role, OfficeRow]]:
    """The roles that somebody holds, each with its office."""
    held = (
        select(RoleGrantRow.role, OfficeRow)
        .join(OfficeRow, OfficeRow.id == RoleGrantRow.office_id)
        .where(RoleGrantRow.person_id == person_id, RoleGrantRow.taken_back_at.is_(None))
        .order_by(RoleGrantRow.id)
    )
    return [(Role(role), office) for role, office in session.execute(held)]


def grants_in_force(session: Session, person_id: int) -> Sequence[RoleGrantRow]:
    """The roles that somebody holds."""
    held = (RoleGrantRow.person_id == person_id, RoleGrantRow.taken_back_at.is_(None))
    return session.scalars(select(RoleGrantRow).where(*held).order_by(RoleGrantRow.id)).all()


def office_code_of(session: Session, person: PersonRow) -> str:
    """Code of the office where somebody works."""
    return session.get_one(OfficeRow, person.office_id).code


def _grants(session: Session, person_id: int) -> Sequence[Grant]:
    held = (
        select(RoleGrantRow.role, OfficeRow.path)
        .join(OfficeRow, OfficeRow.id == RoleGrantRow.office_id)
        .where(RoleGrantRow.person_id == person_id, RoleGrantRow.taken_back_at.is_(None))
        .order_by(RoleGrantRow.id)
    )
    return [Grant(Role(role), path) for role, path in session.execute(held)]


def _is_assessed(session: Session, office: OfficeRow) -> bool:
    above = [int(number) for number in office.path.strip("/").split("/")]
    rated = select(OfficeRow.id).where(OfficeRow.id.in_(above), OfficeRow.assessed)
    return session.scalar(rated.limit(1)) is not None
