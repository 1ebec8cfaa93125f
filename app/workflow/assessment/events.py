"""Events that may cost a unit points: recorded with their evidence, then decided.

A recorded event is pending and costs nothing. It is upheld or overturned, and one that was
upheld may be overturned on appeal; an overturned one stays so. Every decision is a row of
its own with its reason. The file of evidence is not kept here: its name and SHA-256 are, so
that whoever keeps it can show that it is the one.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from app.database.assessments import (
    KeptEvent,
    find_score_event,
    hold_assessment,
    list_score_events,
    load_assessment,
    next_number,
)
from app.database.rounds import record
from app.database.tables import AssessmentRow, ScoreEventRow, ScoreEventStatusRow
from app.errors import InputRefused, Problem, WrongState
from app.scoring.input_soundness import input_problems
from app.scoring.inputs import Event, ScoredUnit
from app.workflow.importing import LONGEST_NAME

Decision = Literal["upheld", "overturned"]
MAY_BECOME = {
    "pending": {"upheld", "overturned"},
    "upheld": {"overturned"},
    "overturned": set(),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """What is said to have happened: a deduction or bonus item, so many times."""

    unit: str
    item: str
    count: int
    evidence: str
    """The evidence in words, such as a document number."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """The file that proves it."""

    name: str
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the file, hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is decided about the event of a number, and why."""

    event: int
    decision: Decision
    note: str


def record_event(
    session: Session,
    row: AssessmentRow,
    happening: Happening,
    *,
    proof: EvidenceFile,
    now: datetime,
) -> KeptEvent:
    """Record an event as pending; refuses unknown units and items, and the same one twice."""
    loaded = load_assessment(session, hold_assessment(session, row))
    event = Event(
        happening.unit, happening.item, happening.count, "pending", happening.evidence
    )
    units = tuple(ScoredUnit(unit.code, unit.region_type) for unit in loaded.plan.units)
    problems = [*input_problems(loaded.system, units, (), (event,))]
    if not proof.content:
        message, cure = "is empty and proves nothing", "Name the file of evidence."
        chinese = f"证据文件“{proof.name}”是空的。请给出证据文件。"
        problems.append(Problem("evidence file", message, cure, proof.name, chinese=chinese))
    if problems:
        raise InputRefused(problems)
    _refuse_twice(session, row, happening, proof)
    kept = ScoreEventRow(
        assessment_id=row.id,
        number=next_number(session, ScoreEventRow, row.id),
        unit=happening.unit,
        item=happening.item,
        count=happening.count,
        evidence=happening.evidence,
        evidence_name=proof.name[:LONGEST_NAME],
        evidence_digest=proof.digest,
        recorded_at=now,
    )
    session.add(kept)
    session.flush()
    _decide(session, kept, "pending", note="", now=now)
    detail: dict[str, object] = {"event": kept.number, "evidence": kept.evidence_digest}
    record(session, "record event", subject=row.code, now=now, detail=detail)
    return find_score_event(session, row, kept.number)


def decide_event(
    session: Session, row: AssessmentRow, ruling: Ruling, *, now: datetime
) -> KeptEvent:
    """Uphold or overturn an event, with the reason."""
    event = find_score_event(session, hold_assessment(session, row), ruling.event)
    if ruling.decision not in MAY_BECOME[event.status]:
        raise WrongState(
            f"Event {ruling.event} of {row.code} is {event.status}; "
            f"it cannot be {ruling.decision}."
        )
    if not ruling.note.strip():
        chinese = f"请写明第 {ruling.event} 号事件为何认定或撤销。"
        raise InputRefused([Problem("note", "is empty", "Say why.", chinese=chinese)])
    _decide(session, event.row, ruling.decision, note=ruling.note, now=now)
    detail: dict[str, object] = {"event": ruling.event, "status": ruling.decision}
    record(session, f"event {ruling.decision}", subject=row.code, now=now, detail=detail)
    return find_score_event(session, row, ruling.event)


def _decide(
    session: Session, event: ScoreEventRow, status: str, *, note: str, now: datetime
) -> None:
    session.add(
        ScoreEventStatusRow(event_id=event.id, status=status, note=note, decided_at=now)
    )
    session.flush()


def _refuse_twice(
    session: Session, row: AssessmentRow, happening: Happening, proof: EvidenceFile
) -> None:
    """One file proves one event of a kind: the second would cost the points twice."""
    for earlier in list_score_events(session, row.id):
        same = (earlier.row.unit, earlier.row.item, earlier.row.evidence_digest)
        if earlier.status != "overturned" and same == (
            happening.unit,
            happening.item,
            proof.digest,
        ):
            raise WrongState(
                f"Event {earlier.row.number} of {row.code} rests on this very file, for the "
                "same unit and item. Nothing was added. Where it proves several, give their "
                "number as the count."
            )
