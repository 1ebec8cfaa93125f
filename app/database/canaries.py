"""Test ratings in the database: which responses they are, and that they count nowhere.

A test rating is sealed before it is sent, so at every moment at which its response is there,
the seal is there too. Until a check has found it, numbers are lowered by the seals, which
tell point and channel but not which response; rows are not handed out at all. Once it is
found, its response is left out by name.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.database.tables import (
    AllowanceRow,
    CanaryFoundRow,
    CanaryRow,
    ResponseRow,
    RoundRow,
)
from app.errors import WrongState

Submission = Row[str, str, str, str, str, str, dict[str, Any]]

FOUND = select(CanaryFoundRow.response_id).where(CanaryFoundRow.response_id.is_not(None))
"""The responses that are test ratings, as far as they were found."""


def no_canary() -> ColumnElement[bool]:
    """The condition for responses that were not found to be test ratings."""
    return ResponseRow.id.not_in(FOUND)


def hidden_canaries() -> ColumnElement[bool]:
    """The condition for test ratings that may be among the responses of their round unfound.

    One that a check missed is none; in a closed round only if it was missed after the close,
    when nothing could arrive any more. Nor is one that was given up. A query with it must
    name RoundRow.
    """
    return and_(_unknown_canaries(), CanaryRow.given_up_at.is_(None))


def _unknown_canaries() -> ColumnElement[bool]:
    """The condition for test ratings of which no check has said where they are."""
    own = CanaryFoundRow.mark == CanaryRow.mark
    found = exists().where(own, CanaryFoundRow.response_id.is_not(None))
    too_early = and_(RoundRow.state != "open", CanaryFoundRow.found_at < RoundRow.closed_at)
    missed = exists().where(own, CanaryFoundRow.response_id.is_(None), ~too_early)
    return and_(RoundRow.id == CanaryRow.round_id, ~found, ~missed)


def counted_canaries() -> ColumnElement[bool]:
    """The condition for test ratings that the numbers of the day hold: found or hidden."""
    own = CanaryFoundRow.mark == CanaryRow.mark
    found = exists().where(own, CanaryFoundRow.response_id.is_not(None))
    return or_(and_(RoundRow.id == CanaryRow.round_id, found), hidden_canaries())


def count_hidden(round_id: int) -> Select[int]:
    """How many test ratings of a round may be among its responses unfound."""
    return (
        select(func.count())
        .select_from(CanaryRow, RoundRow)
        .where(CanaryRow.round_id == round_id, hidden_canaries())
    )


def has_hidden_canaries(session: Session, round_id: int) -> bool:
    """Whether there may be test ratings among a round's responses that were not found."""
    return bool(session.scalar(count_hidden(round_id)))


def require_known_canaries(session: Session, round_id: int) -> None:
    """WrongState while a round may hold test ratings that no check has found.

    Whatever hands out responses asks this first, in the transaction in which it reads them.
    """
    n = session.scalar(count_hidden(round_id)) or 0
    if n:
        code = session.scalar(select(RoundRow.code).where(RoundRow.id == round_id))
        raise WrongState(
            f"Round {code} may hold {n} test ratings that were not looked for yet, and no "
            f"answers are taken from it before. Run: minxin canary check --round {code} "
            "(if their key is lost: minxin canary give-up)",
            chinese=f"{code} 可能还有 {n} 条测试评价没有查找过，查清之前不取用其中的回答。"
            f"请运行 minxin canary check --round {code}"
            "（密钥已丢失的，用 minxin canary give-up）。",
        )


def count_arrived(session: Session, round_id: int) -> int:
    """How many test ratings were found among the responses of a round."""
    marks = func.count(CanaryFoundRow.mark.distinct())
    found = select(marks).join(CanaryRow, CanaryRow.mark == CanaryFoundRow.mark)
    known = CanaryFoundRow.response_id.is_not(None)
    return session.scalar(found.where(CanaryRow.round_id == round_id, known)) or 0


def give_up_hidden(session: Session, round_id: int, *, now: datetime) -> int:
    """Give up every test rating of a round that may be there unfound; how many those are."""
    hidden = (
        select(CanaryRow.mark)
        .select_from(CanaryRow, RoundRow)
        .where(CanaryRow.round_id == round_id, hidden_canaries())
    )
    marks = session.scalars(hidden).all()
    lost = update(CanaryRow).where(CanaryRow.mark.in_(marks))
    session.execute(lost.values(given_up_at=now))
    return len(marks)


def count_given_up(session: Session, round_id: int) -> int:
    """How many test ratings of a round may be counted among its responses."""
    lost = (
        select(func.count())
        .select_from(CanaryRow, RoundRow)
        .where(CanaryRow.round_id == round_id, CanaryRow.given_up_at.is_not(None))
        .where(_unknown_canaries())
    )
    return session.scalar(lost) or 0


def list_sealed(session: Session, round_id: int) -> Sequence[CanaryRow]:
    """Every test rating that was sent to a round."""
    rows = select(CanaryRow).where(CanaryRow.round_id == round_id)
    return session.scalars(rows.order_by(CanaryRow.mark)).all()


def list_submissions(session: Session, round_id: int) -> Sequence[Submission]:
    """What a check looks through: identity, place and answers of every response of a round."""
    row = ResponseRow
    columns = (row.id, row.submission_hash, row.unit, row.point, row.channel)
    rows = select(*columns, row.evidence, row.answers).where(
        row.round_id == round_id, row.channel != "import"
    )
    return session.execute(rows).all()


def newest_findings(session: Session, round_id: int) -> Mapping[str, CanaryFoundRow]:
    """Mark → what was found last."""
    rows = (
        select(CanaryFoundRow)
        .join(CanaryRow, CanaryRow.mark == CanaryFoundRow.mark)
        .where(CanaryRow.round_id == round_id)
        .order_by(CanaryFoundRow.id)
    )
    return {row.mark: row for row in session.scalars(rows)}


def sealed_by_point_and_day(round_id: int) -> Select[str, str, str, int]:
    """Test ratings in the numbers of the day: point, day, channel, how many."""
    return (
        select(CanaryRow.point, CanaryRow.day, CanaryRow.channel, func.count())
        .select_from(CanaryRow, RoundRow)
        .where(CanaryRow.round_id == round_id, counted_canaries())
        .group_by(CanaryRow.point, CanaryRow.day, CanaryRow.channel)
    )


def count_canary_tokens(session: Session, round_id: int) -> Mapping[str, int]:
    """Purpose → test ratings that were sent with a token of it."""
    rows = (
        select(CanaryRow.purpose, func.count())
        .where(CanaryRow.round_id == round_id, CanaryRow.purpose != "open")
        .group_by(CanaryRow.purpose)
    )
    return dict(session.execute(rows).all())


def keep_finding(
    session: Session, mark: str, outcome: str, *, response_id: str | None, now: datetime
) -> None:
    """Add what a check found of a test rating."""
    session.add(
        CanaryFoundRow(mark=mark, outcome=outcome, response_id=response_id, found_at=now)
    )


def give_places_back(session: Session, round_id: int, names: Sequence[str]) -> None:
    """Return what a test rating took of these allowances."""
    mine = (AllowanceRow.round_id == round_id, AllowanceRow.name.in_(names))
    back = update(AllowanceRow).where(*mine, AllowanceRow.taken > literal(0))
    session.execute(back.values(taken=AllowanceRow.taken - 1))
