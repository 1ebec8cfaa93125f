"""A campaign in words: when it came, and what was seen with its innocent explanation beside it.

Nothing here tells which way its scores go.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.anomaly.examination import Reason
from app.anomaly.words.sentences import (
    CODES,
    confirming,
    innocent,
    null,
    reason_sentence,
    signal_of,
)
from app.documents.wording import calendar_day, moment, points, translator
from app.survey.text import Language

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """One reason as it is read; only code and figures where its words are gone."""

    code: str
    name: str
    seen: str
    null: str = ""
    innocent: str = ""
    confirming: str = ""


def reason_words(reason: Reason, language: Language) -> ReasonWords:
    """What was seen, what is usual, how honest people look like it, and what would tell."""
    if reason.signal not in CODES:
        # Kept by another version of the program, whose words are gone.
        figures = f"{reason.observed:.4g} / {reason.expected:.4g}"
        return ReasonWords(reason.signal, reason.signal, figures)
    return ReasonWords(
        code=reason.signal,
        name=signal_of(reason.signal).name[language],
        seen=reason_sentence(reason)[language],
        null=null(reason.signal)[language],
        innocent=innocent(reason.signal)[language],
        confirming=confirming(reason.signal)[language],
    )


def window_words(
    midnight: datetime | None, first: int | None, last: int | None, *, language: Language
) -> str:
    """From when to when responses came; the day is said once where both are of one."""
    _ = translator(language)
    if first is None or last is None:
        return _("时间不详")
    if midnight is None:
        return f"{_day_and_clock(first, language)} – {_day_and_clock(last, language)}"
    begins, ends = (midnight + timedelta(minutes=minute) for minute in (first, last))
    if begins.date() != ends.date():
        return f"{moment(begins, language)} – {moment(ends, language)}"
    return f"{calendar_day(begins.date(), language)} {begins:%H:%M}–{ends:%H:%M}"


def distance_words(far: float) -> str:
    """How far an earlier campaign is: 0 is alike, 1 a standard deviation away."""
    return points(far, decimals=2)


def _day_and_clock(minute: int, language: Language) -> str:
    day, rest = divmod(minute, MINUTES_A_DAY)
    clock = f"{rest // 60:02}:{rest % 60:02}"
    return translator(language)("第 {n} 日 {clock}").format(n=day + 1, clock=clock)
