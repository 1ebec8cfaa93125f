"""Runs within a test: what it has prepared is committed first, as it would be in life."""

from sqlalchemy.orm import Session, sessionmaker

from app.database.tables import RunRow
from app.workflow.processing import process_round, run_to_the_end
from world import NOW


def processed(session: Session, run: RunRow) -> RunRow:
    """Commit, process the run, and give it back as it stands then."""
    sessions, number = _committed(session, run)
    process_round(sessions, number, now=NOW)
    return _as_it_stands(session, run)


def run_to_its_end(session: Session, run: RunRow) -> RunRow:
    """The same; a refusal is kept in the run."""
    sessions, number = _committed(session, run)
    run_to_the_end(sessions, number, now=NOW)
    return _as_it_stands(session, run)


def _committed(session: Session, run: RunRow) -> tuple[sessionmaker[Session], int]:
    number = run.id
    session.commit()
    return sessionmaker(session.get_bind(), expire_on_commit=False), number


def _as_it_stands(session: Session, run: RunRow) -> RunRow:
    session.refresh(run)
    return run
