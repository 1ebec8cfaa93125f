"""An alarm in words: what was seen, its null, the innocent explanation, what would confirm it.

Figures about answers are said in steps, counts by ten and shares by a twentieth, because an
open round must not let anybody watch single answers arrive. The words themselves are in
`catalogue`.
"""

import math
from dataclasses import dataclass

from app.anomaly.warnings.alarm import Alarm
from app.anomaly.warnings.catalogue import CATALOGUE, Measure
from app.survey.text import Text

COUNT_STEP = 10
SHARE_STEP = 0.05
RAREST_SAID = 9
"""Nothing is called rarer than one in this power of ten: no null is known so well."""


@dataclass(frozen=True, slots=True)
class Telling:
    """An alarm as people read it."""

    name: Text
    seen: Text
    null: Text
    innocent: Text
    confirm: Text


def tell(alarm: Alarm, place: Text) -> Telling:
    """The words of an alarm about a place of that name."""
    entry = CATALOGUE[alarm.code]
    figures = {"observed": alarm.observed, "expected": alarm.expected, **alarm.detail}
    measures = {"observed": entry.measure, "expected": entry.measure, **entry.details}
    zh = {name: _in_chinese(figures[name], measures[name]) for name in measures}
    en = {name: _in_english(figures[name], measures[name]) for name in measures}
    chance_zh, chance_en = _rarity(alarm.p)
    seen = Text(
        zh=entry.seen.zh.format(place=place.zh, **zh) + chance_zh,
        en=f"{entry.seen.en.format(place=place.en, **en)} {chance_en}",
    )
    return Telling(entry.name, seen, entry.null, entry.innocent, entry.confirm)


def in_steps(value: float, measure: Measure) -> float:
    """A figure as it may be kept and shown: counts by ten, shares by a twentieth."""
    if measure == "count":
        return float(math.floor(value / COUNT_STEP + 0.5) * COUNT_STEP)
    if measure == "share":
        return round(round(value / SHARE_STEP) * SHARE_STEP, 2)
    return value


def power_of_ten(p: float) -> int:
    """By how many powers of ten something is rarer than certain, as far as it is said."""
    return min(max(math.floor(-math.log10(max(p, 1e-300))), 0), RAREST_SAID)


def _in_chinese(value: float, measure: Measure) -> str:
    if measure == "moment":
        return f"第 {int(value // 1440) + 1} 天 {int(value % 1440) // 60} 时"
    if measure == "count" and value < COUNT_STEP / 2:
        return "不到 5"
    return _figure(value, measure)


def _in_english(value: float, measure: Measure) -> str:
    if measure == "moment":
        return f"day {int(value // 1440) + 1}, {int(value % 1440) // 60:02d}:00"
    if measure == "count" and value < COUNT_STEP / 2:
        return "fewer than 5"
    return _figure(value, measure)


def _figure(value: float, measure: Measure) -> str:
    stepped = in_steps(value, measure)
    if measure in {"share", "rate"}:
        return f"{100 * stepped:.0f}%"
    return f"{stepped:g}" if measure == "hours" else f"{stepped:,.0f}"


def _rarity(p: float) -> tuple[str, str]:
    power = power_of_ten(p)
    if power < 1:
        return "", ""
    rounds = 10**power
    return (
        f"照“平常”的算法，{_chinese_number(power)}轮调查里不到一轮会碰到。",
        f"By that null fewer than one round in {rounds:,} shows as much.",
    )


def _chinese_number(power: int) -> str:
    units = ("", "十", "一百", "一千", "一万", "十万", "一百万", "一千万", "一亿", "十亿")
    return units[power]
