"""What somebody does to their own account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.database.console_tables import PersonRow
from app.database.rounds import record
from app.database.sign_in_failures import forget_failures, note_failure, wait_of
from app.database.visits import Beginning, begin_visit, end_visit, end_visits_of, find_visit
from app.database.visits import list_visits as list_visits_of
from app.errors import InputRefused, NotAllowed, NotFound, Problem
from app.people.colleague import Colleague
from app.people.passwords import normal, password_problems
from app.workflow.people.passwords import hash_password, is_right
from app.workflow.people.second_factor import new_recovery_codes
from app.workflow.people.welcoming import names_about


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The password that is, and the one that is to be."""

    current: str
    password: str


def change_password(
    session: Session, token: str, change: PasswordChange, *, now: datetime
) -> str:
    """Change the password of a visit's person; all visits end, and the new one's token is told.

    InputRefused names everything wrong. Guessing the present one is slowed as at sign-in.
    """
    found = find_visit(session, token, now=now)
    if found is None:
        raise NotFound("The visit is over.")
    visit, person = found
    if wait_of(session, person.login, now=now):
        raise NotAllowed("Too many wrong passwords. Wait some minutes and try again.")
    if not is_right(person.password_hash, normal(change.current)):
        note_failure(session, person.login, now=now)
        raise InputRefused([_wrong()])
    _require_good(session, person, change.password)
    forget_failures(session, person.login)
    person.password_hash = hash_password(normal(change.password))
    end_visits_of(session, person.id, now=now)
    record(session, "choose password", subject=person.login, now=now, detail={})
    how = Beginning(visit.factor, complete=True, browser=visit.browser)
    return begin_visit(session, person, how, now=now)


def end_own_visit(
    session: Session, person: Colleague, visit_hash: str, *, now: datetime
) -> None:
    """End one of somebody's own visits; NotFound for anybody else's."""
    own = list_visits_of(session, person.id, now=now)
    if visit_hash not in {visit.token_hash for visit in own}:
        raise NotFound("There is no such visit of yours.")
    end_visit(session, visit_hash, now=now)
    record(session, "end visit", subject=person.login, now=now, detail={})


def renew_recovery_codes(
    session: Session, person: Colleague, *, now: datetime
) -> Sequence[str]:
    """Ten new codes for emergencies, for somebody who holds a second factor."""
    row = session.get_one(PersonRow, person.id)
    if row.totp_secret is None:
        raise NotAllowed("Set up a second factor first.", chinese="请先设定第二重验证。")
    record(session, "renew recovery codes", subject=person.login, now=now, detail={})
    return new_recovery_codes(session, person.id)


def _require_good(session: Session, person: PersonRow, password: str) -> None:
    second = person.totp_secret is not None or person.needs_second_factor
    about = names_about(session, person)
    problems = password_problems(password, about=about, has_second_factor=second)
    if problems:
        raise InputRefused(problems)


def _wrong() -> Problem:
    return Problem(
        "current",
        "is not your password",
        "Type the password that you signed in with.",
        chinese="现在的密码不对，请输入您登录用的那个。",
    )
