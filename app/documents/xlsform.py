"""XLSForm workbooks: the bytes of an XLSX file as sheets of text, and back.

Only the container is judged here: whether it is a workbook at all, and of a size that a
questionnaire can have. What the rows mean is read in `app.survey.xlsform`. Neither macros,
links nor formulas are looked at; a formula is read as the value that was last shown.
"""

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.documents.workbooks import BORN, PLAIN
from app.errors import InputRefused, Problem
from app.survey.answers import clean_text
from app.survey.text import Text
from app.survey.xlsform.reading import read_form
from app.survey.xlsform.writing import survey_sheets

MOST_BYTES = 10_000_000
MOST_UNPACKED = 40_000_000
MOST_MEMBERS = 300
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 5_000, 80, 20
PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
WIDTHS = (18, 16, 40, 40, 30, 30, 10, 30, 24, 14)
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    LookupError,
    ValueError,
    OSError,
    EOFError,
    SyntaxError,  # of XML
    TypeError,
    AttributeError,
    NotImplementedError,  # a way of packing that zipfile does not know
    RuntimeError,  # packed with a password
)
"""What openpyxl and zipfile raise on a file that is no whole workbook."""


def read_xlsform(content: bytes, *, source: str) -> dict[str, Any]:
    """The survey that a workbook means; InputRefused with every row that cannot be kept."""
    return read_form(_sheets(content, source), source=source)


def write_xlsform(body: Mapping[str, Any]) -> bytes:
    """A survey as a workbook; equal surveys give equal bytes."""
    written = io.BytesIO()
    workbook = xlsxwriter.Workbook(written, {**PLAIN, "in_memory": True})
    workbook.set_properties({"created": BORN})
    bold, wrapped = (
        workbook.add_format({"bold": True}),
        workbook.add_format({"text_wrap": True}),
    )
    for name, rows in survey_sheets(body).items():
        sheet = workbook.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(WIDTHS[: len(rows[0])]):
            sheet.set_column(column, column, width, wrapped)
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, str(cell), wrapped if number else bold)
    workbook.close()
    return written.getvalue()


def _sheets(content: bytes, source: str) -> dict[str, list[list[str]]]:
    _check_container(content, source)
    try:
        workbook = load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        if len(workbook.sheetnames) > MOST_SHEETS:
            raise _refused(source, Text(zh="工作表太多", en="has too many sheets"))
        return {sheet.title: _rows(sheet, source) for sheet in workbook.worksheets}
    except DAMAGED:
        raise _refused(
            source, Text(zh="不是完整的 XLSX 文件", en="is no whole XLSX file")
        ) from None


def _check_container(content: bytes, source: str) -> None:
    if len(content) > MOST_BYTES:
        raise _refused(source, Text(zh="文件超过 10 MB", en="is larger than 10 MB"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except DAMAGED:
        what = Text(zh="不是 XLSX 文件", en="is no XLSX file")
        raise _refused(source, what) from None
    if any(member.compress_type not in PACKINGS for member in members):
        raise _refused(source, Text(zh="打包方式少见", en="is packed in an unusual way"))
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED or len(members) > MOST_MEMBERS:
        raise _refused(source, Text(zh="解开以后太大", en="is too large when unpacked"))


def _rows(sheet: Any, source: str) -> list[list[str]]:
    rows = []
    # A sheet may claim to be larger than it is: it is read up to the bound, and one further.
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)):
        if number > MOST_ROWS:
            what = Text(zh=f"超过 {MOST_ROWS} 行", en=f"has more than {MOST_ROWS} rows")
            raise _refused(source, what)
        rows.append([_text(cell) for cell in cells])
    return rows


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean_text(str(value))


def _refused(source: str, what: Text) -> InputRefused:
    cure = "Save the questionnaire anew as XLSX."
    chinese = f"文件{what.zh}。请重新另存为 XLSX。"
    return InputRefused([Problem("file", what.en, cure, source=source, chinese=chinese)])
