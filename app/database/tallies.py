"""Questions about the numbers of the day, and whether they add up with what is kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.database.canaries import sealed_by_point_and_day
from app.database.fieldwork import of_round
from app.database.tables import ResponseRow, RoundRow, TallyRow

REFUSED = "refused_"
"""What the counters of refusals begin with; the reason follows."""
KEPT = "kept"
"""Stands beside the counters for the responses that are there."""
SHOWN_AFTER_CLOSE = timedelta(days=7)

Counts = Mapping[str, int]
"""Counter → number."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Two numbers of a point that should agree, each said with what it counts."""

    point: str
    counted: str
    found: str

    def __str__(self) -> str:
        return f"{self.point or 'no point'}: {self.counted}, {self.found}"


@dataclass(frozen=True, slots=True)
class Tallied:
    """One number of the day, over all days."""

    round_code: str
    point: str
    counter: str
    n: int


def tallies_by_point(session: Session, round_id: int, *, day: str = "") -> dict[str, Counts]:
    """Point → its numbers, of one day (as it is called in the round's time zone) or of all.

    Test ratings are taken out of what was served, received and stored.
    """
    rows = _summed(round_id)
    counts = _by_point(session.execute(rows.where(TallyRow.day == day) if day else rows))
    for point, sent_on, channel, n in session.execute(sealed_by_point_and_day(round_id)):
        if point in counts and day in {"", sent_on}:
            counts[point] = _without(counts[point], channel, n)
    return counts


def list_tallied(session: Session, *, now: datetime) -> Sequence[Tallied]:
    """The numbers of the rounds that are open, or were until a week ago.

    For the machines of the operator, whose counters must never go down: as they were
    counted, test ratings among them.
    """
    lately = and_(RoundRow.state != "draft", RoundRow.closed_at > now - SHOWN_AFTER_CLOSE)
    rows = (
        select(RoundRow.code, TallyRow.point, TallyRow.counter, func.sum(TallyRow.n))
        .join(RoundRow, RoundRow.id == TallyRow.round_id)
        .where(or_(RoundRow.state == "open", lately))
        .group_by(RoundRow.code, TallyRow.point, TallyRow.counter)
        .order_by(RoundRow.code, TallyRow.point, TallyRow.counter)
    )
    return [
        Tallied(code, point, counter, int(n))
        for code, point, counter, n in session.execute(rows)
    ]


def refused(counts: Counts) -> dict[str, int]:
    """Reason → how many were refused for it."""
    return {
        name.removeprefix(REFUSED): n
        for name, n in sorted(counts.items())
        if name.startswith(REFUSED)
    }


def total(counts: Iterable[Counts]) -> Counts:
    """The sums over several points."""
    sums: Counter[str] = Counter()
    for one in counts:
        sums.update(one)
    return sums


def reconcile(source: Session | Connection, round_id: int) -> list[Discrepancy]:
    """Where the numbers do not add up; one statement, so that all are of one moment.

    As many responses must be there as were counted as stored, and whatever was received must
    have been stored, repeated or refused; test ratings like all others.
    """
    kept = (
        select(ResponseRow.point, literal(KEPT), func.count())
        .where(of_round(round_id))
        .group_by(ResponseRow.point)
    )
    by_point = _by_point(source.execute(union_all(_summed(round_id), kept)))
    return [
        discrepancy
        for point in sorted(by_point)
        for discrepancy in _differences(point, Counter(by_point[point]))
    ]


def _summed(round_id: int) -> Select[str, str, int]:
    return (
        select(TallyRow.point, TallyRow.counter, func.sum(TallyRow.n))
        .where(TallyRow.round_id == round_id)
        .group_by(TallyRow.point, TallyRow.counter)
    )


def _by_point(rows: Iterable[Row[str, str, int]]) -> dict[str, Counts]:
    by_point: dict[str, dict[str, int]] = {}
    for point, counter, n in rows:
        by_point.setdefault(point, {})[counter] = int(n)
    return dict(by_point)


def _without(counts: Counts, channel: str, n: int) -> Counts:
    """The numbers of a point without n test ratings of a channel."""
    counters = ("received", "stored") if channel == "api" else ("served", "received", "stored")
    return {
        counter: max(found - n, 0) if counter in counters else found
        for counter, found in counts.items()
    }


def _differences(point: str, counts: Counts) -> Iterator[Discrepancy]:
    stored, kept, received = counts["stored"], counts[KEPT], counts["received"]
    if stored != kept:
        yield Discrepancy(point, f"{stored} counted as stored", f"{kept} there")
    ends = stored + counts["repeated"] + sum(refused(counts).values())
    if received != ends:
        yield Discrepancy(point, f"{received} received", f"{ends} stored, repeated or refused")
