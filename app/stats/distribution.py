"""How the answers to an item are spread: counts and weighted shares of every choice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.stats.disclosure import Suppression, Withheld, suppress, withhold
from app.stats.tabulation import Domain, Series
from app.survey.definition import Item, Scale, Survey
from app.survey.recipe import Release
from app.survey.sample import Flags, Floats

NOT_ANSWERED = -1
"""The cell of those who left an item out; no scale has this code."""


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
    withheld: Withheld | None
    """Why the whole distribution must not be shown."""


def distributions(
    series: Sequence[Series], survey: Survey, domains: Sequence[Domain], release: Release
) -> Iterator[Distribution]:
    """Every scored item in every domain, for each series."""
    for one in series:
        for code in one.sample.scores:
            item = survey.items[code]
            for domain in domains:
                yield _distribution(one, survey, item, domain=domain, release=release)


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
    hidden = _hidden(scale, counts, not_answered, release.min_cell)
    choices = tuple(
        Choice(
            code=code,
            count=count,
            share=_share(codes == code, weight, scored_weight) if code in scale.codes else None,
            withheld=hidden.get(code),
        )
        for code, count in counts.items()
    )
    n = int(is_scored.sum())
    return Distribution(
        series=series.code,
        item=item.code,
        domain=domain,
        choices=choices,
        not_answered=not_answered,
        not_answered_withheld=hidden.get(NOT_ANSWERED),
        withheld=withhold(n, n, release),
    )


def _hidden(
    scale: Scale, counts: Mapping[int, int], not_answered: int, min_cell: int
) -> dict[int, Suppression]:
    """Which cells are hidden: code → why.

    The number of scored answers and that of all are published, so the scored choices add up
    by themselves and the others by themselves: each group needs its own second gap. A cell
    that nobody gave points to nobody.
    """
    others = {o.code: counts[o.code] for o in scale.unscored} | {NOT_ANSWERED: not_answered}
    groups = ({code: counts[code] for code in scale.codes}, others)
    hidden: dict[int, Suppression] = {}
    for group in groups:
        cells = {str(code): n for code, n in group.items() if n}
        hidden |= {int(cell): why for cell, why in suppress(cells, min_cell).items()}
    return hidden


def _choice_codes(scale: Scale) -> tuple[int, ...]:
    return (*scale.codes, *(option.code for option in scale.unscored))


def _share(chosen: Flags, weight: Floats, scored_weight: float) -> float | None:
    return float(weight[chosen].sum()) / scored_weight if scored_weight else None
