"""The answer lists of an XLSForm as scales, with what our own sheet says about them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.survey.definition import CODE
from app.survey.text import Text
from app.survey.xlsform.sheets import OWN_SHEET, Refusals, Row, Rows, rows_of, texts
from app.survey.xlsform.writing import ITEM_EXTRAS, SCALE_EXTRAS, SURVEY_EXTRAS

DONT_KNOW = re.compile(
    r"说不清|不清楚|不了解|不知道|不好说|没遇到|don.?t know|cannot say|can.?t say|not sure",
    re.IGNORECASE,
)
NOT_APPLICABLE = re.compile(r"不适用|不涉及|not applicable|\bn/?a\b", re.IGNORECASE)
KEYS: Mapping[str, frozenset[str]] = {
    "survey": frozenset({"title", *SURVEY_EXTRAS}),
    "scale": frozenset({"dont_know", "not_applicable", "more", *SCALE_EXTRAS}),
    "item": frozenset({"scale", *ITEM_EXTRAS}),
}
UNSCORED = ("dont_know", "not_applicable")


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of the sheet of choices."""

    row: int
    code: int
    label: Mapping[str, str]


@dataclass(slots=True)
class Own:
    """What our own sheet says: (belongs_to, name) → key → value, and the row of each."""

    values: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, belongs_to: str, name: str = "") -> Mapping[str, Any]:
        """What is said about one thing."""
        return self.values.get((belongs_to, name), {})


def read_own(table: Rows, refusals: Refusals) -> Own:
    """The sheet of our own, row by row."""
    own = Own()
    for row in rows_of(table)[1]:
        belongs_to, name, key = row.get("belongs_to"), row.get("name"), row.get("key")
        if key not in KEYS.get(belongs_to, ()):
            what = Text(zh="说的事情不认识", en="says something unknown")
            cure = Text(zh="删掉这一行。", en="Remove the row.")
            refusals.add(OWN_SHEET, row.number, what, cure, f"{belongs_to} {key}".strip())
            continue
        try:
            value = json.loads(row.get("value"))
        except ValueError:
            what = Text(zh="的值不是 JSON", en="has a value that is no JSON")
            cure = Text(zh="照导出时的样子写，文字加引号。", en="Write it as exported.")
            refusals.add(OWN_SHEET, row.number, what, cure, row.get("value"))
            continue
        own.values.setdefault((belongs_to, name), {})[key] = value
        own.rows.setdefault((belongs_to, name), row.number)
    return own


def read_choices(table: Rows, usual: str, refusals: Refusals) -> dict[str, list[Choice]]:
    """List → its choices in order; each code a whole number."""
    lists: dict[str, list[Choice]] = {}
    for row in rows_of(table)[1]:
        name = row.get("list_name") or row.get("list name")
        code = _code(row, refusals)
        if not re.fullmatch(CODE, name):
            what = Text(zh="的列表名不合要求", en="has a list name of another form")
            cure = Text(
                zh="list_name 用英文字母开头，只含字母、数字和下划线。",
                en="Begin list_name with a letter; letters, digits and underscores only.",
            )
            refusals.add("choices", row.number, what, cure, name)
        elif code is not None:
            label = texts(row, "label", usual=usual)
            lists.setdefault(name, []).append(Choice(row.number, code, label))
    return lists


def scale_of(choices: Sequence[Choice], own: Mapping[str, Any]) -> dict[str, Any]:
    """The scale of a list, with what our own sheet says about it."""
    scale: dict[str, Any] = {key: own[key] for key in SCALE_EXTRAS if key in own}
    unscored = _unscored(choices, own)
    more = own.get("more")
    hidden = more if isinstance(more, list) else []
    if "lowest" not in scale:
        scale["options"] = [
            _option(choice, is_more=choice.code in hidden)
            for choice in choices
            if choice.code not in unscored.values()
        ]
    for key, code in unscored.items():
        found = next((choice for choice in choices if choice.code == code), None)
        if found is not None:
            scale[key] = _option(found, is_more=False)
    return scale


def _code(row: Row, refusals: Refusals) -> int | None:
    text = row.get("name") or row.get("value")
    if re.fullmatch(r"-?[0-9]{1,9}", text):
        return int(text)
    what = Text(zh="的 name 不是整数", en="has a name that is no whole number")
    cure = Text(
        zh="答案按编号保存：最好的写 5，依次到最差的 1；“说不清”写 98。",
        en='Answers are kept by number: 5 for the best down to 1, 98 for "don\'t know".',
    )
    refusals.add("choices", row.number, what, cure, text)
    return None


def _unscored(choices: Sequence[Choice], own: Mapping[str, Any]) -> dict[str, int]:
    if own:
        return {key: own[key] for key in UNSCORED if key in own}
    return dict(_guessed(choices))


def _guessed(choices: Sequence[Choice]) -> Iterator[tuple[str, int]]:
    # Only the last choices of a judgement: a list of districts may well have 不清楚 inside.
    for key, pattern in (("not_applicable", NOT_APPLICABLE), ("dont_know", DONT_KNOW)):
        for choice in choices[-2:]:
            if any(pattern.search(words) for words in choice.label.values()):
                yield key, choice.code
                break


def _option(choice: Choice, *, is_more: bool) -> dict[str, Any]:
    option: dict[str, Any] = {"code": choice.code, "label": dict(choice.label)}
    if is_more:
        option["primary"] = False
    return option
