"""Questions about assessments: their plans, imported values, events, scorings, scenarios.

What is in force is never stored: it follows from insert-only rows. An import counts until it
is taken back, the newest that names a cell wins; of an event the newest decision holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from app.database.offices import kept_within
from app.database.results import LAST_NUMBER
from app.database.tables import (
    AssessmentRow,
    DefinitionRow,
    ScenarioRow,
    ScoreEventRow,
    ScoreEventStatusRow,
    ScorePublicationRow,
    ScoreRunRow,
    ValueImportRow,
    ValueImportUndoneRow,
)
from app.errors import NotFound, WrongState
from app.people.offices import EVERYWHERE, Scope
from app.scoring.definition.system import IndicatorSystem
from app.survey.assessment import AssessmentPlan
from app.survey.reading import read_definition

WITHOUT_DOCUMENTS = (defer(ScoreRunRow.document), defer(ScoreRunRow.inputs))
"""Of 3,000 units they have 80 MB: a list of scorings does not read them."""


@dataclass(frozen=True, slots=True)
class LoadedAssessment:
    """An assessment as it stands: its plan and its system, read and checked."""

    id: int
    code: str
    plan_id: int
    plan: AssessmentPlan
    plan_digest: str
    system: IndicatorSystem
    system_text: str


@dataclass(frozen=True, slots=True)
class KeptImport:
    """An import, and when it was taken back if it was."""

    row: ValueImportRow
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event with every decision about it, the first first."""

    row: ScoreEventRow
    decisions: tuple[ScoreEventStatusRow, ...]

    @property
    def status(self) -> str:
        """What was decided last."""
        return self.decisions[-1].status


def find_assessment(
    session: Session, code: str, *, within: Scope = EVERYWHERE
) -> AssessmentRow:
    """The assessment of that code in a scope; NotFound names those that exist there."""
    # PostgreSQL refuses to compare with a text that holds a NUL.
    wanted = select(AssessmentRow).where(AssessmentRow.code == code)
    wanted = kept_within(wanted, within, AssessmentRow.office_id)
    row = None if "\0" in code else session.scalar(wanted)
    if row is None:
        known = ", ".join(one.code for one in list_assessments(session, within=within))
        raise NotFound(
            f"There is no assessment {code!r}. Assessments here: {known or 'none yet'}."
        )
    return row


def list_assessments(
    session: Session, *, within: Scope = EVERYWHERE
) -> Sequence[AssessmentRow]:
    """Every assessment of a scope, newest first."""
    rows = select(AssessmentRow).order_by(AssessmentRow.id.desc())
    return session.scalars(kept_within(rows, within, AssessmentRow.office_id)).all()


def hold_assessment(session: Session, row: AssessmentRow) -> AssessmentRow:
    """The assessment as it stands now, held until the end of the act: one act at a time."""
    session.refresh(row, with_for_update=True)
    return row


def load_assessment(session: Session, row: AssessmentRow) -> LoadedAssessment:
    """An assessment with its plan and system; texts never change, so each is read once."""
    plan = session.get_one(DefinitionRow, row.plan_id)
    system = session.get_one(DefinitionRow, row.system_id)
    return LoadedAssessment(
        id=row.id,
        code=row.code,
        plan_id=row.plan_id,
        plan=read_assessment_plan(plan.text, row.code),
        plan_digest=row.plan_digest,
        system=_read_system(system.text, system.key),
        system_text=system.text,
    )


def plan_of_run(session: Session, run: ScoreRunRow) -> AssessmentPlan:
    """The plan under which a scoring was made."""
    text = session.get_one(DefinitionRow, run.plan_id).text
    return read_assessment_plan(text, f"plan of run {run.number}")


def next_number(
    session: Session,
    table: type[ValueImportRow] | type[ScoreEventRow] | type[ScoreRunRow],
    assessment_id: int,
) -> int:
    """The next number within an assessment that is held."""
    last = select(func.max(table.number)).where(table.assessment_id == assessment_id)
    return (session.scalar(last) or 0) + 1


def list_value_imports(session: Session, assessment_id: int) -> list[KeptImport]:
    """Every import in its order, taken back or not."""
    rows = (
        select(ValueImportRow, ValueImportUndoneRow.undone_at)
        .outerjoin(ValueImportUndoneRow, ValueImportUndoneRow.import_id == ValueImportRow.id)
        .where(ValueImportRow.assessment_id == assessment_id)
        .order_by(ValueImportRow.number)
    )
    return [KeptImport(row, undone_at) for row, undone_at in session.execute(rows)]


