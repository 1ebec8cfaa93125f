"""What two people must want: what waits for whom, one thing exactly as it would be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.approvals import Asked, find_asked, list_asked, office_paths
from app.database.engine import Session
from app.database.offices import path_of
from app.database.rounds import find_round
from app.documents.wording import translator
from app.errors import NotFound
from app.people.colleague import Colleague
from app.people.offices import EVERYWHERE, Scope
from app.survey.planning.heading import heading_of
from app.survey.text import Language
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.systems.approving import WeightsAsked, address_asked, weights_asked
from app.web.console.systems.opened import CHANGE
from app.web.console.systems.table import written
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.approvals import ACTS, LONGEST_NOTE, OBJECTIONS_UNTIL, approve, refuse

router = APIRouter(prefix="/console/approvals")


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """Something that was asked for, as a line of the list."""

    asked: Asked
    title: str
    address: str
    """Where the thing itself can be looked at."""
    is_own: bool


@router.get("")
def show_approvals(
    desk: Annotated[Desk, Depends(Looking(None))], session: ReadingSession
) -> HTMLReply:
    """What waits for the reader, what the reader asked for, what became of the rest."""
    reach = _reach(desk.person)
    found = [one for one in list_asked(session, within=EVERYWHERE) if one.row.act in ACTS]
    paths = office_paths(session, found)
    lines = [
        line_of(one, desk)
        for one in found
        if reach[one.row.act].reaches(paths[one.row.office_id])
    ]
    return desk.page(
        "console/approvals.html",
        waiting=[line for line in lines if line.asked.waits and not line.is_own],
        own=[line for line in lines if line.asked.waits and line.is_own],
        past=[line for line in lines if not line.asked.waits],
    )


@router.get("/{number}")
def show_approval(
    number: int, desk: Annotated[Desk, Depends(Looking(None))], session: ReadingSession
) -> HTMLReply:
    """One thing that was asked for: what will be done, by whom it was asked, what to answer."""
    asked = _find(session, desk, number)
    return desk.page(
        "console/approval.html",
        line=line_of(asked, desk),
        about=_about(session, asked, desk.language),
        until=_until(asked),
        longest_note=LONGEST_NOTE,
        weights=_weights(session, desk, asked),
        written=written,
    )


@router.post("/{number}")
def answer(
    number: int,
    desk: Annotated[Desk, Depends(Acting(None))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> Response:
    """Approve and carry out, or refuse with a reason, or withdraw one's own."""
    if _field(form, "answer") == "approve":
        approve(session, desk.person, number, now=now)
    else:
        refuse(session, desk.person, number, note=_field(form, "note"), now=now)
    return desk.lead_to(f"/console/approvals/{number}")


def line_of(asked: Asked, desk: Desk) -> ApprovalLine:
    """A line in the reader's language."""
    return ApprovalLine(
        asked=asked,
        title=_title(asked.row.act, asked.row.object, desk.language),
        address=_address(asked),
        is_own=asked.asker.id == desk.person.id,
    )


def _title(act: str, object_: str, language: Language) -> str:
    _ = translator(language)
    titles = {
        "open_round": _("打开调查 {object}"),
        "close_round": _("结束调查 {object} 的收集"),
        "publish_run": _("公布计算 {object}"),
        "publish_scores": _("公布考核 {object}"),
        "change_weights": _("定稿指标体系 {object} 的权重"),
    }
    return titles[act].format(object=object_)


def _until(asked: Asked) -> datetime | None:
    """Until when there may be objections; None without such a time."""
    given = asked.row.detail.get(OBJECTIONS_UNTIL)
    return datetime.fromisoformat(given) if given else None


def _about(session: Session, asked: Asked, language: Language) -> str:
    """Title of the round that is asked about; empty for anything else."""
    codes = {
        "open_round": asked.row.object,
        "close_round": asked.row.object,
        "publish_run": asked.row.object.rpartition("/")[0],
    }
    code = codes.get(asked.row.act)
    return heading_of(find_round(session, code).plan).title[language] if code else ""


def _weights(session: Session, desk: Desk, asked: Asked) -> WeightsAsked | None:
    if asked.row.act != CHANGE:
        return None
    return weights_asked(session, asked, within=desk.person.scope(ACTS[CHANGE].permission))


def _address(asked: Asked) -> str:
    act, object_ = asked.row.act, asked.row.object
    if act == CHANGE:
        return address_asked(asked)
    code, _, number = object_.rpartition("/")
    places = {
        "publish_run": f"/console/rounds/{code}/runs/{number}",
        "publish_scores": f"/console/assessments/{code}/runs/{number}",
    }
    return places.get(act, f"/console/rounds/{object_}")


def _reach(person: Colleague) -> Mapping[str, Scope]:
    return {name: person.scope(act.permission) for name, act in ACTS.items()}


def _path(session: Session, asked: Asked) -> str:
    return path_of(session, asked.row.office_id)


def _find(session: Session, desk: Desk, number: int) -> Asked:
    asked = find_asked(session, number)
    reach = _reach(desk.person).get(asked.row.act)
    if reach is None or not reach.reaches(_path(session, asked)):
        raise NotFound(f"Nothing was asked for under number {number}.")
    return asked


def _field(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")
