"""How a complaint is made up: a sentence in Chinese, a message and a cure in English.

A complaint leaves gaps for facts in braces; a fact is a number, a word that is the same in
both languages, or a `Text`. Parts of a system are called by the names people gave them, with
their code where the name does not say it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from app.scoring.definition.cards import Aggregate
from app.survey.text import Language, Text

Fact = Text | str | float | None
"""What a gap in a sentence takes; `value` is said by `complain`."""

MEANS = {
    "arithmetic": Text(zh="算术平均", en="arithmetic mean"),
    "geometric": Text(zh="几何平均", en="geometric mean"),
    "harmonic": Text(zh="调和平均", en="harmonic mean"),
    "copeland": Text(zh="Copeland 比较", en="Copeland comparison"),
    "mpi_minus": Text(zh="MPI 均值（减惩罚项）", en="Mazziotta-Pareto mean with a penalty"),
    "mpi_plus": Text(zh="MPI 均值（加惩罚项）", en="Mazziotta-Pareto mean with an increment"),
}
EVIDENCE = {
    "official": Text(zh="官方统计", en="official"),
    "probability": Text(zh="概率抽样", en="probability"),
    "transaction": Text(zh="办件评价", en="transaction"),
    "opt_in": Text(zh="自愿扫码", en="opt_in"),
}
LISTED = 12
"""Names in a list before it is cut."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One kind of mistake: its code, and what its victim reads in either language."""

    code: str
    chinese: str
    """A whole sentence: the place, the value and the cure are in it."""
    message: str
    cure: str = ""


class Named(Protocol):
    """Anything in a system's file that has a code and a name."""

    @property
    def code(self) -> str:
        """Its code in the file."""

    @property
    def name(self) -> Text:
        """What people call it."""


def named(part: Named) -> Text:
    """The name of a part in either language, with its code where that says more."""
    zh, en, code = part.name.zh, part.name.en, part.code
    return Text(
        zh=f"“{zh}”" if zh == code else f"“{zh}”（{code}）",
        en=en if en == code else f"{en} ({code})",
    )


def named_by(code: str, parts: Iterable[Named]) -> Text:
    """The name of the part with this code; the code itself where there is none."""
    found = next((part for part in parts if part.code == code), None)
    return Text(zh=f"“{code}”", en=code) if found is None else named(found)


def mean_named(aggregate: Aggregate) -> Text:
    """What a mean is called."""
    if isinstance(aggregate, str):
        return MEANS[aggregate]
    power = written(aggregate.power)
    return Text(zh=f"幂平均（{power} 次）", en=f"power mean ({power})")


def listed(texts: Iterable[Text]) -> Text:
    """Several names one after another, the first dozen of them."""
    every = list(texts)
    shown = every[:LISTED]
    more = len(every) - len(shown)
    zh = "、".join(text.zh for text in shown) + (f"等 {len(every)} 项" if more else "")
    en = ", ".join(text.en for text in shown) + (f" and {more} more" if more else "")
    return Text(zh=zh or "无", en=en or "none")


def codes(known: Iterable[str]) -> Text:
    """Codes one after another."""
    return listed(Text(zh=code, en=code) for code in known)


def nearest(code: str, known: Iterable[str]) -> Text:
    """The known code most like `code` as a question, or else those that there are."""
    every = list(known)
    close = get_close_matches(code, every, n=1)
    if close:
        return Text(zh=f"是否应为“{close[0]}”？", en=f"Did you mean {close[0]!r}?")
    return all_known(every)


def all_known(known: Iterable[str]) -> Text:
    """The known codes, where none of them is near."""
    there = codes(known)
    return Text(zh=f"已有：{there.zh}。", en=f"Known: {there.en}.")


def written(value: object) -> str:
    """A number as people write it; anything else as it stands."""
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def in_chinese(facts: Mapping[str, Fact]) -> dict[str, str]:
    """The facts as a Chinese sentence takes them; None leaves its gap empty."""
    return {name: _said(fact, "zh-Hans") for name, fact in facts.items()}


def in_english(facts: Mapping[str, Fact]) -> dict[str, str]:
    """The facts as an English sentence takes them; None leaves its gap empty."""
    return {name: _said(fact, "en") for name, fact in facts.items()}


def _said(fact: Fact, language: Language) -> str:
    if isinstance(fact, Text):
        return fact[language]
    return "" if fact is None else written(fact)
