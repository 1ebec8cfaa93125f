"""Questions about rights to answer: tokens issued, who was drawn, who holds which.

Spending a token is a part of admission and stands in `database/admission`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.database.canaries import count_canary_tokens
from app.database.tables import InviteeRow, SampleDrawRow, TokenRow


def find_draw(session: Session, round_id: int, batch: str) -> SampleDrawRow | None:
    """The draw of that batch, or None."""
    wanted = (SampleDrawRow.round_id == round_id, SampleDrawRow.batch == batch)
    return session.scalar(select(SampleDrawRow).where(*wanted))


def list_draws(session: Session, round_id: int) -> list[str]:
    """The batches of a round's draws, in order."""
    rows = select(SampleDrawRow.batch).where(SampleDrawRow.round_id == round_id)
    return list(session.scalars(rows.order_by(SampleDrawRow.id)))


def count_tokens(session: Session, round_id: int) -> dict[str, int]:
    """Batch → tokens issued in it."""
    rows = select(TokenRow.batch, func.count()).where(TokenRow.round_id == round_id)
    return dict(session.execute(rows.group_by(TokenRow.batch)).all())


def count_token_states(
    session: Session, round_id: int, now: datetime
) -> dict[str, dict[str, int]]:
    """Purpose → how many were issued, and of these spent, revoked, or expired unspent.

    Without those that test ratings were sent with.
    """
    good = and_(~TokenRow.spent, ~TokenRow.revoked)
    rows = (
        select(
            TokenRow.purpose,
            func.count(),
            func.count().filter(TokenRow.spent),
            func.count().filter(TokenRow.revoked),
            func.count().filter(good, TokenRow.expires_at <= now),
        )
        .where(TokenRow.round_id == round_id)
        .group_by(TokenRow.purpose)
        .order_by(TokenRow.purpose)
    )
    states = ("issued", "spent", "revoked", "expired")
    found = {
        purpose: dict(zip(states, map(int, counts), strict=True))
        for purpose, *counts in session.execute(rows)
    }
    for purpose, n in count_canary_tokens(session, round_id).items():
        for state in ("issued", "spent"):
            found[purpose][state] = max(found[purpose][state] - n, 0)
    return found


def invited_before(session: Session, round_id: int, persons: Iterable[str]) -> set[str]:
    """Those of the persons who hold an invitation to the round."""
    rows = select(InviteeRow.person).where(InviteeRow.round_id == round_id)
    return set(session.scalars(rows)) & set(persons)


def keep_tokens(
    session: Session, round_id: int, fields_by_hash: Mapping[str, Mapping[str, Any]]
) -> None:
    """Add unspent tokens: hash → the other columns.

    In the order of the hashes: their places in the table must not repeat that of a draw,
    which anybody with the frame can make again.
    """
    fresh = {"round_id": round_id, "revoked": False, "spent": False}
    rows = [{"hash": key, **fresh, **fields_by_hash[key]} for key in sorted(fields_by_hash)]
    _insert(session, TokenRow.hash, rows)


def keep_invitees(session: Session, round_id: int, hash_by_person: Mapping[str, str]) -> None:
    """Add who holds which token: person → hash."""
    rows = [
        {"round_id": round_id, "person": person, "token_hash": hash_by_person[person]}
        for person in sorted(hash_by_person)
    ]
    _insert(session, InviteeRow.person, rows)


def revoke_batch(session: Session, round_id: int, batch: str) -> int:
    """Make the unspent tokens of a batch worthless; how many."""
    return _revoke(session, round_id, TokenRow.batch == batch)


def revoke_token(session: Session, round_id: int, token_hash: str) -> int:
    """Make one unspent token worthless; 1, or 0 if there is none such."""
    return _revoke(session, round_id, TokenRow.hash == token_hash)


def is_issued(session: Session, round_id: int, token_hash: str) -> bool:
    """Whether the round has such a token, spent or not."""
    token = session.get(TokenRow, token_hash)
    return token is not None and token.round_id == round_id


def forget_invitees(session: Session, round_id: int) -> None:
    """Delete who was invited to a round: nobody can tell any more whose a token was."""
    session.execute(delete(InviteeRow).where(InviteeRow.round_id == round_id))


def _insert(
    session: Session, key: InstrumentedAttribute[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    # With RETURNING a thousand rows go in one statement; without it PostgreSQL gets them one
    # by one, while answers wait for the round to be let go.
    session.scalars(insert(key.class_).returning(key), rows).all()


def _revoke(session: Session, round_id: int, wanted: ColumnElement[bool]) -> int:
    good = (TokenRow.round_id == round_id, wanted, ~TokenRow.spent, ~TokenRow.revoked)
    void = update(TokenRow).where(*good).values(revoked=True).returning(TokenRow.hash)
    count = len(session.scalars(void).all())
    # Whoever holds a worthless invitation may be drawn again.
    worthless = select(TokenRow.hash).where(TokenRow.round_id == round_id, TokenRow.revoked)
    session.execute(
        delete(InviteeRow).where(
            InviteeRow.round_id == round_id, InviteeRow.token_hash.in_(worthless)
        )
    )
    return count


def find_model_token(session: Session, round_id: int, purpose: str) -> TokenRow | None:
    """Any unspent token of a purpose, for others to look like; None where none was issued."""
    wanted = (TokenRow.round_id == round_id, TokenRow.purpose == purpose, ~TokenRow.revoked)
    return session.scalar(select(TokenRow).where(*wanted, ~TokenRow.spent).limit(1))
