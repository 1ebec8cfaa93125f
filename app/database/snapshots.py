"""A look at the database as it was at one moment, which waits for no writer and keeps none."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.database.engine import Session, Sessions
from app.database.segments import only_read


@contextmanager
def snapshot(sessions: Sessions) -> Iterator[Session]:
    """A session in which every question is answered as of its first one, and nothing is kept.

    What was loaded stays readable afterwards.
    """
    with sessions() as session:
        only_read(session)
        if session.get_bind().dialect.name == "postgresql":
            # SQLite's readers see one moment anyhow; here each statement would see its own.
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield session
