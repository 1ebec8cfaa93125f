"""The values of a file: every cell checked against the plan and the cards of the system.

All that is wrong comes at once, each with its row and column. Units and indicators may be
given by code or by name. An empty cell of a wide table is a missing value; a row that a long
table does not have says nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from app.errors import InputRefused, Problem
from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.system import IndicatorSystem
from app.scoring.input_soundness import input_problems
from app.scoring.inputs import IndicatorValue, ScoredUnit, ValueStatus
from app.survey.assessment import AssessmentPlan
from app.workflow.assessment.columns import Columns, find_columns, is_indicator
from app.workflow.assessment.sheets import Sheet
from app.workflow.score_file.cells import Line

MOST_PROBLEMS = 1000
STATUS_WORDS: Mapping[str, ValueStatus] = {
    "ok": "ok",
    "正常": "ok",
    "missing": "missing",
    "缺失": "missing",
    "缺": "missing",
    "not_applicable": "not_applicable",
    "n/a": "not_applicable",
    "不适用": "not_applicable",
}
UNIT = ("unit", "单位")
INDICATOR = ("indicator", "指标")


@dataclass(frozen=True, slots=True)
class Target:
    """What a file may speak of: units and imported indicators, by every name they have."""

    units: tuple[ScoredUnit, ...]
    cards: tuple[IndicatorCard, ...]
    system: IndicatorSystem
    unit_names: Mapping[str, str]
    indicator_names: Mapping[str, str]


def target_of(plan: AssessmentPlan, system: IndicatorSystem, imported: Sequence[str]) -> Target:
    """What the files of an assessment may speak of; `imported` are indicators."""
    cards = tuple(card for card in system.indicators if card.code in imported)
    return Target(
        units=tuple(ScoredUnit(unit.code, unit.region_type) for unit in plan.units),
        cards=cards,
        system=system,
        unit_names=_by_every_name((u.code, u.name.zh, u.name.en) for u in plan.units),
        indicator_names=_by_every_name((c.code, c.name.zh, c.name.en) for c in cards),
    )


def _by_every_name(things: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Code or name → code; a name that two things share is nobody's."""
    found: dict[str, set[str]] = {}
    codes: dict[str, str] = {}
    for code, *names in things:
        codes[code] = code
        for name in names:
            found.setdefault(name, set()).add(code)
    return {name: min(owners) for name, owners in found.items() if len(owners) == 1} | codes


@dataclass(frozen=True, slots=True)
class ReadValues:
    """A file's values in its order, and what each column was read as."""

    values: tuple[IndicatorValue, ...]
    columns: Columns
    sheet: str
    """Name of the sheet; empty for CSV."""


def read_values(sheet: Sheet, target: Target, mapping: Mapping[str, str]) -> ReadValues:
    """Read a file's values; InputRefused lists everything that is wrong with any cell."""
    columns = find_columns(sheet, target.cards, mapping)
    reader = _Reader(sheet, columns, target)
    problems = list(reader.problems)
    if not problems and not reader.values:
        chinese = "表头下面没有数据。请检查是否选错了文件或工作表。"
        cure = "Is it the right file, and the right sheet?"
        message = "holds no values"
        problems.append(Problem("file", message, cure, source=sheet.source, chinese=chinese))
    values = reader.values.values()
    # Only what could be read is judged; a cell that could not has been complained of.
    sound = input_problems(target.system, target.units, tuple(values), ())
    problems += [reader.placed(problem) for problem in sound]
    if problems:
        problems.sort(key=lambda problem: problem.line or 0)
        raise InputRefused(_first(problems, sheet.source))
    return ReadValues(tuple(values), columns, sheet.name)


def _first(problems: Sequence[Problem], source: str) -> Iterator[Problem]:
    yield from problems[:MOST_PROBLEMS]
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        message, chinese = f"has {more} more problems", f"还有 {more} 处问题。"
        yield Problem("file", message, source=source, chinese=chinese)


