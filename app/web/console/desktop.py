"""All that the first page of the console asks about the rounds that somebody sees.

Every question is asked once for all rounds together, however many there are. Plans are read
whole only of rounds that take answers or are under review.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.database.engine import Session
from app.database.rounds import read_plan
from app.database.today import (
    Filling,
    NewestRun,
    RoundState,
    count_alarms,
    count_reports,
    count_silent,
    list_quotas,
    newest_runs,
    plans_of,
    public_runs,
)
from app.people.colleague import Colleague
from app.survey.plan import Plan
from app.survey.planning.heading import heading_of
from app.survey.text import Language
from app.workflow.review.impartiality import Reviewer
from app.workflow.review.waiting import Waiting, waiting_campaigns_of
from app.workflow.telemetry import KEPT_FOR

NEWEST = 6
"""So many rounds stand on the first page; all are in the list of rounds."""
SILENT_DAYS = 3
"""A point whose code nobody scanned for so many days is silent."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the first page, in which language, and when."""

    person: Colleague
    reviewer: Reviewer
    """The same person as the rules of review see them."""
    language: Language
    now: datetime


@dataclass(frozen=True, slots=True)
class Desktop:
    """Everything that was asked about the rounds that somebody sees."""

    reader: Reader
    titles: Mapping[int, str]
    """Of the newest rounds, and of all in which something may wait."""
    plans: Mapping[int, Plan]
    """Of rounds that take answers or are under review."""
    runs: Mapping[int, NewestRun]
    public: Mapping[int, int]
    alarms: Mapping[int, int]
    reports: Mapping[int, int]
    silent: Mapping[int, int]
    quotas: Mapping[int, Sequence[Filling]]
    campaigns: Mapping[int, Waiting]


def lay_out(session: Session, rounds: Sequence[RoundState], reader: Reader) -> Desktop:
    """Ask everything once about the rounds of somebody's scope."""
    every, now = [one.id for one in rounds], reader.now
    taking = [one.id for one in rounds if one.state == "open"]
    reviewed = [one.id for one in rounds if is_under_review(one, now)]
    runs, public = newest_runs(session, every), public_runs(session, every)
    named = {one.id for one in rounds[:NEWEST]} | {
        one.id
        for one in rounds
        if one.state in {"draft", "open", "closed"}
        or (one.id in runs and public.get(one.id) != runs[one.id].id)
    }
    texts = plans_of(session, [*{*named, *reviewed}])
    codes = {one.id: one.code for one in rounds}
    plans = {n: read_plan(texts[n], codes[n]) for n in (*taking, *reviewed)}
    return Desktop(
        reader=reader,
        titles={n: heading_of(text).title[reader.language] for n, text in texts.items()},
        plans=plans,
        runs=runs,
        public=public,
        alarms=count_alarms(session, [*taking, *reviewed]),
        reports=count_reports(session, [*taking, *reviewed]),
        silent=count_silent(session, {n: _silent_since(plans[n], now) for n in taking}),
        quotas=list_quotas(session, taking),
        campaigns=waiting_campaigns_of(
            session, {n: plans[n] for n in reviewed}, reader.reviewer
        ),
    )


def is_under_review(one: RoundState, now: datetime) -> bool:
    """Whether campaigns of the round may still be decided about."""
    closed, forgotten = one.closed_at, one.forgotten_at
    return closed is not None and forgotten is None and now < closed + KEPT_FOR


def _silent_since(plan: Plan, now: datetime) -> str:
    """The day from which on a scan is lately; none is looked for before the round is so old."""
    zone = ZoneInfo(plan.window.time_zone)
    since = now - timedelta(days=SILENT_DAYS)
    return since.astimezone(zone).date().isoformat() if since >= plan.window.start else ""
