"""The rows of a segment as files for analysts: CSV, XLSX, or the Parquet file itself.

CSV and XLSX hold choices of several as 1 and 0, not answered as empty, and weights in full.
A manifest beside each file says what it is, how to check it, and what its columns mean.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from app.documents.segments import Value, count_rows, read_codebook, read_rows
from app.documents.workbooks import (
    MOST_ROWS,
    Cell,
    Column,
    Kind,
    Table,
    csv_lines,
    long_xlsx,
)
from app.errors import DocumentFailed, MinxinError

FileForm = Literal["parquet", "csv", "xlsx"]
CHUNK = 5_000
KINDS: Mapping[str, Kind] = {"integer": "count", "flag": "count", "number": "number"}
DECIMALS = 6
"""Shown of a weight in a workbook, which keeps all of them."""


def form_of(path: Path) -> FileForm:
    """What a file is to be, by the end of its name."""
    ending = path.suffix.lower().removeprefix(".")
    for form in get_args(FileForm):
        if ending == form:
            return form
    raise MinxinError(f"{path.name} is no file of answers: end it in .parquet, .csv or .xlsx.")


def write_answers(segment: Path, out: Path) -> int:
    """Write the rows of a segment as the file that its name asks for; gives their number.

    DocumentFailed for more rows than a sheet can hold, before anything is written.
    """
    form, rows = form_of(out), count_rows(segment)
    if form == "xlsx" and rows > MOST_ROWS:
        raise DocumentFailed(
            f"There are {rows:,} rows, and a sheet holds {MOST_ROWS:,}. "
            "Take CSV or Parquet instead."
        )
    if form == "parquet":
        shutil.copyfile(segment, out)
        return count_rows(out)
    counted = _Counted()
    columns = _columns(read_codebook(segment))
    if form == "csv":
        _write_csv(out, columns, counted.through(_rows(segment, _csv_cell)))
    else:
        notes = codebook_table(read_codebook(segment))
        long_xlsx(out, columns, counted.through(_rows(segment, _xlsx_cell)), notes=notes)
    return counted.rows


def codebook_table(codebook: Mapping[str, Any]) -> Table:
    """The codebook as a table: one row a column, and one for each of its codes."""
    columns = ("column", "type", "code", "zh-Hans", "en")
    rows: list[tuple[Cell, ...]] = []
    for entry in codebook["columns"]:
        name, kind, text = entry["name"], entry["type"], entry["text"]
        rows.append((name, kind, None, text["zh-Hans"], text["en"]))
        options = [entry["option"]] if "option" in entry else entry.get("options", ())
        labels = [(option["code"], option["label"]) for option in options]
        labels += list(entry.get("labels", {}).items())
        rows += [(name, "", str(code), label["zh-Hans"], label["en"]) for code, label in labels]
    return Table(codebook["survey"], tuple(Column(c, c) for c in columns), tuple(rows))


class _Counted:
    """Counts what passes: the rows that were written, not those that should have been."""

    def __init__(self) -> None:
        self.rows = 0

    def through(self, rows: Iterator[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
        for row in rows:
            yield row
            self.rows += 1


def _columns(codebook: Mapping[str, Any]) -> list[Column]:
    return [
        Column(
            entry["name"], entry["name"], KINDS.get(entry["type"], "text"), decimals=DECIMALS
        )
        for entry in codebook["columns"]
    ]


def _rows(segment: Path, cell: Callable[[Value], Cell]) -> Iterator[Sequence[Cell]]:
    for chunk in read_rows(segment, CHUNK):
        for row in chunk:
            yield [cell(value) for value in row]


def _xlsx_cell(value: Value) -> Cell:
    return int(value) if isinstance(value, bool) else value


def _csv_cell(value: Value) -> Cell:
    # A weight keeps every digit; as a number it would be rounded for reading.
    return repr(value) if isinstance(value, float) else _xlsx_cell(value)


def _write_csv(out: Path, columns: Sequence[Column], rows: Iterator[Sequence[Cell]]) -> None:
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        file.writelines(csv_lines(columns, rows))
