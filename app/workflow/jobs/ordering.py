"""Asking for a document: who may, of what exactly, and that it was asked for.

What is asked for is pinned by the digest of the result, so a job that is done later, or a
second time after its worker was lost, makes the document that was meant.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.database.assessments import find_assessment, find_score_run
from app.database.console_tables import JobRow
from app.database.jobs import JobOrder, count_unfinished, find_unfinished, request_job
from app.database.results import find_run
from app.database.rounds import find_round, record
from app.errors import NotFound, WrongState
from app.people.colleague import Colleague
from app.people.offices import Scope
from app.people.roles import Permission
from app.survey.text import Language
from app.workflow.jobs.kinds import KINDS, split_object
from app.workflow.jobs.templates import REPORT, pinned_template

MOST_WAITING = 20
"""So many jobs of one person wait or are at work."""
DOCUMENT = "document"
"""In an order: the SHA-256 of the result that the document is about."""


@dataclass(frozen=True, slots=True)
class JobWish:
    """What somebody wants: a kind, what it is about, and in which language."""

    kind: str
    object: str
    language: Language


def order_job(session: Session, person: Colleague, wish: JobWish, *, now: datetime) -> JobRow:
    """Ask for a document of something within the person's scope.

    Whoever asks twice before it is made is shown the job that is there.
    """
    kind = KINDS.get(wish.kind)
    if kind is None:
        raise NotFound(f"No document is called {wish.kind!r}.", chinese="没有这种文件。")
    reach = person.scope(Permission.EXPORT)
    if kind.about == "run":
        asked = _of_run(session, wish, reach)
    else:
        asked = _of_scores(session, wish, reach)
    waiting = find_unfinished(session, asked)
    if waiting is not None:
        return waiting
    if count_unfinished(session, person.id) >= MOST_WAITING:
        raise WrongState(
            f"{MOST_WAITING} documents of yours are not made yet. Wait for one of them.",
            chinese=f"您提出的文件还有 {MOST_WAITING} 份没有做好，请等做好一份再提。",
        )
    row = request_job(session, asked, person_id=person.id, now=now)
    detail: dict[str, object] = {"number": row.id, "kind": row.kind, "object": row.object}
    record(session, order_act(row.kind), subject=subject_of(row), now=now, detail=detail)
    return row


def order_act(kind: str) -> str:
    """What the audit trail calls asking for such a document."""
    return "order_file" if KINDS[kind].about == "run" else "order_file of scores"


def taking_act(kind: str) -> str:
    """What the audit trail calls taking such a document away."""
    return "take_file" if KINDS[kind].about == "run" else "take_file of scores"


def subject_of(row: JobRow) -> str:
    """The round or assessment that a job is about."""
    return split_object(row.object)[0]


def _of_run(session: Session, wish: JobWish, within: Scope) -> JobOrder:
    code, number = split_object(wish.object)
    row = find_round(session, code, within=within)
    run = find_run(session, number)
    if run.round_id != row.id:
        raise NotFound(f"Round {code} has no run {number}.", chinese="没有这次计算。")
    if run.state != "finished":
        raise WrongState(
            f"Run {number} is {run.state}; there is nothing to write about yet.",
            chinese=f"第 {number} 号计算还没有结果，不能做文件。",
        )
    pinned: dict[str, object] = {DOCUMENT: run.document_digest}
    if wish.kind == REPORT:
        pinned |= pinned_template(session, row.office_id)
    return JobOrder(wish.kind, wish.object, row.office_id, wish.language, pinned)


def _of_scores(session: Session, wish: JobWish, within: Scope) -> JobOrder:
    code, number = split_object(wish.object)
    row = find_assessment(session, code, within=within)
    pinned = {DOCUMENT: find_score_run(session, row, number).document_digest}
    return JobOrder(wish.kind, wish.object, row.office_id, wish.language, pinned)
