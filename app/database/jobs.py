"""Questions about jobs: long work that somebody asked for and a worker does.

A job is a row. Whoever claims it says now and then that it is alive; one that has been silent
for longer than `LONGEST_SILENCE` was lost with its worker and is taken again, a few times. A
`Claim` is good for one attempt: what a worker that was thought dead writes later is not kept.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from app.database.console_tables import JobFileRow, JobRow, PersonRow
from app.database.offices import kept_within
from app.database.results import LAST_NUMBER
from app.errors import NotFound, WrongState
from app.people.offices import Scope

LONGEST_SILENCE = timedelta(minutes=15)
MOST_ATTEMPTS = 3
"""A job that took its worker with it so often is not tried again."""
KEPT_FOR = timedelta(days=30)
"""So long the files of a finished job can be fetched."""
ATTEMPTS = "attempts"
LOST = {
    "en": "The worker was lost {n} times while it was at work on this.",
    "zh-Hans": "后台程序做这一份时中断了 {n} 次，不再重试。请告诉系统管理员。",
}


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What is asked for: a kind of work, its object and office, everything else by name."""

    kind: str
    object: str
    office_id: int
    language: str
    order: dict[str, Any]


MOST_ABOUT = 20
"""So many of the newest jobs about one thing are listed beside it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do a job, for one attempt."""

    number: int
    attempt: int


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file as a job made it; `rows` are lines of tables, pages, or blocks of a text."""

    name: str
    media_type: str
    content: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job and who asked for it."""

    row: JobRow
    asker: PersonRow


