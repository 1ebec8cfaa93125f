"""Questions about how fieldwork goes: by day, by the last day of a point, item by item.

Test ratings are taken out as `tallies` does it. Nothing here is about a single answer.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database.canaries import no_canary, sealed_by_point_and_day
from app.database.fieldwork import of_round
from app.database.tables import ResponseRow, TallyRow
from app.database.tallies import Counts


def tallies_by_day(session: Session, round_id: int) -> Mapping[str, Counts]:
    """Day → the numbers of all points together, the first day first."""
    rows = (
        select(TallyRow.day, TallyRow.counter, func.sum(TallyRow.n))
        .where(TallyRow.round_id == round_id)
        .group_by(TallyRow.day, TallyRow.counter)
        .order_by(TallyRow.day)
    )
    days: dict[str, Counter[str]] = {}
    for day, counter, n in session.execute(rows):
        days.setdefault(day, Counter())[counter] = int(n)
    for _, day, channel, n in session.execute(sealed_by_point_and_day(round_id)):
        if day in days:
            _take_out(days[day], channel, n)
    return dict(days)


def tallies_of_points(
    session: Session, round_id: int, points: Sequence[str], *, day: str = ""
) -> Mapping[str, Counts]:
    """Point → its numbers, of one day or of all; only of the points asked for."""
    rows = (
        select(TallyRow.point, TallyRow.counter, func.sum(TallyRow.n))
        .where(TallyRow.round_id == round_id, TallyRow.point.in_(points))
        .group_by(TallyRow.point, TallyRow.counter)
    )
    found: dict[str, Counter[str]] = {}
    for point, counter, n in session.execute(rows.where(TallyRow.day == day) if day else rows):
        found.setdefault(point, Counter())[counter] = int(n)
    for point, sent_on, channel, n in session.execute(sealed_by_point_and_day(round_id)):
        if point in found and day in {"", sent_on}:
            _take_out(found[point], channel, n)
    return dict(found)


def last_day_by_point(session: Session, round_id: int) -> Mapping[str, str]:
    """Point → the last day on which an answer was kept there."""
    rows = (
        select(TallyRow.point, func.max(TallyRow.day))
        .where(TallyRow.round_id == round_id, TallyRow.counter == "stored", TallyRow.n > 0)
        .group_by(TallyRow.point)
    )
    return dict(session.execute(rows).all())


def some_answers(session: Session, round_id: int, *, most: int) -> Sequence[Mapping[str, Any]]:
    """The answers of up to `most` responses, chosen by their random identifiers."""
    rows = (
        select(ResponseRow.answers)
        .where(of_round(round_id), no_canary())
        .order_by(ResponseRow.id)
        .limit(most)
    )
    return session.scalars(rows).all()


def _take_out(counts: Counter[str], channel: str, n: int) -> None:
    """Take test ratings of a channel out of the numbers they were counted in."""
    for counter in ("received", "stored", *(() if channel == "api" else ("served",))):
        counts[counter] = max(counts[counter] - n, 0)
