"""A CSV file as columns of text, whatever program saved it, and what is wrong with it.

Commas, semicolons or tabs; UTF-8 with a byte order mark or without, UTF-16 as spreadsheets
call Unicode text, or the national encoding. Every problem knows its file, line and column.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.errors import InputRefused, Problem
from app.survey.sample import Floats

SEPARATORS = (",", ";", "\t")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MOST_OF_A_KIND = 20
"""Cells of a column named for the same mistake; of the others only the number."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a file by heading; all of one length, cells as they stand."""

    source: str
    columns: Mapping[str, Sequence[str]]
    lines: Sequence[int]
    """Line of the file in which each row begins."""
    separator: str
    unnamed: tuple[int, ...] = ()
    """Numbers of the columns that hold something and have no heading, counted from 1."""

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(slots=True)
class Complaints:
    """What is wrong with a file, in the order in which it was found."""

    source: str
    found: list[Problem] = field(default_factory=list)

    def file(self, english: tuple[str, str], chinese: str, line: int | None = None) -> None:
        """A problem of the file or of one whole line: message and cure, and both in Chinese."""
        place = "file" if line is None else "row"
        self.found.append(
            Problem(place, *english, None, self.source, line, chinese),
        )

    def column(self, heading: str, english: tuple[str, str], chinese: str) -> None:
        """A problem of a column as a whole."""
        zh = f"“{heading}”列：{chinese}"
        self.found.append(Problem(f"column {heading}", *english, None, self.source, 1, zh))

    def cells(
        self, cells: Iterable[tuple[int, str, str]], english: tuple[str, str], chinese: str
    ) -> None:
        """The same problem of cells (line, heading, text); of very many only the first."""
        listed = list(cells)
        for line, heading, text in listed[:MOST_OF_A_KIND]:
            zh = f"“{heading}”列" + (f"的“{text}”" if text else "") + f"：{chinese}"
            place, shown = f"column {heading}", text or None
            self.found.append(Problem(place, *english, shown, self.source, line, zh))
        more = len(listed) - MOST_OF_A_KIND
        if more > 0:
            said = f"has {more} more cells like these", "Cure them in the same way."
            self.column(listed[0][1], said, f"还有 {more} 格同样的问题。请一并改正。")

    def refuse(self) -> None:
        """Raise InputRefused with everything found, if anything was."""
        if self.found:
            raise InputRefused(self.found)


def read_sheet(path: Path, complaints: Complaints) -> Sheet:
    """The columns of a file; lines of another length are complained of and left out.

    Raises InputRefused where it is no table at all.
    """
    text = _text(path, complaints)
    text, separator = _separator(text)
    table = _even_table(text, separator) or _any_table(text, separator, complaints)
    return _sheet(table, complaints, separator)


def numbers(
    sheet: Sheet, heading: str, parse: Callable[[str], float | None]
) -> tuple[Floats, list[tuple[int, str, str]]]:
    """A column as numbers; beside it the cells (line, heading, text) that `parse` refused.

    `parse` gets each different text once, without spaces around it.
    """
    column = sheet.columns[heading]
    read = {text: parse(text.strip()) for text in set(column)}
    refused = {text for text, number in read.items() if number is None}
    plain = {text: np.nan if number is None else number for text, number in read.items()}
    values = np.fromiter(map(plain.__getitem__, column), np.float64, len(column))
    if not refused:
        return values, []
    bad = [
        (line, heading, text.strip())
        for line, text in zip(sheet.lines, column, strict=True)
        if text in refused
    ]
    return values, bad


