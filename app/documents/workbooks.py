"""Tables to take away: one `Table` becomes CSV, a sheet of a workbook, or JSON.

CSV is for Excel and WPS: UTF-8 with a byte order mark, CRLF, everything quoted, figures
rounded as on the page. A workbook keeps full figures and shows them rounded. Text a person
wrote must never run as a formula in either. Equal values give equal bytes.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from app.documents.wording import rounded
from app.errors import DocumentFailed
from app.survey.csv_files import guarded, is_formula

Cell = str | int | float | None
Kind = Literal["text", "number", "count", "percent"]

PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MOST_ROWS = 1_048_575
"""Below the header of a sheet."""
LONGEST_CELL = 32_767
LONGEST_SHEET_NAME = 31
NARROWEST, WIDEST = 8, 48
BORN = datetime(2026, 1, 1, tzinfo=UTC)
"""Workbooks must carry a date of birth; a fixed one keeps equal tables equal in bytes."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` for programs, `label` for people; `percent` holds shares of 1."""

    key: str
    label: str
    kind: Kind = "text"
    decimals: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; each row has one cell per column. A text may stand in any column."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            # A mapping would pass as its keys, so the kind of a row is looked at too.
            if not isinstance(row, tuple) or len(row) != len(self.columns):
                message = f"row {number} is no tuple of {len(self.columns)} cells"
                raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Looks:
    """How the cells of a sheet look: a format a column, and one for text that could run."""

    columns: Sequence[Format]
    quoted: Format


def results_csv(table: Table) -> bytes:
    """Write `table` as CSV; a text that a spreadsheet would run gets an apostrophe in front."""
    return "".join(csv_lines(table.columns, table.rows)).encode("utf-8-sig")


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The lines of a CSV file one after another, for tables too long to hold at once."""
    yield _csv_line(guarded(column.label) for column in columns)
    for row in rows:
        yield _csv_line(_shown(cell, column) for cell, column in zip(row, columns, strict=True))


def results_json(document: Mapping[str, object]) -> bytes:
    """Write `document` canonically: keys sorted, no spaces, shortest floats, UTF-8, one line.

    Raises ValueError for a number that is not finite.
    """
    text = json.dumps(
        document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return f"{text}\n".encode()


def results_xlsx(sheets: Sequence[Table]) -> bytes:
    """Write each of `sheets` as a worksheet with a frozen header, filters and sound widths.

    Raises DocumentFailed for no sheet at all, or a text longer than a cell can hold.
    """
    if not sheets:
        raise DocumentFailed("A workbook needs at least one table.")
    file = BytesIO()
    options = {**PLAIN, "in_memory": True, "constant_memory": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        workbook.set_properties({"title": sheets[0].title, "created": BORN})
        header = workbook.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        )
        for name, table in zip(sheet_names(sheets), sheets, strict=True):
            _write_sheet(workbook, workbook.add_worksheet(name), table, header)
    return file.getvalue()


def long_xlsx(
    path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, notes: Table
) -> None:
    """Write a sheet row by row, and `notes` as a second one, in little memory.

    What does not fit there lies meanwhile in the folder of `path`. DocumentFailed for more
    rows than a sheet has.
    """
    options = {**PLAIN, "constant_memory": True, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(path, options) as workbook:
        workbook.set_properties({"title": notes.title, "created": BORN})
        bold = workbook.add_format({"bold": True, "bottom": 1})
        sheet = workbook.add_worksheet("answers")
        sheet.freeze_panes(1, 1)
        looks = looks_of(workbook, columns)
        for across, column in enumerate(columns):
            width = _columns_of(column.label) + 3
            sheet.set_column(across, across, width, looks.columns[across])
            _write_text(sheet, (0, across), column.label, bold)
        for down, row in enumerate(rows, start=1):
            if down > MOST_ROWS:
                raise DocumentFailed(
                    f"A sheet holds {MOST_ROWS:,} rows at most. Take CSV or Parquet instead."
                )
            write_row(sheet, down, row, looks)
        _write_sheet(workbook, workbook.add_worksheet("codebook"), notes, bold)


def _csv_line(cells: Iterable[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n"


def _shown(cell: Cell, column: Column) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    if column.kind == "percent":
        return rounded(cell, decimals=column.decimals, shift=2) + "%"
    if column.kind == "count" and isinstance(cell, int):
        return str(int(cell))
    decimals = 0 if column.kind == "count" else column.decimals
    return rounded(cell, decimals=decimals)


def _write_sheet(workbook: Workbook, sheet: Worksheet, table: Table, header: Format) -> None:
    looks = looks_of(workbook, table.columns)
    for across, column in enumerate(table.columns):
        sheet.set_column(across, across, column_width(table, across), looks.columns[across])
        _write_text(sheet, (0, across), column.label, header)
    for down, row in enumerate(table.rows, start=1):
        write_row(sheet, down, row, looks)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if table.columns:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def looks_of(workbook: Workbook, columns: Sequence[Column]) -> Looks:
    """The formats of some columns in a workbook."""
    formats = [workbook.add_format({"num_format": _number_format(c)}) for c in columns]
    return Looks(formats, workbook.add_format({"num_format": "@", "quote_prefix": True}))


def write_row(sheet: Worksheet, down: int, row: Sequence[Cell], looks: Looks) -> None:
    """Write the cells of a row: numbers as numbers, every text as text.

    A text that could run is marked as quoted too, so that it stays text when it is edited.
    """
    for across, cell in enumerate(row):
        if isinstance(cell, str):
            look = looks.quoted if is_formula(cell) else looks.columns[across]
            _write_text(sheet, (down, across), cell, look)
        elif cell is not None:
            sheet.write_number(down, across, _finite(cell), looks.columns[across])


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a number that can be shown")
    return number


def _write_text(sheet: Worksheet, at: tuple[int, int], text: str, look: Format) -> None:
    if len(text.encode("utf-16-le")) // 2 > LONGEST_CELL:
        message = f"Row {at[0]}, column {at[1] + 1} is longer than a spreadsheet cell can hold."
        raise DocumentFailed(f"{message} Take the CSV or JSON file instead.")
    if text:
        sheet.write_string(*at, text, look)


def _number_format(column: Column) -> str:
    places = "." + "0" * column.decimals if column.decimals else ""
    return {
        "text": "@",
        "count": "#,##0",
        "number": f"0{places}",
        "percent": f"0{places}%",
    }[column.kind]


def column_width(table: Table, across: int) -> float:
    """How wide a column is, in characters, for its label and its longest cell."""
    column = table.columns[across]
    cells = [_shown(row[across], column) for row in table.rows]
    widest = max((_columns_of(text) for text in [column.label, *cells]), default=0)
    return min(max(widest + 3, NARROWEST), WIDEST)


def _columns_of(text: str) -> int:
    """Screen columns of the longest line: two for a Chinese character, one for a letter."""
    lines = text.splitlines() or [""]
    return max(sum(_is_wide(character) + 1 for character in line) for line in lines)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def sheet_names(sheets: Sequence[Table]) -> list[str]:
    """Names Excel accepts: 31 characters, no brackets, slashes, ``: * ?``; case-insensitive."""
    names: list[str] = []
    taken = {"history"}
    for table in sheets:
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", table.title).strip(" '") or "Sheet"
        name, number = _cut(plain, LONGEST_SHEET_NAME), 1
        while name.casefold() in taken:
            number += 1
            name = _cut(plain, LONGEST_SHEET_NAME - len(f" {number}")) + f" {number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _cut(text: str, units: int) -> str:
    """The first `units` UTF-16 units of `text`, never half a character."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").strip(" '")
