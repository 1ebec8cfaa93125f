"""The CSV files of a scoring, cell by cell: each cell knows its file, line and column.

Files as spreadsheets save them (`read_cells` says how). A cell that cannot be what its
column says is a problem with the cell's place, its text and a cure; all of a file are
collected before anything is refused.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from app.errors import InputRefused, Problem
from app.survey.csv_files import read_cells

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
GROUPED = re.compile(r"[+-]?\d{1,3}([,， '’]\d{3})+(\.\d+)?")
MOST = 1e60
"""Beyond it squares leave what a computer can hold; nothing counted comes near."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its names, its own first, and whether it must be there."""

    names: tuple[str, ...]
    required: bool = False

    @property
    def name(self) -> str:
        """The name that the documentation uses."""
        return self.names[0]


@dataclass(slots=True)
class Line:
    """One line of a file: text by column; it collects what is wrong with it."""

    source: str
    number: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]
    """Column → what the file calls it."""
    problems: list[Problem] = field(default_factory=list)

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def complain(self, column: str, english: tuple[str, str], chinese: str) -> None:
        """Note a problem with a cell: message and cure, and both in Chinese."""
        heading = self.headings.get(column, column)
        shown = self[column] or None
        place = f"column {heading}"
        zh = f"“{heading}”列" + (f"的“{shown}”" if shown else "") + f"：{chinese}"
        message, cure = english
        problem = Problem(place, message, cure, shown, self.source, self.number, zh)
        self.problems.append(problem)

    def number_in(self, column: str) -> float | None:
        """The number in a cell; None where it is empty or, with a complaint, no number."""
        text = self[column]
        if not text:
            return None
        if NUMBER.fullmatch(text) and abs(float(text)) <= MOST:
            return float(text)
        if GROUPED.fullmatch(text):
            digits = re.sub(r"[,， '’]", "", text)
            english = ("has separators between its digits", f"Write {digits}.")
            self.complain(column, english, f"数字里不要写千位分隔符。请写 {digits}。")
        else:
            cure = "Write digits with a decimal point; leave the cell empty if it is missing."
            self.complain(column, ("is not a number", cure), "不是数字。请写数字；缺失时留空。")
        return None

    def word_in(self, column: str, allowed: Sequence[str]) -> str | None:
        """One of the words allowed; None where the cell is empty or, with a complaint, not."""
        text = self[column]
        if not text or text in allowed:
            return text or None
        cure = f"Write one of: {', '.join(allowed)}."
        chinese = f"不是允许的词。可写：{'、'.join(allowed)}。"
        self.complain(column, ("is not a word allowed here", cure), chinese)
        return None

    def known(self, column: str, codes: Sequence[str], what: tuple[str, str]) -> bool:
        """Whether the cell names one of the codes; `what` they are, in both languages."""
        text, (english, chinese) = self[column], what
        if not text:
            said = (f"names no {english}", f"Write the {english}.")
            self.complain(column, said, f"没有写{chinese}。请补上。")
        elif text not in codes:
            cure, zh = _known(text, codes)
            self.complain(
                column, (f"is no {english} of the system", cure), f"不是体系中的{chinese}。{zh}"
            )
        return text in codes


def _known(text: str, codes: Sequence[str]) -> tuple[str, str]:
    near = get_close_matches(text, list(codes), n=1)
    if near:
        return f"Did you mean {near[0]!r}?", f"是否应为“{near[0]}”？"
    shown = list(codes)[:12]
    return f"Known: {', '.join(shown) or 'none'}.", f"已知：{'、'.join(shown) or '无'}。"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a file, and what is wrong with it as a table."""

    lines: list[Line]
    problems: list[Problem]

    def found(self) -> list[Problem]:
        """Every problem of the file."""
        return [*self.problems, *(p for line in self.lines for p in line.problems)]

    def refuse(self) -> None:
        """Raise InputRefused with every problem of the file, if there is any."""
        if self.found():
            raise InputRefused(self.found())


def read_sheet(path: Path, columns: Sequence[Column]) -> Sheet:
    """The lines of a file. Raises InputRefused for one without the columns it must have."""
    name = path.name
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        said = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
        chinese = f"{path.name}：文件不存在或不能读取。请检查文件名。"
        problem = Problem("file", said, "Check its name.", source=str(path), chinese=chinese)
        raise InputRefused([problem]) from None
    header, *rows = read_cells(content, name)
    names = [heading.strip() for heading in header]
    headings, problems = _headings(names, columns, name)
    if any(column.required and column.name not in headings for column in columns):
        raise InputRefused(problems)
    lines = []
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) != len(names):
            problems.append(_ragged(name, number, have=len(cells), want=len(names)))
            continue
        by_heading = dict(zip(names, cells, strict=True))
        own = {column: by_heading[heading] for column, heading in headings.items()}
        lines.append(Line(name, number, own, headings))
    return Sheet(lines, problems)


def _headings(
    names: Sequence[str], columns: Sequence[Column], source: str
) -> tuple[dict[str, str], list[Problem]]:
    """Column → its heading in the file."""
    headings: dict[str, str] = {}
    problems = list(_unnamed(names, source))
    known = [name for column in columns for name in column.names]
    for column in columns:
        found = [heading for heading in names if heading.lower() in column.names]
        if len(set(found)) > 1:
            problems.append(_column_problem(found[1], "same", found[0], source))
        if found:
            headings[column.name] = found[0]
        elif column.required:
            all_names = ", ".join(one.name for one in columns)
            problems.append(_column_problem(column.name, "absent", all_names, source))
    for heading in sorted(set(names) - {""}):
        near = get_close_matches(heading.lower(), known, n=1, cutoff=0.75)
        if near and heading.lower() not in known:
            problems.append(_column_problem(heading, "unknown", near[0], source))
    return headings, problems


def _unnamed(names: Sequence[str], source: str) -> Iterator[Problem]:
    for number, heading in enumerate(names, start=1):
        if not heading:
            yield _column_problem(str(number), "unnamed", "", source)
        elif heading in names[: number - 1]:
            yield _column_problem(heading, "twice", "", source)


COLUMN_WORDS = {
    "absent": (
        "is not in the file",
        "The columns are: {0}.",
        "文件里没有这一列。可用的列：{0}。",
    ),
    "unknown": (
        "is not a known column",
        "Did you mean {0!r}? Call a remark `note`.",
        "不认识这一列。是否应为 {0}？备注列请叫 note。",
    ),
    "same": (
        "says the same as the column {0}",
        "Keep one of them.",
        "与 {0} 列含义相同。请只保留一列。",
    ),
    "twice": ("is named twice", "Rename it.", "列名重复。请改名。"),
    "unnamed": ("has no name", "Name it.", "没有列名。请补上。"),
}


def _column_problem(heading: str, what: str, other: str, source: str) -> Problem:
    message, cure, chinese = (said.format(other) for said in COLUMN_WORDS[what])
    zh = f"“{heading}”列：{chinese}"
    return Problem(f"column {heading}", message, cure, None, source, 1, zh)


def _ragged(source: str, number: int, *, have: int, want: int) -> Problem:
    message = f"has {have} cells, the header has {want}"
    cure = "Complete it; a comma inside a cell needs quotation marks around the cell."
    chinese = f"本行有 {have} 格，表头有 {want} 格。请补齐；格内有逗号时整格加引号。"
    return Problem("row", message, cure, None, source, number, chinese)
