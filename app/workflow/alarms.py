"""Alarms kept and answered. Raising one changes nothing else, and neither does answering.

What is kept of an open round are counts and shares in steps, and its words as they were said.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.anomaly.warnings.alarm import Alarm, by_rarity
from app.anomaly.warnings.catalogue import CATALOGUE
from app.anomaly.warnings.words import Telling, in_steps, power_of_ten, tell
from app.database.alarms import add_alarms, find_alarm, known_digests
from app.database.rounds import find_round, hold, record
from app.database.tables import AlarmEventRow, AlarmRow, RoundRow
from app.errors import InputRefused, NotFound, Problem
from app.survey.text import Text

LONGEST_AUTHOR = 100
LONGEST_NOTE = 2000
PARTS = ("name", "seen", "null", "innocent", "confirm")


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody says about an alarm."""

    state: Literal["seen", "answered"]
    author: str
    note: str = ""


def keep_alarms(
    session: Session,
    row: RoundRow,
    alarms: Sequence[Alarm],
    *,
    names: Mapping[str, Text],
    now: datetime,
) -> int:
    """Keep alarms that were not raised with these very figures before; how many are new.

    `names` says what each place is called.
    """
    hold(session, row)
    known = known_digests(session, row.id)
    fresh: dict[str, dict[str, Any]] = {}
    for alarm in by_rarity(alarms):
        name = names.get(alarm.place, Text(zh=alarm.place, en=alarm.place))
        kept = _columns(alarm, name)
        if kept["digest"] not in known:
            fresh.setdefault(kept["digest"], kept)
    add_alarms(
        session, [{**one, "round_id": row.id, "raised_at": now} for one in fresh.values()]
    )
    if fresh:
        detail: dict[str, object] = {"alarms": len(fresh)}
        record(session, "raise_alarms", subject=row.code, now=now, detail=detail)
    return len(fresh)


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
        raise NotFound(f"Round {code} has no alarm {alarm_id}.")
    return alarm


def _columns(alarm: Alarm, name: Text) -> dict[str, Any]:
    entry = CATALOGUE[alarm.code]
    columns = {
        "code": alarm.code,
        "version": entry.version,
        "place": alarm.place,
        "observed": in_steps(alarm.observed, entry.measure),
        "expected": in_steps(alarm.expected, entry.measure),
        "rarity": power_of_ten(alarm.p),
    }
    told = _told(tell(alarm, name))
    # The number of powers of ten moves with every answer and is no reason to raise it again.
    same = {key: value for key, value in columns.items() if key != "rarity"}
    line = json.dumps(same, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(line.encode()).hexdigest()
    return {**columns, "telling": told, "digest": digest}


def _told(telling: Telling) -> dict[str, Any]:
    texts: dict[str, Text] = {part: getattr(telling, part) for part in PARTS}
    return {part: {"zh-Hans": text.zh, "en": text.en} for part, text in texts.items()}


def _problems(place: str, text: str, longest: int, *, is_needed: bool) -> list[Problem]:
    if is_needed and not text.strip():
        chinese = "请写明是谁。" if place == "author" else "请写明查到了什么。"
        return [Problem(place, "is empty", "Write it down.", chinese=chinese)]
    if len(text) > longest:
        chinese = f"太长了，最多 {longest} 字。"
        return [Problem(place, "is too long", f"At most {longest}.", chinese=chinese)]
    return []
