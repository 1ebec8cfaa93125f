"""Which columns are items, what their scales are, and every answer's place on its scale.

Named with ``--items``, or else every column that is no known one and holds small whole
numbers. What was taken is said, so that an age coded 1 to 7 is not an item unnoticed.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np

from app.errors import InputRefused, Problem
from app.survey.sample import Floats
from app.survey.text import Text
from app.workflow.screen_file.columns import BACKGROUND, Columns
from app.workflow.screen_file.sheet import Complaints, Sheet, numbers

WHOLE = re.compile(r"[+-]?\d{1,4}(\.0+)?")
SCALE = re.compile(r"(-?\d{1,4})\s*[-–~:]\s*(-?\d{1,4})")
SMALLEST, LARGEST = 0, 10
MOSTLY = 0.9
"""From this share of small whole numbers on, the other cells are mistakes in an item."""
FEW = 30
"""From so many cells on, a column with one value throughout is no item."""
USUAL = ((1, 5), (0, 1), (0, 5), (1, 7), (1, 10), (0, 10))


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers of the worst and the best option; the best may be the smaller one."""

    worst: int
    best: int

    def __str__(self) -> str:
        return f"{self.worst}-{self.best}"

    @property
    def highest(self) -> int:
        """Place of the best option, where the worst has place 0."""
        return abs(self.best - self.worst)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say of the items; nothing said is found out from the file."""

    items: tuple[str, ...] = ()
    scales: Mapping[str, Scale] = field(default_factory=dict)
    """Item → its scale; under "" that of all others."""
    no_opinion: frozenset[str] = frozenset()
    """Cells that count as not answered, such as ``9`` or ``不了解``."""


NOTHING_SAID = Wanted()


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a file with their scales, and why other columns are none."""

    scales: Mapping[str, Scale]
    unused: Mapping[str, Text]


def parse_wanted(items: str | None, scales: Sequence[str], no_opinion: str | None) -> Wanted:
    """The options' texts as values. Raises InputRefused with every mistake."""
    found: dict[str, Scale] = {}
    problems = []
    for part in (part.strip() for text in scales for part in text.split(",") if part.strip()):
        item, equals, ends = part.rpartition("=")
        match = SCALE.fullmatch(ends.strip())
        if match is None or match[1] == match[2] or (equals and not item.strip()):
            cure = "Write worst-best, such as 1-5, 5-1 or g1=0-10."
            zh = f"--scale“{part}”：不是量表。请写“最差-最好”，如 1-5、5-1 或 g1=0-10。"
            problems.append(Problem("--scale", "is no scale", cure, part, chinese=zh))
        else:
            found[item.strip()] = Scale(int(match[1]), int(match[2]))
    if problems:
        raise InputRefused(problems)
    return Wanted(_listed(items), found, frozenset(_listed(no_opinion)))


def find_items(sheet: Sheet, columns: Columns, wanted: Wanted, complaints: Complaints) -> Items:
    """The items and their scales; names and scales of no column are complained of."""
    unused: dict[str, Text] = {}
    if wanted.items:
        found = _named(sheet, wanted, complaints)
        not_named = Text(zh="不在 --items 中", en="not among --items")
        unused = {heading: not_named for heading in columns.rest if heading not in found}
    else:
        found = []
        for heading in columns.rest:
            why = _why_no_item(sheet.columns[heading], heading, wanted.no_opinion)
            if why is None:
                found.append(heading)
            else:
                unused[heading] = why
    for item in wanted.scales:
        if item and item not in found:
            _unknown(item, "--scale", found, complaints)
    if not found and not complaints.found:
        said = "has no items", "Columns of whole numbers 0 to 10 are items; or name --items."
        zh = "没有题目列。题目列是 0 到 10 的整数（选项序号）；也可用 --items 指明。"
        complaints.file(said, zh)
    everywhere = wanted.scales.get("")
    scales = {
        item: wanted.scales.get(item) or everywhere or _seen(sheet.columns[item], wanted)
        for item in found
    }
    return Items(scales, unused)


