"""Publication of a run: what the public will read, what changes, who has to approve.

Somebody asks, with a last day for objections if there is to be one; somebody else approves
once that day is over (`workflow/approvals`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from app.database.approvals import find_waiting
from app.database.campaigns import count_decided_since
from app.database.engine import Session
from app.database.results import find_run
from app.database.today import public_runs
from app.documents.results.differences import Differences, differences
from app.documents.results.findings import headline
from app.errors import InputRefused, NotFound
from app.people.roles import Permission
from app.web.console.faults import Faults, faults_of
from app.web.console.objections import objections_until
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.readings import KEPT, RunReading, open_run
from app.web.console.reviewing import first
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.approvals import LONGEST_NOTE, OBJECTIONS_UNTIL, Wish, ask, run_object

router = APIRouter(prefix="/console/rounds/{code}/runs/{run_id}/publication")


@router.get("")
def confirm_publication(
    code: str,
    run_id: int,
    desk: Annotated[Desk, Depends(Looking(Permission.PUBLISH))],
    session: ReadingSession,
) -> HTMLReply:
    """What the public will read, what changes for it, what waits; asks."""
    return _page(session, desk, _open(session, desk, code, run_id))


@router.post("", response_model=None)
def ask_to_publish(  # noqa: PLR0913 - what a form of the console needs
    code: str,
    run_id: int,
    desk: Annotated[Desk, Depends(Acting(Permission.PUBLISH))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Ask for a finished run to become the public result of its round."""
    reading = _open(session, desk, code, run_id)
    try:
        zone = ZoneInfo(reading.frozen.plan.window.time_zone)
        until = objections_until(form, zone, now=now)
    except InputRefused as refused:
        faults = faults_of(refused, desk.language)
        return _page(session, desk, reading, form=form, faults=faults)
    wish = Wish("publish_run", run_object(code, run_id), first(form, "note"), until)
    asked = ask(session, desk.person, wish, now=now)
    return desk.lead_to(f"/console/approvals/{asked.id}")


def objections_over(session: Session, reading: RunReading) -> datetime | None:
    """Until when units may object to a publication that somebody asked for."""
    object_ = run_object(reading.frozen.code, reading.run.id)
    asked = find_waiting(session, "publish_run", object_)
    until = asked.row.detail.get(OBJECTIONS_UNTIL) if asked else None
    zone = ZoneInfo(reading.frozen.plan.window.time_zone)
    return datetime.fromisoformat(until).astimezone(zone) if until else None


def _page(
    session: Session,
    desk: Desk,
    reading: RunReading,
    *,
    form: Form | None = None,
    faults: Faults | None = None,
) -> HTMLReply:
    result, given = reading.public, form or {}
    waiting = find_waiting(
        session, "publish_run", run_object(reading.frozen.code, reading.run.id)
    )
    return desk.page(
        "console/publication.html",
        status=422 if faults else 200,
        code=reading.frozen.code,
        run=reading.run,
        address=reading.address,
        result=result,
        headline=headline(result),
        withheld=sum(f.withheld is not None for rows in result.rows.values() for f in rows),
        changes=_changes(session, reading),
        campaigns=_undecided(reading.whole.document),
        names={one.code: one.name for one in reading.frozen.plan.points},
        asked=waiting,
        decided_since=count_decided_since(
            session, reading.run.round_id, reading.run.finished_at
        ),
        until=objections_over(session, reading),
        note=first(given, "note"),
        last_day=first(given, "objections_until"),
        faults=faults,
        longest_note=LONGEST_NOTE,
    )


def _open(session: Session, desk: Desk, code: str, run_id: int) -> RunReading:
    reading = open_run(session, desk, code, run_id)
    if not reading.has_result:
        raise NotFound(f"Run {run_id} has no result: it is {reading.run.state}.")
    return reading


def _changes(session: Session, reading: RunReading) -> Differences | None:
    """Against what is public now; None before anything is."""
    number = public_runs(session, [reading.run.round_id]).get(reading.run.round_id)
    if number is None or reading.is_public:
        return None
    run = find_run(session, number)
    return _between(reading, replace(reading, digest=run.document_digest, run=run))


@lru_cache(maxsize=KEPT)
def _between(reading: RunReading, before: RunReading) -> Differences:
    return differences(reading.public, before.public)


def _undecided(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Campaigns about which this run knows no decision that counts."""
    company = document.get("screening", {}).get("company") or {"campaigns": ()}
    return [one for one in company["campaigns"] if "verdict" not in one]
