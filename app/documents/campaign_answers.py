"""Bars of the answers of a campaign and of those its places usually get, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.documents.charts.answer_bars import Segment, answer_bar_svg, tone
from app.documents.wording import translator
from app.survey.definition import Item, Scale, Survey
from app.survey.text import Language

Spread = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class BesideBars:
    """One item: the two bars as SVG, empty where nobody answered or nobody may be told."""

    text: str
    levels: tuple[str, ...]
    """Words of the levels, best first."""
    here: str
    usual: str


def beside_bars(
    survey: Survey, here: Spread, usual: Spread, language: Language
) -> tuple[BesideBars, ...]:
    """Every scored item with options that anybody of the campaign answered."""
    _ = translator(language)
    found = []
    for item in survey.items.values():
        scale = survey.scale_of(item)
        if item.code not in here or not scale.options or scale.score_map is None:
            continue
        levels = _levels(item, scale, language)
        bars = (_bar(levels, one.get(item.code, {})) for one in (here, usual))
        words = tuple(word for _code, word in levels)
        found.append(BesideBars(item.text[language], words, *bars))
    return tuple(found)


def _levels(item: Item, scale: Scale, language: Language) -> list[tuple[str, str]]:
    """Code and words of each scored level, best first."""
    words = {option.code: option.label[language] for option in scale.options}
    codes = reversed(scale.codes) if item.reversed else scale.codes
    return [(str(code), words[code]) for code in codes]


def _bar(levels: list[tuple[str, str]], counts: Mapping[str, int]) -> str:
    total = sum(counts.get(code, 0) for code, _word in levels)
    if not total:
        return ""
    segments = [
        Segment(word, counts.get(code, 0) / total, tone(position, len(levels)))
        for position, (code, word) in enumerate(levels)
    ]
    return answer_bar_svg(segments, label=f"n = {total}")
