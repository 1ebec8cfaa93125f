"""Population totals of a study: files of margins and of auxiliaries, collapsed levels."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import CannotEstimate
from app.stats.weights.margins import PopulationMargin
from app.workflow.study.table import Table


@dataclass(frozen=True, slots=True)
class Recode:
    """Levels of a column merged, in the rows and in the totals alike."""

    column: str
    into: str
    levels: Mapping[str, str]


def population_margin(
    name: str, file: Table, rows: Table, *, by: tuple[str, ...], recodes: tuple[Recode, ...]
) -> PopulationMargin:
    """One margin of a file of `margin,level,total` with the level of each row.

    `by` are the columns of the rows; a collapsed one takes the totals of the column it was
    made from. Raises CannotEstimate if the file does not have the margin or a total.
    """
    margins, levels, totals = file.labels("margin"), file.labels("level"), file.numbers("total")
    wanted = _named_in(file, name, recodes)
    maps = [next((r.levels for r in recodes if r.into == own), {}) for own in by]
    found: dict[str, float] = {}
    for level, total in zip(levels[margins == wanted], totals[margins == wanted], strict=True):
        parts = str(level).split("|")
        if len(parts) != len(by):
            raise CannotEstimate(
                f"{file.source}, margin {wanted}, level {level}: {len(parts)} parts for the "
                f"{len(by)} columns {', '.join(by)}. Write one level for each, joined by |."
            )
        merged = "|".join(
            mapping.get(part, part) for mapping, part in zip(maps, parts, strict=True)
        )
        found[merged] = found.get(merged, 0.0) + float(total)
    return PopulationMargin(wanted, rows.labels("*".join(by)), found)


def all_margins(
    file: Table, rows: Table, *, recodes: tuple[Recode, ...] = ()
) -> list[PopulationMargin]:
    """Every margin of a file, in its order."""
    names = dict.fromkeys(file.labels("margin").tolist())
    return [
        population_margin(name, file, rows, by=tuple(name.split("*")), recodes=recodes)
        for name in names
    ]


def term_totals(file: Table) -> dict[str, float]:
    """Totals of numeric auxiliaries: `term,total`."""
    return {
        str(term): float(total)
        for term, total in zip(file.labels("term"), file.numbers("total"), strict=True)
    }


def _named_in(file: Table, name: str, recodes: tuple[Recode, ...]) -> str:
    """The margin's name in the file: that of the columns before they were collapsed."""
    names = set(file.labels("margin").tolist())
    before = {recode.into: recode.column for recode in recodes}
    original = "*".join(before.get(part, part) for part in name.split("*"))
    for candidate in (name, original):
        if candidate in names:
            return candidate
    raise CannotEstimate(
        f"{file.source} has no margin {name}. It has {', '.join(sorted(names))}."
    )
