"""Taking values in: a whole file or none of it, with what it changes shown beforehand.

An import never changes another one. The newest import that names a cell counts; taking an
import back is an act of its own, after which its cells are again what they were before it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy.orm import Session

from app.database.assessments import (
    KeptImport,
    LoadedAssessment,
    find_value_import,
    hold_assessment,
    imports_in_force,
    load_assessment,
    next_number,
)
from app.database.rounds import record
from app.database.tables import AssessmentRow, ValueImportRow, ValueImportUndoneRow
from app.errors import AlreadyImported, WrongState
from app.scoring.inputs import IndicatorValue, ValueStatus
from app.workflow.assessment.drafting import imported_indicators
from app.workflow.assessment.sheets import read_sheet
from app.workflow.assessment.values import ReadValues, read_values, target_of
from app.workflow.importing import LONGEST_NAME

Cells = dict[tuple[str, str], IndicatorValue]
"""(unit, indicator) → its value."""
Kind = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class ValueFile:
    """A file of values that somebody gives, and how its columns are to be read."""

    name: str
    content: bytes
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Heading → meaning, where the heading does not say it."""
    sheet: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the file, hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that an act changes: a value comes, is another one, or makes place for a gap."""

    kind: Kind
    unit: str
    indicator: str
    old: IndicatorValue | None
    new: IndicatorValue | None


@dataclass(frozen=True, slots=True)
class Differences:
    """What an act changes in the values in force, and how many cells it leaves as they are."""

    changes: tuple[Difference, ...]
    unchanged: int
    without: tuple[tuple[str, str], ...] = ()
    """(unit, indicator) that neither the file nor another names, of the file's indicators: as
    easily a row that was forgotten as a value that is missing."""

    def count(self, kind: Kind) -> int:
        """How many changes of one kind there are."""
        return sum(one.kind == kind for one in self.changes)


def preview_import(session: Session, row: AssessmentRow, file: ValueFile) -> Differences:
    """What an import would change; refuses whatever the import would refuse, keeps nothing."""
    loaded = load_assessment(session, row)
    read = _read(session, loaded, file)
    return _effects(session, loaded, read)


def import_values(
    session: Session, row: AssessmentRow, file: ValueFile, *, now: datetime
) -> tuple[ValueImportRow, Differences]:
    """Keep a file's values; the same file, read the same way, is refused while it counts."""
    loaded = load_assessment(session, hold_assessment(session, row))
    read = _read(session, loaded, file)
    changed = _effects(session, loaded, read)
    kept = ValueImportRow(
        assessment_id=row.id,
        number=next_number(session, ValueImportRow, row.id),
        name=file.name[:LONGEST_NAME],
        digest=file.digest,
        mapping=_how_read(read),
        cells=[_as_cell(value) for value in read.values],
        imported_at=now,
    )
    session.add(kept)
    session.flush()
    detail: dict[str, object] = {"import": kept.number, "file": kept.digest}
    detail["cells"] = len(kept.cells)
    record(session, "import values", subject=row.code, now=now, detail=detail)
    return kept, changed


def undo_import(
    session: Session, row: AssessmentRow, number: int, *, now: datetime
) -> Differences:
    """Take an import back: its cells fall to the newest import left that names them."""
    kept = find_value_import(session, hold_assessment(session, row), number)
    if kept.undone_at is not None:
        day = kept.undone_at.date().isoformat()
        raise WrongState(f"Import {number} of {row.code} was taken back on {day} already.")
    before = values_in_force(session, row.id)
    session.add(ValueImportUndoneRow(import_id=kept.row.id, undone_at=now))
    session.flush()
    after = values_in_force(session, row.id)
    detail: dict[str, object] = {"import": number, "file": kept.row.digest}
    record(session, "undo import", subject=row.code, now=now, detail=detail)
    touched = [(cell["unit"], cell["indicator"]) for cell in kept.row.cells]
    return _compared(before, after, touched)


