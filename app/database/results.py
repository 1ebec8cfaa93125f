"""Questions about runs and publications."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, defer

from app.database.groups import insert_group
from app.database.tables import PublicationRow, ResponseWeightRow, RoundRow, RunRow
from app.errors import NotFound

LONGEST_RUN = timedelta(hours=1)
LAST_NUMBER = 2**31 - 1
"""What PostgreSQL keeps in an integer column; it breaks on a greater number."""

WEIGHTS_AT_ONCE = 5_000

WITHOUT_DOCUMENT = defer(RunRow.document)
"""Of 3,000 units a document has 80 MB: a list of runs does not read it."""

ResultDocument = Mapping[str, Any]


def find_run(session: Session, run_id: int) -> RunRow:
    """The run of that number; its result, which may be large, is fetched when it is read."""
    known = 0 < run_id <= LAST_NUMBER
    row = session.get(RunRow, run_id, options=[WITHOUT_DOCUMENT]) if known else None
    if row is None:
        raise NotFound(f"There is no run {run_id}.")
    return row


def request_run(session: Session, row: RoundRow, *, seed: int, now: datetime) -> RunRow:
    """Ask for a processing of a round; a worker or the terminal claims it."""
    run = RunRow(
        round_id=row.id,
        state="requested",
        seed=seed,
        plan_digest=row.plan_digest,
        requested_at=now,
    )
    session.add(run)
    session.flush()
    return run


def claim_run(session: Session, *, now: datetime) -> RunRow | None:
    """Take the oldest requested run; two workers never take the same one.

    A run whose worker died is taken again once it has been running longer than any run may.
    """
    lost = and_(RunRow.state == "running", RunRow.claimed_at < now - LONGEST_RUN)
    waiting = or_(RunRow.state == "requested", lost)
    oldest = select(RunRow.id).where(waiting).order_by(RunRow.id).limit(1)
    claim = update(RunRow).where(RunRow.id == oldest.scalar_subquery(), waiting)
    run_id = session.scalar(claim.values(state="running", claimed_at=now).returning(RunRow.id))
    return session.get(RunRow, run_id) if run_id is not None else None


def fail_run(session: Session, run_id: int, failure: str, *, now: datetime) -> None:
    """Say why a run has no result; one that another worker finished meanwhile keeps it."""
    unfinished = update(RunRow).where(RunRow.id == run_id, RunRow.state != "finished")
    session.execute(unfinished.values(state="failed", failure=failure, finished_at=now))


def keep_weights(session: Session, run_id: int, weights: Sequence[Mapping[str, Any]]) -> None:
    """Add what each response counted for in a run: columns of ResponseWeightRow but the run.

    Not through the mapper: whoever wants to write waits for it.
    """
    session.flush()
    for start in range(0, len(weights), WEIGHTS_AT_ONCE):
        some = weights[start : start + WEIGHTS_AT_ONCE]
        rows = [{"run_id": run_id, **weight} for weight in some]
        insert_group(session.connection(), ResponseWeightRow, rows)


def influences_of_run(session: Session, run_id: int) -> dict[str, float]:
    """Response → how far a run believed it, from 0 to 1."""
    row = ResponseWeightRow
    rows = select(row.response_id, row.influence).where(row.run_id == run_id)
    return dict(session.execute(rows).all())


def list_runs(session: Session, round_id: int) -> Sequence[RunRow]:
    """The runs of a round, newest first; a document is read once it is asked for."""
    rows = select(RunRow).where(RunRow.round_id == round_id).order_by(RunRow.id.desc())
    return session.scalars(rows.options(WITHOUT_DOCUMENT)).all()


def newest_finished(session: Session, round_id: int) -> RunRow | None:
    """The last run of a round that has a result, or None."""
    finished = (RunRow.round_id == round_id, RunRow.state == "finished")
    return session.scalar(select(RunRow).where(*finished).order_by(RunRow.id.desc()).limit(1))


def list_finished(session: Session, round_id: int) -> Sequence[RunRow]:
    """The runs of a round that have a result, in order."""
    finished = (RunRow.round_id == round_id, RunRow.state == "finished")
    return session.scalars(select(RunRow).where(*finished).order_by(RunRow.id)).all()


def with_document(session: Session, run: RunRow) -> RunRow:
    """The run with its document read, to be used when the session is over."""
    session.refresh(run, ["document"])
    return run


def result_of(run: RunRow) -> ResultDocument:
    """What a finished run found; NotFound for one that has not finished."""
    if run.document is None:
        raise NotFound(f"Run {run.id} has no result: it is {run.state}.")
    return json.loads(run.document)


def latest_published(session: Session, round_id: int) -> tuple[PublicationRow, RunRow] | None:
    """The newest publication of a round with its run, or None; its document is read later."""
    rows = (
        select(PublicationRow, RunRow)
        .options(WITHOUT_DOCUMENT)
        .join(RunRow, PublicationRow.run_id == RunRow.id)
        .where(RunRow.round_id == round_id)
        .order_by(PublicationRow.id.desc())
        .limit(1)
    )
    found = session.execute(rows).first()
    return (found[0], found[1]) if found else None


def list_published_rounds(session: Session) -> Sequence[RoundRow]:
    """Rounds whose results are public, newest first."""
    published = select(RunRow.round_id).join(PublicationRow, PublicationRow.run_id == RunRow.id)
    rows = select(RoundRow).where(RoundRow.id.in_(published)).order_by(RoundRow.id.desc())
    return session.scalars(rows).all()


def greatest_weight(session: Session, response_id: str) -> float | None:
    """The most that a finished run let this response count for; None before any run did."""
    wanted = (
        select(func.max(ResponseWeightRow.weight))
        .join(RunRow, ResponseWeightRow.run_id == RunRow.id)
        .where(ResponseWeightRow.response_id == response_id, RunRow.state == "finished")
    )
    return session.scalar(wanted)
