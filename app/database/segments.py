"""Questions about segments, and the responses they are made from as a stream."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, cast, delete, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.canaries import hidden_canaries, no_canary, require_known_canaries
from app.database.tables import CanaryRow, ResponseRow, RoundRow, SegmentRow

CHUNK = 5_000
"""Responses held in memory at a time."""


def only_read(session: Session) -> None:
    """Take no place among the writers; must come before the session's first question."""
    session.connection(execution_options={"reading": True})


def stream_lines(session: Session, round_id: int) -> Iterator[Sequence[Sequence[Any]]]:
    """The responses of a round in chunks, each a line: its columns, then its JSON as texts.

    In no order that matters, and without test ratings; WrongState while there may be some
    that no check has found. The round is compared in a way that no index serves: walking
    along the table is several times faster than leaping to each row.
    """
    require_known_canaries(session, round_id)
    row = ResponseRow
    lines = select(
        row.id,
        row.unit,
        row.point,
        row.evidence,
        row.channel,
        row.assurance,
        row.weight,
        cast(row.paradata, Text),
        cast(row.answers, Text),
        cast(row.background, Text),
    ).where(row.round_id + 0 == round_id, no_canary())
    return session.execute(lines.execution_options(yield_per=CHUNK)).partitions()


def find_segment(session: Session, round_id: int, survey: str) -> SegmentRow | None:
    """The segment of a round under a survey version, or None."""
    return session.scalar(_of(round_id, survey))


def list_segments(session: Session, round_id: int) -> Sequence[SegmentRow]:
    """The segments of a round."""
    rows = select(SegmentRow).where(SegmentRow.round_id == round_id)
    return session.scalars(rows.order_by(SegmentRow.survey)).all()


def forget_segments(session: Session, round_id: int) -> None:
    """Forget that a round had files; whoever makes one at this moment is waited for."""
    session.execute(delete(SegmentRow).where(SegmentRow.round_id == round_id))


def hold_segment(session: Session, fresh: SegmentRow) -> SegmentRow | None:
    """The row of that round and survey version, held alone until the end of the act.

    `fresh` is added where there was none; None if another act adds it at this moment.
    """
    held = session.scalar(_of(fresh.round_id, fresh.survey).with_for_update())
    if held is not None:
        return held
    try:
        with session.begin_nested():
            session.add(fresh)
    except IntegrityError:
        return None
    return fresh


def list_aged(
    session: Session, *, before: datetime
) -> Sequence[tuple[RoundRow, SegmentRow | None]]:
    """Rounds that had answers, with their segment, where it may be behind.

    Open rounds whose segment is missing or was made before that moment; closed ones whose
    segment is missing, was made before they closed, or may have lost its file. None that may
    hold test ratings which no check has found.
    """
    segment = SegmentRow
    is_open = RoundRow.state == "open"
    behind = or_(segment.id.is_(None), and_(is_open, segment.made_at <= before), ~is_open)
    unfound = exists(select(CanaryRow.mark).where(hidden_canaries()).correlate(RoundRow))
    rows = (
        select(RoundRow, segment)
        .outerjoin(segment, segment.round_id == RoundRow.id)
        .where(RoundRow.state != "draft", behind, ~unfound)
        .order_by(RoundRow.id)
    )
    return [(found[0], found[1]) for found in session.execute(rows)]


def _of(round_id: int, survey: str) -> Any:
    return select(SegmentRow).where(
        SegmentRow.round_id == round_id, SegmentRow.survey == survey
    )
