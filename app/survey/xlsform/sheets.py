"""The sheets of an XLSForm as rows of text, and what is said about a row that is refused."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import Problem
from app.survey.text import Text

Rows = Sequence[Sequence[str]]

OWN_SHEET = "minxin"
"""What an XLSForm has no word for: score maps, indicators, which choice means "don't know"."""
LANGUAGE_NAMES: Mapping[str, str] = {
    "中文": "zh-Hans",
    "简体中文": "zh-Hans",
    "汉语": "zh-Hans",
    "chinese": "zh-Hans",
    "英文": "en",
    "英语": "en",
    "english": "en",
}
CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row with something in it: its number in the sheet and its filled cells by column."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """The cell of a column; empty where there is none."""
        return self.cells.get(column, "")


@dataclass(slots=True)
class Refusals:
    """Everything that is wrong with a form, gathered so that it is said at once."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, sheet: str, row: int, what: Text, cure: Text, value: str = "") -> None:
        """Say what is wrong with a row, and what would cure it."""
        found = f"（{value}）" if value else ""
        mark = "" if what.zh.startswith(("的", "：")) else "："
        self.problems.append(
            Problem(
                f"sheet {sheet}, row {row}",
                what.en,
                cure.en,
                value or None,
                chinese=f"工作表 {sheet} 第 {row} 行{mark}{what.zh}{found}。{cure.zh}",
            )
        )


def rows_of(table: Rows) -> tuple[Row, list[Row]]:
    """The heading row, and every row below it that has something in it."""
    heading = [name.strip() for name in table[0]] if table else []
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        named = zip(heading, cells, strict=False)
        filled = {name: cell.strip() for name, cell in named if name and cell.strip()}
        if filled:
            rows.append(Row(number, filled))
    return Row(1, {name: name for name in heading if name}), rows


def language_of(column: str) -> str | None:
    """The language of a column such as ``label::中文 (zh)``; None if it is not one of ours."""
    name = column.partition("::")[2].strip() or column.partition(":")[2].strip()
    code = re.search(r"\(([A-Za-z-]+)\)\s*$", name)
    if code:
        short = code[1].lower()
        return "zh-Hans" if short.startswith("zh") else "en" if short.startswith("en") else None
    return LANGUAGE_NAMES.get(name.strip().lower())


def texts(row: Row, column: str, *, usual: str) -> dict[str, str]:
    """The text of a row in our languages; a column without a language is in the usual one."""
    found: dict[str, str] = {}
    if plain := row.get(column):
        found[usual or ("zh-Hans" if CHINESE.search(plain) else "en")] = plain
    for name, cell in row.cells.items():
        if name.startswith(f"{column}::") and (language := language_of(name)):
            found[language] = cell
    return {language: found[language] for language in ("zh-Hans", "en") if language in found}


def strange_columns(heading: Row, known: Sequence[str]) -> Iterator[str]:
    """Columns that mean something we cannot keep."""
    for name in heading.cells:
        base = name.partition("::")[0]
        if base not in known or ("::" in name and not _is_ours(name)):
            yield name


def _is_ours(column: str) -> bool:
    return column.startswith("media::audio") or language_of(column) is not None
