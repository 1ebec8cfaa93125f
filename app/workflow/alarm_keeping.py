"""Raised alarms become rows. Keeping one changes nothing that counts answers.

What is kept of an open round are counts and shares in steps, and its words as they were said.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.anomaly.warnings.alarm import Alarm, by_rarity
from app.anomaly.warnings.catalogue import CATALOGUE
from app.anomaly.warnings.words import Telling, in_steps, power_of_ten, tell
from app.database.alarms import add_alarms, known_digests
from app.database.rounds import hold, record
from app.database.tables import RoundRow
from app.survey.text import Text

PARTS = ("name", "seen", "null", "innocent", "confirm")


@dataclass(frozen=True, slots=True)
class Called:
    """What the places of alarms are called, and the midnight from which minutes count."""

    names: Mapping[str, Text]
    midnight: datetime | None = None


def keep_alarms(
    session: Session,
    row: RoundRow,
    alarms: Sequence[Alarm],
    *,
    called: Called,
    now: datetime,
) -> int:
    """Keep alarms that were not raised with these very figures before; how many are new."""
    hold(session, row)
    known = known_digests(session, row.id)
    fresh: dict[str, dict[str, Any]] = {}
    for alarm in by_rarity(alarms):
        kept = _columns(alarm, called)
        if kept["digest"] not in known:
            fresh.setdefault(kept["digest"], kept)
    add_alarms(
        session, [{**one, "round_id": row.id, "raised_at": now} for one in fresh.values()]
    )
    if fresh:
        detail: dict[str, object] = {"alarms": len(fresh)}
        record(session, "raise_alarms", subject=row.code, now=now, detail=detail)
    return len(fresh)


def _columns(alarm: Alarm, called: Called) -> dict[str, Any]:
    name = called.names.get(alarm.place, Text(zh=alarm.place, en=alarm.place))
    entry = CATALOGUE[alarm.code]
    columns = {
        "code": alarm.code,
        "version": entry.version,
        "place": alarm.place,
        "observed": in_steps(alarm.observed, entry.measure),
        "expected": in_steps(alarm.expected, entry.measure),
        "rarity": power_of_ten(alarm.p),
    }
    told = _told(tell(alarm, name, midnight=called.midnight))
    # The number of powers of ten moves with every answer and is no reason to raise it again.
    same = {key: value for key, value in columns.items() if key != "rarity"}
    line = json.dumps(same, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(line.encode()).hexdigest()
    return {**columns, "telling": told, "digest": digest}


def _told(telling: Telling) -> dict[str, Any]:
    texts: dict[str, Text] = {part: getattr(telling, part) for part in PARTS}
    return {part: {"zh-Hans": text.zh, "en": text.en} for part, text in texts.items()}
