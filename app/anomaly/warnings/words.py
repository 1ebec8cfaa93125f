"""An alarm in words: what was seen, its null, the innocent explanation, what would confirm it.

Figures about answers are said in steps, counts by ten and shares by a twentieth, because an
open round must not let anybody watch single answers arrive. The words themselves are in
`catalogue`.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

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


def tell(alarm: Alarm, place: Text, *, midnight: datetime | None = None) -> Telling:
    """The words of an alarm about a place of that name.

    `midnight` is the wall clock's from which the alarm counts its minutes.
    """
    entry = CATALOGUE[alarm.code]
    figures = {"observed": alarm.observed, "expected": alarm.expected, **alarm.detail}
    measures = {"observed": entry.measure, "expected": entry.measure, **entry.details}
    zh, en = {}, {}
    for name, measure in measures.items():
        figure = figures[name]
        is_moment = measure == "moment"
        pair = _moment(figure, midnight) if is_moment else _both(figure, measure)
        zh[name], en[name] = pair
    chance_zh, chance_en = _rarity(alarm.p)
    seen = Text(
        zh=entry.seen.zh.format(place=place.zh, **zh) + chance_zh,
        en=f"{entry.seen.en.format(place=place.en, **en)} {chance_en}".strip(),
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


def _moment(minutes: float, midnight: datetime | None) -> tuple[str, str]:
    if midnight is None:
        day, within = int(minutes // 1440) + 1, int(minutes % 1440)
        hour, minute = divmod(within, 60)
        return f"第 {day} 天 {_clock(hour, minute)}", f"day {day}, {hour:02d}:{minute:02d}"
    when = midnight + timedelta(minutes=minutes)
    day_of_month = f"{when.month} 月 {when.day} 日"
    return f"{day_of_month} {_clock(when.hour, when.minute)}", f"{when:%Y-%m-%d %H:%M}"


def _clock(hour: int, minute: int) -> str:
    return f"{hour} 时 {minute} 分" if minute else f"{hour} 时"


def _duration(hours: float) -> tuple[str, str]:
    if hours < 1:
        minutes = f"{60 * hours:.0f}"
        return f"{minutes} 分钟", f"{minutes} minutes"
    return f"{hours:g} 小时", f"{hours:g} hour{'' if hours == 1 else 's'}"


def _both(value: float, measure: Measure) -> tuple[str, str]:
    if measure == "hours":
        return _duration(value)
    if measure != "count":
        return (_figure(value, measure),) * 2
    if value < COUNT_STEP / 2:
        return f"不到 {COUNT_STEP // 2}", f"fewer than {COUNT_STEP // 2}"
    stepped = _figure(value, measure)
    return f"约 {stepped}", f"about {stepped}"


def _figure(value: float, measure: Measure) -> str:
    stepped = in_steps(value, measure)
    if measure in {"share", "rate"}:
        return f"{100 * stepped:.0f}%"
    return f"{stepped:,.0f}"


def _rarity(p: float) -> tuple[str, str]:
    power = power_of_ten(p)
    if power < 1:
        return "", ""
    rounds = 10**power
    return (
        f"平常{_chinese_number(power)}轮调查里碰不到一轮。",
        f"Usually fewer than one round in {rounds:,} shows as much.",
    )


def _chinese_number(power: int) -> str:
    units = ("", "十", "一百", "一千", "一万", "十万", "一百万", "一千万", "一亿", "十亿")
    return units[power]
