"""Forgetting in full: the rows in one act, then the files that still hold what rows held."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from app.database.engine import Sessions
from app.database.rounds import find_round
from app.database.telemetry import sweep
from app.workflow.compaction import compact, reading
from app.workflow.telemetry import forget_telemetry, list_due


def rounds_to_forget(sessions: Sessions, *, now: datetime) -> tuple[str, ...]:
    """Codes of the rounds whose telemetry has to go by now."""
    with reading(sessions) as session:
        return tuple(due.code for due in list_due(session, now=now))


def forget_and_sweep(sessions: Sessions, code: str, folder: Path, *, now: datetime) -> int:
    """Forget a round's telemetry, make its segment anew and sweep the database's files.

    The act itself is one transaction. Where the rest is cut off, the worker makes the segment
    at its next look; how many responses there were is returned.
    """
    with sessions.begin() as session:
        engine = session.get_bind()
        count = forget_telemetry(session, find_round(session, code), now=now)
    compact(sessions, code, folder, now=now)
    if isinstance(engine, Engine):
        sweep(engine)
    return count
