"""A reason as a person reads it: what was seen, what is usual, and how rare that is."""

import math

from app.anomaly.examination import Reason
from app.anomaly.words.answering import ANSWERING
from app.anomaly.words.origin import ORIGIN
from app.anomaly.words.rules import RULES
from app.anomaly.words.signal import GroupSignal
from app.errors import NotFound
from app.survey.text import Text

SIGNALS = {signal.code: signal for signal in (*ANSWERING, *ORIGIN, *RULES)}
CODES = tuple(SIGNALS)
COMMON = 0.35
"""What more responses of attack-free rounds than this reach is called common."""
RAREST = 10_000
"""Nothing is called rarer than one in so many: no null is known so well."""


def signal_of(code: str) -> GroupSignal:
    """The signal of that code; NotFound if there is none."""
    if code not in SIGNALS:
        raise NotFound(f"There is no signal {code!r}; there are {', '.join(CODES)}.")
    return SIGNALS[code]


def reason_sentence(reason: Reason) -> Text:
    """What was seen against what is usual, and in words how rare that is."""
    signal = signal_of(reason.signal)
    said = signal.sentence(reason.observed, reason.expected)
    rare = () if signal.is_rule else _rarity(reason.rarity)
    old = _of_another_version(reason.version, signal.version)
    return Text(
        zh="".join((said.zh, *(one.zh for one in (*rare, *old)))),
        en=" ".join((said.en, *(one.en for one in (*rare, *old)))),
    )


def null(code: str) -> Text:
    """What would be usual, and how that is reckoned."""
    return signal_of(code).null


def innocent(code: str) -> Text:
    """How honest people come to look like this."""
    return signal_of(code).innocent


def confirming(code: str) -> Text:
    """What a person could find out that would confirm it, and what would clear it."""
    return signal_of(code).confirming


def _rarity(share: float) -> tuple[Text, ...]:
    """Never a bare probability; nothing where it is not known."""
    if math.isnan(share):
        return ()
    if share > COMMON:
        return (
            Text(
                zh="没有受到操纵的轮次里，这样的回答也很常见。",
                en="That is common in attack-free rounds too.",
            ),
        )
    if share * RAREST <= 1:
        return (
            Text(
                zh="没有受到操纵的轮次里，一万份回答中至多有一份会这样。",
                en=f"At most 1 in {RAREST:,} responses of attack-free rounds shows as much.",
            ),
        )
    among = _one_digit(1 / share)
    return (
        Text(
            zh=f"没有受到操纵的轮次里，大约每 {among:,} 份回答有 1 份也会这样。",
            en=f"About 1 in {among:,} responses of attack-free rounds shows as much.",
        ),
    )


def _one_digit(number: float) -> int:
    """A number as people say it: 3, 20, 200."""
    power = 10 ** math.floor(math.log10(number))
    return int(math.floor(number / power + 0.5) * power)


def _of_another_version(judged: int, described: int) -> tuple[Text, ...]:
    if judged == described:
        return ()
    return (
        Text(
            zh=f"（判定时用的是第 {judged} 版规则，这里是第 {described} 版的说明。）",
            en=f"(Judged by version {judged} of the rule; these are the words of {described}.)",
        ),
    )