def read_answers(
    sheet: Sheet, scales: Mapping[str, Scale], wanted: Wanted, complaints: Complaints
) -> Floats:
    """Responses by items: places from 0, the worst; NaN where there is no opinion."""
    answers = np.full((len(sheet), len(scales)), np.nan)
    for column, (item, scale) in enumerate(scales.items()):
        values, bad = numbers(sheet, item, lambda text: _answer(text, wanted))
        cure = f"Write the option's number on {scale}, or leave the cell empty."
        zh = f"不是选项的序号。请写 {scale} 中的整数；未作答时留空。"
        complaints.cells(bad, ("is no number of an option", cure), zh)
        low, high = sorted((scale.worst, scale.best))
        outside = np.flatnonzero((values < low) | (values > high))
        cells = [(sheet.lines[row], item, sheet.columns[item][row]) for row in outside.tolist()]
        cure = "Correct it; say --scale if the item has other options, or --no-opinion."
        zh = f"不在量表 {scale} 内。请改正；选项不同时用 --scale，“不了解”用 --no-opinion。"
        complaints.cells(cells, (f"lies outside the scale {scale}", cure), zh)
        answers[:, column] = np.abs(values - scale.worst)
    return answers


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip())
    )


def _named(sheet: Sheet, wanted: Wanted, complaints: Complaints) -> list[str]:
    for item in wanted.items:
        if item not in sheet.columns:
            _unknown(item, "--items", list(sheet.columns), complaints)
    return [item for item in wanted.items if item in sheet.columns]


def _unknown(item: str, option: str, known: Sequence[str], complaints: Complaints) -> None:
    near = get_close_matches(item, known, n=1)
    cure = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known[:30])}."
    zh = f"是否应为“{near[0]}”？" if near else f"现有：{'、'.join(known[:30])}。"
    said = f"is named in {option} and is no item of the file", cure
    complaints.column(item, said, f"{option} 中写了这一题，文件里却没有。{zh}")


def _why_no_item(
    column: Sequence[str], heading: str, no_opinion: frozenset[str]
) -> Text | None:
    """Why a column that nobody named is no item; None where it is one."""
    if heading.lower() in BACKGROUND:
        return Text(zh="看似背景项；若是题目请写入 --items", en="looks like background")
    given = Counter(column)
    for cell in list(given):
        if not cell.strip() or cell.strip() in no_opinion:
            del given[cell]
    if not given:
        return Text(zh="全空", en="empty")
    small = [cell for cell in given if _is_small(cell.strip())]
    if sum(given[cell] for cell in small) < MOSTLY * given.total():
        return Text(zh="不是小整数", en="no small whole numbers")
    if len(small) < 2 and given.total() >= FEW:
        return Text(zh="只有一个值", en="one value only")
    return None


def _is_small(text: str) -> bool:
    return bool(WHOLE.fullmatch(text)) and SMALLEST <= float(text) <= LARGEST


def _seen(column: Sequence[str], wanted: Wanted) -> Scale:
    """The smallest usual scale that holds every answer; else from the least to the largest."""
    texts = {text.strip() for text in set(column)} - wanted.no_opinion
    seen = [int(float(text)) for text in texts if WHOLE.fullmatch(text)]
    if not wanted.items:
        # What is out of the range of items is a mistake of the cell, not a wider scale.
        seen = [number for number in seen if SMALLEST <= number <= LARGEST]
    low, high = min(seen, default=1), max(seen, default=5)
    for worst, best in USUAL:
        if worst <= low and high <= best:
            return Scale(worst, best)
    return Scale(low, high)


def _answer(text: str, wanted: Wanted) -> float | None:
    if not text or text in wanted.no_opinion:
        return float("nan")
    return float(text) if WHOLE.fullmatch(text) else None
