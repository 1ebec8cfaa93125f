"""Signing in: a login, a password, and a visit that begins."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.database.people import find_person
from app.database.rounds import act_as, record
from app.database.visits import Beginning, begin_visit
from app.workflow.people.passwords import is_right


def sign_in(
    session: Session, login: str, password: str, how: Beginning, *, now: datetime
) -> str | None:
    """The token of a new visit; None if login or password is wrong, whichever it is."""
    person = find_person(session, login)
    kept = person.password_hash if person is not None and person.active else None
    if not is_right(kept, password) or person is None:
        return None
    person.signed_in_at = now
    act_as(session, login=person.login, office="")
    record(session, "sign_in", subject=person.login, now=now, detail={})
    return begin_visit(session, person, how, now=now)
