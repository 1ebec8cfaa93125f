"""Who somebody is at a provider of identities: linked by themselves, never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.database.console_tables import IdentityRow, PersonRow
from app.errors import NotFound


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as a provider knows them."""

    issuer: str
    subject: str


def find_linked(session: Session, identity: Identity) -> PersonRow | None:
    """Whoever linked this identity, and may come in."""
    rows = (
        select(PersonRow)
        .join(IdentityRow, IdentityRow.person_id == PersonRow.id)
        .where(_is(identity), PersonRow.active)
    )
    return session.scalar(rows)


def is_linked(session: Session, identity: Identity) -> bool:
    """Whether anybody has linked it, whether they may come in or not."""
    return session.scalar(select(IdentityRow.id).where(_is(identity))) is not None


def add_identity(
    session: Session, person_id: int, identity: Identity, *, now: datetime
) -> IdentityRow:
    """Link an identity to a person."""
    row = IdentityRow(
        person_id=person_id, issuer=identity.issuer, subject=identity.subject, linked_at=now
    )
    session.add(row)
    session.flush()
    return row


def list_identities(session: Session, person_id: int) -> Sequence[IdentityRow]:
    """What somebody has linked, in order."""
    rows = select(IdentityRow).where(IdentityRow.person_id == person_id)
    return session.scalars(rows.order_by(IdentityRow.id)).all()


def remove_identity(session: Session, person_id: int, number: int) -> None:
    """Unlink one's own identity; NotFound for anybody else's."""
    row = session.get(IdentityRow, number)
    if row is None or row.person_id != person_id:
        raise NotFound("You have linked no such identity.", chinese="您没有关联这个身份。")
    session.delete(row)


def _is(identity: Identity) -> ColumnElement[bool]:
    return (IdentityRow.issuer == identity.issuer) & (IdentityRow.subject == identity.subject)
