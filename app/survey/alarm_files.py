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
            reader.complain(f"row {number}", message, "One row for a point and day.", point)
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
                self.complain("row 1", f"needs one column {name}", "Name it so.", None)
                self._is_sound = False

    def rows(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """The rows that hold something; none under a wrong header."""
        for number, line in enumerate(self._lines if self._is_sound else (), start=2):
            if not any(cell.strip() for cell in line):
                continue
            if len(line) != len(self._header):
                cure = f"The header has {len(self._header)}. Look for an unquoted comma."
                self.complain(f"row {number}", f"has {len(line)} cells", cure, None)
                continue
            yield number, dict(zip(self._header, map(str.strip, line), strict=True))

    def whole(self, number: int, column: str, cells: Mapping[str, str]) -> int:
        given = cells[column]
        if WHOLE.fullmatch(given):
            return int(given)
        cure = "Write a whole number in digits, without separators."
        self.complain(f"row {number}, {column}", "is no count", cure, given)
        return 0

    def named(self, number: int, column: str, cells: Mapping[str, str]) -> str:
        given = cells[column]
        if not given or not given.isprintable():
            self.complain(
                f"row {number}, {column}", "is empty or not one line", "Name it.", given
            )
        return given

    def one_of(
        self, number: int, column: str, cells: Mapping[str, str], known: Sequence[str]
    ) -> str:
        if cells[column] not in known:
            cure = f"Points: {', '.join(known) or 'none'}."
            message = "is no point of the plan"
            self.complain(f"row {number}, {column}", message, cure, cells[column])
        return cells[column]

    def day(self, number: int, cells: Mapping[str, str]) -> str:
        given = cells.get("day", NO_DAY)
        try:
            return date.fromisoformat(given).isoformat() if given else NO_DAY
        except ValueError:
            self.complain(f"row {number}, day", "is no day", "Write it as 2026-11-22.", given)
            return NO_DAY

    def complain(self, place: str, message: str, cure: str, value: object) -> None:
        self._problems.append(Problem(place, message, cure, value))

    def finish(self) -> None:
        """Raise InputRefused with all problems; nothing if there is none."""
        if self._problems:
            raise InputRefused(with_source(self._problems, self._source))
