"""The words and figures of every page and paper: one catalogue, one way to write a number.

The Chinese text itself is the key; English stands in ``catalogue/en.po``. Values go into a
translated sentence with ``str.format``: ``_("已收到 {n} 份").format(n=count(n))``. Every
figure shown to a person is rounded here and nowhere else: halves go away from zero, on the
decimal digits a reader would see, and what is not there is a dash.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from app.survey.text import Language

CATALOGUES = Path(__file__).parent / "catalogue"

DASH = "—"
DIGITS = ("", *"一二三四五六七八九")
MINUS = "\N{MINUS SIGN}"
EVERY_DIGIT = Context(prec=400)
BEIJING = ZoneInfo("Asia/Shanghai")
"""The time of whatever has no time zone of its own: a round's plan names one."""


class Counted(str):
    """An English text with another form for one: ``format`` takes that where n is 1."""

    __slots__ = ("one",)
    one: str

    def format(self, *args: object, **values: object) -> str:
        """Fill in the values, `n` among them as `count` wrote it."""
        chosen = self.one if str(values.get("n")) == "1" else self
        return str.format(chosen, *args, **values)


def translator(language: Language) -> Callable[[str], str]:
    """Give the function that puts a Chinese text into `language`.

    A text the catalogue lacks stays Chinese: a test finds it, a reader still gets sense. A
    text whose English differs for one and many stands in the catalogue with ``msgid_plural``;
    its number is called n.
    """
    if language == "zh-Hans":
        return str
    words = _catalogue(language)
    return lambda message: words.get(message, message)


@cache
def _catalogue(language: Language) -> Mapping[str, str]:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        entries = read_po(file, locale=language, abort_invalid=True)
    return dict(_wording(entry) for entry in entries if entry.id and not entry.fuzzy)


def _wording(entry: Message) -> tuple[str, str]:
    if isinstance(entry.id, str):
        return entry.id, str(entry.string) or entry.id
    one, *several = cast("tuple[str, ...]", entry.string)
    text = Counted(several[-1])
    text.one = one
    return entry.id[0], text


def points(value: float | None, *, decimals: int = 1) -> str:
    """Write a score: ``84.2``; a minus sign where there is one, a dash for None."""
    return DASH if value is None else rounded(value, decimals=decimals).replace("-", MINUS)


def measured(value: float | None) -> str:
    """Write a raw value with five digits, two decimals at least: ``0.0213``, ``19.00``.

    Two decimals alone would print different values alike beside scores that differ.
    """
    if value is None:
        return DASH
    size = math.floor(math.log10(abs(value))) if value else 0
    decimals = min(max(4 - size, 2), 12)
    whole, point, part = points(value, decimals=decimals).partition(".")
    return whole + point + part[:2] + part[2:].rstrip("0")


def difference(value: float | None, *, decimals: int = 1) -> str:
    """Write a change or gap with its sign: ``+1.3``, ``−0.4``, ``0.0``."""
    text = points(value, decimals=decimals)
    return f"+{text}" if value is not None and text[0] != MINUS and float(text) else text


def percent(share: float | None, *, decimals: int = 1) -> str:
    """Write a share between 0 and 1 as ``84.2%``."""
    if share is None:
        return DASH
    return rounded(share, decimals=decimals, shift=2).replace("-", MINUS) + "%"


def count(number: int | None) -> str:
    """Write a count with its thousands set apart: ``12,345``."""
    return DASH if number is None else f"{number:,}".replace("-", MINUS)


def rank_words(ranks: tuple[int, int], language: Language) -> str:
    """Write the ranks that the error leaves open: ``第 3–10 名``, ``ranks 3–10``."""
    _ = translator(language)
    best, worst = ranks
    if best == worst:
        return _("第 {place} 名").format(place=best)
    return _("第 {best}–{worst} 名").format(best=best, worst=worst)


def interval(low: float | None, high: float | None, *, decimals: int = 1) -> str:
    """Write an interval: ``85.7–92.9``; spaced where a minus sign could be misread."""
    if low is None or high is None:
        return DASH
    ends = points(low, decimals=decimals), points(high, decimals=decimals)
    return (" – " if MINUS in "".join(ends) else "–").join(ends)


def percent_interval(low: float | None, high: float | None, *, decimals: int = 1) -> str:
    """Write an interval of shares: ``85.7%–92.9%``."""
    if low is None or high is None:
        return DASH
    ends = percent(low, decimals=decimals), percent(high, decimals=decimals)
    return (" – " if MINUS in "".join(ends) else "–").join(ends)


def calendar_day(day: date | None, language: Language) -> str:
    """Write a day: ``2026年11月22日`` or ``22 November 2026``."""
    if day is None:
        return DASH
    if language == "zh-Hans":
        return f"{day.year}年{day.month}月{day.day}日"
    return format_date(day, "d MMMM y", locale="en")


def chapter_title(number: int, title: str, language: Language) -> str:
    """A title with its number: ``一、总体结果`` or ``1 Results``; numbers up to 99."""
    if language != "zh-Hans":
        return f"{number} {title}"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return f"{head}{DIGITS[ones]}、{title}"


def moment(when: datetime | None, language: Language) -> str:
    """Write a day with hour and minute, in the time zone `when` carries."""
    if when is None:
        return DASH
    separator = " " if language == "zh-Hans" else ", "
    return f"{calendar_day(when, language)}{separator}{when:%H:%M}"


def beijing_moment(when: datetime | None, language: Language) -> str:
    """Write a moment in the time of China."""
    return moment(when.astimezone(BEIJING) if when else None, language)


def rounded(value: float, *, decimals: int, shift: int = 0) -> str:
    """Round `value` times 10**shift half away from zero on its shortest decimal form.

    Plain ASCII, never ``-0.0``. Raises ValueError for a value that is not finite: such a
    number must not be published.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that can be shown")
    exact = Decimal(repr(float(value))).scaleb(shift)
    result = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, EVERY_DIGIT)
    return f"{abs(result) if result == 0 else result:f}"


def channel_names(_: Callable[[str], str]) -> dict[str, str]:
    """Channel of a response → its name."""
    return {
        "qr": _("扫码"),
        "kiosk": _("现场终端"),
        "api": _("其他应用"),
        "import": _("文件导入"),
        "simulated": _("模拟（演示）"),
    }


def series_names(_: Callable[[str], str]) -> dict[str, str]:
    """Series of a round, or evidence class of a value → its name."""
    return {
        "pooled": _("合并系列"),
        "probability": _("抽样调查"),
        "transaction": _("办事后评价"),
        "opt_in": _("自愿扫码"),
        "official": _("官方数据"),
    }
