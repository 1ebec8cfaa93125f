"""Signing in: a login, a password, a second factor where one is held, a visit that begins."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.database.console_tables import PersonRow
from app.database.people import find_person, office_code_of
from app.database.rounds import act_as, record
from app.database.sign_in_failures import forget_failures, note_failure, wait_of
from app.database.visits import Beginning, begin_visit
from app.people.passwords import normal
from app.workflow.people.passwords import hash_password, is_outdated, is_right


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What became of an attempt."""

    token: str = ""
    """Of the visit that began; empty if none did."""
    is_complete: bool = False
    """Whether nothing more has to be shown."""
    wait: timedelta = timedelta(0)
    """How long to wait before the next attempt is looked at."""


def sign_in(
    session: Session, login: str, password: str, how: Beginning, *, now: datetime
) -> SignedIn:
    """Begin a visit if login and password are right; which of them was wrong is not said."""
    wait = wait_of(session, login, now=now)
    if wait:
        return SignedIn(wait=wait)
    person = find_person(session, login)
    kept = person.password_hash if person is not None and person.active else None
    if not is_right(kept, normal(password)) or person is None:
        note_failure(session, login, now=now)
        return SignedIn()
    forget_failures(session, login)
    if kept is not None and is_outdated(kept):
        person.password_hash = hash_password(normal(password))
    is_complete = not (person.needs_second_factor or person.totp_secret)
    token = begin_visit(session, person, replace(how, complete=is_complete), now=now)
    if is_complete:
        note_sign_in(session, person, now=now)
    return SignedIn(token, is_complete)


def note_sign_in(session: Session, person: PersonRow, *, now: datetime) -> None:
    """Keep that somebody came in."""
    person.signed_in_at = now
    act_as(session, login=person.login, office=office_code_of(session, person))
    record(session, "sign_in", subject=person.login, now=now, detail={})
