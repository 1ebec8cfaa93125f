"""Questions about alarms: the newest of every place, and what was done about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.tables import AlarmEventRow, AlarmRow
from app.errors import NotFound

OPEN_STATES = ("raised", "seen")


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm with what was done about it, oldest first."""

    row: AlarmRow
    events: tuple[AlarmEventRow, ...]

    @property
    def state(self) -> str:
        """raised, seen or answered."""
        return self.events[-1].state if self.events else "raised"


def list_alarms(session: Session, round_id: int) -> Sequence[RaisedAlarm]:
    """The newest alarm of every code and place of a round, newest first.

    One whose figures moved a step is raised anew, and stands for the earlier one.
    """
    rows = select(AlarmRow).where(AlarmRow.round_id == round_id).order_by(AlarmRow.id.desc())
    newest: dict[tuple[str, str], AlarmRow] = {}
    for row in session.scalars(rows):
        newest.setdefault((row.code, row.place), row)
    return _with_events(session, newest.values())


def count_open_alarms(session: Session, round_id: int) -> int:
    """How many alarms of a round nobody has answered."""
    return sum(one.state in OPEN_STATES for one in list_alarms(session, round_id))


def find_alarm(session: Session, alarm_id: int) -> AlarmRow:
    """The alarm of that number; NotFound."""
    row = session.get(AlarmRow, alarm_id)
    if row is None:
        raise NotFound(
            f"There is no alarm {alarm_id}.", chinese=f"没有第 {alarm_id} 号异常提示。"
        )
    return row


def known_digests(session: Session, round_id: int) -> set[str]:
    """The alarms that were raised before in a round."""
    return set(session.scalars(select(AlarmRow.digest).where(AlarmRow.round_id == round_id)))


def add_alarms(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add alarms: the columns of AlarmRow but its number."""
    session.add_all(AlarmRow(**row) for row in rows)


def _with_events(session: Session, rows: Iterable[AlarmRow]) -> list[RaisedAlarm]:
    wanted = list(rows)
    events: dict[int, list[AlarmEventRow]] = {row.id: [] for row in wanted}
    if not wanted:
        return []
    known = select(AlarmEventRow).where(AlarmEventRow.alarm_id.in_(events))
    for event in session.scalars(known.order_by(AlarmEventRow.id)):
        events[event.alarm_id].append(event)
    return [RaisedAlarm(row, tuple(events[row.id])) for row in wanted]
