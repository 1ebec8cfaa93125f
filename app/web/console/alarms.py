"""The alarms of a round: each with its null and its innocent explanation, and what was done.

Computed elsewhere and only read here. Answering one moves no number.
"""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from app.database.alarms import OPEN_STATES, list_alarms
from app.database.rounds import find_round, load_round
from app.errors import InputRefused
from app.people.roles import Permission
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.reviewing import first, reaches
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.alarms import LONGEST_NOTE, Remark, find_alarm_of, mark_alarm

router = APIRouter(prefix="/console/rounds/{code}/alarms")


@router.get("")
def show_alarms(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_ALARMS))],
    session: ReadingSession,
) -> HTMLReply:
    """Every alarm of a round: those that wait first."""
    return _page(code, desk, session)


@router.post("/{alarm_id}", response_model=None)
def answer_alarm(  # noqa: PLR0913 - what a form of the console needs
    code: str,
    alarm_id: int,
    desk: Annotated[Desk, Depends(Acting(Permission.ANSWER_ALARMS))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Keep that somebody looks into an alarm, or what was found out."""
    row = find_round(session, code, within=desk.scope)
    alarm = find_alarm_of(session, row.code, alarm_id)
    remark = _remark(desk, form)
    try:
        mark_alarm(session, alarm.id, remark, now=now)
    except InputRefused as refused:
        return _page(code, desk, session, refused=(alarm_id, remark, refused))
    return desk.lead_to(f"/console/rounds/{code}/alarms")


def _remark(desk: Desk, form: Form) -> Remark:
    state: Literal["seen", "answered"] = "answered" if "answered" in form else "seen"
    return Remark(state, desk.person.name, first(form, "note"))


def _page(
    code: str,
    desk: Desk,
    session: ReadingSession,
    *,
    refused: tuple[int, Remark, InputRefused] | None = None,
) -> HTMLReply:
    row = find_round(session, code, within=desk.scope)
    plan = load_round(session, row).plan
    alarms = list_alarms(session, row.id)
    zone = ZoneInfo(plan.window.time_zone)
    may_answer = reaches(session, desk, Permission.ANSWER_ALARMS, row)

    def wall_clock(moment: datetime) -> datetime:
        return moment.astimezone(zone)

    return desk.page(
        "console/alarms.html",
        status=422 if refused else 200,
        row=row,
        plan=plan,
        waiting=[one for one in alarms if one.state in OPEN_STATES],
        answered=[one for one in alarms if one.state not in OPEN_STATES],
        wall_clock=wall_clock,
        refused=refused,
        may_answer=may_answer,
        longest_note=LONGEST_NOTE,
    )
