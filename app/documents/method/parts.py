"""What a section of the method page is made of, and how its numbers are written."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.documents.results.result import Result
from app.documents.wording import count, moment, translator

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section: sentences, then facts as label and value, then formulas as in a book."""

    anchor: str
    title: str
    answers: str
    """The points of the two lists that the section answers."""
    sentences: tuple[str, ...] = ()
    facts: Facts = ()
    formulas: tuple[str, ...] = ()


def answers(result: Result, n: int | None) -> str:
    """Write a number of answers; None is a small one that is withheld."""
    _ = translator(result.language)
    if n is None:
        return _("不公布")
    return _("{n} 份").format(n=count(n))


def wall_clock(result: Result, text: str) -> str:
    """Write a wall-clock time of the plan in the zone of its window."""
    zone = ZoneInfo(result.round["window"]["time_zone"])
    return moment(datetime.fromisoformat(text).replace(tzinfo=zone), result.language)
