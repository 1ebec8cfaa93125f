"""What an administrator does: take people on, give and take back roles, keep the offices.

Nobody administers beyond their own scope: neither an office, nor a person who works outside
it, nor a role held outside it. The platform is never left without an administrator.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.database.console_tables import OfficeRow, PersonRow, RoleGrantRow
from app.database.offices import ROOT_OFFICE, add_office, find_office, office_code_exists
from app.database.people import (
    Newcomer,
    add_person,
    find_person_within,
    grant_role,
    grants_in_force,
)
from app.database.rounds import record
from app.database.visits import end_visits_of
from app.database.welcomes import has_root_administrator
from app.errors import InputRefused, NotFound, Problem, WrongState
from app.people.colleague import Colleague
from app.people.offices import Scope
from app.people.roles import SECOND_FACTOR_NEEDED, Permission, Role
from app.survey.plan import CODE
from app.workflow.people.welcoming import newcomer_problems, welcome_person

MOST_IN_NAME = 100


@dataclass(frozen=True, slots=True)
class Hire:
    """Somebody who is to work here."""

    login: str
    name: str
    office_id: int


@dataclass(frozen=True, slots=True)
class Gift:
    """A role for somebody, at an office and below it."""

    login: str
    role: Role
    office_id: int


@dataclass(frozen=True, slots=True)
class NewOffice:
    """An office that is to be."""

    code: str
    name: Mapping[str, str]
    """language → name."""
    parent_id: int


def take_on(
    session: Session, by: Colleague, hire: Hire, *, now: datetime
) -> tuple[PersonRow, str]:
    """Keep a person and the code with which they choose a password, told once."""
    office = find_office(session, hire.office_id, within=_scope(by))
    problems = tuple(newcomer_problems(session, hire.login, hire.name))
    if problems:
        raise InputRefused(problems)
    person = add_person(session, Newcomer(hire.login, hire.name, office.id), now=now)
    record(
        session, "take on person", subject=person.login, now=now, detail={"office": office.code}
    )
    return person, welcome_person(session, person, now=now)


def give_role(session: Session, by: Colleague, gift: Gift, *, now: datetime) -> None:
    """Give somebody a role at an office of the administrator's scope."""
    role = gift.role
    person = find_person_within(session, gift.login, within=_scope(by))
    office = find_office(session, gift.office_id, within=_scope(by))
    if any(one.role == role and one.office_id == office.id for one in _held(session, person)):
        raise WrongState(f"{person.login} holds this role there.", chinese="已经有这个角色了。")
    grant_role(session, person, role, office_id=office.id, now=now).granted_by = by.id
    if role in SECOND_FACTOR_NEEDED and not person.needs_second_factor:
        person.needs_second_factor = True
        end_visits_of(session, person.id, now=now)
    detail: dict[str, object] = {"role": role.value, "office": office.code}
    record(session, "give role", subject=person.login, now=now, detail=detail)


def take_back_role(
    session: Session, by: Colleague, login: str, grant_id: int, *, now: datetime
) -> None:
    """Take a role back; it stays on record that it was held."""
    person = find_person_within(session, login, within=_scope(by))
    found = [one for one in _held(session, person) if one.id == grant_id]
    if not found:
        raise NotFound(f"{login} holds no such role.")
    office = find_office(session, found[0].office_id, within=_scope(by))
    found[0].taken_back_at = now
    session.flush()
    _require_administrator(session)
    detail: dict[str, object] = {"role": found[0].role, "office": office.code}
    record(session, "take back role", subject=person.login, now=now, detail=detail)


def deactivate(session: Session, by: Colleague, login: str, *, now: datetime) -> None:
    """Keep somebody out from this moment on."""
    person = find_person_within(session, login, within=_scope(by))
    if person.id == by.id:
        raise WrongState(
            "You cannot deactivate yourself.", chinese="不能停用自己，请由另一位管理员办。"
        )
    person.active = False
    session.flush()
    _require_administrator(session)
    end_visits_of(session, person.id, now=now)
    record(session, "deactivate person", subject=person.login, now=now, detail={})


def new_code(session: Session, by: Colleague, login: str, *, now: datetime) -> str:
    """A code with which somebody chooses a new password, told once; sets up the factor anew."""
    person = find_person_within(session, login, within=_scope(by))
    person.active = True
    person.totp_secret = person.totp_last_step = None
    return welcome_person(session, person, now=now)


def open_office(session: Session, by: Colleague, new: NewOffice, *, now: datetime) -> OfficeRow:
    """Keep a new office under one of the administrator's scope."""
    parent = find_office(session, new.parent_id, within=_scope(by))
    problems = tuple(_office_problems(session, new.code, new.name))
    if problems:
        raise InputRefused(problems)
    row = add_office(session, new.code, name=dict(new.name), parent_id=parent.id, now=now)
    record(session, "open office", subject=new.code, now=now, detail={"under": parent.code})
    return row


def mark_assessed(
    session: Session, by: Colleague, office_id: int, *, assessed: bool, now: datetime
) -> None:
    """Say whether rounds rate an office: whoever works there then sees public numbers only."""
    office = find_office(session, office_id, within=_scope(by))
    if office.id == ROOT_OFFICE:
        raise WrongState(
            "The office at the root runs the platform.",
            chinese="本级组织部门不能设为被考核单位。",
        )
    office.assessed = assessed
    detail: dict[str, object] = {"assessed": assessed}
    record(session, "mark office", subject=office.code, now=now, detail=detail)


def _scope(by: Colleague) -> Scope:
    return by.scope(Permission.MANAGE_PEOPLE)


def _held(session: Session, person: PersonRow) -> list[RoleGrantRow]:
    return list(grants_in_force(session, person.id))


def _require_administrator(session: Session) -> None:
    if not has_root_administrator(session):
        raise WrongState(
            "Nobody would be left who administers the whole platform.",
            chinese="这样就没有全平台的管理员了，请先给另一个人这个角色。",
        )


def _office_problems(session: Session, code: str, name: Mapping[str, str]) -> list[Problem]:
    problems = []
    if not re.fullmatch(CODE, code) or len(code) > MOST_IN_NAME:
        cure = "Use small letters, digits and dashes."
        chinese = f"单位代码“{code[:40]}”不行，请用小写字母、数字和短横。"
        problems.append(Problem("code", "is not a code", cure, code, chinese=chinese))
    elif office_code_exists(session, code):
        chinese = f"单位代码“{code}”已经有了，请换一个。"
        problems.append(Problem("code", "is taken", "Choose another.", code, chinese=chinese))
    problems.extend(
        Problem(
            f"name-{language}",
            f"needs 1 to {MOST_IN_NAME} characters",
            "Write the office's name.",
            chinese="请写单位名称。" if language == "zh-Hans" else "请写单位的英文名称。",
        )
        for language, text in name.items()
        if not 0 < len(text) <= MOST_IN_NAME
    )
    return problems
