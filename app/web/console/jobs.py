"""Documents that were asked for: the list, one of them, its files; asking for another.

A worker makes them. Until one is done its page asks for itself again every few seconds, which
a reader can stop. A file is sent whole or not at all, and that it was taken is written down.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.database.console_tables import JobRow
from app.database.engine import Session
from app.database.jobs import (
    KEPT_FOR,
    ListedJob,
    find_job,
    list_jobs,
    names_kept,
    whole_file,
)
from app.documents.wording import beijing_moment
from app.people.roles import Permission
from app.survey.text import Language
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.reviewing import first
from app.web.console.witness import Witnessed
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.jobs.kinds import KINDS, split_object
from app.workflow.jobs.ordering import JobWish, order_job, subject_of, taking_act

router = APIRouter(prefix="/console/jobs")

MOST_LISTED = 100
SECONDS_BETWEEN = 4
"""A page with unfinished work asks for itself again after so long."""
UNFINISHED = frozenset({"requested", "running"})
LANGUAGES: Mapping[str, Language] = {"zh-Hans": "zh-Hans", "en": "en"}

JobDesk = Annotated[Desk, Depends(Looking(Permission.EXPORT))]


@router.get("")
def show_jobs(desk: JobDesk, session: ReadingSession, still: bool = False) -> HTMLReply:
    """What was asked for in the person's scope, their own first."""
    jobs = list_jobs(session, kinds=KINDS.keys(), within=desk.scope, most=MOST_LISTED)
    reply = desk.page(
        "console/jobs.html",
        own=[one for one in jobs if one.asker.id == desk.person.id],
        others=[one for one in jobs if one.asker.id != desk.person.id],
        most=MOST_LISTED,
        still=still,
        address_of=address_of,
        **_about(session, jobs),
    )
    return _refreshing(reply, jobs, still=still)


@router.post("")
def ask_for_job(
    desk: Annotated[Desk, Depends(Acting(Permission.EXPORT))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> Response:
    """Ask for a document: its kind, what it is about, its language."""
    wish = JobWish(first(form, "kind"), first(form, "object"), _language(form, desk))
    job = order_job(session, desk.person, wish, now=now)
    return desk.lead_to(f"/console/jobs/{job.id}")


@router.get("/{number}")
def show_job(
    number: int, desk: JobDesk, session: ReadingSession, still: bool = False
) -> HTMLReply:
    """How far it is; its files with their digests; why it failed."""
    job = find_job(session, number, kinds=KINDS.keys(), within=desk.scope)
    reply = desk.page(
        "console/job.html",
        job=job.row,
        asker=job.asker,
        still=still,
        address=address_of(job.row),
        kept_until=_kept_until(job.row, desk.language),
        **_about(session, [job]),
    )
    return _refreshing(reply, [job], still=still)


@router.post("/{number}/again")
def ask_again(
    number: int,
    desk: Annotated[Desk, Depends(Acting(Permission.EXPORT))],
    now: Now,
    session: ActingSession,
) -> Response:
    """Ask for the same once more."""
    row = find_job(session, number, kinds=KINDS.keys(), within=desk.scope).row
    wish = JobWish(row.kind, row.object, LANGUAGES.get(row.language, "zh-Hans"))
    job = order_job(session, desk.person, wish, now=now)
    return desk.lead_to(f"/console/jobs/{job.id}")


@router.get("/{number}/files/{name}")
def send_job_file(
    number: int, name: str, desk: JobDesk, session: ReadingSession, witness: Witnessed
) -> Response:
    """A file whose digest is what it was when it was made; recorded before it is sent."""
    row = find_job(session, number, kinds=KINDS.keys(), within=desk.scope).row
    file, digest = whole_file(session, row, name)
    about = {"number": row.id, "file": file.name, "sha256": digest}
    witness.saw(desk, taking_act(row.kind), subject=subject_of(row), **about)
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Content-Length": str(len(file.content)),
        "ETag": f'"{digest}"',
        "Cache-Control": "no-store",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)


def address_of(row: JobRow) -> str:
    """Where the console shows what a job is about."""
    code, number = split_object(row.object)
    if KINDS[row.kind].about == "run":
        return f"/console/rounds/{code}/runs/{number}"
    return f"/console/assessments/{code}"


def _about(session: Session, jobs: Sequence[ListedJob]) -> dict[str, Any]:
    return {
        "kept": names_kept(session, [one.row.id for one in jobs]),
        "working": any(one.row.state in UNFINISHED for one in jobs),
        "seconds": SECONDS_BETWEEN,
    }


def _refreshing(reply: HTMLReply, jobs: Sequence[ListedJob], *, still: bool) -> HTMLReply:
    if not still and any(one.row.state in UNFINISHED for one in jobs):
        reply.headers["Refresh"] = str(SECONDS_BETWEEN)
    return reply


def _kept_until(row: JobRow, language: Language) -> str:
    finished: datetime | None = row.finished_at
    return beijing_moment(finished + KEPT_FOR if finished else None, language)


def _language(form: Form, desk: Desk) -> Language:
    return LANGUAGES.get(first(form, "language"), desk.language)
