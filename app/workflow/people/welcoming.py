"""How people come to work here: the first by a token of the terminal, all others by one.

A token is told once, to whoever hands it on; the database keeps its hash. Whoever holds it
chooses a login (the first administrator) and a password of their own, which nobody else sees.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.database.console_tables import OfficeRow, PersonRow, WelcomeRow
from app.database.offices import ROOT_OFFICE
from app.database.people import Newcomer, add_person, find_person, grant_role
from app.database.rounds import act_as, record
from app.database.visits import end_visits_of
from app.database.welcomes import find_welcome, has_root_administrator, make_welcome
from app.errors import InputRefused, NotFound, Problem, WrongState
from app.people.passwords import normal, password_problems
from app.people.roles import Role
from app.workflow.people.passwords import hash_password

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
MOST_IN_NAME = 100


@dataclass(frozen=True, slots=True)
class Welcomed:
    """What somebody fills in who holds a token; login and name only for the first."""

    token: str
    password: str
    repeated: str
    login: str = ""
    name: str = ""


def welcome_first(session: Session, *, now: datetime) -> str:
    """The token that makes whoever holds it the first administrator."""
    if has_root_administrator(session):
        raise WrongState(
            "There is an administrator of the whole platform. Ask them to invite others.",
            chinese="已经有全平台的管理员了，请由他们邀请其他人。",
        )
    token = make_welcome(session, None, now=now)
    record(session, "welcome first administrator", subject="console", now=now, detail={})
    return token


def welcome_person(session: Session, person: PersonRow, *, now: datetime) -> str:
    """A token with which somebody chooses a password; what was there before ends."""
    token = make_welcome(session, person.id, now=now)
    record(session, "welcome person", subject=person.login, now=now, detail={})
    return token


def whose_welcome(session: Session, token: str, *, now: datetime) -> PersonRow | None:
    """Whose token it is, None for the first administrator; NotFound for any other."""
    row = _welcome(session, token, now=now)
    return session.get_one(PersonRow, row.person_id) if row.person_id else None


def accept_welcome(session: Session, given: Welcomed, *, now: datetime) -> PersonRow:
    """Choose a password with a token; InputRefused names all faults and uses nothing up."""
    welcome = _welcome(session, given.token, now=now)
    person = session.get_one(PersonRow, welcome.person_id) if welcome.person_id else None
    problems = tuple(_problems(session, given, person))
    if problems:
        raise InputRefused(problems)
    if person is None:
        person = _first_administrator(session, given, now=now)
    welcome.used_at = now
    person.password_hash = hash_password(normal(given.password))
    end_visits_of(session, person.id, now=now)
    act_as(session, login=person.login, office=_office(session, person).code)
    record(session, "choose password", subject=person.login, now=now, detail={})
    return person


def names_about(session: Session, person: PersonRow) -> tuple[str, ...]:
    """What an attacker would try first for a person's password."""
    office = _office(session, person)
    return (person.login, person.name, office.code, *map(str, office.name.values()))


def _welcome(session: Session, token: str, *, now: datetime) -> WelcomeRow:
    welcome = find_welcome(session, token, now=now)
    if welcome is None or (welcome.person_id is None and has_root_administrator(session)):
        raise NotFound(
            "This code is not valid: it was used, it is over, or it was mistyped. "
            "Ask for a new one.",
            chinese="这个邀请码不能用：已经用过、过期了，或者输错了。请要一个新的。",
        )
    return welcome


def _first_administrator(session: Session, given: Welcomed, *, now: datetime) -> PersonRow:
    newcomer = Newcomer(given.login, given.name, ROOT_OFFICE, needs_second_factor=True)
    person = add_person(session, newcomer, now=now)
    grant_role(session, person, Role.ADMINISTRATOR, office_id=ROOT_OFFICE, now=now)
    return person


def _problems(session: Session, given: Welcomed, person: PersonRow | None) -> Iterator[Problem]:
    if person is None:
        yield from newcomer_problems(session, given.login, given.name)
        about: tuple[str, ...] = (given.login, given.name)
        second = True
    else:
        about, second = names_about(session, person), person.needs_second_factor
    yield from password_problems(given.password, about=about, has_second_factor=second)
    if normal(given.password) != normal(given.repeated):
        yield Problem(
            "repeated",
            "is not the same as the password",
            "Type both again.",
            chinese="两次输入的密码不一样，请重新输入。",
        )


def newcomer_problems(session: Session, login: str, name: str) -> Iterator[Problem]:
    """What is wrong with a new login and name."""
    if not LOGIN.fullmatch(login.strip().lower()):
        yield Problem(
            "login",
            "is not a login",
            "Use 2 to 64 letters, digits, dots or dashes.",
            login,
            chinese=f"登录名“{login[:64]}”不行，请用 2 到 64 个字母、数字、点或短横。",
        )
    elif find_person(session, login) is not None:
        yield Problem(
            "login",
            "is somebody's already",
            "Choose another.",
            login,
            chinese=f"登录名“{login[:64]}”已经有人用了，请换一个。",
        )
    if not 0 < len(name.strip()) <= MOST_IN_NAME:
        yield Problem(
            "name",
            f"needs 1 to {MOST_IN_NAME} characters",
            "Write the person's name.",
            name,
            chinese=f"姓名要有 1 到 {MOST_IN_NAME} 个字。",
        )


def _office(session: Session, person: PersonRow) -> OfficeRow:
    return session.get_one(OfficeRow, person.office_id)
