"""Which numbers of the table go because others would give them away by subtraction.

`disclosure` knows sets of units; here they are the domains of one measure in one series.
Places lie inside one another. The groups of a background variable divide everybody into the
levels and those who stated none, whose number could be had as the rest; and where a level
lives in few units, the units less the level are a rest as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.stats.tables.disclosure import bears_cells, close_gaps
from app.stats.tables.domains import NOT_STATED, levels_of
from app.stats.tables.entries import Cells, Series, Tabulated
from app.survey.recipe import Release
from app.survey.sample import Floats, Labels


def without_gaps(
    places: Sequence[Tabulated], cells: Cells, release: Release
) -> list[Tabulated]:
    """Withhold what is too small, and what would give it away by subtraction."""
    unit, choice = cells.series.sample.unit[cells.rows], cells.measured.choice
    people = cells.people(unit)
    for entry in places:
        people.update(dict.fromkeys(set(entry.domain.units) - people.keys(), 0))
    choices = (
        []
        if choice is None
        else [cells.people(unit, choice[cells.rows] == c) for c in (2, 1, 0)]
    )

    def bears_choices(part: frozenset[str]) -> bool:
        sizes = [sum(of_unit.get(code, 0) for code in part) for of_unit in choices]
        # A rate of 0 or 100 beside the mean gives the levels behind it away.
        extremes = not sizes or min(sizes[0], sizes[-1]) > 0
        return extremes and bears_cells(sizes, release.min_cell)

    def is_safe(part: frozenset[str]) -> bool:
        return sum(people[code] for code in part) >= release.min_n and bears_choices(part)

    marked = [
        entry
        if entry.withheld or bears_choices(frozenset(entry.domain.units))
        else replace(entry, withheld="small_cell")
        for entry in places
    ]
    shown = {frozenset(e.domain.units) for e in marked if e.withheld is None}
    kept = close_gaps(shown, people, is_safe)
    return [
        _complementary(entry)
        if entry.withheld is None and frozenset(entry.domain.units) not in kept
        else entry
        for entry in marked
    ]


def groups_without_gaps(
    groups: Sequence[Tabulated],
    places: Sequence[Tabulated],
    cells: Cells,
    release: Release,
) -> Iterator[Tabulated]:
    """The same for the groups of each variable, given which places are shown.

    The rest of a variable is whoever stated no level: a part like the levels, which must be
    enough people to be shown, or share the dark with a level. A measure withheld for
    everybody has no rest.
    """
    sample = cells.series.sample
    hidden = {
        entry.domain.code
        for entry in places
        if entry.domain.kind == "unit" and entry.withheld and entry.estimate.n
    }
    earlier: list[tuple[Labels, set[str]]] = []
    for variable in dict.fromkeys(entry.domain.variable for entry in groups):
        own = [entry for entry in groups if entry.domain.variable == variable]
        level = _known(levels_of(sample, variable)[cells.rows], own)
        table = _Crossing.of(cells, sample.unit[cells.rows], level)
        told = table.levels_told(hidden, release.min_n)
        marked = [
            _complementary(e) if e.withheld is None and e.domain.level in told else e
            for e in own
        ]
        closed = list(_closed(marked, places, cells.people(level), release))
        shown = {e.domain.level for e in closed if e.withheld is None}
        if any(_nearly_nest(cells, one, (level, shown), release.min_n) for one in earlier):
            closed = [e if e.withheld else _complementary(e) for e in closed]
            shown = set()
        earlier.append((level, shown))
        yield from closed


def _nearly_nest(
    cells: Cells, one: tuple[Labels, set[str]], other: tuple[Labels, set[str]], least: int
) -> bool:
    """Whether shown levels of two variables differ by a few people, whom a difference tells."""
    for a in one[1]:
        for b in other[1]:
            crossed = np.where(one[0] == a, 2, 0) + np.where(other[0] == b, 1, 0)
            people = cells.people(crossed.astype(np.str_))
            if 0 < people.get("1", 0) + people.get("2", 0) < least:
                return True
    return False


def without_parts_of_the_pool(
    table: Sequence[Tabulated], series: Sequence[Series], release: Release
) -> Iterator[Tabulated]:
    """Of classes that are pooled, items are shown for everybody only, and all or none.

    The pooled number less one class is the other class; so in parts there is only the pool.
    An indicator sums up many items and gives no answer away: it is shown in parts too where
    the rest of the pool is nobody, or people enough for a cell.
    """
    is_pooled = any(one.code == "pooled" for one in series)
    pool = {
        (entry.measure, entry.code, entry.domain): entry.estimate.n
        for entry in table
        if entry.series == "pooled"
    }
    gaps = {
        (entry.measure, entry.code)
        for entry in table
        if entry.domain.kind == "overall" and entry.withheld and entry.estimate.n
    }
    for entry in table:
        whole = entry.domain.kind == "overall" and entry.measure in ("indicator", "item")
        key = (entry.measure, entry.code, entry.domain)
        rest = pool.get(key, 0) - entry.estimate.n
        summed_up = entry.measure == "indicator" and (not rest or rest >= release.min_cell)
        goes = not (whole or summed_up) or (whole and (entry.measure, entry.code) in gaps)
        if is_pooled and entry.series != "pooled" and not entry.withheld and goes:
            yield _complementary(entry)
        else:
            yield entry


@dataclass(frozen=True, slots=True)
class _Crossing:
    """How many people of each level live in each unit."""

    units: Labels
    levels: Labels
    people: Floats
    """Units by levels."""

    @classmethod
    def of(cls, cells: Cells, unit: Labels, level: Labels) -> "_Crossing":
        """Count the responses of a measure."""
        counted = cells.counted
        units, row = np.unique(unit[counted], return_inverse=True)
        levels, column = np.unique(level[counted], return_inverse=True)
        n = cells.design.times(np.ones(len(level)))[counted]
        people = np.zeros((len(units), len(levels)))
        np.add.at(people, (row, column), n)
        return cls(units, levels, people)

    def levels_told(self, hidden: set[str], least: int) -> set[str]:
        """The levels that, beside the units, would tell of a few people or of a hidden unit.

        A level that lives in some units only can be taken from their sum, and a unit in which
        some levels live from theirs: what is left must be nobody or `least` people. Where it
        is nobody, the one is the other, and gives away what is hidden in it.
        """
        lives, stated = self.people > 0, self.levels != NOT_STATED
        in_units, of_levels = self.people.sum(axis=1), self.people.sum(axis=0)
        is_part = ~lives.all(axis=0) & stated
        left = in_units @ lives - of_levels
        same = (left == 0) & (np.isin(self.units, list(hidden)) @ lives)
        told = is_part & (((left > 0) & (left < least)) | same)
        is_part = ~lives.all(axis=1) & ~lives[:, ~stated].any(axis=1)
        left = lives @ of_levels - in_units
        same = (left == 0) & (lives @ told)
        told_of = is_part & (((left > 0) & (left < least)) | same)
        told |= lives[told_of].any(axis=0)
        return set(self.levels[told].tolist())


def _closed(
    groups: Sequence[Tabulated],
    places: Sequence[Tabulated],
    people: Mapping[str, int],
    release: Release,
) -> Iterator[Tabulated]:
    """The groups of one variable that can be shown together, beside everybody."""
    whole = frozenset(people)
    everybody = next(e for e in places if e.domain.kind == "overall")
    shown = {frozenset([e.domain.level]) for e in groups if e.withheld is None}
    if people.get(NOT_STATED, 0) >= release.min_n:
        shown.add(frozenset([NOT_STATED]))
    if everybody.withheld is None and shown:
        shown.add(whole)

    def is_safe(part: frozenset[str]) -> bool:
        return sum(people[level] for level in part) >= release.min_n

    kept = close_gaps(shown, people, is_safe)
    for entry in groups:
        goes = entry.withheld is None and frozenset([entry.domain.level]) not in kept
        yield _complementary(entry) if goes else entry


def _known(level: Labels, groups: Sequence[Tabulated]) -> Labels:
    """The level of each response; one that is no group counts as not stated."""
    listed = np.isin(level, [entry.domain.level for entry in groups])
    return np.where(listed, level, NOT_STATED)


def _complementary(entry: Tabulated) -> Tabulated:
    return replace(entry, withheld="complementary")
