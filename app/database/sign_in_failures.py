"""How often signing in failed in a row, by login, whether the login exists or not."""

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.console_tables import SignInFailureRow

AT_ONCE = 10
"""So many wrong passwords in a row are answered at once."""
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=5)
"""Whoever tries on waits twice as long each time, up to this: nobody is locked out for ever."""
FORGOTTEN_AFTER = timedelta(days=1)


def wait_of(session: Session, login: str, *, now: datetime) -> timedelta:
    """How long until a password for this login is looked at again; nothing if it is now."""
    row = session.get(SignInFailureRow, _hash(login))
    if row is None or row.failures < AT_ONCE:
        return timedelta(0)
    doubled = FIRST_WAIT * 2 ** min(row.failures - AT_ONCE, 10)
    return max(row.last_at + min(doubled, LONGEST_WAIT) - now, timedelta(0))


def note_failure(session: Session, login: str, *, now: datetime) -> None:
    """Keep that a password or code was wrong."""
    old = SignInFailureRow.last_at < now - FORGOTTEN_AFTER
    session.execute(delete(SignInFailureRow).where(old))
    while (row := session.get(SignInFailureRow, _hash(login), with_for_update=True)) is None:
        # Two guesses at one moment: the table lets one through, and the other counts on it.
        with suppress(IntegrityError), session.begin_nested():
            session.add(SignInFailureRow(login_hash=_hash(login), failures=0, last_at=now))
    row.failures, row.last_at = row.failures + 1, now
    session.flush()


def forget_failures(session: Session, login: str) -> None:
    """Begin to count anew, after the right one."""
    this = SignInFailureRow.login_hash == _hash(login)
    session.execute(delete(SignInFailureRow).where(this))


def _hash(login: str) -> str:
    return hashlib.sha256(login.strip().lower().encode()).hexdigest()
