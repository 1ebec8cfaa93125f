"""Rows of a sheet become regions, units, points or margins of a plan.

Every mistake is told at once, with its row, its column and its cure; nothing is guessed but
codes that were left empty. Whatever order the rows stand in is the official order.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.errors import InputRefused, Problem
from app.survey.plan import CODE, MOST_CHARACTERS, MOST_PEOPLE
from app.survey.planning.codes import CodeMaker
from app.survey.planning.columns import COLUMNS, Kind, SheetColumn, plain
from app.survey.text import Text

MOST_ROWS = 5000
MOST_PROBLEMS = 200
LONGEST_NAME = 100
UNTYPED = "general"
"""The region type of units that were given none."""

Entry = dict[str, Any]


@dataclass(slots=True)
class _Reader:
    """Reads row after row, gathering problems."""

    kind: Kind
    plan: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def complain(self, where: "_Place", what: Text, cure: Text, value: object = None) -> None:
        shown = f"“{value}”" if value not in (None, "") else ""
        chinese = f"第 {where.row} 行“{where.column.heading.zh}”{shown}{what.zh}。{cure.zh}"
        place = f"row {where.row}, {where.column.heading.en}"
        self.problems.append(
            Problem(place, what.en, cure.en, value if value else None, chinese=chinese)
        )


@dataclass(frozen=True, slots=True)
class _Place:
    row: int
    column: SheetColumn


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, SheetColumn]

    def at(self, key: str) -> _Place:
        return _Place(self.number, self.columns[key])


def read_entries(
    kind: Kind, rows: Sequence[Sequence[str]], plan: Mapping[str, Any]
) -> list[Entry]:
    """The entries that rows mean, the header being the first; InputRefused with every mistake.

    `plan` tells which regions and units there are, and which codes names had before.
    """
    reader = _Reader(kind, plan)
    read = list(_rows(reader, rows))
    if not reader.problems and not read:
        reader.problems.append(_whole("holds no rows", "除表头外没有内容", "请填上再传。"))
    if not reader.problems and len(read) > MOST_ROWS:
        message = f"has {len(read)} rows, {MOST_ROWS} at most"
        said = f"有 {len(read)} 行，最多 {MOST_ROWS} 行"
        reader.problems.append(_whole(message, said, "请拆开。"))
    entries = [] if reader.problems else _READERS[kind](reader, read)
    if reader.problems:
        raise InputRefused(_first(reader.problems))
    return entries


def _whole(message: str, chinese: str, cure: str) -> Problem:
    return Problem("file", message, chinese=f"文件{chinese}。{cure}")


def _first(problems: Sequence[Problem]) -> Iterator[Problem]:
    yield from problems[:MOST_PROBLEMS]
    more = len(problems) - MOST_PROBLEMS
    if more > 0:
        yield _whole(f"has {more} more problems", f"还有 {more} 处问题", "先改上面的。")


def _rows(reader: _Reader, rows: Sequence[Sequence[str]]) -> Iterator[_Row]:
    columns = {column.key: column for column in COLUMNS[reader.kind]}
    filled = ((n, row) for n, row in enumerate(rows, start=1) if any(c.strip() for c in row))
    first = next(filled, None)
    if first is None:
        return
    keys = list(_keys(reader, first[1], columns))
    for number, row in filled:
        cells = dict.fromkeys(columns, "")
        for key, cell in zip(keys, row, strict=False):
            if key:
                cells[key] = _text(cell)
        yield _Row(number, cells, columns)


def _text(cell: str) -> str:
    """A cell without the apostrophe that our own templates put before a formula."""
    text = cell.strip()
    return text[1:] if re.match(r"'[=+\-@]", text) else text


def _keys(
    reader: _Reader, header: Sequence[str], columns: Mapping[str, SheetColumn]
) -> Iterator[str]:
    """The key of every column of a sheet; empty for one that is not ours and is left alone."""
    known = {plain(name): c.key for c in columns.values() for name in c.headings}
    found = [known.get(plain(heading), "") for heading in header]
    for column in columns.values():
        if column.required and column.key not in found:
            message = f"lacks the column {column.heading.en}"
            chinese = f"第 1 行缺“{column.heading.zh}”一列。可以先下载空白模板，照着填。"
            cure = "Download the template and fill it in."
            reader.problems.append(Problem("row 1", message, cure, chinese=chinese))
        if found.count(column.key) > 1:
            chinese = f"第 1 行有两列“{column.heading.zh}”。请留一列。"
            message = f"has two columns {column.heading.en}"
            reader.problems.append(Problem("row 1", message, "Keep one.", chinese=chinese))
    yield from found


def _regions(reader: _Reader, rows: Sequence[_Row]) -> list[Entry]:
    entries = _named(reader, rows)
    finder = _Finder(entries, Text(zh="地区", en="region"))
    for row, entry in zip(rows, entries, strict=True):
        if row.cells["parent"]:
            entry["parent"] = finder.find(reader, row.at("parent"), row.cells["parent"])
    return entries


def _units(reader: _Reader, rows: Sequence[_Row]) -> list[Entry]:
    entries = _named(reader, rows)
    finder = _Finder(reader.plan.get("regions", ()), Text(zh="地区", en="region"))
    for row, entry in zip(rows, entries, strict=True):
        entry["region"] = finder.find(reader, row.at("region"), row.cells["region"])
        entry["region_type"] = row.cells["region_type"] or UNTYPED
        people = _people(reader, row, "population")
        if people is not None:
            entry["population"] = people
    return entries


def _points(reader: _Reader, rows: Sequence[_Row]) -> list[Entry]:
    entries = _named(reader, rows)
    finder = _Finder(reader.plan.get("units", ()), Text(zh="单位", en="unit"))
    for row, entry in zip(rows, entries, strict=True):
        entry["unit"] = finder.find(reader, row.at("unit"), row.cells["unit"])
    return entries


def _margins(reader: _Reader, rows: Sequence[_Row]) -> list[Entry]:
    totals: dict[str, dict[str, int]] = {}
    for row in rows:
        variable, level = _filled(reader, row, "variable"), _filled(reader, row, "level")
        people = _people(reader, row, "people")
        if not row.cells["people"]:
            _filled(reader, row, "people")
        levels = totals.setdefault(variable, {})
        if level in levels:
            what = Text(zh="在这个变量里出现了两次", en="stands twice in this variable")
            cure = Text(zh="请留一行。", en="Keep one row.")
            reader.complain(row.at("level"), what, cure, level)
        levels[level] = people or 0
    return [{"variable": name, "totals": levels} for name, levels in totals.items()]


def _named(reader: _Reader, rows: Sequence[_Row]) -> list[Entry]:
    """Code and name of every row; a code left empty is the one the name had, or a new one."""
    before = {one["name"]["zh-Hans"]: one["code"] for one in reader.plan.get(reader.kind, ())}
    codes = {row.cells["code"].lower() for row in rows} | set(before.values())
    maker = CodeMaker(reader.kind[:-1], codes)
    seen: dict[str, int] = {}
    entries = []
    for row in rows:
        name = _filled(reader, row, "name")
        code = row.cells["code"].lower() or before.pop(name, "")
        if not code or (not row.cells["code"] and code in seen):
            code = maker.suggest(name)
        _check_code(reader, row, code)
        if code in seen:
            what = Text(zh=f"在第 {seen[code]} 行用过", en=f"is used in row {seen[code]}")
            cure = Text(zh="每行一个代码。", en="One row a code.")
            reader.complain(row.at("code"), what, cure, code)
        seen.setdefault(code, row.number)
        english = row.cells["name_en"] or name
        entries.append({"code": code, "name": {"zh-Hans": name, "en": english}})
    return entries


def _check_code(reader: _Reader, row: _Row, code: str) -> None:
    if re.match(CODE, code) and len(code) <= MOST_CHARACTERS:
        return
    what = Text(zh="不能用作代码", en="cannot be a code")
    cure = Text(
        zh="请用小写字母、数字和连字符，或不填。",
        en="Use lower-case letters, digits and hyphens, or leave it empty.",
    )
    reader.complain(row.at("code"), what, cure, code)


def _filled(reader: _Reader, row: _Row, key: str) -> str:
    text = row.cells[key]
    if not text:
        what, cure = Text(zh="没有填", en="is empty"), Text(zh="每行都要有。", en="Fill it in.")
        reader.complain(row.at(key), what, cure)
    if len(text) > LONGEST_NAME:
        what = Text(zh="太长", en="is too long")
        cure = Text(zh=f"最多 {LONGEST_NAME} 个字。", en=f"At most {LONGEST_NAME} characters.")
        reader.complain(row.at(key), what, cure, text[:20] + "…")
    return text


def _people(reader: _Reader, row: _Row, key: str) -> int | None:
    text = row.cells[key].replace(",", "").replace("，", "").replace(" ", "")
    if not text:
        return None
    number = re.fullmatch(r"(\d{1,10})(\.0+)?", text)
    people = int(number[1]) if number else 0
    if not 1 <= people <= MOST_PEOPLE:
        what = Text(zh="不是人数", en="is no number of people")
        cure = Text(zh="请写 1 以上的整数。", en="Write a whole number above 0.")
        reader.complain(row.at(key), what, cure, row.cells[key])
        return None
    return people


class _Finder:
    """Finds the code of a region or unit that a cell names by its code or its name."""

    def __init__(self, known: Sequence[Mapping[str, Any]], what: Text) -> None:
        self.codes = [one["code"] for one in known]
        self.what = what
        self.by_name: dict[str, list[str]] = {}
        for one in known:
            for name in {one["name"].get("zh-Hans"), one["name"].get("en")}:
                self.by_name.setdefault(str(name), []).append(one["code"])

    def find(self, reader: _Reader, at: _Place, given: str) -> str:
        """The code meant; where there is only one, an empty cell means it."""
        if not given and len(self.codes) == 1:
            return str(self.codes[0])
        if given.lower() in self.codes:
            return given.lower()
        named = self.by_name.get(given, [])
        if len(named) == 1:
            return named[0]
        if not given:
            what = Text(zh="没有填", en="is empty")
        elif named:
            what = Text(
                zh=f"有 {len(named)} 个同名的{self.what.zh}",
                en=f"is the name of {len(named)} {self.what.en}s",
            )
        else:
            what = Text(
                zh=f"不是方案里的{self.what.zh}", en=f"is no {self.what.en} of the plan"
            )
        reader.complain(at, what, self._cure(), given)
        return given

    def _cure(self) -> Text:
        some = "、".join(self.codes[:6]) + ("…" if len(self.codes) > 6 else "")
        if not some:
            return Text(
                zh=f"请先填{self.what.zh}。", en=f"Give the plan its {self.what.en}s first."
            )
        return Text(zh=f"现有：{some}。", en=f"There are: {some.replace('、', ', ')}.")


_READERS: Mapping[Kind, Callable[[_Reader, Sequence[_Row]], list[Entry]]] = {
    "regions": _regions,
    "units": _units,
    "points": _points,
    "margins": _margins,
}
