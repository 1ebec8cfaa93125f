"""What people do about alarms: see them, answer them. What was said before stays."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from app.database.alarms import find_alarm
from app.database.rounds import find_round, record
from app.database.tables import AlarmEventRow, AlarmRow, RoundRow
from app.errors import InputRefused, NotFound, Problem

LONGEST_AUTHOR = 100
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody says about an alarm."""

    state: Literal["seen", "answered"]
    author: str
    note: str = ""


def mark_alarm(session: Session, alarm_id: int, remark: Remark, *, now: datetime) -> AlarmRow:
    """Say that somebody saw an alarm, or what was found; an answer needs author and note."""
    alarm = find_alarm(session, alarm_id)
    state, author, note = remark.state, remark.author, remark.note
    problems = _problems("author", author, LONGEST_AUTHOR, is_needed=True)
    problems += _problems("note", note, LONGEST_NOTE, is_needed=state == "answered")
    if problems:
        raise InputRefused(problems)
    session.add(
        AlarmEventRow(
            alarm_id=alarm.id, state=state, author=author.strip(), note=note.strip(), at=now
        )
    )
    code = session.get_one(RoundRow, alarm.round_id).code
    detail: dict[str, object] = {"alarm": alarm.id, "state": state}
    record(session, "mark_alarm", subject=code, now=now, detail=detail)
    return alarm


def find_alarm_of(session: Session, code: str, alarm_id: int) -> AlarmRow:
    """The alarm of that number, if it belongs to the round."""
    alarm = find_alarm(session, alarm_id)
    if alarm.round_id != find_round(session, code).id:
        raise NotFound(
            f"Round {code} has no alarm {alarm_id}.",
            chinese=f"{code} 没有第 {alarm_id} 号异常提示。",
        )
    return alarm


def _problems(place: str, text: str, longest: int, *, is_needed: bool) -> list[Problem]:
    if is_needed and not text.strip():
        chinese = "请写明是谁。" if place == "author" else "请写明查到了什么。"
        return [Problem(place, "is empty", "Write it down.", chinese=chinese)]
    if len(text) > longest:
        chinese = f"太长了，最多 {longest} 字。"
        return [Problem(place, "is too long", f"At most {longest}.", chinese=chinese)]
    return []
