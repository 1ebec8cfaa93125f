"""The rows of a study: columns of a CSV file as labels or numbers, each mistake by its cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.errors import CannotEstimate, InputRefused, Problem
from app.survey.csv_files import read_cells
from app.survey.sample import Flags, Floats, Labels

MISSING = ("", "NA")
LARGEST = 1e60
"""Beyond it squares and sums leave what a computer can hold; nothing counted comes near."""
NAMED = 5
"""So many faulty cells are named; more are counted."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length; an empty cell is a missing value."""

    source: str
    columns: Mapping[str, Labels]
    numeric: Mapping[str, Floats] = field(default_factory=dict)
    """Columns that were made, not read."""
    length: int = 0

    def __len__(self) -> int:
        return self.length

    @property
    def names(self) -> list[str]:
        """All columns."""
        return [*self.columns, *self.numeric]

    def __contains__(self, name: str) -> bool:
        return name in self.columns or name in self.numeric

    def labels(self, name: str) -> Labels:
        """A column as text; `a+b` and `a*b` are the combinations of columns, as ``x|y``.

        Raises CannotEstimate for a column that is not there.
        """
        if name in self.columns:
            return self.columns[name]
        if name in self.numeric:
            return np.array([plain_number(x) for x in self.numeric[name]], np.str_)
        for joint in ("+", "*"):
            if joint in name:
                return self._combined(name.split(joint))
        raise CannotEstimate(self._unknown(name))

    def numbers(self, name: str) -> Floats:
        """A column as numbers, missing as NaN. Raises CannotEstimate naming the wrong cells."""
        if name in self.numeric:
            return self.numeric[name]
        if name not in self.columns:
            raise CannotEstimate(self._unknown(name))
        column = self.columns[name]
        is_missing = np.isin(column, MISSING)
        try:
            numbers = np.where(is_missing, "0", column).astype(float)
        except ValueError:
            raise CannotEstimate(self._not_numbers(name)) from None
        if not (np.abs(numbers) <= LARGEST).all():
            raise CannotEstimate(self._not_numbers(name))
        return np.where(is_missing, np.nan, numbers)

    def is_numeric(self, name: str) -> bool:
        """Whether every cell of a column is a number or empty."""
        if name in self.numeric:
            return True
        try:
            self.numbers(name)
        except CannotEstimate:
            return False
        return True

    def with_column(self, name: str, values: Floats) -> "Table":
        """The table with a column of numbers more."""
        kept = {key: column for key, column in self.columns.items() if key != name}
        return replace(self, columns=kept, numeric={**self.numeric, name: values})

    def with_labels(self, name: str, values: Labels) -> "Table":
        """The table with a column of text more."""
        return replace(self, columns={**self.columns, name: values})

    def restrict(self, kept: Flags) -> "Table":
        """The rows where `kept` is true."""
        columns = {name: column[kept] for name, column in self.columns.items()}
        numeric = {name: column[kept] for name, column in self.numeric.items()}
        return replace(self, columns=columns, numeric=numeric, length=int(kept.sum()))

    def flags(self, domain: Mapping[str, str | int | float]) -> Flags:
        """The rows of a domain: column → level. Raises CannotEstimate."""
        inside = np.ones(len(self), bool)
        for name, level in domain.items():
            if isinstance(level, str):
                inside &= self.labels(name) == level
            else:
                inside &= self.numbers(name) == float(level)
        return inside

    def levels(self, names: Sequence[str]) -> list[dict[str, str | int | float]]:
        """Every combination of levels found, sorted; rows with a missing one have none."""
        columns = [self.labels(name) for name in names]
        present = np.logical_and.reduce([column != "" for column in columns])
        rows = set(zip(*(column[present].tolist() for column in columns), strict=True))
        is_number = [self.is_numeric(name) for name in names]
        typed = [
            tuple(_number(v) if number else v for v, number in zip(row, is_number, strict=True))
            for row in rows
        ]
        return [dict(zip(names, row, strict=True)) for row in sorted(set(typed))]

    def stated(self, name: str) -> Labels:
        """The labels of a column that may not be empty, or of several joined with `*`."""
        labels = self.labels(name)
        empty = np.flatnonzero(labels == "")
        if empty.size:
            raise CannotEstimate(
                f"column {name}: {empty.size} of {len(labels)} rows are empty, the first is "
                f"row {empty[0] + 2}. Complete them, or drop the rows in a step before."
            )
        return labels

    def _combined(self, names: Sequence[str]) -> Labels:
        parts = [self.labels(name) for name in names]
        absent = np.logical_or.reduce([part == "" for part in parts])
        joined = np.array(["|".join(row) for row in zip(*parts, strict=True)], np.str_)
        return np.where(absent, "", joined)

    def _unknown(self, name: str) -> str:
        shown = ", ".join(self.names[:30])
        return f"{self.source} has no column {name}. It has {shown}."

    def _not_numbers(self, name: str) -> str:
        wrong = [
            f"row {row} ({text})"
            for row, text in enumerate(self.columns[name].tolist(), start=2)
            if text not in MISSING and not _is_number(text)
        ]
        more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        cells = ", ".join(wrong[:NAMED])
        return (
            f"{self.source}, column {name} must be numbers: {cells}{more}. Correct the cells "
            "or leave them empty."
        )


def read_table(content: bytes, source: str) -> Table:
    """The columns of a CSV file. Raises InputRefused with every row that does not fit."""
    header, *rows = read_cells(content, source)
    header = [name.strip() for name in header]
    problems = [
        Problem(
            f"column {name or number}",
            "is named twice or not at all",
            "Rename it.",
            source=source,
        )
        for number, name in enumerate(header, start=1)
        if not name or name in header[: number - 1]
    ]
    rows = [row for row in rows if row]
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            message = f"has {len(row)} cells, the header has {len(header)}"
            problems.append(Problem(f"row {line}", message, "Complete it.", source=source))
    if not rows:
        problems.append(Problem("file", "has no rows", "Add the data.", source=source))
    if problems:
        raise InputRefused(problems)
    cells = [[cell.strip() for cell in row] for row in rows]
    columns = {
        name: np.array(values, np.str_)
        for name, values in zip(header, zip(*cells, strict=True), strict=True)
    }
    return Table(source, columns, length=len(rows))


def plain_number(value: float) -> str:
    """A number as a person writes it: 4, not 4.0; empty if missing."""
    return "" if np.isnan(value) else f"{value:.15g}"


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) <= LARGEST
    except ValueError:
        return False


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value
