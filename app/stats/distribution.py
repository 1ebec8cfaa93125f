"""How the answers to an item are spread: counts and weighted shares of every choice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.stats.disclosure import Withheld, bears_cells, close_gaps, withhold
from app.stats.domains import Domain
from app.stats.entries import Series
from app.stats.suppression import Suppression
from app.survey.definition import Item, Scale, Survey
from app.survey.recipe import Release
from app.survey.sample import Flags, Floats


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
        for code in one.sample.scores:
            item = survey.items[code]
            row = [_distribution(one, survey, item, domain=d, release=release) for d in domains]
            if pooled and one.code != "pooled":
                yield from (replace(d, withheld=d.withheld or "complementary") for d in row)
            else:
                yield from _without_gaps(row, one, survey, release)


def _distribution(
    series: Series, survey: Survey, item: Item, *, domain: Domain, release: Release
) -> Distribution:
    inside = np.isin(series.sample.unit, list(domain.units)) & (series.design.weight > 0)
    codes = series.sample.codes[item.code][inside]
    weight = series.design.weight[inside]
    scale = survey.scale_of(item)
    is_scored = np.isin(codes, list(scale.codes))
    scored_weight = float(weight[is_scored].sum())
    counts = {code: int((codes == code).sum()) for code in _choice_codes(scale)}
    not_answered = int(np.isnan(codes).sum())
    choices = tuple(
        Choice(
            code=code,
            count=count,
            share=_share(codes == code, weight, scored_weight) if code in scale.codes else None,
            withheld=None,
        )
        for code, count in counts.items()
    )
    n = int(is_scored.sum())
    small: Suppression | None = None
    if not bears_cells(counts.values(), release.min_cell):
        small = "small_cell"
    return Distribution(
        series=series.code,
        item=item.code,
        domain=domain,
        choices=choices,
        not_answered=not_answered,
        not_answered_withheld=None,
        withheld=withhold(n, n, release) or small,
    )


def _without_gaps(
    row: Sequence[Distribution], series: Series, survey: Survey, release: Release
) -> Iterator[Distribution]:
    """Withhold the tables that would give another away by subtraction.

    Those who left the item out are no cell: n and the number of responses tell them anyway.
    """
    item = row[0].item if row else ""
    scale = survey.scale_of(survey.items[item])
    counted = series.design.weight > 0
    unit, codes = series.sample.unit, series.sample.codes[item]
    given = counted & np.isin(codes, _choice_codes(scale))
    people = {
        code: int((given & (unit == code)).sum())
        for entry in row
        for code in entry.domain.units
    }

    def is_safe(part: frozenset[str]) -> bool:
        inside = counted & np.isin(unit, list(part))
        cells = [int((inside & (codes == code)).sum()) for code in _choice_codes(scale)]
        enough = sum(people[code] for code in part) >= release.min_n
        return enough and bears_cells(cells, release.min_cell)

    shown = {frozenset(entry.domain.units) for entry in row if entry.withheld is None}
    kept = close_gaps(shown, people, is_safe)
    for entry in row:
        is_gap = entry.withheld is None and frozenset(entry.domain.units) not in kept
        yield replace(entry, withheld="complementary") if is_gap else entry


def _choice_codes(scale: Scale) -> tuple[int, ...]:
    return (*scale.codes, *(option.code for option in scale.unscored))


def _share(chosen: Flags, weight: Floats, scored_weight: float) -> float | None:
    return float(weight[chosen].sum()) / scored_weight if scored_weight else None
