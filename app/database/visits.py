"""Signed-in visits: a random token in the browser, its hash here, an end that always comes."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.database.console_tables import PersonRow, VisitRow

IDLE = timedelta(minutes=30)
"""A visit in which nothing was asked for so long is over."""
LONGEST = timedelta(hours=12)
"""A visit is over then, whatever was done in it."""
SEEN_EVERY = timedelta(minutes=1)
"""How finely it is kept when a visit was last used."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a visit begins."""

    factor: str
    """password, totp or oidc."""
    complete: bool
    """Whether nothing more has to be shown before it opens the console."""
    browser: str


def token_hash(token: str) -> str:
    """What is kept of a token: SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin_visit(session: Session, person: PersonRow, how: Beginning, *, now: datetime) -> str:
    """Begin a visit; the token is told to the browser and kept nowhere else."""
    token = secrets.token_urlsafe(32)
    row = VisitRow(
        token_hash=token_hash(token),
        person_id=person.id,
        factor=how.factor,
        complete=how.complete,
        browser=how.browser[:60],
        began_at=now,
        seen_at=now,
    )
    session.add(row)
    session.flush()
    return token


def find_visit(
    session: Session, token: str, *, now: datetime
) -> tuple[VisitRow, PersonRow] | None:
    """The visit of a token, complete or not, with whose it is; None if it is over."""
    wanted = (
        select(VisitRow, PersonRow)
        .join(PersonRow, PersonRow.id == VisitRow.person_id)
        .where(VisitRow.token_hash == token_hash(token), PersonRow.active)
        .where(*_still_open(now))
    )
    found = session.execute(wanted).one_or_none()
    return (found[0], found[1]) if found else None


def mark_seen(session: Session, visit_hash: str, *, now: datetime) -> None:
    """Keep that a visit was used."""
    this = VisitRow.token_hash == visit_hash
    session.execute(update(VisitRow).where(this).values(seen_at=now))


def list_visits(session: Session, person_id: int, *, now: datetime) -> Sequence[VisitRow]:
    """Somebody's visits that are not over, the newest first."""
    own = select(VisitRow).where(VisitRow.person_id == person_id, *_still_open(now))
    return session.scalars(own.order_by(VisitRow.began_at.desc())).all()


def end_visit(session: Session, visit_hash: str, *, now: datetime) -> None:
    """End one visit."""
    this = (VisitRow.token_hash == visit_hash, VisitRow.ended_at.is_(None))
    session.execute(update(VisitRow).where(*this).values(ended_at=now))


def end_visits_of(session: Session, person_id: int, *, now: datetime) -> None:
    """End every visit of somebody."""
    own = (VisitRow.person_id == person_id, VisitRow.ended_at.is_(None))
    session.execute(update(VisitRow).where(*own).values(ended_at=now))


def _still_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        VisitRow.ended_at.is_(None),
        VisitRow.seen_at > now - IDLE,
        VisitRow.began_at > now - LONGEST,
    )
