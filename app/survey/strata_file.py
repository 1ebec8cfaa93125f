"""The file of strata a sample is planned over, and the file of sizes that a draw takes.

Strata: `stratum` and `population` are required; `spread` (of a mean) or `share`, `cost` and
`mean` may be there, and then every row has them. Sizes: `stratum` and `invitations`. Every
other column is passed over. How many to ask of each stratum is not decided here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.errors import InputRefused, Problem
from app.survey.csv_files import read_cells, with_source

MOST_PEOPLE = 10_000_000_000
"""More than live: what is above is a slip of the hand."""
LARGEST = 1e9
SMALLEST = 1e-9
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
WHOLE = re.compile(r"\d{1,15}", re.ASCII)
PLANNED = ("stratum", "population", "spread", "share", "cost", "mean")


@dataclass(frozen=True, slots=True)
class StratumRow:
    """One stratum as its row says; None where the column is absent."""

    name: str
    population: int
    spread: float | None = None
    share: float | None = None
    cost: float | None = None
    mean: float | None = None


def read_strata(content: bytes, *, source: str) -> tuple[StratumRow, ...]:
    """The strata of a file in its order; InputRefused with every mistake."""
    reader = _Reader(content, source, needed=("stratum", "population"), known=PLANNED)
    if {"spread", "share"} <= reader.columns:
        cure = "A spread is for a mean, a share for a share: remove one of the columns."
        reader.problems.append(Problem("row 1", "has both spread and share", cure))
    rows = [
        StratumRow(
            name=reader.name(number, cells["stratum"]),
            population=reader.people(number, "population", cells),
            spread=reader.positive(number, "spread", cells),
            share=reader.share(number, cells),
            cost=reader.positive(number, "cost", cells),
            mean=reader.mean(number, cells),
        )
        for number, cells in reader.rows()
    ]
    reader.finish()
    return tuple(rows)


def read_sizes(content: bytes, *, source: str) -> dict[str, int]:
    """Stratum → people to draw, from a planned sample; InputRefused with every mistake."""
    needed = ("stratum", "invitations")
    reader = _Reader(content, source, needed=needed, known=needed)
    sizes = {
        reader.name(number, cells["stratum"]): reader.people(number, "invitations", cells)
        for number, cells in reader.rows()
    }
    reader.finish()
    return sizes


class _Reader:
    """Reads cells row after row, gathering problems; `finish` raises them together."""

    def __init__(
        self, content: bytes, source: str, *, needed: Sequence[str], known: Sequence[str]
    ) -> None:
        header, *self._lines = read_cells(content, source)
        self._header = [name.strip() for name in header]
        self._source = source
        self._seen: dict[str, int] = {}
        self.columns = set(self._header) & set(known)
        self.problems = list(_header_problems(self._header, needed=needed, known=known))
        self._is_readable = not self.problems

    def rows(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """The rows that hold something, with their number; none under a wrong header."""
        if not self._is_readable:
            return
        for number, line in enumerate(self._lines, start=2):
            if not any(cell.strip() for cell in line):
                continue
            if len(line) != len(self._header):
                cure = f"The header has {len(self._header)}. Look for an unquoted comma."
                self._complain(f"row {number}", f"has {len(line)} cells", cure)
                continue
            yield number, dict(zip(self._header, map(str.strip, line), strict=True))

    def name(self, number: int, given: str) -> str:
        place = f"row {number}, stratum"
        if not given:
            self._complain(place, "is empty", "Every row names its stratum.")
        elif not given.isprintable():
            self._complain(place, "holds a control character", "Write it in one line.", given)
        elif given in self._seen:
            message = f"is already used in row {self._seen[given]}"
            self._complain(place, message, "One row a stratum.", given)
        self._seen.setdefault(given, number)
        return given

    def people(self, number: int, column: str, cells: Mapping[str, str]) -> int:
        given = cells[column]
        if WHOLE.fullmatch(given) and 1 <= int(given) <= MOST_PEOPLE:
            return int(given)
        cure = f"Write 1 to {MOST_PEOPLE} in digits, without separators."
        self._complain(f"row {number}, {column}", "is no number of people", cure, given)
        return 1

    def positive(self, number: int, column: str, cells: Mapping[str, str]) -> float | None:
        cure = "Write a number above 0, such as 18.5."
        return self._number(number, column, cells, bounds=(SMALLEST, LARGEST, cure))

    def share(self, number: int, cells: Mapping[str, str]) -> float | None:
        cure = "Write a number above 0 and below 1, such as 0.35 for 35 %."
        return self._number(number, "share", cells, bounds=(SMALLEST, 1 - SMALLEST, cure))

    def mean(self, number: int, cells: Mapping[str, str]) -> float | None:
        cure = "Write a number that is not 0: the spread is taken relative to it."
        mean = self._number(number, "mean", cells, bounds=(-LARGEST, LARGEST, cure))
        if mean is not None and abs(mean) < SMALLEST:
            self._complain(f"row {number}, mean", "is 0", cure, cells["mean"])
        return mean

    def finish(self) -> None:
        """Raise InputRefused with all problems; nothing if there is none."""
        if not self.problems and not self._seen:
            cure = "The file has a header only."
            self.problems.append(Problem("row 2", "holds no stratum", cure))
        if self.problems:
            raise InputRefused(with_source(self.problems, self._source))

    def _number(
        self,
        number: int,
        column: str,
        cells: Mapping[str, str],
        *,
        bounds: tuple[float, float, str],
    ) -> float | None:
        """A cell's number between two others; the third of `bounds` is the cure."""
        if column not in self.columns:
            return None
        given = cells[column]
        low, high, cure = bounds
        if not NUMBER.fullmatch(given):
            message = "is no number" if given else "is empty"
            self._complain(f"row {number}, {column}", message, cure, given or None)
        elif not low <= float(given) <= high:
            self._complain(f"row {number}, {column}", "is out of range", cure, given)
        else:
            return float(given)
        return 1.0

    def _complain(self, place: str, message: str, cure: str, value: object = None) -> None:
        self.problems.append(Problem(place, message, cure, value))


def _header_problems(
    header: Sequence[str], *, needed: Sequence[str], known: Sequence[str]
) -> Iterator[Problem]:
    for name in needed:
        if name not in header:
            cure = f"Needed: {', '.join(needed)}. There: {', '.join(header)}."
            yield Problem("row 1", f"lacks the column {name}", cure)
    for name in known:
        if header.count(name) > 1:
            yield Problem("row 1", "names a column twice", "Rename one.", name)
