"""Scorings and scenarios that somebody asked for in the console; a worker computes them.

Computing takes seconds, for thousands of units longer, and holds nothing meanwhile.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.database.assessments import find_assessment, find_score_run
from app.database.console_tables import JobRow
from app.database.engine import Sessions
from app.database.jobs import (
    Claim,
    JobOrder,
    claim_job,
    fail_job,
    find_unfinished,
    finish_job,
    list_jobs_about,
    request_job,
)
from app.database.rounds import record
from app.database.snapshots import snapshot
from app.database.tables import AssessmentRow, ScoreRunRow
from app.errors import MinxinError
from app.people.colleague import Colleague
from app.workflow.assessment.changes import Changes, applied, read_changes_of
from app.workflow.assessment.gathering import gather
from app.workflow.assessment.inputs_document import read_inputs
from app.workflow.assessment.running import run_scores
from app.workflow.assessment.scenarios import Tried, keep_scenario, require_new_name, what_if

SCORING = "scoring"
SCENARIO = "scenario"
KINDS = frozenset({SCORING, SCENARIO})
CHANGES = "changes"
"""In the order of a scenario: what it changes."""


def ask_scoring(
    session: Session, person: Colleague, row: AssessmentRow, *, now: datetime
) -> JobRow:
    """Ask for a scoring; refuses at once what would be refused when it is computed."""
    gather(session, row)
    asked = JobOrder(SCORING, row.code, row.office_id, "zh-Hans", {})
    return _request(session, person, row, asked, now=now)


def ask_scenario(  # noqa: PLR0913 - whose, of what, what it changes
    session: Session,
    person: Colleague,
    row: AssessmentRow,
    run: ScoreRunRow,
    changes: Changes,
    *,
    now: datetime,
) -> JobRow:
    """Ask what the scores of a run would be; refuses at once what cannot be applied to it."""
    require_new_name(session, row, run, changes.name)
    applied(read_inputs(run.inputs), changes)
    order = {CHANGES: changes.model_dump(mode="json", by_alias=True)}
    asked = JobOrder(SCENARIO, f"{row.code}/{run.number}", row.office_id, "zh-Hans", order)
    return _request(session, person, row, asked, now=now)


def asked_of(session: Session, row: AssessmentRow) -> Sequence[JobRow]:
    """Scorings and scenarios of an assessment that wait or failed, the newest first."""
    return list_jobs_about(
        session, row.code, kinds=KINDS, states=("requested", "running", "failed")
    )


def take_scoring(sessions: Sessions, *, now: datetime) -> Claim | None:
    """Claim the oldest that waits."""
    with sessions.begin() as session:
        return claim_job(session, kinds=KINDS, now=now)


def do_scoring(sessions: Sessions, claim: Claim, *, now: datetime) -> None:
    """Compute what was claimed; a refusal is kept with it."""
    with snapshot(sessions) as session:
        job = session.get_one(JobRow, claim.number)
        kind, subject, order, language = job.kind, job.object, job.order, job.language
    try:
        if kind == SCORING:
            run_scores(sessions, subject, now=now)
        else:
            changes = read_changes_of(order[CHANGES])
            _compute_scenario(sessions, subject, changes, now=now)
        with sessions.begin() as session:
            finish_job(session, claim, (), now=now)
    except MinxinError as error:
        said = str(error) if language == "en" else error.in_chinese
        with sessions.begin() as session:
            fail_job(session, claim, said, now=now)


def _compute_scenario(
    sessions: Sessions, subject: str, changes: Changes, *, now: datetime
) -> None:
    code, _, number = subject.rpartition("/")
    with snapshot(sessions) as session:
        run = find_score_run(session, find_assessment(session, code), int(number))
        inputs = run.inputs
    found = what_if(read_inputs(inputs), changes)
    with sessions.begin() as session:
        row = find_assessment(session, code)
        run = find_score_run(session, row, int(number))
        keep_scenario(session, row, run, Tried(changes, found), now=now)


def _request(
    session: Session, person: Colleague, row: AssessmentRow, asked: JobOrder, *, now: datetime
) -> JobRow:
    waiting = find_unfinished(session, asked)
    if waiting is not None:
        return waiting
    job = request_job(session, asked, person_id=person.id, now=now)
    detail: dict[str, object] = {"number": job.id, "kind": asked.kind}
    record(session, "ask scoring", subject=row.code, now=now, detail=detail)
    return job
