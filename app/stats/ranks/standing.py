"""Where the units of an indicator stand: the places each may have, and who is not told apart.

Never a bare rank: a unit has the set of places that the estimates leave open, all sets of one
indicator covering with the plan's confidence together, and a tier. The errors of the units
move together where a calibration ties them; the covariances know it. Only units large enough
for a place take part, and a place is a place among those.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.stats.estimation import Estimate
from app.stats.ranks.league import JointEstimates, simulate
from app.stats.ranks.ranking import simultaneous_rank_sets
from app.stats.ranks.tiers import compare_pairs, tiers
from app.stats.statistic import covariances_of, mean_of
from app.stats.tables.alike import condense, kinds_of
from app.stats.tables.disclosure import withhold_rank
from app.stats.tables.entries import Cells, Series, Tabulated
from app.stats.tables.measures import Measured, measures
from app.survey.definition import Survey
from app.survey.plan import Plan

MOST_UNITS = 300
"""Beyond so many no places are given: every pair is compared in every draw."""
DRAWS = 4000


@dataclass(frozen=True, slots=True)
class Place:
    """The places a unit may have among the units compared, 1 = best."""

    unit: str
    low: int
    high: int
    tier: int
    """Counted from 1 = best; units of a tier are not told apart from its best."""
    alike: tuple[str, ...]
    """The units it cannot be told apart from, in the plan's order."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The places of one indicator in one series."""

    series: str
    indicator: str
    confidence: float
    places: tuple[Place, ...]
    """In the plan's order."""
    left_out: tuple[str, ...]
    """Units with answers that are too few, too imprecise or without an error."""


def standings(
    series: Sequence[Series],
    estimates: Sequence[Tabulated],
    *,
    survey: Survey,
    plan: Plan,
    seed: int,
) -> Iterator[Standing]:
    """The standing of every indicator that two units or more can have a place in.

    Opt-in answers are never compared.
    """
    for one in series:
        if one.is_opt_in:
            continue
        kinds = kinds_of(one.design, [one.sample.unit])
        for measured in measures(one.sample, survey):
            if measured.measure != "indicator":
                continue
            able = _able(estimates, one, measured, plan)
            if 2 <= sum(able.values()) <= MOST_UNITS:
                condensed = condense(kinds, measured.values)
                cells = Cells(one, measured, condensed.design, condensed.rows)
                yield _standing(cells, able, confidence=plan.confidence, seed=seed)


def _able(
    estimates: Sequence[Tabulated], series: Series, measured: Measured, plan: Plan
) -> Mapping[str, bool]:
    """Unit with answers → whether its number may have a place."""
    able: dict[str, bool] = {}
    for entry in estimates:
        is_of = (entry.series, entry.measure, entry.code, entry.domain.kind)
        found = entry.estimate
        if is_of != (series.code, "indicator", measured.code, "unit") or not found.n:
            continue
        is_small = withhold_rank(found.n, found.effective_n, plan.release) is not None
        has_error = isinstance(found, Estimate) and bool(found.standard_error)
        able[entry.domain.code] = entry.withheld is None and has_error and not is_small
    return able


def _standing(
    cells: Cells, able: Mapping[str, bool], *, confidence: float, seed: int
) -> Standing:
    compared = [unit for unit, is_able in able.items() if is_able]
    left_out = tuple(unit for unit, is_able in able.items() if not is_able)
    unit = cells.series.sample.unit[cells.rows]
    means = [mean_of(cells.design, cells.values, unit == name) for name in compared]
    errors = covariances_of(cells.design, means)
    league = simulate(
        JointEstimates(compared, [one.value for one in means], errors), seed=seed, draws=DRAWS
    )
    sets = simultaneous_rank_sets(league, confidence=confidence)
    pairs = compare_pairs(league, confidence=confidence)
    tier_of = {name: k for k, tier in enumerate(tiers(pairs), start=1) for name in tier.names}
    places = []
    for name in compared:
        found = sets[name]
        if found is not None:
            alike = tuple(
                other
                for other in compared
                if other != name and pairs.cannot_be_told_apart(name, other)
            )
            places.append(Place(name, found.low, found.high, tier_of[name], alike))
    return Standing(cells.series.code, cells.measured.code, confidence, tuple(places), left_out)
