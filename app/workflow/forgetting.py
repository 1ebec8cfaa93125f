"""Forgetting in full: a last run, the rows in one act, then the files that held them."""

import logging
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.engine import Sessions
from app.database.fieldwork import load_responses
from app.database.results import list_finished, newest_finished, result_of
from app.database.rounds import find_round, hold, load_round, record
from app.database.tables import RoundRow
from app.database.telemetry import SWEEP, has_telemetry, is_unswept, sweep
from app.errors import MinxinError
from app.workflow.compaction import compact, drop_segments, reading
from app.workflow.data_digest import data_digest
from app.workflow.processing import process_now
from app.workflow.review.verdicts import load_verdicts
from app.workflow.telemetry import forget_telemetry, list_due, require_due

log = logging.getLogger(__name__)

EVERYTHING = "everything"
"""What a sweep is about, in the audit trail."""


def rounds_to_forget(sessions: Sessions, *, now: datetime) -> tuple[str, ...]:
    """Codes of the rounds whose telemetry has to go by now."""
    with reading(sessions) as session:
        return tuple(due.code for due in list_due(session, now=now))


def forget_and_sweep(sessions: Sessions, code: str, folder: Path, *, now: datetime) -> int:
    """Forget a round's telemetry, make its segment anew and sweep the database's files.

    First a last run is finished where none knows of all that was decided: afterwards none
    can be. The act itself is one transaction, and the segment goes with it. Where the rest
    is cut off, the worker does it at its next look. Gives how many responses there were.
    """
    try:
        finish_last_run(sessions, code, now=now)
    finally:
        # Whatever breaks a last run: residents were told the day.
        count = _forget(sessions, code, folder, now=now)
    sweep_files(sessions, now=now)
    if count:
        compact(sessions, code, folder, now=now)
    return count


def _forget(sessions: Sessions, code: str, folder: Path, *, now: datetime) -> int:
    with sessions.begin() as session:
        row = hold(session, find_round(session, code))
        require_due(row, now)
        vouched = runs_of_these_rows(session, row)
        count = forget_telemetry(session, row, now=now, vouched=vouched)
        if count:
            drop_segments(session, row, folder)
    return count


def sweep_files(sessions: Sessions, *, now: datetime) -> bool:
    """Sweep the files if a round forgot since; False if they were held: try again later."""
    with reading(sessions) as session:
        engine = session.get_bind()
        if not is_unswept(session):
            return True
    if not (isinstance(engine, Engine) and sweep(engine)):
        return False
    with sessions.begin() as session:
        record(session, SWEEP, subject=EVERYTHING, now=now, detail={})
    return True


def finish_last_run(sessions: Sessions, code: str, *, now: datetime) -> None:
    """Process a round whose day has come and that has no run with all that was decided.

    Where it cannot be processed it forgets all the same: residents were told so.
    """
    with reading(sessions) as session:
        row = find_round(session, code)
        require_due(row, now)
        if not has_telemetry(session, row.id) or _is_last(session, row):
            return
    try:
        process_now(sessions, code, now=now)
    except MinxinError as error:
        log.warning("no last run of %s: %s", code, type(error).__name__)


def _is_last(session: Session, row: RoundRow) -> bool:
    """Whether the newest run knows of all that was decided."""
    run = newest_finished(session, row.id)
    if run is None:
        return False
    known = result_of(run)["run"].get("decisions", {"last": 0})["last"]
    return bool(known == load_verdicts(session, row.id).last)


def runs_of_these_rows(session: Session, row: RoundRow) -> list[int]:
    """The finished runs that were computed from the responses as they are now."""
    runs = list_finished(session, row.id)
    if not runs:
        return []
    screening = load_round(session, row).plan.screening
    digest = data_digest(load_responses(session, row.id), screening)
    return [run.id for run in runs if run.data_digest == digest]
