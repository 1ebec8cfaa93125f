"""Questions about print runs that were made: those of a round, one of them, its file."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.console_tables import JobFileRow, JobRow
from app.errors import NotFound


def list_print_runs(session: Session, code: str, *, kind: str, most: int) -> Sequence[JobRow]:
    """The last print runs of a round, newest first."""
    rows = select(JobRow).where(JobRow.kind == kind, JobRow.object == code)
    return session.scalars(rows.order_by(JobRow.id.desc()).limit(most)).all()


def find_print_run(session: Session, code: str, number: int, *, kind: str) -> JobRow:
    """The print run of that number, if it is of that round."""
    wanted = (JobRow.id == number, JobRow.kind == kind, JobRow.object == code)
    row = session.scalar(select(JobRow).where(*wanted)) if number < 2**31 else None
    if row is None:
        raise NotFound(f"Round {code} has no print run {number}.", chinese="没有这次打印。")
    return row


def file_of(session: Session, job: JobRow) -> JobFileRow:
    """The file of a print run; NotFound once it was forgotten."""
    row = session.scalar(select(JobFileRow).where(JobFileRow.job_id == job.id))
    if row is None:
        raise NotFound(
            "The file of this print run was deleted; print it again.",
            chinese="这次打印的文件已经删除，请再打印一次。",
        )
    return row
