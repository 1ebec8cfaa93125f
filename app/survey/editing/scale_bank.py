"""The bank of scales: answer formats of finished questionnaires, to be taken over unchanged.

A scale that others used already can be compared with theirs. Those of everyday use have a
name and come first; the same scale in two questionnaires is shown once.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.survey.definition import Scale, Survey
from app.survey.text import Language, Text

NAMES: Mapping[tuple[str, str], Text] = {
    ("service_review", "grade"): Text(zh="好差评五级", en="Five grades of the service review"),
    ("three_senses", "satisfaction"): Text(zh="满意程度", en="Satisfaction"),
    ("three_senses", "agreement"): Text(zh="同意程度", en="Agreement"),
    ("three_senses", "safety"): Text(zh="安全程度", en="Safety"),
    ("three_senses", "happy"): Text(zh="幸福程度", en="Happiness"),
    ("three_senses", "change"): Text(zh="变好变差", en="Change for better or worse"),
    ("three_senses", "life_0_10"): Text(zh="0–10 分", en="Zero to ten"),
    ("three_senses", "gender"): Text(zh="性别", en="Gender"),
    ("three_senses", "age"): Text(zh="年龄", en="Age"),
}
NOTES: Mapping[tuple[str, str], Text] = {
    ("service_review", "grade"): Text(
        zh="三级满意、两级不满意：“基本满意”算满意，不是中间。按国办发〔2019〕51号。",
        en="Three good and two bad grades: “fairly satisfied” is a pass, not a middle.",
    ),
    ("three_senses", "satisfaction"): Text(
        zh="两级满意、“一般”居中、两级不满意。自己设计的调查一般用它。",
        en="Two good grades, a middle, two bad ones: the usual scale of an own survey.",
    ),
}


@dataclass(frozen=True, slots=True)
class BankedScale:
    """A scale of the bank: where it is from, its name, and what it holds."""

    survey: str
    """``code@version`` of the questionnaire it is taken from."""
    name: str
    title: Text
    note: Text | None
    scale: Scale
    is_usual: bool

    @property
    def key(self) -> str:
        """How a form names it: ``three_senses@1/satisfaction``."""
        return f"{self.survey}/{self.name}"

    def line(self, language: Language) -> str:
        """Its choices on one line."""
        return scale_line(self.values, language)

    @property
    def values(self) -> dict[str, Any]:
        """As plain values, for a draft."""
        return self.scale.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def bank_of(surveys: Iterable[Survey]) -> list[BankedScale]:
    """Every different scale of these questionnaires, those of everyday use first."""
    found: dict[str, BankedScale] = {}
    for survey in surveys:
        for name, scale in survey.scales.items():
            title = NAMES.get((survey.code, name), Text(zh=name, en=name))
            banked = BankedScale(
                survey=survey.key,
                name=name,
                title=title,
                note=NOTES.get((survey.code, name)),
                scale=scale,
                is_usual=(survey.code, name) in NAMES,
            )
            content = json.dumps(banked.values, sort_keys=True)
            if content not in found or (banked.is_usual and not found[content].is_usual):
                found[content] = banked
    order = [f"{code}/{name}" for code, name in NAMES]
    return sorted(found.values(), key=lambda one: _rank(one, order))


def find_banked(surveys: Iterable[Survey], key: str) -> BankedScale | None:
    """The scale of the bank that a form names."""
    return next((one for one in bank_of(surveys) if one.key == key), None)


def scale_line(scale: Mapping[str, Any], language: Language) -> str:
    """The words of a scale on one line, best first; of a number, its range and ends."""
    if scale.get("lowest") is not None:
        ends = [said_in(end, language) for end in scale.get("ends") or ()]
        spoken = f" ({ends[0]} … {ends[1]})" if any(ends) else ""
        return f"{scale['lowest']}–{scale.get('highest')}{spoken}"
    options = [*(scale.get("options") or ())]
    options += [scale[key] for key in ("dont_know", "not_applicable") if scale.get(key)]
    return " / ".join(said_in(option.get("label"), language) for option in options)


def said_in(text: Mapping[str, str] | None, language: Language) -> str:
    """A text in a language, or in the one there is; empty without words."""
    text = text or {}
    return text.get(language) or text.get("zh-Hans") or text.get("en") or ""


def _rank(banked: BankedScale, order: list[str]) -> tuple[int, str]:
    name = f"{banked.survey.partition('@')[0]}/{banked.name}"
    usual = order.index(name) if banked.is_usual and name in order else len(order)
    return usual, banked.key
