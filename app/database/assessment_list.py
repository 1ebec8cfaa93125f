"""The assessments of a scope with how far each has come; asked once for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.database.offices import kept_within
from app.database.tables import (
    AssessmentRow,
    DefinitionRow,
    ScoreEventRow,
    ScorePublicationRow,
    ScoreRunRow,
    ValueImportRow,
)
from app.people.offices import Scope


@dataclass(frozen=True, slots=True)
class AssessmentState:
    """One assessment and what there is of it."""

    code: str
    plan: str
    """The text of its plan."""
    imports: int
    events: int
    last_run: int
    """Its number; 0 without one."""
    public_run: int
    """The number of the run that is public now; 0 without one."""


def list_states(session: Session, *, within: Scope, most: int) -> Sequence[AssessmentState]:
    """The newest assessments of a scope, the newest first."""
    rows = (
        select(AssessmentRow.id, AssessmentRow.code, DefinitionRow.text)
        .join(DefinitionRow, DefinitionRow.id == AssessmentRow.plan_id)
        .order_by(AssessmentRow.id.desc())
        .limit(most)
    )
    found = session.execute(kept_within(rows, within, AssessmentRow.office_id)).all()
    every = [row.id for row in found]
    counts = [
        _by_assessment(session, kind, func.count(), every)
        for kind in (ValueImportRow, ScoreEventRow)
    ]
    runs = _by_assessment(session, ScoreRunRow, func.max(ScoreRunRow.number), every)
    public = _public(session, every)
    return [
        AssessmentState(
            code=row.code,
            plan=row.text,
            imports=counts[0].get(row.id, 0),
            events=counts[1].get(row.id, 0),
            last_run=runs.get(row.id, 0),
            public_run=public.get(row.id, 0),
        )
        for row in found
    ]


def _by_assessment(
    session: Session, kind: Any, number: Any, every: Sequence[int]
) -> Mapping[int, int]:
    rows = select(kind.assessment_id, number).where(kind.assessment_id.in_(every))
    return dict(session.execute(rows.group_by(kind.assessment_id)).all())


def _public(session: Session, every: Sequence[int]) -> Mapping[int, int]:
    in_force = (
        _of_runs(select(func.max(ScorePublicationRow.id)))
        .where(ScoreRunRow.assessment_id.in_(every))
        .group_by(ScoreRunRow.assessment_id)
    )
    rows = _of_runs(select(ScoreRunRow.assessment_id, ScoreRunRow.number))
    return dict(session.execute(rows.where(ScorePublicationRow.id.in_(in_force))).all())


def _of_runs(wanted: Any) -> Select[Any]:
    return wanted.select_from(ScorePublicationRow).join(
        ScoreRunRow, ScoreRunRow.id == ScorePublicationRow.score_run_id
    )
