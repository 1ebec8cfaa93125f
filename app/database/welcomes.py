"""Tokens, used once, with which somebody chooses a first or a new password."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.database.console_tables import PersonRow, RoleGrantRow, WelcomeRow
from app.database.offices import ROOT_OFFICE
from app.database.visits import token_hash
from app.people.roles import Role

LASTS = timedelta(days=3)


def make_welcome(session: Session, person_id: int | None, *, now: datetime) -> str:
    """A new token for somebody, or for the first administrator; earlier ones end."""
    unused = (WelcomeRow.person_id == person_id, WelcomeRow.used_at.is_(None))
    session.execute(update(WelcomeRow).where(*unused).values(used_at=now))
    token = secrets.token_urlsafe(20)
    row = WelcomeRow(
        token_hash=token_hash(token), person_id=person_id, expires_at=now + LASTS, used_at=None
    )
    session.add(row)
    session.flush()
    return token


def find_welcome(session: Session, token: str, *, now: datetime) -> WelcomeRow | None:
    """The welcome of a token that can still be used, held until the end of the act."""
    wanted = select(WelcomeRow).where(
        WelcomeRow.token_hash == token_hash(token.strip()),
        WelcomeRow.used_at.is_(None),
        WelcomeRow.expires_at > now,
    )
    return session.scalar(wanted.with_for_update())


def has_root_administrator(session: Session) -> bool:
    """Whether somebody active administers the whole tree."""
    wanted = (
        select(RoleGrantRow.id)
        .join(PersonRow, PersonRow.id == RoleGrantRow.person_id)
        .where(
            PersonRow.active,
            RoleGrantRow.role == Role.ADMINISTRATOR,
            RoleGrantRow.office_id == ROOT_OFFICE,
            RoleGrantRow.taken_back_at.is_(None),
        )
    )
    return session.scalar(wanted.limit(1)) is not None
