"""The sampling frame: everybody who could be drawn, read from a file with all its mistakes.

`person` (unique) and `unit` are required; `stratum` is the unit where the column is absent;
`point` says whose code the invitation is good for, and may be absent where a unit has one
point. Every other column passes through to the list of those drawn, and is kept nowhere.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import InputRefused, Problem
from app.survey.csv_files import read_cells, with_source

REQUIRED = ("person", "unit")
LONGEST_NAME = 200
"""Characters of a person's number and of a stratum: the length of their columns."""
MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class FramePerson:
    """One person of a frame; `cells` are the row as it stands in the file."""

    row: int
    person: str
    unit: str
    stratum: str
    point: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A sampling frame, read whole; `digest` is the SHA-256 of the file, hex."""

    columns: tuple[str, ...]
    people: tuple[FramePerson, ...]
    digest: str

    @property
    def strata(self) -> dict[str, int]:
        """Stratum → people in it, in the order of the strata's names."""
        return dict(sorted(Counter(person.stratum for person in self.people).items()))


def read_frame(content: bytes, *, source: str, points: Mapping[str, Sequence[str]]) -> Frame:
    """Read a frame; `points` names the points of every unit of the plan.

    Raises InputRefused with every mistake, each with its row and column.
    """
    header, *lines = read_cells(content, source)
    columns = [name.strip() for name in header]
    problems = _header_problems(columns)
    reader = _FrameReader(columns, points)
    if not problems:
        for number, line in enumerate(lines, start=2):
            if any(cell.strip() for cell in line):
                reader.read(number, line)
        problems = reader.problems
        if not problems and not reader.people:
            problems = [Problem("row 2", "holds nobody", "The file has a header only.")]
    if problems:
        raise InputRefused(with_source(problems, source))
    digest = hashlib.sha256(content).hexdigest()
    return Frame(tuple(columns), tuple(reader.people), digest)


def _header_problems(columns: Sequence[str]) -> list[Problem]:
    problems = [
        Problem(f"row 1, column {position}", "names a column twice", "Rename one.", name)
        for position, name in enumerate(columns, start=1)
        if columns.index(name) != position - 1
    ]
    for name in REQUIRED:
        if name not in columns:
            cure = "Every row of a frame says who the person is and for which unit they speak."
            problems.append(Problem("row 1", f"lacks the column {name}", cure))
    return problems


class _FrameReader:
    """Reads row after row, gathering people and problems."""

    def __init__(self, columns: Sequence[str], points: Mapping[str, Sequence[str]]) -> None:
        self.columns = columns
        self.points = points
        self.people: list[FramePerson] = []
        self.problems: list[Problem] = []
        self._rows: dict[str, int] = {}
        self._units: set[str] = set()

    def read(self, number: int, line: Sequence[str]) -> None:
        if len(line) != len(self.columns):
            cure = f"The header has {len(self.columns)}. Look for an unquoted comma."
            self.problems.append(Problem(f"row {number}", f"has {len(line)} cells", cure))
            return
        cells = {name: cell.strip() for name, cell in zip(self.columns, line, strict=True)}
        unit = cells["unit"]
        self._check_unit(number, unit)
        person = FramePerson(
            row=number,
            person=self._person(number, cells["person"]),
            unit=unit,
            stratum=self._name(number, "stratum", cells["stratum"])
            if self._has("stratum")
            else unit,
            point=self._point(number, unit, cells.get("point", "")),
            cells=tuple(cells.values()),
        )
        self.people.append(person)

    def _has(self, column: str) -> bool:
        return column in self.columns

    def _check_unit(self, number: int, unit: str) -> None:
        """What is wrong with a unit itself is said where it first stands."""
        if not unit:
            self._complain(number, "unit", "is empty", "Every row needs it.")
            return
        if unit in self._units:
            return
        self._units.add(unit)
        known = self.points.get(unit)
        if known is None:
            cure = f"Units of the plan: {_some(list(self.points))}."
            self._complain(number, "unit", "is not a unit of the plan", cure, unit)
        elif not known:
            cure = "An invitation leads to a point; the plan must give the unit one."
            self._complain(number, "unit", "has no point in the plan", cure, unit)
        elif len(known) > 1 and not self._has("point"):
            message = f"lacks the column point, and {unit} has several: {_some(known)}"
            self.problems.append(Problem("row 1", message, "Add it."))

    def _person(self, number: int, given: str) -> str:
        if given and given in self._rows:
            message = f"is already used in row {self._rows[given]}"
            self._complain(number, "person", message, "One row a person.", given)
        self._rows.setdefault(given, number)
        return self._name(number, "person", given)

    def _name(self, number: int, column: str, given: str) -> str:
        if not given:
            self._complain(number, column, "is empty", "Every row needs it.")
        if len(given) > LONGEST_NAME:
            cure = f"Use at most {LONGEST_NAME} characters."
            self._complain(number, column, "is too long", cure, given)
        if any(unicodedata.category(character) == "Cc" for character in given):
            cure = "Remove line breaks and control characters."
            self._complain(number, column, "holds a control character", cure, given)
        return given

    def _point(self, number: int, unit: str, given: str) -> str:
        known = self.points.get(unit, ())
        if given and known and given not in known:
            cure = f"Points of {unit}: {_some(known)}."
            self._complain(number, "point", f"is no point of {unit}", cure, given)
        if not given and len(known) > 1 and self._has("point"):
            cure = f"{unit} has several points: {_some(known)}."
            self._complain(number, "point", "is empty", cure)
        return given or (known[0] if len(known) == 1 else "")

    def _complain(
        self, number: int, column: str, message: str, cure: str, value: object = None
    ) -> None:
        self.problems.append(Problem(f"row {number}, {column}", message, cure, value))


def _some(names: Sequence[str]) -> str:
    more = ", …" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