class _Reader:
    """Reads line after line, gathering values by cell and what is wrong."""

    def __init__(self, sheet: Sheet, columns: Columns, target: Target) -> None:
        self.target = target
        self.columns = columns
        self.values: dict[tuple[str, str], IndicatorValue] = {}
        self.problems: list[Problem] = []
        self._lines: dict[tuple[str, str], int] = {}
        self._places: dict[str, tuple[Line, str]] = {}
        """Place in the words of `input_problems` → where it stands in the file."""
        for line in self._lines_of(sheet):
            if not line.problems:
                self._read_wide(line) if columns.is_wide else self._read_long(line)
            self.problems += line.problems

    def placed(self, problem: Problem) -> Problem:
        """A problem with a value, given the line and column where the value stands."""
        if problem.place not in self._places:
            return problem
        line, column = self._places[problem.place]
        place = f"{problem.place}, column {line.headings[column]}"
        return replace(problem, place=place, source=line.source, line=line.number)

    def _lines_of(self, sheet: Sheet) -> Iterator[Line]:
        header = sheet.rows[self.columns.header_row - 1]
        headings = {role: heading for heading, role in self.columns.roles.items()}
        first = self.columns.header_row + 1
        for number, row in enumerate(sheet.rows[first - 1 :], start=first):
            if not any(row):
                continue
            by_heading = dict(zip(header, row, strict=False))
            cells = {role: by_heading.get(heading, "") for role, heading in headings.items()}
            line = Line(sheet.source, number, cells, headings)
            if len(row) != len(header):
                line.problems.append(_ragged(line, len(row), len(header)))
            yield line

    def _read_long(self, line: Line) -> None:
        unit = self._unit(line)
        indicator = _named(line, "indicator", self.target.indicator_names, INDICATOR)
        status = _status(line, "status")
        value = _number(line, "value")
        if status is None:
            status = "ok" if line["value"] else "missing"
        self._keep(line, "value", (unit, indicator), _Read(value, status, "se", "effective_n"))

    def _read_wide(self, line: Line) -> None:
        unit = self._unit(line)
        for role in self.columns.roles.values():
            if not is_indicator(role):
                continue
            status = STATUS_WORDS.get(line[role].lower())
            if status is None or status == "ok":
                value = _number(line, role)
                status = "ok" if line[role] else "missing"
            else:
                value = None
            self._keep(
                line, role, (unit, role), _Read(value, status, f"{role}.se", f"{role}.n")
            )

    def _unit(self, line: Line) -> str | None:
        return _named(line, "unit", self.target.unit_names, UNIT)

    def _keep(
        self, line: Line, column: str, cell: tuple[str | None, str | None], read: "_Read"
    ) -> None:
        error = _number(line, read.error_column)
        size = _number(line, read.size_column)
        if None in cell:
            return
        known = cast("tuple[str, str]", cell)
        if known in self._lines:
            earlier = self._lines[known]
            english = (f"has a value already in row {earlier}", "Keep one of the two.")
            chinese = f"与第 {earlier} 行是同一单位的同一项指标。请只保留一个。"
            line.complain(column, english, chinese)
            return
        self._lines[known] = line.number
        self._places[f"unit {known[0]}, indicator {known[1]}"] = line, column
        if read.value is not None or not line[column] or read.status != "ok":
            low, high = _number(line, "low"), _number(line, "high")
            band = None if low is None or high is None else (low, high)
            self.values[known] = IndicatorValue(
                *known, read.value, read.status, error, band, size
            )


@dataclass(frozen=True, slots=True)
class _Read:
    """A value as it was read, and the columns of its standard error and sample size."""

    value: float | None
    status: ValueStatus
    error_column: str
    size_column: str


def _named(
    line: Line, column: str, names: Mapping[str, str], what: tuple[str, str]
) -> str | None:
    found = names.get(line[column])
    if found is None:
        line.known(column, list(names), what)
    return found


def _status(line: Line, column: str) -> ValueStatus | None:
    word = line[column].lower()
    if not word:
        return None
    if word not in STATUS_WORDS:
        line.word_in(column, list(STATUS_WORDS))
    return STATUS_WORDS.get(word)


def _number(line: Line, column: str) -> float | None:
    text = line[column]
    if text.endswith(("%", "％")):
        bare = text[:-1].strip()
        english = ("has a percent sign", f"Write {bare}, in the unit of the indicator.")
        line.complain(column, english, f"数字里不要写百分号。请按指标的计量单位写 {bare}。")
        return None
    return line.number_in(column)


def _ragged(line: Line, have: int, want: int) -> Problem:
    return Problem(
        f"row {line.number}",
        f"has {have} cells, the header has {want}",
        "Complete it; a comma inside a cell needs quotation marks around the cell.",
        source=line.source,
        line=line.number,
        chinese=f"本行有 {have} 格，表头有 {want} 格。请补齐；格内有逗号时整格加引号。",
    )
