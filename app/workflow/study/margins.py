"""Population totals of a study: files of margins and of auxiliaries, collapsed levels."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from app.errors import CannotEstimate
from app.stats.weights.margins import PopulationMargin
from app.survey.sample import Floats
from app.workflow.study.definition import Totals
from app.workflow.study.table import Table


@dataclass(frozen=True, slots=True)
class Recode:
    """Levels of a column merged, in the rows and in the totals alike."""

    column: str
    into: str
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the totals of a margin stand in a file."""

    name: str
    places: tuple[int, ...]
    """Of each column of the rows: which part of a level speaks of it."""
    maps: tuple[Sequence[Mapping[str, str]], ...]
    """Of each column: the collapses from the file's levels to those of the rows, in turn."""

    def level(self, parts: Sequence[str]) -> str:
        """The rows' level for a level of the file."""
        merged = []
        for place, maps in zip(self.places, self.maps, strict=True):
            part = parts[place]
            for levels in maps:
                part = levels.get(part, part)
            merged.append(part)
        return "|".join(merged)


def population_margin(
    name: str, file: Table, rows: Table, *, by: tuple[str, ...], recodes: tuple[Recode, ...]
) -> PopulationMargin:
    """One margin of a file of `margin,level,total` with the level of each row.

    `by` are the columns of the rows, in whatever order the file names them; a collapsed one
    takes the totals of the column it was made from. Raises CannotEstimate if the file does
    not have the margin or a total.
    """
    margins, levels, totals = file.labels("margin"), file.labels("level"), file.numbers("total")
    source = _source(name, file, by=by, recodes=recodes)
    here = margins == source.name
    _refuse_unclear(levels[here].tolist(), totals[here], f"{file.source}, margin {source.name}")
    found: dict[str, float] = {}
    for level, total in zip(levels[here], totals[here], strict=True):
        parts = str(level).split("|")
        if len(parts) != len(by):
            raise CannotEstimate(
                f"{file.source}, margin {source.name}, level {level}: {len(parts)} parts for "
                f"the {len(by)} columns {', '.join(by)}. Write one level for each, joined by |."
            )
        merged = source.level(parts)
        found[merged] = found.get(merged, 0.0) + float(total)
    names = source.name.split("*")
    told = "*".join(names[place] for place in source.places)
    return PopulationMargin(told, rows.labels("*".join(by)), found)


def _refuse_unclear(levels: list[str], totals: Floats, where: str) -> None:
    """No total for a level, or two: nobody knows which is meant."""
    twice = sorted(level for level, times in Counter(levels).items() if times > 1)
    wrong = [f"{where}, level {level}: has two totals. Keep one." for level in twice]
    wrong += [
        f"{where}, level {level}: its total is empty. Complete it."
        for level, total in zip(levels, totals.tolist(), strict=True)
        if np.isnan(total)
    ]
    if wrong:
        raise CannotEstimate("\n".join(wrong))


def all_margins(
    file: Table, rows: Table, *, recodes: tuple[Recode, ...] = ()
) -> list[PopulationMargin]:
    """Every margin of a file, in its order."""
    names = dict.fromkeys(file.labels("margin").tolist())
    return [
        population_margin(name, file, rows, by=tuple(name.split("*")), recodes=recodes)
        for name in names
    ]


def margin_table(totals: Totals, name: str) -> Table:
    """Totals written in the design file as the table that a file of margins is.

    They are level → people of the one margin `name`, or margin → level → people; beside the
    latter a plain number is the total of a term.
    """
    nested = {
        margin: levels for margin, levels in totals.items() if isinstance(levels, Mapping)
    }
    plain = {level: t for level, t in totals.items() if not isinstance(t, Mapping)}
    lines = [
        (margin, level, total)
        for margin, levels in (nested or {name: plain}).items()
        for level, total in levels.items()
    ]
    columns = {
        "margin": np.array([line[0] for line in lines], np.str_),
        "level": np.array([line[1] for line in lines], np.str_),
    }
    people = np.array([line[2] for line in lines], float)
    return Table("totals", columns, {"total": people}, length=len(lines))


def within_levels(file: Table, within: tuple[str, ...]) -> Table:
    """A file that has the columns `within` beside its margins, as one of joint margins."""
    if not within or any(name not in file for name in within):
        return file
    before = file.labels("*".join(within)).tolist()
    levels = [
        f"{b}|{level}" for b, level in zip(before, file.labels("level").tolist(), strict=True)
    ]
    names = [f"{'*'.join(within)}*{name}" for name in file.labels("margin").tolist()]
    joint = file.with_labels("level", np.array(levels, np.str_))
    return joint.with_labels("margin", np.array(names, np.str_))


def term_totals(file: Table) -> dict[str, float]:
    """Totals of numeric auxiliaries: `term,total`."""
    return {
        str(term): float(total)
        for term, total in zip(file.labels("term"), file.numbers("total"), strict=True)
    }


def _source(
    name: str, file: Table, *, by: tuple[str, ...], recodes: tuple[Recode, ...]
) -> _Source:
    """Where a margin stands: under its own name, or that before columns were collapsed."""
    present = dict.fromkeys(file.labels("margin").tolist())
    named = [name] if name in present else list(present)
    lineages = [_lineage(column, recodes) for column in by]
    for columns in product(*lineages):
        for candidate in named:
            parts = candidate.split("*")
            if sorted(parts) == sorted(columns):
                places = tuple(parts.index(column) for column in columns)
                maps = tuple(
                    lineage[column] for lineage, column in zip(lineages, columns, strict=True)
                )
                return _Source(candidate, places, maps)
    if name in present:
        everything = tuple(list(lineage.values())[-1] for lineage in lineages)
        return _Source(name, tuple(range(len(by))), everything)
    raise CannotEstimate(
        f"{file.source} has no margin {name}. It has {', '.join(sorted(present)) or 'none'}."
    )


def _lineage(column: str, recodes: tuple[Recode, ...]) -> dict[str, list[Mapping[str, str]]]:
    """Every column that a column was made from, with the collapses since; itself first."""
    made: dict[str, list[Mapping[str, str]]] = {column: []}
    since: list[Mapping[str, str]] = []
    for recode in reversed(recodes):
        if recode.into == column:
            column, since = recode.column, [recode.levels, *since]
            made[column] = since
    return made
