"""One sheet of an XLSX workbook as rows of text.

A workbook shows more than it holds. A formula that was never computed, an error, a merged
cell would all read as empty, and empty means missing: each is refused with its cell. A cell
shown as a percentage holds a fraction; it is read as it is shown, with its sign.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.errors import InputRefused, Problem
from app.survey.text import Text
from app.workflow.assessment.sheets import Sheet, file_refused

LARGEST_UNPACKED = 200_000_000
"""3,000 units with 60 indicators need a tenth."""
DAMAGED = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError)
"""What openpyxl and zipfile raise on a file that is no whole workbook."""


def read_workbook(content: bytes, source: str, wanted: str | None) -> Sheet:
    """The rows of the sheet that is wanted, or of the only one that has any."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST_UNPACKED:
            raise InvalidFileException
        shown = load_workbook(io.BytesIO(content), data_only=True)
        written = load_workbook(io.BytesIO(content))
    except DAMAGED:
        raise file_refused(
            source,
            Text(zh="不是完整的 XLSX 文件", en="is no whole XLSX file"),
            Text(zh="请重新另存为 XLSX 或 CSV UTF-8。", en="Save it anew as XLSX or CSV."),
        ) from None
    name = _chosen(shown, source, wanted)
    values, formulas = shown[name], written[name]
    problems = list(_hidden_gaps(values, formulas, source))
    if problems:
        raise InputRefused(problems)
    rows = tuple(tuple(_text(cell) for cell in row) for row in values.iter_rows())
    return Sheet(source, rows, name)


def _chosen(workbook: Workbook, source: str, wanted: str | None) -> str:
    names = [sheet.title for sheet in workbook.worksheets]
    filled = [
        sheet.title
        for sheet in workbook.worksheets
        if sheet.sheet_state == "visible" and any(map(_text, _cells(sheet)))
    ]
    if wanted is not None and wanted not in names:
        raise file_refused(
            source,
            Text(zh=f"没有名为“{wanted}”的工作表", en=f"has no sheet {wanted!r}"),
            Text(zh=f"现有：{'、'.join(names)}。", en=f"It has: {', '.join(names)}."),
        )
    if wanted is None and len(filled) != 1:
        listed = ", ".join(filled) or "none"
        raise file_refused(
            source,
            Text(
                zh=f"有内容的工作表共 {len(filled)} 张",
                en=f"has {len(filled)} sheets with content: {listed}",
            ),
            Text(
                zh=f"请指明一张：{'、'.join(filled) or '无'}。",
                en="Name the one to read (--sheet).",
            ),
        )
    return wanted or filled[0]


def _cells(sheet: Worksheet) -> Iterator[Cell | MergedCell]:
    for row in sheet.iter_rows():
        yield from row


def _hidden_gaps(values: Worksheet, formulas: Worksheet, source: str) -> Iterator[Problem]:
    """Cells that would read as empty and are not."""
    for merged in values.merged_cells.ranges:
        # One merged row above the table is its title.
        if merged.min_row < merged.max_row:
            yield _gap(
                source,
                str(merged),
                Text(zh="是合并单元格", en="is merged"),
                Text(zh="请取消合并，每格都填上。", en="Unmerge it and fill every cell."),
            )
    for shown, written in zip(_cells(values), _cells(formulas), strict=True):
        if written.data_type == "f" and shown.value is None:
            yield _gap(
                source,
                shown.coordinate,
                Text(zh="是没有算出结果的公式", en="is a formula without its value"),
                Text(
                    zh="请用表格软件打开并保存，或改为数值。",
                    en="Open and save it in a spreadsheet, or write the number.",
                ),
            )
        elif shown.data_type == "e":
            yield _gap(
                source,
                shown.coordinate,
                Text(zh=f"是错误值 {shown.value}", en=f"is the error {shown.value}"),
                Text(zh="请改正公式。", en="Mend the formula."),
            )


def _text(cell: Cell | MergedCell) -> str:
    value = cell.value
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).upper()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        is_percent = "%" in str(cell.number_format)
        # Twelve digits: 0.1 · 100 is 10.000000000000002 nowhere but in binary.
        return f"{value * 100:.12g}%" if is_percent else _written(value)
    return str(value)


def _written(number: float) -> str:
    whole = float(number).is_integer() and abs(number) < 1e15
    return str(int(number)) if whole else repr(number)


def _gap(source: str, cell: str, what: Text, cure: Text) -> Problem:
    return Problem(
        f"cell {cell}",
        what.en,
        cure.en,
        source=source,
        chinese=f"单元格 {cell} {what.zh}。{cure.zh}",
    )
