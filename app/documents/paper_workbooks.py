"""Workbooks that are printed and passed round a table: a title, notes, then one table.

A4 landscape, the heading on every page, the first columns frozen. Scores have bars from 0 to
100, so that a small lead does not look like a large one. Text is text, as in every workbook.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from app.documents.workbooks import (
    BORN,
    PLAIN,
    Cell,
    Column,
    Looks,
    Table,
    column_width,
    looks_of,
    sheet_names,
)
from app.survey.csv_files import is_formula

BAR_COLOUR = "#9db6cb"
HEAD_COLOUR = "#eef3f7"
INK, QUIET, LINE = "#14212b", "#46535f", "#b8c2ca"
WIDEST_TEXT = 44.0
LINES_OF_HEAD = 32
"""Height of the heading in points: two lines."""


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """A table with what stands above it; `grouped_by` is the column whose change is ruled."""

    heading: str
    """What stands on top; the title of the table names the sheet."""
    table: Table
    notes: tuple[str, ...] = ()
    bars: frozenset[str] = frozenset()
    """Keys of columns of scores from 0 to 100."""
    grouped_by: int | None = None
    frozen: int = 1
    """So many columns stay in sight."""


def paper_xlsx(sheets: Sequence[PaperSheet]) -> bytes:
    """Write the sheets; equal sheets give equal bytes."""
    file = BytesIO()
    options = {**PLAIN, "in_memory": True, "constant_memory": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        workbook.set_properties({"title": sheets[0].heading, "created": BORN})
        names = sheet_names([sheet.table for sheet in sheets])
        for name, sheet in zip(names, sheets, strict=True):
            _write(workbook, workbook.add_worksheet(name), sheet)
    return file.getvalue()


def _write(workbook: Workbook, sheet: Worksheet, paper: PaperSheet) -> None:
    table, top = paper.table, len(paper.notes) + 1
    title = workbook.add_format({"bold": True, "font_size": 16, "font_color": INK})
    note = workbook.add_format({"font_color": QUIET, "font_size": 10})
    sheet.write_string(0, 0, paper.heading, title)
    for down, text in enumerate(paper.notes, start=1):
        sheet.write_string(down, 0, text, note)
    _write_head(workbook, sheet, table, top)
    plain, ruled = _looks(workbook, table.columns), _looks(workbook, table.columns, top=2)
    for down, row in enumerate(table.rows, start=top + 1):
        starts = _starts_group(paper, down - top - 1)
        _write_cells(sheet, down, row, ruled if starts else plain)
    _add_bars(sheet, paper, top)
    _lay_out(sheet, paper, top)


def _write_head(workbook: Workbook, sheet: Worksheet, table: Table, top: int) -> None:
    head = workbook.add_format(
        {
            "bold": True,
            "text_wrap": True,
            "valign": "vcenter",
            "align": "center",
            "bg_color": HEAD_COLOUR,
            "border": 1,
            "border_color": LINE,
        }
    )
    sheet.set_row(top, LINES_OF_HEAD)
    for across, column in enumerate(table.columns):
        width = min(column_width(table, across), WIDEST_TEXT)
        sheet.set_column(across, across, width)
        sheet.write_string(top, across, column.label, head)


def _looks(workbook: Workbook, columns: Sequence[Column], *, top: int = 1) -> Looks:
    looks = looks_of(workbook, columns)
    for column, look in zip(columns, looks.columns, strict=True):
        _rule(look, top)
        if column.kind == "text":
            look.set_text_wrap()
    _rule(looks.quoted, top)
    looks.quoted.set_text_wrap()
    return looks


def _rule(look: Format, top: int) -> None:
    look.set_border(1)
    look.set_border_color(LINE)
    look.set_valign("vcenter")
    if top > 1:
        look.set_top(top)
        look.set_top_color(INK)


def _write_cells(sheet: Worksheet, down: int, row: Sequence[Cell], looks: Looks) -> None:
    """Write a row, empty cells too: their lines are drawn to be written on."""
    for across, cell in enumerate(row):
        look = looks.columns[across]
        if cell is None or cell == "":
            sheet.write_blank(down, across, None, look)
        elif isinstance(cell, str):
            kept = looks.quoted if is_formula(cell) else look
            sheet.write_string(down, across, cell, kept)
        else:
            sheet.write_number(down, across, cell, look)


def _starts_group(paper: PaperSheet, index: int) -> bool:
    if paper.grouped_by is None or index == 0:
        return False
    before, row = paper.table.rows[index - 1], paper.table.rows[index]
    return before[paper.grouped_by] != row[paper.grouped_by]


def _add_bars(sheet: Worksheet, paper: PaperSheet, top: int) -> None:
    last = top + len(paper.table.rows)
    for across, column in enumerate(paper.table.columns):
        if column.key in paper.bars and last > top:
            sheet.conditional_format(
                top + 1,
                across,
                last,
                across,
                {
                    "type": "data_bar",
                    "bar_color": BAR_COLOUR,
                    "min_type": "num",
                    "min_value": 0,
                    "max_type": "num",
                    "max_value": 100,
                },
            )


def _lay_out(sheet: Worksheet, paper: PaperSheet, top: int) -> None:
    table = paper.table
    sheet.hide_gridlines(2)
    sheet.freeze_panes(top + 1, paper.frozen)
    sheet.repeat_rows(top)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    sheet.autofilter(top, 0, top + len(table.rows), len(table.columns) - 1)
