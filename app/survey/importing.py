"""Answers that were collected elsewhere: a CSV file becomes rows, or a list of every mistake.

The survey's `import` part says what each column is for; every column must be accounted for,
so nothing is dropped unseen. A paper form may carry answers to items that its routing skips:
those are left out and counted, as they would be on the page.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.errors import InputRefused, Problem
from app.survey.answers import Answer, read_answers
from app.survey.csv_files import read_cells, with_source
from app.survey.definition import ImportColumn, ImportMapping, Survey

GREATEST_WEIGHT = 1e9
# Statistical programs write small numbers as 1e-05; more than that is no weight.
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?0?[0-9])?")


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One row of a file: whose it is within the file, where from, and what was answered."""

    respondent: str
    unit: str
    evidence: str
    """Evidence class from the mode column; empty where the file has none."""
    answers: Mapping[str, Answer]
    background: Mapping[str, str]
    weight: float | None


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file of answers, read whole."""

    rows: tuple[ImportedRow, ...]
    off_route: int
    """Answers left out because routing does not ask that item of that person."""
    has_respondents: bool
    """Whether rows carry an identifier of their own rather than their number in the file."""


def read_answer_file(survey: Survey, content: bytes, *, source: str) -> ImportedFile:
    """Read a CSV file against the survey's mapping: all its mistakes at once or all rows."""
    if survey.import_ is None:
        problem = Problem("import", f"survey {survey.key} says nothing about importing files")
        raise InputRefused([problem])
    header, *lines = read_cells(content, source)
    problems = list(_header_problems(survey, survey.import_, header))
    reader = _RowReader(survey, survey.import_, source)
    rows = [
        reader.read(number, header, line)
        for number, line in enumerate(lines, start=2)
        if not problems and any(cell.strip() for cell in line)
    ]
    problems += reader.problems
    if not problems and not rows:
        problems.append(Problem("row 2", "holds no answers", "The file has a header only."))
    if problems:
        raise InputRefused(with_source(problems, source))
    has_respondents = any(column.role == "respondent" for column in survey.import_.columns)
    read = tuple(row for row in rows if row is not None)
    return ImportedFile(read, reader.off_route, has_respondents)


def _header_problems(
    survey: Survey, mapping: ImportMapping, header: Sequence[str]
) -> Iterator[Problem]:
    described = {column.column for column in mapping.columns}
    for position, name in enumerate(header, start=1):
        if header.index(name) != position - 1:
            yield Problem(f"row 1, column {position}", "names a column twice", "", name)
        elif name not in described and name not in survey.items:
            cure = "Describe it in the survey's import part; role `ignored` leaves it out."
            yield Problem(f"row 1, column {position}", "is not described", cure, name)
    for column in mapping.columns:
        if column.column not in header and column.role != "ignored":
            cure = f"It is the {column.role} column."
            yield Problem("row 1", f"lacks the column {column.column}", cure)
    if not set(header) & set(survey.items):
        cure = f"Items are {', '.join(list(survey.items)[:6])}, …"
        yield Problem("row 1", "has no column of an item", cure)


class _RowReader:
    """Reads line after line, gathering problems and what was left out."""

    def __init__(self, survey: Survey, mapping: ImportMapping, source: str) -> None:
        self.survey = survey
        self.roles = {column.column: column for column in mapping.columns}
        self.missing = set(mapping.missing)
        self.source = source
        self.problems: list[Problem] = []
        self.off_route = 0
        self._seen: dict[str, int] = {}

    def read(
        self, number: int, header: Sequence[str], line: Sequence[str]
    ) -> ImportedRow | None:
        if len(line) != len(header):
            cure = f"The header has {len(header)}. Look for an unquoted comma."
            self._complain(f"row {number}", f"has {len(line)} cells", cure)
            return None
        cells = {name: cell.strip() for name, cell in zip(header, line, strict=True)}
        return ImportedRow(
            respondent=self._respondent(number, cells),
            unit=self._mapped(number, cells, "unit"),
            evidence=self._mapped(number, cells, "mode"),
            answers=self._answers(number, cells),
            background=self._background(cells),
            weight=self._weight(number, cells),
        )

    def _column(self, role: str) -> ImportColumn | None:
        return next((c for c in self.roles.values() if c.role == role), None)

    def _respondent(self, number: int, cells: Mapping[str, str]) -> str:
        column = self._column("respondent")
        if column is None:
            return str(number)
        given = cells[column.column]
        place = f"row {number}, {column.column}"
        if not given:
            self._complain(place, "is empty", "Every row needs its own identifier.")
        elif given in self._seen:
            message = f"is already used in row {self._seen[given]}"
            self._complain(place, message, "One row a respondent.", given)
        self._seen.setdefault(given, number)
        return given

    def _mapped(self, number: int, cells: Mapping[str, str], role: str) -> str:
        column = self._column(role)
        if column is None:
            return ""
        given = cells[column.column]
        if column.values and given not in column.values:
            cure = f"Known values: {', '.join(column.values)}."
            self._complain(
                f"row {number}, {column.column}", f"is not a known {role}", cure, given
            )
        return column.values.get(given, given)

    def _answers(self, number: int, cells: Mapping[str, str]) -> Mapping[str, Answer]:
        form = {
            code: cells[code].split("|") if item.kind == "multiple" else [cells[code]]
            for code, item in self.survey.items.items()
            if cells.get(code, "") not in self.missing and cells.get(code)
        }
        reading = read_answers(self.survey, form)
        for problem in reading.problems:
            place = f"row {number}, {problem.place}"
            self._complain(place, problem.message, problem.cure, problem.value)
        refused = {problem.place for problem in reading.problems}
        self.off_route += len(form.keys() - reading.answers.keys() - refused)
        return reading.answers

    def _background(self, cells: Mapping[str, str]) -> dict[str, str]:
        kept = [c.column for c in self.roles.values() if c.role == "background"]
        return {name: cells[name] for name in kept if cells[name] not in self.missing}

    def _weight(self, number: int, cells: Mapping[str, str]) -> float | None:
        column = self._column("weight")
        if column is None:
            return None
        given = cells[column.column]
        weight = float(given) if _NUMBER.fullmatch(given) else 0.0
        if not 0 < weight <= GREATEST_WEIGHT:
            place = f"row {number}, {column.column}"
            cure = f"Give the row's weight in plain digits, at most {GREATEST_WEIGHT:,.0f}."
            self._complain(place, "is not a positive number", cure, given)
            return None
        return weight

    def _complain(self, place: str, message: str, cure: str, value: object = None) -> None:
        self.problems.append(Problem(place, message, cure, value))
