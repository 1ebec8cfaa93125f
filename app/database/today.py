"""What the first page of the console asks: every question once for all rounds together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.database.alarms import OPEN_STATES
from app.database.console_tables import (
    ApprovalAnswerRow,
    ApprovalRow,
    DraftRow,
    JobRow,
    OfficeRow,
)
from app.database.offices import kept_within
from app.database.tables import (
    AlarmEventRow,
    AlarmRow,
    AllowanceRow,
    AssessmentRow,
    CampaignDecisionRow,
    CampaignRow,
    PointCodeRow,
    PressureReportRow,
    PublicationRow,
    RoundRow,
    RunRow,
    ScorePublicationRow,
    ScoreRunRow,
    TallyRow,
)
from app.people.offices import Scope

Numbers = Mapping[int, int]
"""Round → how many."""


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round without its plan, which may be large."""

    id: int
    code: str
    state: str
    office_path: str
    closed_at: datetime | None
    forgotten_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewestRun:
    """The last run of a round, without its result."""

    id: int
    state: str


@dataclass(frozen=True, slots=True)
class WaitingApproval:
    """Something that a second person is asked for."""

    id: int
    act: str
    object: str
    office_path: str


@dataclass(frozen=True, slots=True)
class Filling:
    """How far a quota is filled."""

    name: str
    most: int
    taken: int


def list_states(session: Session, *, within: Scope) -> Sequence[RoundState]:
    """Every round of a scope, newest first."""
    row = RoundRow
    rows: Select[Any] = (
        select(row.id, row.code, row.state, OfficeRow.path)
        .add_columns(row.closed_at, row.telemetry_forgotten_at)
        .join(OfficeRow, OfficeRow.id == row.office_id)
        .order_by(row.id.desc())
    )
    found = session.execute(kept_within(rows, within, row.office_id))
    return [RoundState(*values) for values in found]


def plans_of(session: Session, rounds: Sequence[int]) -> Mapping[int, str]:
    """Round → the text of its plan."""
    rows = select(RoundRow.id, RoundRow.plan).where(RoundRow.id.in_(rounds))
    return dict(session.execute(rows).all())


def newest_runs(session: Session, rounds: Sequence[int]) -> Mapping[int, NewestRun]:
    """Round → its last run."""
    newest = (
        select(func.max(RunRow.id)).where(RunRow.round_id.in_(rounds)).group_by(RunRow.round_id)
    )
    rows = select(RunRow.round_id, RunRow.id, RunRow.state).where(RunRow.id.in_(newest))
    return {
        round_id: NewestRun(number, state) for round_id, number, state in session.execute(rows)
    }


def public_runs(session: Session, rounds: Sequence[int]) -> Numbers:
    """Round → the run that is public now."""
    newest = (
        select(func.max(PublicationRow.id))
        .join(RunRow, RunRow.id == PublicationRow.run_id)
        .where(RunRow.round_id.in_(rounds))
        .group_by(RunRow.round_id)
    )
    rows = (
        select(RunRow.round_id, RunRow.id)
        .join(PublicationRow, PublicationRow.run_id == RunRow.id)
        .where(PublicationRow.id.in_(newest))
    )
    return dict(session.execute(rows).all())


def count_alarms(session: Session, rounds: Sequence[int]) -> Numbers:
    """Round → alarms that nobody has answered; of each code and place the newest one."""
    newest = (
        select(func.max(AlarmRow.id))
        .where(AlarmRow.round_id.in_(rounds))
        .group_by(AlarmRow.round_id, AlarmRow.code, AlarmRow.place)
    )
    last = select(func.max(AlarmEventRow.id)).group_by(AlarmEventRow.alarm_id)
    said = and_(AlarmEventRow.alarm_id == AlarmRow.id, AlarmEventRow.id.in_(last))
    waits = or_(AlarmEventRow.id.is_(None), AlarmEventRow.state.in_(OPEN_STATES))
    rows = (
        select(AlarmRow.round_id, func.count())
        .outerjoin(AlarmEventRow, said)
        .where(AlarmRow.id.in_(newest), waits)
        .group_by(AlarmRow.round_id)
    )
    return dict(session.execute(rows).all())


def count_reports(session: Session, rounds: Sequence[int]) -> Numbers:
    """Round → reports that a good rating was asked for."""
    row = PressureReportRow
    rows = select(row.round_id, func.count()).where(row.round_id.in_(rounds))
    return dict(session.execute(rows.group_by(row.round_id)).all())


