"""The questionnaire as a page shows it: numbered items, layouts, what was already given.

Nothing is preselected but what the person chose before. An item looks the same for every
answer; the order of options is that of the definition and is stored with the response.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.survey.answers import Answer
from app.survey.definition import Item, Option, Scale, Survey
from app.survey.routing import applies, asked_items
from app.survey.text import Language

LONGEST_SEGMENT = 5
"""Characters of a label that still fit a fifth of a phone's width."""
FIELD = "q-"
SECONDS = "t-"


@dataclass(frozen=True, slots=True)
class ChoiceShown:
    """One choice with its words."""

    code: int
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One item, ready for the template."""

    code: str
    field: str
    kind: str
    number: int | None
    """Position among the counted items; None for optional ones."""
    text: str
    hint: str
    layout: str
    """segments, list, numbers, boxes or text."""
    columns: int
    choices: tuple[ChoiceShown, ...]
    more: tuple[ChoiceShown, ...]
    """Choices that stand behind "more"."""
    unscored: tuple[ChoiceShown, ...]
    ends: tuple[str, str] | None
    written: str
    max_length: int
    condition: str
    """In words, when the item applies only after a certain answer; else empty."""
    condition_item: str
    condition_codes: str
    recording: str
    mark: str
    """``missing``, ``wrong`` or ``long`` where the person must look again."""

    @property
    def is_answered(self) -> bool:
        """Whether anything is chosen or written."""
        return bool(self.written) or any(one.chosen for one in (*self.choices, *self.more))


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A section with the items of this page."""

    code: str
    title: str
    note: str
    items: tuple[ItemShown, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What a person has filled in so far, and where they must look again."""

    fields: Mapping[str, Sequence[str]]
    """Field → what was sent, for every item of the survey that came."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """Item → what was understood of it."""
    missing: frozenset[str] = frozenset()
    wrong: frozenset[str] = frozenset()
    seconds: Mapping[str, int] = field(default_factory=dict)
    """Section → seconds counted so far."""

    @property
    def looks(self) -> frozenset[str]:
        """The items to look at again."""
        return self.missing | self.wrong


NOTHING = Given({})


def counted_items(survey: Survey) -> list[Item]:
    """The items that everybody is asked and that are not optional: what progress counts."""
    return [i for i in survey.items.values() if not i.optional and i.ask_if is None]


def shown_sections(
    survey: Survey, language: Language, given: Given, only: str | None = None
) -> list[SectionShown]:
    """The sections of a page; `only` is the one item of a step."""
    numbers = {item.code: n for n, item in enumerate(counted_items(survey), start=1)}
    sections = []
    for section in survey.sections:
        items = [i for i in section.items if only is None or i.code == only]
        if items:
            shown = tuple(_item(survey, i, language, given, numbers.get(i.code)) for i in items)
            note = section.note[language] if section.note else ""
            sections.append(SectionShown(section.code, section.title[language], note, shown))
    return sections


def steps(survey: Survey, answers: Mapping[str, object]) -> list[str]:
    """The items of step mode, one a page, that apply after `answers`."""
    return [item.code for item in asked_items(survey, answers)]


def may_follow(survey: Survey, at: str, answers: Mapping[str, object]) -> bool:
    """Whether any item can come after `at`, whatever is answered there."""
    later = list(survey.items.values())[list(survey.items).index(at) + 1 :]
    return any(
        applies(item, answers) or (item.ask_if is not None and item.ask_if.item == at)
        for item in later
    )


def _item(
    survey: Survey, item: Item, language: Language, given: Given, number: int | None
) -> ItemShown:
    scale = survey.scale_of(item)
    filled = given.fields.get(FIELD + item.code, ())
    primary = [o for o in _options(item, scale) if o.primary]
    more = [o for o in _options(item, scale) if not o.primary]
    condition, condition_item, codes = _condition(survey, item, language)
    return ItemShown(
        code=item.code,
        field=FIELD + item.code,
        kind=item.kind,
        number=number,
        text=item.text[language],
        hint=item.hint[language] if item.hint else "",
        layout=_layout(item, scale, language),
        columns=len(primary),
        choices=tuple(_choice(o.code, o.label[language], filled) for o in primary)
        or tuple(_choice(code, str(code), filled) for code in _numbers(item, scale)),
        more=tuple(_choice(o.code, o.label[language], filled) for o in more),
        unscored=tuple(_choice(o.code, o.label[language], filled) for o in scale.unscored),
        ends=(scale.ends[0][language], scale.ends[1][language]) if scale.ends else None,
        written="\n".join(filled) if item.kind == "text" else "",
        max_length=item.max_length,
        condition=condition,
        condition_item=condition_item,
        condition_codes=codes,
        recording=item.recording or "",
        mark=_mark(item, given),
    )


def _options(item: Item, scale: Scale) -> Sequence[Option]:
    return scale.options if item.kind in {"single", "multiple"} else ()


def _numbers(item: Item, scale: Scale) -> Sequence[int]:
    return scale.codes if item.kind == "number" else ()


def _choice(code: int, label: str, filled: Sequence[str]) -> ChoiceShown:
    return ChoiceShown(code, label, str(code) in filled)


def _layout(item: Item, scale: Scale, language: Language) -> str:
    if item.kind in {"text", "number"}:
        return "text" if item.kind == "text" else "numbers"
    if item.kind == "multiple":
        return "boxes"
    longest = max(len(option.label[language]) for option in scale.options)
    fits = language == "zh-Hans" and longest <= LONGEST_SEGMENT and len(scale.options) <= 5
    return "segments" if fits else "list"


def _condition(survey: Survey, item: Item, language: Language) -> tuple[str, str, str]:
    if item.ask_if is None:
        return "", "", ""
    before = survey.items[item.ask_if.item]
    labels = {o.code: o.label[language] for o in survey.scale_of(before).choices}
    words = "、" if language == "zh-Hans" else ", "
    names = words.join(labels[code] for code in item.ask_if.is_in)
    codes = " ".join(str(code) for code in item.ask_if.is_in)
    return names, item.ask_if.item, codes


def _mark(item: Item, given: Given) -> str:
    if item.code in given.wrong:
        return "long" if item.kind == "text" else "wrong"
    return "missing" if item.code in given.missing else ""
