"""An XLSForm as a survey in the making: what can be kept, or every row that cannot.

A form is taken whole or not at all. What a resident would be asked must be what the author
wrote, so nothing is passed over in silence: each row that says something this platform has
no word for is named with its number and a cure. Words of one language may be missing; the
editor asks for them.
"""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import InputRefused, Problem
from app.survey.definition import CODE, Survey
from app.survey.editing.complaints import said
from app.survey.editing.outline import SCHEMA, Body, texts_of
from app.survey.reading import check_tree
from app.survey.text import Text
from app.survey.xlsform.items import KINDS, Asked, ItemReader
from app.survey.xlsform.lists import UNSCORED, Choice, Own, read_choices, read_own, scale_of
from app.survey.xlsform.sheets import (
    OWN_SHEET,
    Refusals,
    Row,
    Rows,
    language_of,
    rows_of,
    strange_columns,
    texts,
)
from app.survey.yaml_tree import Tree

SHEETS = ("survey", "choices", "settings", OWN_SHEET)
SURVEY_COLUMNS = (
    "type",
    "name",
    "label",
    "hint",
    "required",
    "relevant",
    "constraint",
    "appearance",
    "media",
)
CHOICES_COLUMNS = ("list_name", "list name", "name", "value", "label")
SETTINGS_COLUMNS = ("form_title", "form_id", "version", "default_language", "style")
MAIN = {"code": "main", "title": {"zh-Hans": "题目", "en": "Questions"}}
WORDED = ("title", "lead", "text", "label", "name", "note", "hint")
"""Keys whose values are words."""
BEGIN, END = {"begin_group", "begin group"}, {"end_group", "end group"}


def read_form(sheets: Mapping[str, Rows], *, source: str) -> Body:
    """The survey that the sheets mean; InputRefused with every row that cannot be kept."""
    refusals = Refusals()
    form = _Form(sheets, refusals)
    body = form.body()
    if not refusals.problems:
        form.judge(body)
    if refusals.problems:
        raise InputRefused(
            Problem(p.place, p.message, p.cure, p.value, source, chinese=p.chinese)
            for p in refusals.problems
        )
    return body


@dataclass(slots=True)
class _Rows:
    """Place of a survey → the sheet and row that wrote it."""

    of: dict[str, tuple[str, int]] = field(default_factory=dict)

    def nearest(self, place: str) -> tuple[str, int]:
        while place and place not in self.of:
            cut = max(place.rfind("."), place.rfind("["))
            place = place[:cut] if cut > 0 else ""
        return self.of.get(place, ("settings", 2))


