"""CSV files as spreadsheets really save them: bytes become cells, or a sentence with a cure.

UTF-8 with a byte order mark or without, or the national encoding; commas; closed quotation
marks. What the cells mean is for the readers of answers and of sampling frames to say. What
is written goes back to spreadsheets, which must not run it.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.errors import InputRefused, Problem

MOST_PROBLEMS = 1000
CURE_OF_SAVING = "Save it as CSV UTF-8 (comma delimited)."
FORMULA_STARTS = frozenset("=+-@\t\r\n\v\f\0")
UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp"})
"""Kinds of characters that may stand before a formula unseen: spaces, marks of direction."""
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


def guarded(text: str) -> str:
    """A text that a spreadsheet would run gets an apostrophe in front; any other stays.

    The one place that decides it, for every CSV and XLSX that leaves the product. Full-width
    and small forms of a sign count as the sign: where Chinese is typed, they become it.
    """
    return f"'{text}" if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula, a command or a new cell."""
    if text[:1].isalnum():
        return False
    seen = (one for one in text if unicodedata.category(one) not in UNSEEN)
    first = next(seen, "")
    return first in FORMULA_STARTS or unicodedata.normalize("NFKC", first) in FORMULA_STARTS


def read_cells(content: bytes, source: str) -> list[list[str]]:
    """The cells of a file, row by row, the header first.

    Raises InputRefused for a file that is no text, is separated by something other than
    commas, leaves a quotation mark open or is empty.
    """
    text = _text(content, source)
    header = text.partition("\n")[0]
    for separator, name in OTHER_SEPARATORS.items():
        if separator in header and "," not in header:
            message = f"is separated by {name}, not by commas"
            raise InputRefused([Problem("file", message, CURE_OF_SAVING, source=source)])
    table: list[list[str]] = []
    try:
        table.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        message, cure = _fault(str(error))
        place = f"row {len(table) + 1}"
        raise InputRefused([Problem(place, message, cure, source=source)]) from None
    if not table:
        cure = "Put the column names here."
        raise InputRefused([Problem("row 1", "is empty", cure, source=source)])
    return table


def with_source(problems: Sequence[Problem], source: str) -> Iterator[Problem]:
    """The problems with the file's name; of very many only the first, and how many more."""
    for problem in problems[:MOST_PROBLEMS]:
        yield replace(problem, source=source)
    if len(problems) > MOST_PROBLEMS:
        yield Problem(
            "file", f"has {len(problems) - MOST_PROBLEMS} more problems", source=source
        )


def _fault(said: str) -> tuple[str, str]:
    """What the csv module complains of, and the cure."""
    if "field larger" in said:
        message = f"has a cell of more than {csv.field_size_limit():,} characters"
        return message, "Look for a quotation mark that is not closed, or shorten the cell."
    if "end of data" in said:
        return "opens a quotation mark that is never closed", "Close it, or double it."
    return "has text after a closing quotation mark", "Double a mark that belongs to the text."


def _text(content: bytes, source: str) -> str:
    if b"\0" in content or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "is UTF-16 or no text at all"
        raise InputRefused([Problem("file", message, CURE_OF_SAVING, source=source)])
    # Spreadsheets save CSV as UTF-8, with a mark or without, or in the national encoding.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    message = "is neither UTF-8 nor GB18030"
    raise InputRefused([Problem("file", message, CURE_OF_SAVING, source=source)])
