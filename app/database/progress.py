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
        for counter in ("received", "stored", *(() if channel == "api" else ("served",))):
            if day in days:
                days[day][counter] = max(days[day][counter] - n, 0)
    return dict(days)


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
