"""Scoring an assessment: gathered at one moment, computed with nothing held, kept, published.

A scoring keeps all that it was made from, so it can be computed again years later, without
the rounds and files, and must give the same bytes. Only one that was made from what is in
force now can be published: whoever upholds an event after it has to run it again.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from app import __version__
from app.database.assessments import (
    find_assessment,
    find_score_run,
    hold_assessment,
    latest_published_scores,
    load_assessment,
    next_number,
    published_at,
)
from app.database.engine import Sessions
from app.database.rounds import record
from app.database.snapshots import snapshot
from app.database.tables import AssessmentRow, ScorePublicationRow, ScoreRunRow
from app.errors import MinxinError, WrongState
from app.workflow.assessment.computing import compute_again, compute_scores, digest_of_text
from app.workflow.assessment.gathering import Gathered, gather, sources_of, what_moved
from app.workflow.assessment.inputs_document import read_inputs, write_inputs

MOVED = {
    "plan": "the plan",
    "rounds": "the published results of a round",
    "imports": "the imports",
    "events": "the events or what was decided about them",
    "follows": "the published scores of the assessment before",
}


def run_scores(
    sessions: Sessions, code: str, *, seed: int | None = None, now: datetime
) -> ScoreRunRow:
    """Score an assessment here and now; where that is refused nothing is left of it.

    `seed` instead of the plan's own.
    """
    with snapshot(sessions) as session:
        gathered = gather(session, find_assessment(session, code), seed=seed)

    inputs = write_inputs(gathered.inputs)
    document = compute_scores(gathered.inputs)

    with sessions.begin() as session:
        row = hold_unmoved(session, gathered)
        run = ScoreRunRow(
            assessment_id=row.id,
            number=next_number(session, ScoreRunRow, row.id),
            plan_id=gathered.loaded.plan_id,
            plan_digest=gathered.loaded.plan_digest,
            seed=gathered.inputs.seed,
            sources=gathered.sources,
            inputs=inputs,
            inputs_digest=digest_of_text(inputs),
            document=document,
            document_digest=digest_of_text(document),
            code_version=__version__,
            finished_at=now,
        )
        session.add(run)
        session.flush()
        detail: dict[str, object] = {"run": run.number, "document": run.document_digest}
        record(session, "score", subject=code, now=now, detail=detail)
    return run


def recompute_scores(session: Session, row: AssessmentRow, number: int) -> bool:
    """Whether a scoring's stored inputs still give its bytes, and both have their digests.

    The result of an older version of the program is compared too: only the names of the
    versions are taken over.
    """
    run = find_score_run(session, row, number)
    if digest_of_text(run.inputs) != run.inputs_digest:
        raise MinxinError(
            f"The stored inputs of run {number} of {row.code} are not those that were kept: "
            "their digest differs. Restore a backup."
        )
    again = compute_again(read_inputs(run.inputs), run.document)
    return again == run.document and digest_of_text(again) == run.document_digest


def publish_scores(
    session: Session, row: AssessmentRow, number: int, *, now: datetime
) -> ScoreRunRow:
    """Make a scoring public; earlier ones stay on record. From the first on the plan stays.

    Refused where anything that it was made from has moved since.
    """
    run = find_score_run(session, hold_assessment(session, row), number)
    if published_at(session, run) is not None:
        raise WrongState(f"Run {number} of {row.code} is public already.")
    moved = what_moved(run.sources, sources_of(session, load_assessment(session, row)))
    if moved:
        raise WrongState(
            f"Since run {number} of {row.code} was made, {_listed(moved)} moved. "
            f"Score it again: minxin assessment run {row.code}"
        )
    before = latest_published_scores(session, row.id)
    session.add(ScorePublicationRow(score_run_id=run.id, published_at=now))
    detail: dict[str, object] = {"run": number, "document": run.document_digest}
    if before is not None:
        detail["instead_of"] = before[1].number
    record(session, "publish scores", subject=row.code, now=now, detail=detail)
    return run


def hold_unmoved(session: Session, gathered: Gathered) -> AssessmentRow:
    """The assessment, held until the end of the act; refuses if it is not as it was read."""
    loaded = gathered.loaded
    row = hold_assessment(session, session.get_one(AssessmentRow, loaded.id))
    moved = what_moved(gathered.sources, sources_of(session, load_assessment(session, row)))
    if moved:
        raise WrongState(
            f"While {loaded.code} was scored, {_listed(moved)} moved. Run it again."
        )
    return row


def _listed(moved: list[str]) -> str:
    return " and ".join(MOVED[name] for name in moved)
