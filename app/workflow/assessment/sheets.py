"""A file of values as rows of text: CSV, or one sheet of an XLSX workbook."""

from dataclasses import dataclass

from app.errors import InputRefused, Problem
from app.survey.csv_files import read_cells
from app.survey.text import Text

LARGEST_FILE = 20_000_000
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
ZIPPED = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file with text only; row 1 is the first of the file."""

    source: str
    rows: tuple[tuple[str, ...], ...]
    name: str = ""
    """Of the sheet; empty for CSV."""


def read_sheet(content: bytes, *, source: str, sheet: str | None = None) -> Sheet:
    """The rows of a CSV file or of a workbook's sheet; raises InputRefused with the cure.

    `sheet` names one of a workbook that has several with content.
    """
    if len(content) > LARGEST_FILE:
        raise file_refused(
            source,
            Text(zh="文件超过 20 MB", en="is larger than 20 MB"),
            Text(zh="请拆成几个文件。", en="Split it."),
        )
    if content.startswith(OLD_EXCEL):
        raise file_refused(
            source,
            Text(
                zh="是旧版 Excel 文件，或设有密码", en="is an old Excel file or has a password"
            ),
            Text(zh="请另存为 XLSX，不设密码。", en="Save it as XLSX without a password."),
        )
    if content.startswith(ZIPPED):
        # Loading openpyxl takes longer than most commands do.
        from app.workflow.assessment.workbooks import read_workbook

        return read_workbook(content, source, sheet)
    rows = read_cells(content, source)
    return Sheet(source, tuple(tuple(cell.strip() for cell in row) for row in rows))


def file_refused(source: str, what: Text, cure: Text) -> InputRefused:
    """The refusal of a whole file: what it is, and what would cure it."""
    chinese = f"文件{what.zh}。{cure.zh}"
    return InputRefused([Problem("file", what.en, cure.en, source=source, chinese=chinese)])
