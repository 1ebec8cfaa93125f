"""Widths of the columns of tables whose columns a template repeats.

A repeated column is as wide as the one that the template has, so that many of them run off the
page. Such a table is fitted to the text: each column by its longest cell, within bounds.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table

TWENTIETHS = 635
"""EMU of a twentieth of a point, in which Word measures columns."""
LEAST, MOST = 5, 26
"""Bounds of a column, in letters; a Chinese character counts for two."""
SLACK = 1.02


def fit_wide_tables(document: Document) -> None:
    """Fit every table of the text that is wider than it."""
    section = document.sections[0]
    sides = (section.page_width, section.left_margin, section.right_margin)
    if None in sides:
        return
    page, left, right = (int(side or 0) for side in sides)
    room = (page - left - right) // TWENTIETHS
    for table in document.tables:
        if sum(_widths(table)) > room * SLACK:
            _set_widths(table, _shares(table, room))


def _widths(table: Table) -> Iterator[int]:
    """The widths of the cells of the first row, in twentieths of a point."""
    for row in table._tbl.tr_lst[:1]:
        for cell in row.tc_lst:
            yield 0 if cell.width is None else int(cell.width) // TWENTIETHS


def _shares(table: Table, room: int) -> list[int]:
    columns = max(len(row.tc_lst) for row in table._tbl.tr_lst)
    longest = [LEAST] * columns
    for row in table._tbl.tr_lst:
        for at, cell in enumerate(row.tc_lst):
            text = "".join(node.text or "" for node in cell.iter(qn("w:t")))
            longest[at] = min(max(longest[at], _letters(text)), MOST)
    whole = sum(longest)
    return [room * letters // whole for letters in longest]


def _letters(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _set_widths(table: Table, widths: Sequence[int]) -> None:
    table.autofit = False
    grid = table._tbl.tblGrid
    for column, width in zip(grid.gridCol_lst, widths, strict=False):
        column.set(qn("w:w"), str(width))
    for row in table._tbl.tr_lst:
        for cell, width in zip(row.tc_lst, widths, strict=False):
            cell.get_or_add_tcPr().get_or_add_tcW().set(qn("w:w"), str(width))
