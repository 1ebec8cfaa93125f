"""How the responses came: times in slots of five minutes, seconds, labels, one-time rights.

Times are kept no finer than the platform itself keeps them, however fine the file is.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from app.survey.sample import Flags, Floats, Labels
from app.workflow.screen_file.columns import Columns
from app.workflow.screen_file.sheet import Complaints, Sheet, numbers

SLOT_MINUTES = 5
DAY_MINUTES = 24 * 60
LONGEST_DAYS = 400
"""A time further than this from the middle one is a mistyped year, not a long round."""
SPREADSHEET = re.compile(
    r"(\d{4})[/.\-年](\d{1,2})[/.\-月](\d{1,2})日?[ T]+(\d{1,2}):(\d{2})(:.*)?"
)
WITH_TIME = re.compile(r"[\d日][T ]+\d{1,2}:?\d{2}")
NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)")
SECONDS = re.compile(r"(\d+\.?\d*)\s*(秒|s)?")
YES, NO = ("1", "true", "yes", "y", "是"), ("", "0", "false", "no", "n", "否")


@dataclass(frozen=True, slots=True)
class Times:
    """Minutes since the first midnight in steps of five, and the day of that midnight."""

    minute: Floats
    first_day: date | None


def read_times(sheet: Sheet, columns: Columns, complaints: Complaints) -> Times:
    """The times of submission; NaN where there is none."""
    heading = columns.headings.get("submitted_slot")
    if heading is None:
        return Times(np.full(len(sheet), np.nan), None)
    texts = {text.strip() for text in set(sheet.columns[heading])} - {""}
    if texts and not any(WITH_TIME.search(text) for text in texts):
        said = "gives no time of day", "Write 2026-03-02T09:35, or leave the column out."
        complaints.column(heading, said, "没有钟点。请写成 2026-03-02T09:35，或删去这一列。")
        return Times(np.full(len(sheet), np.nan), None)
    values, bad = numbers(sheet, heading, _minute)
    cure = "Write year, month, day, hour and minute, such as 2026-03-02T09:35."
    zh = "不是时间。请写年月日时分，如 2026-03-02T09:35。"
    complaints.cells(bad, ("is no time", cure), zh)
    if not np.isfinite(values).any():
        return Times(values, None)
    _complain_of_far_times(sheet, heading, values, complaints)
    first = int(np.nanmin(values) // DAY_MINUTES)
    minute = np.floor(values / SLOT_MINUTES) * SLOT_MINUTES - first * DAY_MINUTES
    return Times(minute, date.fromordinal(max(first, 1)))


def read_dwell(sheet: Sheet, columns: Columns, complaints: Complaints) -> Floats:
    """N by pages; one column of NaN where nothing was measured."""
    whole = columns.headings.get("seconds")
    headings = columns.pages or ((whole,) if whole else ())
    if not headings:
        return np.full((len(sheet), 1), np.nan)
    return np.column_stack([read_amount(sheet, name, complaints) for name in headings])


def read_amount(sheet: Sheet, heading: str, complaints: Complaints) -> Floats:
    """A column of numbers that are not negative; NaN where a cell is empty."""
    decimal_comma = sheet.separator != ","

    def parse(text: str) -> float | None:
        plain = text.replace(",", ".") if decimal_comma else text
        match = SECONDS.fullmatch(plain)
        return float(match[1]) if match else (None if text else float("nan"))

    values, bad = numbers(sheet, heading, parse)
    said = "is no number", "Write a number that is not negative, or leave the cell empty."
    complaints.cells(bad, said, "不是数字。请写不小于 0 的数；没有时留空。")
    return values


def read_labels(sheet: Sheet, columns: Columns, column: str) -> Labels:
    """A column of labels, "" throughout where the file has none."""
    heading = columns.headings.get(column)
    if heading is None:
        return np.full(len(sheet), "", dtype=np.str_)
    return np.array(list(map(str.strip, sheet.columns[heading])), dtype=np.str_)


def read_assured(sheet: Sheet, columns: Columns, complaints: Complaints) -> Flags:
    """Whether a one-time right stands behind each response; unknown counts as no."""
    heading = columns.headings.get("assured")
    if heading is None:
        return np.zeros(len(sheet), dtype=np.bool_)
    values, bad = numbers(sheet, heading, _yes_or_no)
    complaints.cells(
        bad, ("is neither yes nor no", "Write 1 or 0."), "请写 1（是）或 0（否）。"
    )
    return values == 1


def _minute(text: str) -> float | None:
    """Minutes since the day 0; NaN for nothing, None for what is no time with a clock."""
    if not text:
        return float("nan")
    match = SPREADSHEET.fullmatch(text)
    try:
        if match:
            year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
            moment = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - as on the wall
        elif WITH_TIME.search(text):
            moment = datetime.fromisoformat(text)
        else:
            return None
    except ValueError:
        return None
    return moment.toordinal() * DAY_MINUTES + moment.hour * 60.0 + moment.minute


def _complain_of_far_times(
    sheet: Sheet, heading: str, values: Floats, complaints: Complaints
) -> None:
    apart = np.abs(values - np.nanmedian(values))
    far = np.flatnonzero(apart > LONGEST_DAYS * DAY_MINUTES).tolist()
    cells = [(sheet.lines[row], heading, sheet.columns[heading][row]) for row in far]
    said = f"lies more than {LONGEST_DAYS} days from the others", "Check the year."
    complaints.cells(cells, said, f"与其他答卷相差 {LONGEST_DAYS} 天以上。请核对年份。")


def _yes_or_no(text: str) -> float | None:
    word = text.lower()
    return 1.0 if word in YES else 0.0 if word in NO else None
