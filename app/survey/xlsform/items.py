"""The rows of an XLSForm that ask something, as items."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.survey.definition import CODE
from app.survey.text import Text
from app.survey.xlsform.lists import Choice, Own, scale_of
from app.survey.xlsform.relevance import NotUnderstood, read_relevance
from app.survey.xlsform.sheets import Refusals, Row, texts
from app.survey.xlsform.writing import ITEM_EXTRAS

KINDS: Mapping[str, str] = {
    "select_one": "single",
    "select_multiple": "multiple",
    "integer": "number",
    "text": "text",
}
RANGE = re.compile(r"\.\s*>=\s*(-?\d{1,6})\s+and\s+\.\s*<=\s*(-?\d{1,6})")
YES = {"yes", "true", "true()", "1", "是"}
LOOKS = {"", "likert", "quick", "minimal", "horizontal", "vertical", "compact", "multiline"}


@dataclass(frozen=True, slots=True)
class Asked:
    """An item that was read, and the codes that routing may look at."""

    item: dict[str, Any]
    codes: Sequence[int]


class ItemReader:
    """Reads item after item, for routing looks back."""

    def __init__(
        self, lists: Mapping[str, list[Choice]], own: Own, usual: str, refusals: Refusals
    ) -> None:
        self.lists, self.own, self.usual, self.refusals = lists, own, usual, refusals
        self.before: dict[str, Asked] = {}
        self.ranges: dict[str, Any] = {}
        """Scales that number items brought with them."""

    def read(self, row: Row) -> Asked | None:
        """The item of a row, or None where it was refused."""
        word, _, listed = row.get("type").partition(" ")
        kind, code = KINDS[word.lower()], row.get("name")
        count = len(self.refusals.problems)
        self._check(row, kind, code)
        item: dict[str, Any] = {"code": code, "text": texts(row, "label", usual=self.usual)}
        if kind != "single":
            item["kind"] = kind
        own = self.own.of("item", code)
        codes: list[int] = []
        if kind == "number":
            item["scale"] = own.get("scale") or self._range(row, code)
        elif kind != "text":
            item["scale"] = self._list(row, listed.strip())
            codes = _codes(scale_of(self.lists.get(item["scale"], ()), {}))
        if hint := texts(row, "hint", usual=self.usual):
            item["hint"] = hint
        if row.get("required").lower() not in YES:
            item["optional"] = True
        item |= {key: own[key] for key in ITEM_EXTRAS if key in own}
        if row.get("relevant"):
            self._route(row, item)
        if len(self.refusals.problems) > count:
            # It is refused, but what looks back at it need not be refused for that.
            self.before.setdefault(code, Asked(item, codes if kind == "single" else ()))
            return None
        self.before[code] = Asked(item, codes if kind == "single" else ())
        return self.before[code]

    def _check(self, row: Row, kind: str, code: str) -> None:
        if not re.fullmatch(CODE, code):
            what = Text(zh="的 name 不合要求", en="has a name of another form")
            cure = Text(
                zh="用英文字母开头，只含字母、数字和下划线。",
                en="Begin with a letter; letters, digits and underscores only.",
            )
            self.refusals.add("survey", row.number, what, cure, code)
        elif code in self.before:
            what = Text(zh="的 name 重复了", en="has a name that was used before")
            cure = Text(zh="每道题一个名字。", en="Give every item a name of its own.")
            self.refusals.add("survey", row.number, what, cure, code)
        if row.get("constraint") and kind != "number":
            what = Text(
                zh="的 constraint 这里存不下", en="has a constraint that cannot be kept"
            )
            cure = Text(zh="清空这一格。", en="Empty the cell.")
            self.refusals.add("survey", row.number, what, cure, row.get("constraint"))
        if row.get("appearance").lower() not in LOOKS:
            what = Text(zh="的 appearance 这里没有", en="has an appearance that cannot be kept")
            cure = Text(zh="清空这一格。", en="Empty the cell.")
            self.refusals.add("survey", row.number, what, cure, row.get("appearance"))
        if any(name.startswith("media") and cell for name, cell in row.cells.items()):
            what = Text(zh="带了录音或图片", en="has a recording or picture")
            cure = Text(zh="清空这一格，录音另外上传。", en="Empty the cell.")
            self.refusals.add("survey", row.number, what, cure)

    def _list(self, row: Row, listed: str) -> str:
        if listed not in self.lists:
            what = Text(
                zh="用的选项列表在 choices 里没有", en="names a list that has no choices"
            )
            known = ", ".join(self.lists) or "-"
            cure = Text(zh=f"现有：{known}。", en=f"There are: {known}.")
            self.refusals.add("survey", row.number, what, cure, listed)
        return listed

    def _range(self, row: Row, code: str) -> str:
        found = RANGE.search(row.get("constraint"))
        name = f"{code}_range"
        if found is None or RANGE.fullmatch(row.get("constraint")) is None:
            what = Text(zh="没有写明打分的范围", en="does not say the range of its numbers")
            cure = Text(
                zh="在 constraint 写：. >= 0 and . <= 10",
                en="Write as its constraint: . >= 0 and . <= 10",
            )
            self.refusals.add("survey", row.number, what, cure, row.get("constraint"))
            return name
        self.ranges[name] = {"lowest": int(found[1]), "highest": int(found[2])}
        return name

    def _route(self, row: Row, item: dict[str, Any]) -> None:
        text = row.get("relevant")
        try:
            relevance = read_relevance(text)
        except NotUnderstood as reason:
            what = Text(zh="的 relevant 看不懂", en=f"has a relevant not understood: {reason}")
            cure = Text(
                zh="只写前面一道单选题，如 ${q1} <= 2 or ${q1} = 98。",
                en="Write about one earlier select_one, as ${q1} <= 2 or ${q1} = 98.",
            )
            self.refusals.add("survey", row.number, what, cure, text)
            return
        earlier = self.before.get(relevance.item)
        codes = relevance.codes(earlier.codes) if earlier else []
        if earlier is None or not earlier.codes:
            what = Text(zh="的 relevant 不是前面的单选题", en="looks at no earlier select_one")
            cure = Text(zh="只能依据前面的单选题。", en="Look at an earlier select_one.")
            self.refusals.add("survey", row.number, what, cure, text)
        elif not codes:
            what = Text(zh="永远不会被问到", en="would never be asked")
            cure = Text(zh="核对 relevant 里的编号。", en="Check the codes in relevant.")
            self.refusals.add("survey", row.number, what, cure, text)
        else:
            item["ask_if"] = {"item": relevance.item, "in": codes}


def _codes(scale: Mapping[str, Any]) -> list[int]:
    unscored = [scale[key] for key in ("dont_know", "not_applicable") if scale.get(key)]
    return [option["code"] for option in (*scale.get("options", ()), *unscored)]