def imports_in_force(session: Session, assessment_id: int) -> list[ValueImportRow]:
    """The imports that count, the oldest first."""
    kept = list_value_imports(session, assessment_id)
    return [one.row for one in kept if one.undone_at is None]


def find_value_import(session: Session, row: AssessmentRow, number: int) -> KeptImport:
    """The import of that number within the assessment."""
    for one in list_value_imports(session, row.id):
        if one.row.number == number:
            return one
    raise NotFound(f"There is no import {number} in {row.code}.")


def list_score_events(session: Session, assessment_id: int) -> list[KeptEvent]:
    """Every event in its order, with all that was decided about it."""
    events = session.scalars(
        select(ScoreEventRow)
        .where(ScoreEventRow.assessment_id == assessment_id)
        .order_by(ScoreEventRow.number)
    ).all()
    decided = session.scalars(
        select(ScoreEventStatusRow)
        .join(ScoreEventRow, ScoreEventStatusRow.event_id == ScoreEventRow.id)
        .where(ScoreEventRow.assessment_id == assessment_id)
        .order_by(ScoreEventStatusRow.id)
    ).all()
    by_event: dict[int, list[ScoreEventStatusRow]] = {}
    for one in decided:
        by_event.setdefault(one.event_id, []).append(one)
    return [KeptEvent(event, tuple(by_event[event.id])) for event in events]


def find_score_event(session: Session, row: AssessmentRow, number: int) -> KeptEvent:
    """The event of that number within the assessment."""
    for one in list_score_events(session, row.id):
        if one.row.number == number:
            return one
    raise NotFound(f"There is no event {number} in {row.code}.")


def list_score_runs(session: Session, assessment_id: int) -> Sequence[ScoreRunRow]:
    """The scorings of an assessment, newest first; a document is read once it is asked for."""
    rows = select(ScoreRunRow).where(ScoreRunRow.assessment_id == assessment_id)
    newest_first = rows.order_by(ScoreRunRow.number.desc())
    return session.scalars(newest_first.options(*WITHOUT_DOCUMENTS)).all()


def find_score_run(session: Session, row: AssessmentRow, number: int) -> ScoreRunRow:
    """The scoring of that number within the assessment."""
    wanted = select(ScoreRunRow).where(
        ScoreRunRow.assessment_id == row.id, ScoreRunRow.number == number
    )
    run = session.scalar(wanted) if 0 < number <= LAST_NUMBER else None
    if run is None:
        raise NotFound(f"There is no run {number} of {row.code}.")
    return run


def shown_score_run(session: Session, row: AssessmentRow) -> ScoreRunRow:
    """The scoring to look at when none is named: the public one, else the newest."""
    published = latest_published_scores(session, row.id)
    if published is not None:
        return published[1]
    runs = list_score_runs(session, row.id)
    if not runs:
        raise WrongState(f"{row.code} has not been run. Run: minxin assessment run {row.code}")
    return runs[0]


def published_at(session: Session, run: ScoreRunRow) -> datetime | None:
    """When a scoring was made public, if it was."""
    row = ScorePublicationRow
    return session.scalar(select(row.published_at).where(row.score_run_id == run.id))


def latest_published_scores(
    session: Session, assessment_id: int
) -> tuple[ScorePublicationRow, ScoreRunRow] | None:
    """The newest publication of an assessment with its scoring, or None."""
    rows = (
        select(ScorePublicationRow, ScoreRunRow)
        .options(*WITHOUT_DOCUMENTS)
        .join(ScoreRunRow, ScorePublicationRow.score_run_id == ScoreRunRow.id)
        .where(ScoreRunRow.assessment_id == assessment_id)
        .order_by(ScorePublicationRow.id.desc())
        .limit(1)
    )
    found = session.execute(rows).first()
    return (found[0], found[1]) if found else None


def list_scenarios(session: Session, run: ScoreRunRow) -> Sequence[ScenarioRow]:
    """What was tried on a scoring, in the order in which it was saved."""
    rows = select(ScenarioRow).where(ScenarioRow.score_run_id == run.id)
    in_order = rows.order_by(ScenarioRow.id).options(defer(ScenarioRow.document))
    return session.scalars(in_order).all()


@lru_cache(maxsize=32)
def read_assessment_plan(text: str, source: str) -> AssessmentPlan:
    """A plan that was kept; it was checked when it was drafted."""
    return read_definition(AssessmentPlan, text, source=source)


@lru_cache(maxsize=16)
def _read_system(text: str, source: str) -> IndicatorSystem:
    return read_definition(IndicatorSystem, text, source=source)
