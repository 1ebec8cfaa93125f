"""How the answers to an item are spread: counts and weighted shares of every choice."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.stats.design import Integers
from app.stats.tables.disclosure import Withheld, bears_cells, close_gaps, withhold
from app.stats.tables.domains import Domain
from app.stats.tables.entries import Series
from app.stats.tables.suppression import Suppression
from app.survey.definition import Scale, Survey
from app.survey.recipe import Release
from app.survey.sample import Floats, Labels


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of an item: how many gave it, and its weighted share of scored answers."""

    code: int
    count: int
    share: float | None
    """None for don't know and not applicable, which are no part of the scored answers."""
    withheld: Suppression | None
    """Why it must not be shown: so few gave it that it could point to a person."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """The answers to one item in one domain of one series."""

    series: str
    item: str
    domain: Domain
    choices: tuple[Choice, ...]
    not_answered: int
    """Left out, or not asked."""
    not_answered_withheld: Suppression | None
    withheld: Withheld | Suppression | None
    """Why the whole distribution must not be shown."""


def distributions(
    series: Sequence[Series], survey: Survey, domains: Sequence[Domain], release: Release
) -> Iterator[Distribution]:
    """Every scored item in every domain, for each series.

    Where a pooled series exists only it is shown: less one class, it would be the other.
    """
    pooled = any(one.code == "pooled" for one in series)
    for one in series:
        units = np.unique(one.sample.unit, return_inverse=True)
        for code in one.sample.scores:
            counts = _Counts.of(one, survey.scale_of(survey.items[code]), code, units=units)
            row = [_distribution(one.code, code, d, counts, release=release) for d in domains]
            if pooled and one.code != "pooled":
                yield from (replace(d, withheld=d.withheld or "complementary") for d in row)
            else:
                yield from _without_gaps(row, counts, release)


@dataclass(frozen=True, slots=True)
class _Counts:
    """The answers to one item by unit: people and weight of each choice."""

    place: Mapping[str, int]
    """Row of each unit that has responses."""
    scored: tuple[int, ...]
    choices: tuple[int, ...]
    """Scored or not."""
    people: Integers
    """Units by choices."""
    weight: Floats
    """Units by choices."""
    not_answered: Integers

    @classmethod
    def of(
        cls, series: Series, scale: Scale, item: str, *, units: tuple[Labels, Integers]
    ) -> "_Counts":
        """Count the responses of a positive weight."""
        names, row = units
        choices = _choice_codes(scale)
        codes, weight = series.sample.codes[item], series.design.weight
        people = np.zeros((len(names), len(choices)), np.intp)
        mass = np.zeros((len(names), len(choices)))
        for k, choice in enumerate(choices):
            chose = (codes == choice) & (weight > 0)
            people[:, k] = np.bincount(row[chose], minlength=len(names))
            mass[:, k] = np.bincount(row[chose], weight[chose], len(names))
        silent = np.isnan(codes) & (weight > 0)
        return cls(
            place={str(name): k for k, name in enumerate(names)},
            scored=scale.codes,
            choices=choices,
            people=people,
            weight=mass,
            not_answered=np.bincount(row[silent], minlength=len(names)),
        )

    def rows(self, units: Iterable[str]) -> list[int]:
        """The rows of some units; those without responses have none."""
        return [self.place[unit] for unit in units if unit in self.place]


def _distribution(
    series: str, item: str, domain: Domain, counts: _Counts, *, release: Release
) -> Distribution:
    rows = counts.rows(domain.units)
    people, weight = counts.people[rows].sum(axis=0), counts.weight[rows].sum(axis=0)
    is_scored = np.isin(counts.choices, list(counts.scored))
    scored_weight, n = float(weight[is_scored].sum()), int(people[is_scored].sum())
    choices = tuple(
        Choice(
            code=code,
            count=int(people[k]),
            share=float(weight[k]) / scored_weight if is_scored[k] and scored_weight else None,
            withheld=None,
        )
        for k, code in enumerate(counts.choices)
    )
    small: Suppression | None = None
    if not bears_cells([choice.count for choice in choices], release.min_cell):
        small = "small_cell"
    return Distribution(
        series=series,
        item=item,
        domain=domain,
        choices=choices,
        not_answered=int(counts.not_answered[rows].sum()),
        not_answered_withheld=None,
        withheld=withhold(n, n, release) or small,
    )


def _without_gaps(
    row: Sequence[Distribution], counts: _Counts, release: Release
) -> Iterator[Distribution]:
    """Withhold the tables that would give another away by subtraction.

    Those who left the item out are no cell: n and the number of responses tell them anyway.
    """
    given = counts.people.sum(axis=1)
    people = {
        code: int(given[counts.rows([code])].sum())
        for entry in row
        for code in entry.domain.units
    }

    def is_safe(part: frozenset[str]) -> bool:
        cells = counts.people[counts.rows(part)].sum(axis=0).tolist()
        enough = sum(people[code] for code in part) >= release.min_n
        return enough and bears_cells(cells, release.min_cell)

    shown = {frozenset(entry.domain.units) for entry in row if entry.withheld is None}
    kept = close_gaps(shown, people, is_safe)
    for entry in row:
        is_gap = entry.withheld is None and frozenset(entry.domain.units) not in kept
        yield replace(entry, withheld="complementary") if is_gap else entry


def _choice_codes(scale: Scale) -> tuple[int, ...]:
    return (*scale.codes, *(option.code for option in scale.unscored))