def values_in_force(session: Session, assessment_id: int) -> Cells:
    """Every imported cell as it counts now."""
    return {
        (cell["unit"], cell["indicator"]): _as_value(cell)
        for one in imports_in_force(session, assessment_id)
        for cell in one.cells
    }


def differences(before: Cells, given: Cells) -> Differences:
    """What becomes of the cells that a file names."""
    return _compared(before, before | given, given)


def reading_of(kept: KeptImport) -> Mapping[str, str]:
    """Heading → what it was read as."""
    return cast("Mapping[str, str]", kept.row.mapping["columns"])


def _effects(session: Session, loaded: LoadedAssessment, read: ReadValues) -> Differences:
    before, given = values_in_force(session, loaded.id), _cells_of(read.values)
    known = before.keys() | given.keys()
    named = dict.fromkeys(indicator for _, indicator in given)
    cells = ((unit.code, code) for code in named for unit in loaded.plan.units)
    without = tuple(cell for cell in cells if cell not in known)
    return replace(differences(before, given), without=without)


def _compared(before: Cells, after: Cells, cells: Iterable[tuple[str, str]]) -> Differences:
    changes = []
    unchanged = 0
    for unit, indicator in cells:
        old, new = before.get((unit, indicator)), after.get((unit, indicator))
        kind = _kind(old, new)
        if kind is None:
            unchanged += 1
        else:
            changes.append(Difference(kind, unit, indicator, old, new))
    return Differences(tuple(changes), unchanged)


def _kind(old: IndicatorValue | None, new: IndicatorValue | None) -> Kind | None:
    if old == new:
        return None
    if old is None or (old.value is None and new is not None and new.value is not None):
        return "added"
    if new is None or (old.value is not None and new.value is None):
        return "removed"
    return "changed"


def _read(session: Session, loaded: LoadedAssessment, file: ValueFile) -> ReadValues:
    imported = imported_indicators(loaded.plan, loaded.system)
    target = target_of(loaded.plan, loaded.system, imported)
    sheet = read_sheet(file.content, source=file.name, sheet=file.sheet)
    read = read_values(sheet, target, file.mapping)
    for earlier in imports_in_force(session, loaded.id):
        # Another sheet or other columns of the same workbook are another import.
        if earlier.digest == file.digest and earlier.mapping == _how_read(read):
            day = earlier.imported_at.date().isoformat()
            raise AlreadyImported(
                f"This file was imported into {loaded.code} on {day} as import "
                f"{earlier.number}, {earlier.name}. Nothing was added."
            )
    return read


def _how_read(read: ReadValues) -> dict[str, Any]:
    header = {"header_row": read.columns.header_row, "columns": dict(read.columns.roles)}
    return header | {"sheet": read.sheet}


def _cells_of(values: Iterable[IndicatorValue]) -> Cells:
    return {(value.unit, value.indicator): value for value in values}


def _as_cell(value: IndicatorValue) -> dict[str, Any]:
    return {
        "unit": value.unit,
        "indicator": value.indicator,
        "value": value.value,
        "status": value.status,
        "standard_error": value.standard_error,
        "band": None if value.band is None else list(value.band),
        "effective_n": value.effective_n,
    }


def _as_value(cell: Mapping[str, Any]) -> IndicatorValue:
    band = cell["band"]
    return IndicatorValue(
        cell["unit"],
        cell["indicator"],
        cell["value"],
        status=cast("ValueStatus", cell["status"]),
        standard_error=cell["standard_error"],
        band=None if band is None else (band[0], band[1]),
        effective_n=cell["effective_n"],
    )


def gaps(
    cells: Mapping[tuple[str, str], IndicatorValue],
    units: Iterable[str],
    indicators: Iterable[str],
) -> Iterator[str]:
    """Indicators for which no import in force has any cell: somebody forgot a file."""
    known = set(units)
    named = {indicator for unit, indicator in cells if unit in known}
    yield from (indicator for indicator in indicators if indicator not in named)