def request_job(session: Session, asked: JobOrder, *, person_id: int, now: datetime) -> JobRow:
    """Keep what somebody asks for; a worker claims it."""
    row = JobRow(
        kind=asked.kind,
        object=asked.object,
        office_id=asked.office_id,
        asked_by=person_id,
        language=asked.language,
        order=asked.order,
        state="requested",
        done=0,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    return row


def claim_job(session: Session, *, kinds: Collection[str], now: datetime) -> Claim | None:
    """Take the oldest job that waits; two workers never take the same one.

    One whose worker is silent is taken again; the same one too often is given up.
    """
    silent = and_(JobRow.state == "running", JobRow.claimed_at < now - LONGEST_SILENCE)
    waiting = or_(JobRow.state == "requested", silent)
    oldest = select(JobRow).where(JobRow.kind.in_(kinds), waiting).order_by(JobRow.id).limit(1)
    # SQLite has no such lock and needs none: acts take their turns there.
    while row := session.scalar(oldest.with_for_update(skip_locked=True)):
        attempt = _attempts(row) + 1
        if attempt > MOST_ATTEMPTS:
            _close(row, "failed", now)
            row.failure, row.manifest = LOST[row.language].format(n=MOST_ATTEMPTS), None
            session.flush()
            continue
        row.state, row.claimed_at, row.done = "running", now, 0
        row.manifest = {ATTEMPTS: attempt}
        session.flush()
        return Claim(row.id, attempt)
    return None


def hold_claimed(session: Session, claim: Claim) -> JobRow | None:
    """The job, held until the end of the act; None if the claim is good no longer."""
    row = session.get(JobRow, claim.number, with_for_update=True, populate_existing=True)
    if row is None or row.state != "running" or _attempts(row) != claim.attempt:
        return None
    return row


def say_alive(session: Session, claim: Claim, *, done: int, now: datetime) -> bool:
    """Keep how far the work is, in hundredths; False if somebody else does it now."""
    row = hold_claimed(session, claim)
    if row is None:
        return False
    row.done, row.claimed_at = min(max(row.done, done), 99), now
    return True


def finish_job(
    session: Session, claim: Claim, files: Sequence[MadeFile], *, now: datetime
) -> bool:
    """Keep the files with their digests; False if the claim is good no longer."""
    row = hold_claimed(session, claim)
    if row is None:
        return False
    session.execute(delete(JobFileRow).where(JobFileRow.job_id == row.id))
    for file in files:
        session.add(
            JobFileRow(
                job_id=row.id,
                name=file.name,
                media_type=file.media_type,
                content=file.content,
            )
        )
    _close(row, "finished", now)
    row.done, row.failure, row.manifest = 100, None, manifest_of(files)
    return True


def fail_job(session: Session, claim: Claim, failure: str, *, now: datetime) -> bool:
    """Say why there is nothing; False if the claim is good no longer."""
    row = hold_claimed(session, claim)
    if row is None:
        return False
    _close(row, "failed", now)
    row.failure, row.manifest = failure, None
    return True


def manifest_of(files: Sequence[MadeFile]) -> dict[str, Any]:
    """What a job made: name, bytes, rows and SHA-256 of each file."""
    return {
        "files": [
            {
                "name": file.name,
                "bytes": len(file.content),
                "rows": file.rows,
                "sha256": hashlib.sha256(file.content).hexdigest(),
            }
            for file in files
        ]
    }


def find_job(
    session: Session, number: int, *, kinds: Collection[str], within: Scope
) -> ListedJob:
    """The job of that number in a scope."""
    wanted = select(JobRow, PersonRow).join(PersonRow, PersonRow.id == JobRow.asked_by)
    wanted = wanted.where(JobRow.id == number, JobRow.kind.in_(kinds))
    wanted = kept_within(wanted, within, JobRow.office_id)
    found = session.execute(wanted).first() if 0 < number <= LAST_NUMBER else None
    if found is None:
        raise NotFound(f"There is no job {number}.", chinese=f"没有编号为 {number} 的文件。")
    return ListedJob(*found)


def list_jobs(
    session: Session, *, kinds: Collection[str], within: Scope, most: int
) -> Sequence[ListedJob]:
    """The last jobs of a scope, newest first."""
    rows = select(JobRow, PersonRow).join(PersonRow, PersonRow.id == JobRow.asked_by)
    rows = rows.where(JobRow.kind.in_(kinds)).order_by(JobRow.id.desc()).limit(most)
    found = session.execute(kept_within(rows, within, JobRow.office_id))
    return [ListedJob(row, asker) for row, asker in found]


def find_unfinished(session: Session, asked: JobOrder) -> JobRow | None:
    """A job that is asked for already in just these words and is not done."""
    rows = select(JobRow).where(
        JobRow.kind == asked.kind,
        JobRow.object == asked.object,
        JobRow.language == asked.language,
        JobRow.state.in_(("requested", "running")),
    )
    return next((row for row in session.scalars(rows) if row.order == asked.order), None)


def list_jobs_about(
    session: Session, subject: str, *, kinds: Collection[str], states: Collection[str]
) -> Sequence[JobRow]:
    """Jobs about something, or about a computation of it, the newest first."""
    about = or_(
        JobRow.object == subject, JobRow.object.startswith(f"{subject}/", autoescape=True)
    )
    rows = select(JobRow).where(about, JobRow.kind.in_(kinds), JobRow.state.in_(states))
    return session.scalars(rows.order_by(JobRow.id.desc()).limit(MOST_ABOUT)).all()


def count_unfinished(session: Session, person_id: int) -> int:
    """How many jobs of somebody wait or are at work."""
    rows = select(func.count()).where(
        JobRow.asked_by == person_id, JobRow.state.in_(("requested", "running"))
    )
    return session.scalar(rows) or 0


def whole_file(session: Session, row: JobRow, name: str) -> tuple[JobFileRow, str]:
    """A file of a finished job and its SHA-256, checked against what was made.

    NotFound for a file that there never was, WrongState for one that was deleted since or is
    not what it was: a part of a file is never handed out for the whole.
    """
    told = {file["name"]: file for file in (row.manifest or {}).get("files", ())}
    if row.state != "finished" or name not in told:
        raise NotFound(f"Job {row.id} has no file {name!r}.", chinese="没有这个文件。")
    kept = session.get(JobFileRow, (row.id, name))
    if kept is None:
        raise WrongState(
            "The file was deleted when its time was over; ask for it again.",
            chinese="文件已到期删除，请重新提出。",
        )
    digest = hashlib.sha256(kept.content).hexdigest()
    if digest != told[name]["sha256"] or len(kept.content) != told[name]["bytes"]:
        raise WrongState(
            "The file that is kept is not the one that was made, so it is not handed out. "
            "Ask for it again, and tell whoever runs the server.",
            chinese="保存的文件和做成时的校验值不符，不能下载。请重新提出，并告诉系统管理员。",
        )
    return kept, digest


def names_kept(session: Session, numbers: Collection[int]) -> dict[int, frozenset[str]]:
    """Job → the names of the files that can still be fetched."""
    rows = select(JobFileRow.job_id, JobFileRow.name).where(JobFileRow.job_id.in_(numbers))
    kept: dict[int, set[str]] = {}
    for number, name in session.execute(rows):
        kept.setdefault(number, set()).add(name)
    return {number: frozenset(names) for number, names in kept.items()}


def forget_files(session: Session, *, now: datetime) -> int:
    """Delete the files whose time is over; the jobs and their manifests stay."""
    over = select(JobRow.id).where(JobRow.finished_at < now - KEPT_FOR)
    found = session.execute(
        delete(JobFileRow).where(JobFileRow.job_id.in_(over)).returning(JobFileRow.name)
    )
    return len(found.all())


def _attempts(row: JobRow) -> int:
    return int((row.manifest or {}).get(ATTEMPTS, 0))


def _close(row: JobRow, state: str, now: datetime) -> None:
    row.state, row.finished_at = state, now