class _Form:
    """The sheets on their way to a survey."""

    def __init__(self, sheets: Mapping[str, Rows], refusals: Refusals) -> None:
        named = {name.strip().lower(): table for name, table in sheets.items()}
        self.refusals = refusals
        self.rows = _Rows()
        self._check_sheets(named)
        settings = rows_of(named.get("settings", ()))[1]
        self.settings = settings[0] if settings else Row(2, {})
        self.usual = language_of(f"label::{self.settings.get('default_language')}") or ""
        self.own: Own = read_own(named.get(OWN_SHEET, ()), refusals)
        self.lists = read_choices(named.get("choices", ()), self.usual, refusals)
        self.survey = rows_of(named.get("survey", ()))[1]
        self.sections: list[Body] = []
        self.lead: dict[str, str] = {}
        self.group: Row | None = None
        self.items = ItemReader(self.lists, self.own, self.usual, refusals)

    def body(self) -> Body:
        """The survey as plain values."""
        for row in self.survey:
            self._row(row)
        if self.group is not None:
            what = Text(zh="开始的组没有结束", en="begins a group that never ends")
            cure = Text(zh="在后面加一行 end_group。", en="Add a row end_group.")
            self.refusals.add("survey", self.group.number, what, cure)
        if not (self.refusals.problems or any(part["items"] for part in self.sections)):
            what = Text(zh="没有题目", en="has no item")
            cure = Text(zh="写上题目再导入。", en="Write the items first.")
            self.refusals.add("survey", 2, what, cure)
        own = self.own.of("survey")
        title = own.get("title") or texts(self.settings, "form_title", usual=self.usual)
        body: Body = {
            "schema": SCHEMA,
            "code": _sound_code(self.settings.get("form_id")),
            "version": _version(self.settings.get("version")),
            "title": title,
            "lead": self.lead,
            "minutes": own.get("minutes", 1),
            "source": own.get("source", ""),
            "scales": self._scales(),
            "sections": self.sections,
            "indicators": own.get("indicators", []),
        }
        return body | ({"import": own["import"]} if "import" in own else {})

    def judge(self, body: Body) -> None:
        """Have the reader of the files look at it; what it finds is said with its row."""
        filled = judged_copy(body)
        try:
            check_tree(Survey, Tree(filled), source="")
        except InputRefused as refused:
            for problem in refused.problems:
                if problem.message != "is required and absent":
                    sheet, row = self.rows.nearest(problem.place)
                    what = Text(
                        zh="：" + said(body, problem, "zh-Hans").rstrip("。"),
                        en=said(body, problem, "en"),
                    )
                    cure = Text(zh="改正后再导入。", en="Mend it and import again.")
                    self.refusals.add(sheet, row, what, cure)

    def _check_sheets(self, named: Mapping[str, Rows]) -> None:
        remove = Text(zh="删掉它再导入。", en="Remove it.")
        for name in (name for name in named if name not in SHEETS):
            what = Text(zh="这里不收这张工作表", en="is a sheet that cannot be kept")
            self.refusals.add(name, 1, what, remove)
        for name, columns in (
            ("survey", SURVEY_COLUMNS),
            ("choices", CHOICES_COLUMNS),
            ("settings", SETTINGS_COLUMNS),
        ):
            heading, rows = rows_of(named.get(name, ()))
            for column in strange_columns(heading, columns):
                what = Text(
                    zh="这一列的意思这里存不下",
                    en="says something in a column that cannot be kept",
                )
                cure = Text(
                    zh="清空这一格，或删掉这一列。", en="Empty it or remove the column."
                )
                for row in (row for row in rows if row.get(column)):
                    self.refusals.add(name, row.number, what, cure, column)

    def _row(self, row: Row) -> None:
        kind = row.get("type").lower()
        if kind in BEGIN:
            self._begin(row)
        elif kind in END:
            if self.group is None:
                what = Text(zh="结束了没有开始的组", en="ends a group that never began")
                cure = Text(zh="删掉这一行。", en="Remove the row.")
                self.refusals.add("survey", row.number, what, cure)
            self.group = None
        elif kind == "note":
            self._note(row)
        elif kind.partition(" ")[0] in KINDS:
            self._item(row)
        else:
            what = Text(zh="这种题型这里没有", en="has a type that cannot be kept")
            cure = Text(
                zh="可用：select_one、select_multiple、integer、text、note、begin_group。",
                en="Use select_one, select_multiple, integer, text, note or begin_group.",
            )
            self.refusals.add("survey", row.number, what, cure, row.get("type"))

    def _begin(self, row: Row) -> None:
        if self.group is not None:
            what = Text(zh="组里又套了组", en="begins a group inside a group")
            cure = Text(zh="只用一层组。", en="Use one level of groups.")
            self.refusals.add("survey", row.number, what, cure)
        if row.get("relevant"):
            what = Text(zh="整组跳转这里没有", en="routes a whole group")
            cure = Text(
                zh="把 relevant 写到组里的每道题上。", en="Write relevant at each item."
            )
            self.refusals.add("survey", row.number, what, cure, row.get("relevant"))
        self.group = row
        code = row.get("name") or f"part{len(self.sections) + 1}"
        self._section({"code": code, "title": texts(row, "label", usual=self.usual)}, row)

    def _section(self, section: Mapping[str, Any], row: Row) -> None:
        self.rows.of[f"sections[{len(self.sections)}]"] = ("survey", row.number)
        self.sections.append({**section, "items": []})

    def _note(self, row: Row) -> None:
        words = texts(row, "label", usual=self.usual)
        if self.group is None and not self.sections and not self.lead:
            self.lead = words
        elif self.group is not None and not self.sections[-1]["items"]:
            self.sections[-1]["note"] = words
        else:
            what = Text(zh="说明不在组的开头", en="is a note in the midst of items")
            cure = Text(
                zh="移到组的开头，或写成下一题的 hint。",
                en="Move it to the start of its group, or make it the hint of an item.",
            )
            self.refusals.add("survey", row.number, what, cure)

    def _item(self, row: Row) -> None:
        if self.group is None and (not self.sections or self.sections[-1]["code"] != "main"):
            self._section(MAIN, row)
        items = self.sections[-1]["items"]
        asked: Asked | None = self.items.read(row)
        if asked is not None:
            place = f"sections[{len(self.sections) - 1}].items[{len(items)}]"
            self.rows.of[place] = ("survey", row.number)
            items.append(asked.item)

    def _scales(self) -> dict[str, Any]:
        scales: dict[str, Any] = {}
        for name, choices in self.lists.items():
            scales[name] = scale_of(choices, self.own.of("scale", name))
            self._place(name, choices, scales[name])
        for (belongs_to, name), values in self.own.values.items():
            if belongs_to == "scale" and name not in scales:
                scales[name] = scale_of((), values)
                self.rows.of[f"scales.{name}"] = (OWN_SHEET, self.own.rows["scale", name])
        return scales | self.items.ranges

    def _place(self, name: str, choices: list[Choice], scale: Mapping[str, Any]) -> None:
        self.rows.of[f"scales.{name}"] = ("choices", choices[0].row)
        unscored = {scale[key]["code"] for key in UNSCORED if key in scale}
        scored = [choice for choice in choices if choice.code not in unscored]
        for number, choice in enumerate(scored):
            self.rows.of[f"scales.{name}.options[{number}]"] = ("choices", choice.row)


def judged_copy(body: Body) -> Body:
    """A copy with words wherever some are missing, so that the rest can be judged."""
    filled: Body = copy.deepcopy(body)
    _fill(filled)
    for text in texts_of(filled):
        either = text.get("zh-Hans") or text.get("en") or ""
        for language in ("zh-Hans", "en"):
            text[language] = text.get(language) or either
    return filled


def _fill(node: Any) -> None:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if value == {} and key in WORDED:
            node[key] = {"zh-Hans": "…"}
        elif isinstance(value, dict | list):
            _fill(value)


def _sound_code(form_id: str) -> str:
    code = re.sub(r"[^A-Za-z0-9_]", "_", form_id)[:60]
    return code if re.fullmatch(CODE, code) else f"survey_{code}".rstrip("_")[:60]


def _version(text: str) -> int:
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,3}", text) else 1