def _text(path: Path, complaints: Complaints) -> str:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        said = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
        zh = f"{path}：文件不存在或不能读取。请检查文件名。"
        problem = Problem("file", said, "Check its name.", source=str(path), chinese=zh)
        raise InputRefused([problem]) from None
    encodings = ("utf-16",) if content.startswith(UTF_16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    english = "is no text (a workbook, or an unknown encoding)", "Save it as CSV UTF-8."
    complaints.file(english, "不是文本文件（可能是工作簿，或编码不明）。请另存为 CSV UTF-8。")
    raise InputRefused(complaints.found)


def _separator(text: str) -> tuple[str, str]:
    """The text from its header on, and what separates its cells."""
    first, _, rest = text.partition("\n")
    said = first.strip().lower()
    if said.startswith("sep=") and len(said) <= len("sep=;"):
        named = said.removeprefix("sep=") or "\t"
        # A spreadsheet writes this line for itself; a blank line keeps the lines' numbers.
        return "\n" + rest, named if named in SEPARATORS else ","
    return text, max(SEPARATORS, key=first.count)


@dataclass(frozen=True, slots=True)
class _Table:
    """Headings, the cells of each column, and the line on which each row begins."""

    header: list[str]
    columns: Sequence[Sequence[str]]
    lines: Sequence[int]


def _even_table(text: str, separator: str) -> _Table | None:
    """The table of a file without quotation marks whose lines all have the same length.

    Most files are such, and 25,000 responses of them are cut several times faster in one
    piece; None for any other file.
    """
    plain = text.replace("\r\n", "\n").removesuffix("\n")
    rows = plain.split("\n")
    inner = {row.count(separator) for row in rows}
    across = max(inner) + 1
    if '"' in plain or "\r" in plain or len(inner) > 1 or min(map(len, rows)) < across:
        return None
    cells = separator.join(rows).split(separator)
    columns = [cells[across + number :: across] for number in range(across)]
    return _Table(cells[:across], columns, range(2, len(rows) + 1))


def _any_table(text: str, separator: str, complaints: Complaints) -> _Table:
    """The table of a file with quotation marks, blank lines or lines of another length."""
    starts, rows = _rows(text, separator, complaints)
    if not rows:
        said = "is empty", "The first line names the columns, each further line is a response."
        complaints.file(said, "文件是空的。第一行写列名，其后每行一份答卷。")
        complaints.refuse()
    header, *body = rows
    kept, lines = [], []
    for line, row in zip(starts[1:], body, strict=True):
        if not any(row):
            continue
        cells = _fitted(row, len(header))
        if cells is None:
            _ragged(complaints, line, have=len(row), want=len(header))
            continue
        kept.append(cells)
        lines.append(line)
    columns = list(zip(*kept, strict=True)) if kept else [() for _ in header]
    return _Table(header, columns, lines)


def _rows(
    text: str, separator: str, complaints: Complaints
) -> tuple[list[int], list[list[str]]]:
    """The line on which each row begins, and its cells; blank lines at the top left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    starts: list[int] = []
    rows: list[list[str]] = []
    begins = 1
    try:
        for row in reader:
            if row or rows:
                starts.append(begins)
                rows.append(row)
            begins = reader.line_num + 1
    except csv.Error as error:
        size = "field larger" in str(error)
        message = "has a cell of enormous length" if size else "has a stray quotation mark"
        cure = "Close the quotation mark of the cell, or double one that belongs to the text."
        zh = "引号没有成对，或单元格过长。请补上引号；文字里的引号写两次。"
        complaints.file((message, cure), zh, begins)
        raise InputRefused(complaints.found) from None
    return starts, rows


def _fitted(row: list[str], want: int) -> list[str] | None:
    """The row in the header's length: empty cells at its end do not count."""
    if len(row) > want and not any(row[want:]):
        return row[:want]
    return row if len(row) == want else None


def _ragged(complaints: Complaints, line: int, *, have: int, want: int) -> None:
    message = f"has {have} cells, the header has {want}"
    cure = "Complete it; a separator inside a cell needs quotation marks around the cell."
    zh = f"本行有 {have} 格，表头有 {want} 格。请补齐；格内有分隔符时整格加引号。"
    complaints.file((message, cure), zh, line)


def _sheet(table: _Table, complaints: Complaints, separator: str) -> Sheet:
    columns: dict[str, Sequence[str]] = {}
    unnamed = []
    for number, cells in enumerate(table.columns, start=1):
        name = table.header[number - 1].strip()
        if not name:
            unnamed += [number] if any(cells) else []
        elif name in columns:
            said = "is named twice", "Rename one of the two, or drop it."
            complaints.column(name, said, "列名重复。请改名或删去其一。")
        else:
            columns[name] = cells
    # Where every row is ragged that was said; there are responses.
    if not table.lines and not any(one.place == "row" for one in complaints.found):
        said = "holds no response", "Each line below the header is one response."
        complaints.file(said, "只有表头，没有答卷。表头以下每行一份答卷。")
    return Sheet(complaints.source, columns, table.lines, separator, tuple(unnamed))
