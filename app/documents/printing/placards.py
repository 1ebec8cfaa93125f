"""What stands on a printed piece, and what may not: one placard is one code at one place.

Whoever prints gives these values; the wording around them (anonymous, how long, that no
score changes the service) is the platform's own and the same everywhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from app.documents.printing.codes import SCHEMES
from app.documents.wording import calendar_day, translator
from app.errors import InputRefused, Problem
from app.survey.codes import read_code
from app.survey.text import Language, Text

INDUCEMENT = re.compile(
    r"五星|5\s*星|[给打求]个?(?:好评|满分|高分)|红包|有礼(?!貌)|抽奖|奖品"
    r"|\b(?:five|5)[- ]stars?\b|\bgood (?:rating|review)|\b(?:lottery|prizes?|gifts?)\b",
    re.IGNORECASE,
)
"""Words that ask for a good score or pay for one; they spoil the answers before they come."""


@dataclass(frozen=True, slots=True)
class Placard:
    """The words and the address of one printed code; `minutes` is how long answering takes."""

    url: str
    code: str
    point_name: Text
    place: Text
    purpose: Text
    organiser: Text
    hotline: str
    minutes: int
    version: str
    date: date


def check_placards(placards: Sequence[Placard]) -> None:
    """Raise InputRefused with every mistake found on every placard."""
    problems = [
        problem
        for index, placard in enumerate(placards)
        for problem in _problems(placard, f"placards[{index}]")
    ]
    if not placards:
        problems.append(Problem("placards", "is empty", "Give at least one point to print."))
    if problems:
        raise InputRefused(problems)


def words_of(placard: Placard) -> dict[str, object]:
    """Every text of a placard as the templates take it: ``zh``, ``en`` and what both share."""
    return {
        "code": placard.code,
        "address": placard.url.removeprefix("https://"),
        "zh": _words_in(placard, "zh-Hans"),
        "en": _words_in(placard, "en"),
    }


def _words_in(placard: Placard, language: Language) -> dict[str, str]:
    _ = translator(language)
    day = calendar_day(placard.date, language)
    return {
        "point_name": placard.point_name[language],
        "place": placard.place[language],
        "purpose": placard.purpose[language],
        "promise": _("匿名 · 约 {n} 分钟 · 打几分都不影响办事").format(n=placard.minutes),
        "scan": _("请用手机扫码"),
        "type": _("扫不了码？在浏览器里输入"),
        "call": _("不用手机也可以评，请拨 {hotline}").format(hotline=placard.hotline),
        "organiser": _("主办：{organiser}").format(organiser=placard.organiser[language]),
        "edition": _("版本 {version} · {day}").format(version=placard.version, day=day),
        "symbol": _("二维码，打开 {address}").format(address=placard.url),
    }


def _problems(placard: Placard, place: str) -> Iterator[Problem]:
    if read_code(placard.code) != placard.code:
        cure = "Use the code as it was issued, in lower case."
        yield Problem(f"{place}.code", "is not a code of this platform", cure, placard.code)
    path = urlsplit(placard.url).path
    if not placard.url.startswith(SCHEMES) or not path.endswith(f"/{placard.code}"):
        cure = f"It must be a web address that ends in /{placard.code}."
        yield Problem(f"{place}.url", "does not lead to the printed code", cure, placard.url)
    if placard.minutes < 1:
        cure = "Say honestly how long answering takes."
        yield Problem(f"{place}.minutes", "is less than one", cure, placard.minutes)
    for key in ("hotline", "version"):
        if not getattr(placard, key).strip():
            yield Problem(f"{place}.{key}", "is empty", "Every printed piece shows it.")
    for language, words in (("zh-Hans", placard.purpose.zh), ("en", placard.purpose.en)):
        if found := INDUCEMENT.search(words):
            cure = "Say what the survey is for, without asking or paying for a score."
            where = f"{place}.purpose.{language}"
            yield Problem(where, "asks for a good score or rewards one", cure, found.group())
