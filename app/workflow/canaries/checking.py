"""Looking for test ratings among what arrived, and the alarms of those that did not.

What is found is known by name from then on and counts in no number; an alarm about what is
missing moves none either.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.anomaly.warnings.alarm import Alarm
from app.database.canaries import (
    give_places_back,
    keep_finding,
    list_sealed,
    list_submissions,
    newest_findings,
)
from app.database.fieldwork import list_texts
from app.database.rounds import FrozenRound, hold, load_round, record
from app.database.tables import CanaryRow, RoundRow
from app.errors import WrongState
from app.survey.admission import allowances_of
from app.survey.answers import Answer
from app.survey.canaries import canary_answers, mark_of, read_grade
from app.survey.text import Text
from app.workflow.arrivals import split_texts

OUTCOMES = ("arrived", "altered", "missing")
RIGHTS = {
    "open": Text(zh="公开码", en="open code"),
    "invitation": Text(zh="邀请", en="invitation"),
    "ticket": Text(zh="票", en="ticket"),
}
CHANNELS = {
    "qr": Text(zh="页面", en="page"),
    "kiosk": Text(zh="自助机", en="kiosk"),
    "api": Text(zh="接口", en="interface"),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What a check found of one test rating; no grade where its seal is of another key."""

    sealed: CanaryRow
    grade: int
    outcome: str
    """arrived, altered or missing."""

    @property
    def way(self) -> tuple[str, str]:
        """By which right and channel it was sent."""
        return self.sealed.purpose, self.sealed.channel


@dataclass(frozen=True, slots=True)
class Held:
    """A response that may be a test rating, as it is kept."""

    id: str
    place: tuple[str, str, str, str]
    """Unit, point, channel and evidence."""
    answers: Mapping[str, Any]


def check(session: Session, row: RoundRow, *, key: bytes, now: datetime) -> list[Looked]:
    """Look for every test rating of a round and keep what was found.

    What is found is known by name from then on and gives back the places it took. WrongState
    where a seal is of another key: with the wrong key everything would seem lost.
    """
    hold(session, row)
    frozen = load_round(session, row)
    sealed = {one.mark: one for one in list_sealed(session, row.id)}
    chosen = {m: read_grade(key, m, one.grade, frozen.survey) for m, one in sealed.items()}
    foreign = sum(grade is None for grade in chosen.values())
    if foreign:
        raise WrongState(
            f"{foreign} of {len(sealed)} test ratings of {row.code} were sealed with another "
            "key. Give the key they were sent with.",
            chinese=f"{row.code} 的 {len(sealed)} 条测试评价中有 {foreign} 条"
            "是用另一把密钥封存的。请给出发送时所用的密钥。",
        )
    found = dict(_recognised(session, row.id, key, sealed))
    before = newest_findings(session, row.id)
    looked = []
    for mark, one in sealed.items():
        grade = chosen[mark] or 0
        expected = canary_answers(frozen.survey, grade=grade, key=key, mark=mark)
        held = found.get(mark)
        outcome = _outcome(session, one, held, expected)
        looked.append(Looked(one, grade, outcome))
        known = before.get(mark)
        if held and (known is None or known.response_id is None):
            _give_back(session, frozen, held)
        if known is None or known.outcome != outcome or not held:
            found_id = held.id if held else None
            keep_finding(session, mark, outcome, response_id=found_id, now=now)
    counts: dict[str, object] = {
        name: sum(one.outcome == name for one in looked)
        for name in ("arrived", "altered", "missing")
    }
    record(session, "check_test_ratings", subject=row.code, now=now, detail=counts)
    return looked


def canary_alarms(looked: Sequence[Looked]) -> tuple[list[Alarm], dict[str, Text]]:
    """An alarm for every way in that lost or altered a grade, and the names of their places."""
    alarms, names = [], {}
    for way in sorted({one.way for one in looked}):
        sent = [one for one in looked if one.way == way]
        for code, outcome in (("CANARY_MISSING", "missing"), ("CANARY_ALTERED", "altered")):
            bad = [one for one in sent if one.outcome == outcome]
            if not bad:
                continue
            place = f"{'/'.join(way)}: {_grades(bad, ', ')}"
            names[place] = _name(way, bad)
            is_lost = outcome == "missing"
            observed = len(sent) - len(bad) if is_lost else len(bad)
            expected = len(sent) if is_lost else 0
            # Not a matter of chance: one is enough.
            alarms.append(Alarm(code, place, float(observed), float(expected), p=1.0, z=0.0))
    return alarms, names


def way_name(way: tuple[str, str]) -> Text:
    """A way into a round in words."""
    right, channel = RIGHTS[way[0]], CHANNELS[way[1]]
    return Text(zh=f"{right.zh}·{channel.zh}", en=f"{right.en}, {channel.en}")


def _name(way: tuple[str, str], bad: Sequence[Looked]) -> Text:
    name = way_name(way)
    return Text(
        zh=f"{name.zh}（{_grades(bad, '、')} 档）",
        en=f"{name.en} (grades {_grades(bad, ', ')})",
    )


def _grades(looked: Sequence[Looked], between: str) -> str:
    return between.join(str(grade) for grade in sorted({one.grade for one in looked}))


def _recognised(
    session: Session, round_id: int, key: bytes, sealed: Mapping[str, CanaryRow]
) -> Iterator[tuple[str, Held]]:
    """Mark → response, for every response whose submission hash gives a mark."""
    for response in list_submissions(session, round_id):
        mark = mark_of(key, response.submission_hash)
        if mark in sealed:
            place = (response.unit, response.point, response.channel, response.evidence)
            yield mark, Held(response.id, place, response.answers)


def _outcome(
    session: Session, sealed: CanaryRow, held: Held | None, expected: Mapping[str, Answer]
) -> str:
    if held is None:
        return "missing"
    codes, texts = split_texts(expected)
    stored = {k: tuple(v) if isinstance(v, list) else v for k, v in held.answers.items()}
    place = (sealed.unit, sealed.point, sealed.channel, sealed.evidence)
    is_same = stored == codes and dict(list_texts(session, held.id)) == texts
    return "arrived" if is_same and held.place == place else "altered"


def _give_back(session: Session, frozen: FrozenRound, held: Held) -> None:
    if frozen.plan.admission is not None:
        names = allowances_of(frozen.plan.admission, held.place[1], held.answers)
        give_places_back(session, frozen.id, names)