def count_silent(session: Session, rounds: Mapping[int, str]) -> Numbers:
    """Round → points with a code that was not scanned since a day, as that round calls it."""
    codes = select(PointCodeRow.round_id, PointCodeRow.point).where(
        PointCodeRow.round_id.in_(rounds), PointCodeRow.revoked_at.is_(None)
    )
    scanned = (
        select(TallyRow.round_id, TallyRow.point, func.max(TallyRow.day))
        .where(TallyRow.round_id.in_(rounds), TallyRow.counter == "served")
        .group_by(TallyRow.round_id, TallyRow.point)
    )
    last = {(round_id, point): day for round_id, point, day in session.execute(scanned)}
    silent: dict[int, int] = {}
    for round_id, point in session.execute(codes):
        if last.get((round_id, point), "") < rounds[round_id]:
            silent[round_id] = silent.get(round_id, 0) + 1
    return silent


def list_quotas(session: Session, rounds: Sequence[int]) -> Mapping[int, Sequence[Filling]]:
    """Round → its quotas and how far they are filled."""
    row = AllowanceRow
    rows = select(row.round_id, row.name, row.most, row.taken).where(
        row.round_id.in_(rounds), row.name.startswith("quota:", autoescape=True)
    )
    found: dict[int, list[Filling]] = {}
    for round_id, name, most, taken in session.execute(rows.order_by(row.round_id, row.name)):
        found.setdefault(round_id, []).append(Filling(name, most, taken))
    return found


def list_campaigns_of(
    session: Session, rounds: Sequence[int]
) -> tuple[Sequence[CampaignRow], Sequence[CampaignDecisionRow]]:
    """The campaigns of several rounds, and every row about them in order."""
    campaigns = select(CampaignRow).where(CampaignRow.round_id.in_(rounds))
    decided = (
        select(CampaignDecisionRow)
        .join(CampaignRow, CampaignDecisionRow.campaign_id == CampaignRow.id)
        .where(CampaignRow.round_id.in_(rounds))
        .order_by(CampaignDecisionRow.id)
    )
    return session.scalars(campaigns).all(), session.scalars(decided).all()


def list_waiting_approvals(session: Session, *, but_of: int) -> Sequence[WaitingApproval]:
    """What somebody else asked for and nobody has answered yet, the first first."""
    row = ApprovalRow
    rows = (
        select(row.id, row.act, row.object, OfficeRow.path)
        .join(OfficeRow, OfficeRow.id == row.office_id)
        .outerjoin(ApprovalAnswerRow, ApprovalAnswerRow.approval_id == row.id)
        .where(ApprovalAnswerRow.approval_id.is_(None), row.asked_by != but_of)
    )
    return [WaitingApproval(*values) for values in session.execute(rows.order_by(row.id))]


def count_drafts(session: Session, *, author: int) -> Mapping[str, int]:
    """Kind → drafts that this person changed last."""
    rows = select(DraftRow.kind, func.count()).where(DraftRow.author_id == author)
    return dict(session.execute(rows.group_by(DraftRow.kind)).all())


def count_jobs(session: Session, *, asked_by: int, since: datetime) -> Mapping[str, int]:
    """State → this person's jobs that ended since then."""
    rows = select(JobRow.state, func.count()).where(
        JobRow.asked_by == asked_by, JobRow.finished_at >= since
    )
    return dict(session.execute(rows.group_by(JobRow.state)).all())


def unpublished_scores(session: Session, *, within: Scope) -> Sequence[tuple[str, int]]:
    """Assessments whose last scoring is not public: code, number of the scoring."""
    columns: Sequence[Any] = (AssessmentRow.code, ScoreRunRow.number)
    rows = (
        select(*columns)
        .join(ScoreRunRow, ScoreRunRow.assessment_id == AssessmentRow.id)
        .outerjoin(ScorePublicationRow, ScorePublicationRow.score_run_id == ScoreRunRow.id)
        .where(ScoreRunRow.id.in_(_last_scorings()), ScorePublicationRow.id.is_(None))
        .order_by(AssessmentRow.id.desc())
    )
    found = session.execute(kept_within(rows, within, AssessmentRow.office_id))
    return [(code, number) for code, number in found]


def _last_scorings() -> Select[int]:
    return select(func.max(ScoreRunRow.id)).group_by(ScoreRunRow.assessment_id)
