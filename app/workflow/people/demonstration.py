"""The people of the demonstration: two offices, so that what takes two can be tried.

Only here a second factor is waived. Their passphrases are made when the demonstration is, told
on the terminal, and kept in a file that only its owner can read.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.console_tables import OfficeRow
from app.database.engine import Sessions
from app.database.offices import ROOT_OFFICE, add_office
from app.database.people import Newcomer, add_person, find_person, grant_role
from app.people.roles import Role
from app.survey.text import Text
from app.workflow.people.passwords import hash_password

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's: none is taken for another."""
SUPERVISION = "supervision"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demonstration."""

    login: str
    name: str
    office: str
    roles: Sequence[Role]
    task: Text


PEOPLE = (
    DemoPerson(
        "limin",
        "李敏",
        "root",
        (Role.SURVEY_DESIGNER, Role.ROUND_OPERATOR, Role.VIEWER),
        Text(zh="编问卷、组织调查", en="makes questionnaires, runs rounds"),
    ),
    DemoPerson(
        "wangqiang",
        "王强",
        SUPERVISION,
        (Role.ROUND_OPERATOR, Role.ANOMALY_REVIEWER),
        Text(zh="批准、核定异常", en="approves, reviews anomalies"),
    ),
    DemoPerson(
        "zhaofang",
        "赵芳",
        "root",
        (Role.EVALUATOR, Role.ANOMALY_REVIEWER, Role.AUDITOR),
        Text(zh="考核打分、核定、审计", en="scores, reviews, audits"),
    ),
    DemoPerson(
        "chengang",
        "陈刚",
        "root",
        (Role.ADMINISTRATOR,),
        Text(zh="管理人员和单位", en="administers people and offices"),
    ),
)


def new_passphrase() -> str:
    """Twenty letters of chance in groups of five: 100 bits."""
    letters = [secrets.choice(LETTERS) for _ in range(20)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 20, 5))


def make_people(sessions: Sessions, passphrases: Mapping[str, str], *, now: datetime) -> None:
    """Make whoever is not there yet, with the passphrase of their login."""
    with sessions.begin() as session:
        for one in PEOPLE:
            if find_person(session, one.login) is None:
                _make(session, one, passphrases[one.login], now=now)


def _make(session: Session, one: DemoPerson, passphrase: str, *, now: datetime) -> None:
    office = _office(session, one.office, now=now)
    person = add_person(session, Newcomer(one.login, one.name, office), now=now)
    person.password_hash = hash_password(passphrase)
    for role in one.roles:
        grant_role(session, person, role, office_id=ROOT_OFFICE, now=now)


def _office(session: Session, code: str, *, now: datetime) -> int:
    found = session.scalar(select(OfficeRow.id).where(OfficeRow.code == code))
    if found is not None:
        return found
    name = {"zh-Hans": "督查室", "en": "Supervision office"}
    return add_office(session, code, name=name, parent_id=ROOT_OFFICE, now=now).id
