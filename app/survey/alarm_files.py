"""The two small files that early warnings take from elsewhere: visits, and appeals.

Visits are what a hall's queue machine counted: point, visits, and a day where it is known.
Appeals are counts by office and by who decided: office, decider, upheld, rejected.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.errors import InputRefused, Problem
from app.survey.csv_files import read_cells, with_source

WHOLE = re.compile(r"[0-9]{1,9}")
NO_DAY = ""


@dataclass(frozen=True, slots=True)
class VisitCount:
    """Visits to a point, of one day or of the round so far."""

    point: str
    day: str
    """YYYY-MM-DD; empty where the file has no days."""
    visits: int


@dataclass(frozen=True, slots=True)
class AppealCount:
    """Appeals of an office that one person decided."""

    office: str
    decider: str
    upheld: int
    rejected: int


def read_visits(
    content: bytes, *, points: Sequence[str], source: str
) -> tuple[VisitCount, ...]:
    """The visits in a file; InputRefused with every mistake, a point of no plan among them."""
    reader = _Reader(content, ("point", "visits"), source)
    seen: dict[tuple[str, str], int] = {}
    counts = []
    for number, cells in reader.rows():
        point = reader.one_of(number, "point", cells, points)
        day = reader.day(number, cells)
        earlier = seen.setdefault((point, day), number)
        if earlier != number:
            message = f"is already counted in row {earlier}"
            cure = "One row for a point and day."
            chinese = (
                f"第 {number} 行：点位“{point}”这一天在第 {earlier} 行已有。每点每天一行。"
            )
            reader.complain(Problem(f"row {number}", message, cure, point, chinese=chinese))
        counts.append(VisitCount(point, day, reader.whole(number, "visits", cells)))
    reader.finish()
    return tuple(counts)


def read_appeals(content: bytes, *, source: str) -> tuple[AppealCount, ...]:
    """The appeals in a file; InputRefused with every mistake."""
    reader = _Reader(content, ("office", "decider", "upheld", "rejected"), source)
    counts = [
        AppealCount(
            reader.named(number, "office", cells),
            reader.named(number, "decider", cells),
            reader.whole(number, "upheld", cells),
            reader.whole(number, "rejected", cells),
        )
        for number, cells in reader.rows()
    ]
    reader.finish()
    return tuple(counts)


class _Reader:
    """Reads rows by their header and gathers problems."""

    def __init__(self, content: bytes, needed: Sequence[str], source: str) -> None:
        self._source, self._problems = source, list[Problem]()
        header, *self._lines = read_cells(content, source)
        self._header = [name.strip() for name in header]
        self._is_sound = True
        for name in needed:
            if self._header.count(name) != 1:
                chinese = f"第 1 行：须有且只有一列 {name}。"
                message = f"needs one column {name}"
                self.complain(Problem("row 1", message, "Name it so.", chinese=chinese))
                self._is_sound = False

    def rows(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """The rows that hold something; none under a wrong header."""
        for number, line in enumerate(self._lines if self._is_sound else (), start=2):
            if not any(cell.strip() for cell in line):
                continue
            if len(line) != len(self._header):
                cure = f"The header has {len(self._header)}. Look for an unquoted comma."
                chinese = (
                    f"第 {number} 行：有 {len(line)} 格，而表头有 {len(self._header)} 格。"
                    "请看是否有逗号没有加引号。"
                )
                message = f"has {len(line)} cells"
                self.complain(Problem(f"row {number}", message, cure, chinese=chinese))
                continue
            yield number, dict(zip(self._header, map(str.strip, line), strict=True))

    def whole(self, number: int, column: str, cells: Mapping[str, str]) -> int:
        given = cells[column]
        if WHOLE.fullmatch(given):
            return int(given)
        cure = "Write a whole number in digits, without separators."
        chinese = f"第 {number} 行 {column}：“{given}”不是份数。请写整数，不加分隔符。"
        place = f"row {number}, {column}"
        self.complain(Problem(place, "is no count", cure, given, chinese=chinese))
        return 0

    def named(self, number: int, column: str, cells: Mapping[str, str]) -> str:
        given = cells[column]
        if not given or not given.isprintable():
            chinese = f"第 {number} 行 {column}：为空或不止一行。请写名称。"
            place, message = f"row {number}, {column}", "is empty or not one line"
            self.complain(Problem(place, message, "Name it.", given, chinese=chinese))
        return given

    def one_of(
        self, number: int, column: str, cells: Mapping[str, str], known: Sequence[str]
    ) -> str:
        if cells[column] not in known:
            cure = f"Points: {', '.join(known) or 'none'}."
            message = "is no point of the plan"
            names = "、".join(known) or "无"
            chinese = (
                f"第 {number} 行 {column}：方案中没有点位“{cells[column]}”。现有：{names}。"
            )
            place = f"row {number}, {column}"
            self.complain(Problem(place, message, cure, cells[column], chinese=chinese))
        return cells[column]

    def day(self, number: int, cells: Mapping[str, str]) -> str:
        given = cells.get("day", NO_DAY)
        try:
            return date.fromisoformat(given).isoformat() if given else NO_DAY
        except ValueError:
            chinese = f"第 {number} 行 day：“{given}”不是日期。请写成 2026-11-22。"
            cure = "Write it as 2026-11-22."
            self.complain(
                Problem(f"row {number}, day", "is no day", cure, given, chinese=chinese)
            )
            return NO_DAY

    def complain(self, problem: Problem) -> None:
        self._problems.append(problem)

    def finish(self) -> None:
        """Raise InputRefused with all problems; nothing if there is none."""
        if self._problems:
            raise InputRefused(with_source(self._problems, self._source))
