"""The columns of a survey version's answers, and the codebook that says what they mean.

Both follow from the survey version alone, never from what was answered: two files of one
version always fit together. Names are those of the items; where a spreadsheet or a
statistics program would confuse two of them, the later one ends with an underscore.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.survey.definition import Item, Option, Survey
from app.survey.text import LANGUAGES, Text

ColumnKind = Literal["text", "integer", "number", "flag"]
Origin = Literal["response", "paradata", "answers", "background"]


@dataclass(frozen=True, slots=True)
class SegmentColumn:
    """One typed column: where its values come from in a response, and under which key."""

    name: str
    kind: ColumnKind
    origin: Origin
    key: str
    """The part of the response, the item, or the imported column."""
    option: int | None = None
    """The code whose choice a flag stands for; None for every other kind."""


ALWAYS: tuple[SegmentColumn, ...] = (
    SegmentColumn("id", "text", "response", "id"),
    SegmentColumn("unit", "text", "response", "unit"),
    SegmentColumn("point", "text", "response", "point"),
    SegmentColumn("evidence", "text", "response", "evidence"),
    SegmentColumn("channel", "text", "response", "channel"),
    SegmentColumn("assurance", "text", "response", "assurance"),
    SegmentColumn("weight", "number", "response", "weight"),
    SegmentColumn("seconds", "integer", "paradata", "seconds"),
    SegmentColumn("slot", "text", "paradata", "slot"),
    SegmentColumn("device", "text", "paradata", "device"),
    SegmentColumn("network", "text", "paradata", "network"),
)
MEANINGS: Mapping[str, Mapping[str, str]] = {
    "id": {"zh-Hans": "随机编号，与先后无关", "en": "random identifier, no order of arrival"},
    "unit": {"zh-Hans": "单位", "en": "unit"},
    "point": {"zh-Hans": "服务点", "en": "service point"},
    "evidence": {"zh-Hans": "证据类别", "en": "evidence class"},
    "channel": {"zh-Hans": "渠道", "en": "channel"},
    "assurance": {"zh-Hans": "保证级别", "en": "assurance level"},
    "weight": {"zh-Hans": "随答案而来的权数", "en": "weight that came with the answers"},
    "seconds": {"zh-Hans": "作答秒数，最多 600", "en": "seconds taken, at most 600"},
    "slot": {"zh-Hans": "五分钟时段（UTC）", "en": "slot of five minutes (UTC)"},
    "device": {"zh-Hans": "设备类别的加密散列", "en": "keyed hash of the device class"},
    "network": {"zh-Hans": "网段的加密散列", "en": "keyed hash of the network prefix"},
}


def segment_columns(survey: Survey) -> tuple[SegmentColumn, ...]:
    """Every column of the answers to a survey version, in order; free texts have none."""
    columns: list[SegmentColumn] = []
    taken: set[str] = set()
    for column in (*ALWAYS, *_item_columns(survey), *_background_columns(survey)):
        name = column.name
        while name.casefold() in taken:
            name += "_"
        taken.add(name.casefold())
        columns.append(replace(column, name=name))
    return tuple(columns)


def codebook(survey: Survey, survey_digest: str) -> dict[str, Any]:
    """What every column means: words, codes and labels in each language of the product."""
    return {
        "survey": survey.key,
        "survey_digest": survey_digest,
        "title": _words(survey.title),
        "columns": [_entry(survey, column) for column in segment_columns(survey)],
    }


def unscored_codes(entry: Mapping[str, Any]) -> list[int]:
    """The codes of a column that are an answer and never a score: don't know and the like."""
    return [option["code"] for option in entry.get("options", ()) if option["role"] != "scored"]


def item_codes(survey: Survey, item: Item) -> frozenset[int]:
    """Every code that an answer to the item may hold."""
    scale = survey.scale_of(item)
    return frozenset(scale.codes) | {option.code for option in scale.choices}


def _item_columns(survey: Survey) -> Iterator[SegmentColumn]:
    for item in survey.items.values():
        if item.kind in {"single", "number"}:
            yield SegmentColumn(item.code, "integer", "answers", item.code)
        elif item.kind == "multiple":
            for option in survey.scale_of(item).choices:
                name = f"{item.code}__{option.code}".replace("-", "minus")
                yield SegmentColumn(name, "flag", "answers", item.code, option.code)


def _background_columns(survey: Survey) -> Iterator[SegmentColumn]:
    columns = survey.import_.columns if survey.import_ is not None else ()
    for column in columns:
        if column.role == "background":
            name = f"bg_{column.column}"
            yield SegmentColumn(name, "text", "background", column.column)


def _entry(survey: Survey, column: SegmentColumn) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "type": column.kind}
    if column.origin == "answers":
        return entry | _item_entry(survey, survey.items[column.key], column.option)
    if column.origin == "background":
        return entry | _background_entry(survey, column.key)
    return entry | {"text": dict(MEANINGS[column.key])}


def _item_entry(survey: Survey, item: Item, chosen: int | None) -> dict[str, Any]:
    scale = survey.scale_of(item)
    entry: dict[str, Any] = {
        "item": item.code,
        "kind": item.kind,
        "scale": item.scale,
        "text": _words(item.text),
    }
    if chosen is not None:
        labels = {option.code: option.label for option in scale.choices}
        return entry | {"option": {"code": chosen, "label": _words(labels[chosen])}}
    if scale.lowest is not None:
        entry |= {"lowest": scale.lowest, "highest": scale.highest}
    options = [_option(option, "scored") for option in scale.options]
    for role in ("dont_know", "not_applicable"):
        option = getattr(scale, role)
        options += [_option(option, role)] if option is not None else []
    return entry | {"options": options}


def _background_entry(survey: Survey, name: str) -> dict[str, Any]:
    columns: Sequence[Any] = survey.import_.columns if survey.import_ is not None else ()
    column = next(c for c in columns if c.column == name)
    text = _words(column.name) if column.name else dict.fromkeys(LANGUAGES, name)
    labels = {value: _words(label) for value, label in column.labels.items()}
    return {"imported_column": name, "text": text, "labels": labels}


def _option(option: Option, role: str) -> dict[str, Any]:
    return {"code": option.code, "label": _words(option.label), "role": role}


def _words(text: Text) -> dict[str, str]:
    return {language: text[language] for language in LANGUAGES}
