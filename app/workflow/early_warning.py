"""The warnings of a round: what is there now goes in, alarms that were kept come out.

Nothing here touches an influence, a run or a number. A round is looked at through one
snapshot; only keeping what was found is an act.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.anomaly.warnings.alarm import Alarm, by_rarity
from app.anomaly.warnings.appeals import Appeals, laundered
from app.anomaly.warnings.bursts import bursts
from app.anomaly.warnings.channels import channel_gaps
from app.anomaly.warnings.clones import far_away
from app.anomaly.warnings.coaching import alike, coached
from app.anomaly.warnings.refusals import refusal_surges
from app.anomaly.warnings.silence import silent_points
from app.anomaly.warnings.suppression import missing_low
from app.database.canaries import has_hidden_canaries
from app.database.engine import Session, Sessions
from app.database.fieldwork import load_responses
from app.database.rounds import find_round, list_rounds, load_round
from app.database.snapshots import snapshot
from app.database.tables import RoundRow
from app.database.tallies import tallies_by_point
from app.errors import WrongState
from app.survey.alarm_files import NO_DAY, AppealCount, VisitCount, read_appeals, read_visits
from app.workflow.alarm_keeping import Called, keep_alarms
from app.workflow.screening.submissions import first_midnight
from app.workflow.warning_inputs import (
    Seen,
    contentment,
    crowd,
    grades_by_channel,
    grades_by_point,
    opinions,
    place_names,
    refused_numbers,
    shared_items,
    times,
    visit_numbers,
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What comes from elsewhere: files as bytes with their names, and an earlier round."""

    visits: tuple[bytes, str] | None = None
    appeals: tuple[bytes, str] | None = None
    history: str = ""


def raise_alarms(
    sessions: Sessions, code: str, *, beside: Beside, now: datetime
) -> tuple[list[Alarm], int]:
    """Compute the alarms of a round as it stands, and keep those that are new; how many."""
    alarms: list[Alarm] = []
    with snapshot(sessions) as session:
        row = find_round(session, code)
        if row.state == "draft":
            raise WrongState(
                f"Round {code} is a draft; nothing has come in yet.",
                chinese=f"{code} 还是草稿，没有收到任何回答。",
            )
        seen = Seen.of(load_round(session, row), load_responses(session, row.id))
        plan = seen.frozen.plan
        called = Called(place_names(plan), first_midnight(seen.sample, plan))
        alarms += _from_answers(seen, _history(session, beside.history))
        days = tallies_by_point(session, row.id)
        alarms += refusal_surges(refused_numbers(days))
        if beside.visits is not None:
            content, source = beside.visits
            points = [point.code for point in plan.points]
            counts = read_visits(content, points=points, source=source)
            alarms += _silence(session, row, counts)
    if beside.appeals is not None:
        alarms += _appeals(*beside.appeals)
    with sessions.begin() as session:
        new = keep_alarms(session, find_round(session, code), alarms, called=called, now=now)
    return by_rarity(alarms), new


def rounds_to_watch(sessions: Sessions) -> tuple[str, ...]:
    """Codes of the open rounds whose answers may be looked at: no test rating is unfound."""
    with snapshot(sessions) as session:
        return tuple(
            row.code
            for row in list_rounds(session)
            if row.state == "open" and not has_hidden_canaries(session, row.id)
        )


def _history(session: Session, code: str) -> Seen | None:
    if not code:
        return None
    row = find_round(session, code)
    return Seen.of(load_round(session, row), load_responses(session, row.id))


def _from_answers(seen: Seen, before: Seen | None) -> list[Alarm]:
    """The warnings that look at the answers themselves."""
    if not len(seen.sample):
        return []
    items = shared_items(seen, before)
    now = opinions(seen, items)
    then = opinions(before, items) if before is not None and items else None
    return [
        *(coached(now, before=then) if items else []),
        *(alike(now, seed=seen.frozen.plan.seed) if items else []),
        *bursts(times(seen)),
        *far_away(crowd(seen)),
        *missing_low(grades_by_point(seen)),
        *missing_low(grades_by_channel(seen)),
        *channel_gaps(contentment(seen)),
    ]


def _silence(session: Session, row: RoundRow, counts: Sequence[VisitCount]) -> list[Alarm]:
    """Scans of the days that the file counts, or of all days where it names none."""
    days = {count.day for count in counts}
    tallies = {day: tallies_by_point(session, row.id, day=day) for day in days}
    if days == {NO_DAY}:
        tallies = {NO_DAY: tallies_by_point(session, row.id)}
    return silent_points(visit_numbers(counts, tallies))


def _appeals(content: bytes, source: str) -> list[Alarm]:
    by_office: dict[str, list[AppealCount]] = {}
    for count in read_appeals(content, source=source):
        by_office.setdefault(count.office, []).append(count)
    return laundered(
        [
            Appeals(
                office,
                _sums((one.decider, one.upheld) for one in counts),
                _sums((one.decider, one.rejected) for one in counts),
            )
            for office, counts in sorted(by_office.items())
        ]
    )


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, n in pairs:
        sums[name] = sums.get(name, 0) + n
    return {name: n for name, n in sums.items() if n}
