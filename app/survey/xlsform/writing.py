"""A survey as the sheets of an XLSForm; what XLSForm cannot say goes onto a sheet of our own.

Reading the sheets back gives the same survey. The sheet of our own has a row for each thing:
what it belongs to, its key, and the value as JSON; programs that do not know it pass it over.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.survey.editing.outline import items_of, sections_of
from app.survey.xlsform.relevance import written_relevance
from app.survey.xlsform.sheets import OWN_SHEET

Cells = list[str | int]
Sheets = dict[str, list[Cells]]

COLUMNS = {"zh-Hans": "中文 (zh)", "en": "English (en)"}
SURVEY_HEADING: Cells = [
    "type",
    "name",
    *(f"label::{name}" for name in COLUMNS.values()),
    *(f"hint::{name}" for name in COLUMNS.values()),
    "required",
    "relevant",
    "constraint",
    "appearance",
]
CHOICES_HEADING: Cells = ["list_name", "name", *(f"label::{name}" for name in COLUMNS.values())]
ITEM_EXTRAS = ("reversed", "sensitive", "label_set", "max_length", "recording")
SCALE_EXTRAS = ("lowest", "highest", "ends", "score_map", "satisfied_strict", "satisfied_broad")
SURVEY_EXTRAS = ("minutes", "source", "indicators", "import")
TYPES = {"single": "select_one", "multiple": "select_multiple"}
LEAD, NOTE = "lead", "{section}_note"


def survey_sheets(body: Mapping[str, Any]) -> Sheets:
    """The sheets by name, each a list of rows with the heading first."""
    return {
        "survey": [SURVEY_HEADING, *_survey_rows(body)],
        "choices": [CHOICES_HEADING, *_choice_rows(body)],
        "settings": [
            ["form_title", "form_id", "version", "default_language"],
            [
                _first(body.get("title")),
                str(body.get("code", "")),
                str(body.get("version", 1)),
                COLUMNS["zh-Hans"],
            ],
        ],
        OWN_SHEET: [["belongs_to", "name", "key", "value"], *_own_rows(body)],
    }


def _survey_rows(body: Mapping[str, Any]) -> Iterator[Cells]:
    if body.get("lead"):
        yield _row("note", LEAD, label=body["lead"])
    for section in sections_of(body):
        code = str(section.get("code"))
        yield _row("begin_group", code, label=section.get("title"), appearance="field-list")
        if section.get("note"):
            yield _row("note", NOTE.format(section=code), label=section["note"])
        for item in section.get("items") or ():
            yield _item_row(body, item)
        yield _row("end_group", "")


def _item_row(body: Mapping[str, Any], item: Mapping[str, Any]) -> Cells:
    kind = item.get("kind", "single")
    scale = (body.get("scales") or {}).get(item.get("scale")) or {}
    condition = item.get("ask_if")
    what = {"text": "text", "number": "integer"}.get(
        kind
    ) or f"{TYPES[kind]} {item.get('scale')}"
    return _row(
        what,
        str(item.get("code")),
        label=item.get("text"),
        hint=item.get("hint"),
        required="" if item.get("optional") else "yes",
        relevant=written_relevance(condition["item"], condition["in"]) if condition else "",
        constraint=_constraint(scale) if kind == "number" else "",
        appearance="multiline" if kind == "text" else "",
    )


def _constraint(scale: Mapping[str, Any]) -> str:
    bounds = f". >= {scale.get('lowest')} and . <= {scale.get('highest')}"
    unscored = [scale[key] for key in ("dont_know", "not_applicable") if scale.get(key)]
    return " or ".join(
        [f"({bounds})" if unscored else bounds, *(f". = {o['code']}" for o in unscored)]
    )


def _row(  # noqa: PLR0913 - the columns of a row
    what: str,
    name: str,
    *,
    label: Mapping[str, str] | None = None,
    hint: Mapping[str, str] | None = None,
    required: str = "",
    relevant: str = "",
    constraint: str = "",
    appearance: str = "",
) -> Cells:
    words = [(text or {}).get(language, "") for text in (label, hint) for language in COLUMNS]
    return [what, name, *words, required, relevant, constraint, appearance]


def _choice_rows(body: Mapping[str, Any]) -> Iterator[Cells]:
    for name, scale in (body.get("scales") or {}).items():
        unscored = [scale[key] for key in ("dont_know", "not_applicable") if scale.get(key)]
        for option in (*(scale.get("options") or ()), *unscored):
            label = option.get("label") or {}
            words = [label.get(language, "") for language in COLUMNS]
            yield [name, str(option.get("code")), *words]


def _own_rows(body: Mapping[str, Any]) -> Iterator[Cells]:
    if set(body.get("title") or {}) - {"zh-Hans"}:
        yield _own("survey", "", "title", body["title"])
    yield from (_own("survey", "", key, body[key]) for key in SURVEY_EXTRAS if body.get(key))
    for name, scale in (body.get("scales") or {}).items():
        yield from (
            _own("scale", name, key, scale[key])
            for key in SCALE_EXTRAS
            if scale.get(key) not in (None, [], ())
        )
        for key in ("dont_know", "not_applicable"):
            if scale.get(key):
                yield _own("scale", name, key, scale[key]["code"])
        more = [o["code"] for o in scale.get("options") or () if not o.get("primary", True)]
        if more:
            yield _own("scale", name, "more", more)
    for item in items_of(body):
        code = str(item.get("code"))
        yield from (_own("item", code, key, item[key]) for key in ITEM_EXTRAS if item.get(key))
        if item.get("kind") == "number" and item.get("scale"):
            yield _own("item", code, "scale", item["scale"])


def _own(belongs_to: str, name: str, key: str, value: Any) -> Cells:
    return [belongs_to, name, key, json.dumps(value, ensure_ascii=False)]


def _first(text: Mapping[str, str] | None) -> str:
    return (text or {}).get("zh-Hans") or (text or {}).get("en") or ""
