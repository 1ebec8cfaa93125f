"""The table of a round's numbers: every measure, in every domain, in every series.

A series holds responses of one kind of evidence and its own weights. Probability and
transaction samples get intervals; opt-in answers get a sensitivity band and never a margin
of error. A number that is too small or too uncertain to be shown is computed and marked,
with the reason; so are others from which it could be had by subtraction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from app.errors import CannotEstimate
from app.stats.comparison import Difference, difference
from app.stats.design import Design
from app.stats.disclosure import bears_cells, close_gaps, withhold
from app.stats.estimation import Estimate, mean
from app.stats.optin import OptInEstimate, opt_in_mean
from app.stats.weighting import weigh
from app.survey.definition import Survey
from app.survey.indicators import indicator_values
from app.survey.plan import Plan
from app.survey.recipe import Release
from app.survey.sample import Flags, Floats, Sample

Measure = Literal["indicator", "item", "satisfied_strict", "satisfied_broad"]
DomainKind = Literal["overall", "region", "unit"]
EVIDENCE_CLASSES = ("probability", "transaction", "opt_in")


@dataclass(frozen=True, slots=True)
class Series:
    """Responses of one kind of evidence, weighted."""

    code: str
    """An evidence class, or ``pooled``."""
    sample: Sample
    design: Design
    positions: Flags
    """Which responses of the round belong to it."""

    @property
    def is_opt_in(self) -> bool:
        """Whether people chose themselves: then there is no margin of error."""
        return self.code == "opt_in"


@dataclass(frozen=True, slots=True)
class Domain:
    """A sub-population for which numbers are wanted."""

    kind: DomainKind
    code: str
    units: tuple[str, ...]
    population: int | None


@dataclass(frozen=True, slots=True)
class Tabulated:
    """One number of the table."""

    series: str
    measure: Measure
    code: str
    domain: Domain
    estimate: Estimate | OptInEstimate
    withheld: str | None = None
    """Why it must not be shown: too_few, too_imprecise, small_cell or complementary."""
    difference: Difference | None = None
    """A region's or unit's mean less that of everybody; never for opt-in answers."""


@dataclass(frozen=True, slots=True)
class ImpossibleSeries:
    """Responses that cannot be weighted by the plan, and why; they have no estimates."""

    code: str
    n: int
    reason: str


def make_series(
    sample: Sample, plan: Plan, influence: Floats
) -> tuple[tuple[Series, ...], tuple[ImpossibleSeries, ...]]:
    """The pooled series first where the plan has one, then one for each class present.

    A class with too few answers for the plan's margins must not take the others down: it is
    reported with its reason. Raises CannotEstimate where no series can be weighted at all.
    """
    wanted: list[tuple[str, tuple[str, ...]]] = []
    if plan.pooled:
        wanted.append(("pooled", plan.pooled.classes))
    wanted += [(c, (c,)) for c in EVIDENCE_CLASSES if (sample.evidence == c).any()]
    series: list[Series] = []
    impossible: list[ImpossibleSeries] = []
    for code, classes in wanted:
        positions = np.isin(sample.evidence, list(classes))
        part = sample.restrict(positions)
        try:
            design = weigh(part, plan, influence=influence[positions])
        except CannotEstimate as error:
            impossible.append(ImpossibleSeries(code, len(part), str(error)))
        else:
            series.append(Series(code, part, design, positions))
    if impossible and not series:
        raise CannotEstimate("\n".join(one.reason for one in impossible))
    return tuple(series), tuple(impossible)


def tabulate(series: Sequence[Series], survey: Survey, plan: Plan) -> tuple[Tabulated, ...]:
    """Every measure of the survey in every domain of the plan, for each series."""
    table: list[Tabulated] = []
    for one in series:
        for measured in _measures(one.sample, survey):
            row = [_tabulated(one, measured, domain, plan) for domain in list_domains(plan)]
            table += _without_gaps(row, one, measured, plan.release)
    return tuple(_without_parts_of_the_pool(table, series, plan.release))


def list_domains(plan: Plan) -> tuple[Domain, ...]:
    """Everybody, each region that is a real part, and each unit."""
    every = [unit.code for unit in plan.units]
    domains = [_domain(plan, "overall", "", every)]
    for region in plan.regions:
        inside = [unit.code for unit in plan.units if region.code in _chain(plan, unit.region)]
        if 1 < len(inside) < len(every):
            domains.append(_domain(plan, "region", region.code, inside))
    return (*domains, *(_domain(plan, "unit", code, [code]) for code in every))


@dataclass(frozen=True, slots=True)
class _Measured:
    """A measure with its value for each response of a series, NaN where it has none."""

    measure: Measure
    code: str
    values: Floats
    groups: tuple[Flags, ...] = ()
    """For a rate: who is satisfied, who lies between, who is not."""


def _measures(sample: Sample, survey: Survey) -> Iterator[_Measured]:
    for code, values in indicator_values(survey, sample).items():
        yield _Measured("indicator", code, values)
    for code, scores in sample.scores.items():
        yield _Measured("item", code, scores)
    for code in sample.scores:
        scale = survey.scale_of(survey.items[code])
        if scale.satisfied_strict:
            strict = _share(sample, code, scale.satisfied_strict)
            broad = _share(sample, code, scale.satisfied_broad)
            groups = (strict == 100, (broad == 100) & (strict == 0), broad == 0)
            yield _Measured("satisfied_strict", code, strict, groups)
            yield _Measured("satisfied_broad", code, broad, groups)


def _share(sample: Sample, item: str, satisfied: Sequence[int]) -> Floats:
    """100 for a satisfied answer, 0 for another scored one, so that the mean is a per cent."""
    is_scored = ~np.isnan(sample.scores[item])
    is_satisfied = np.isin(sample.codes[item], list(satisfied))
    return np.where(is_scored, np.where(is_satisfied, 100.0, 0.0), np.nan)


def _tabulated(series: Series, measured: _Measured, domain: Domain, plan: Plan) -> Tabulated:
    inside = np.isin(series.sample.unit, list(domain.units))
    estimate: Estimate | OptInEstimate
    if series.is_opt_in:
        estimate = opt_in_mean(
            series.design, measured.values, population=domain.population, domain=inside
        )
    else:
        estimate = mean(
            series.design, measured.values, domain=inside, confidence=plan.confidence
        )
    reason = _reason(estimate, plan.release)
    return Tabulated(
        series.code,
        measured.measure,
        measured.code,
        domain,
        estimate,
        withheld=reason,
        difference=_difference(series, measured, domain, plan),
    )


def _difference(
    series: Series, measured: _Measured, domain: Domain, plan: Plan
) -> Difference | None:
    if series.is_opt_in or domain.kind == "overall":
        return None
    inside = np.isin(series.sample.unit, list(domain.units))
    return difference(series.design, measured.values, domain=inside, confidence=plan.confidence)


def _reason(estimate: Estimate | OptInEstimate, release: Release) -> str | None:
    return withhold(estimate.n, estimate.effective_n, release)


def _without_gaps(
    row: Sequence[Tabulated], series: Series, measured: _Measured, release: Release
) -> Iterator[Tabulated]:
    """Withhold what is too small, and what would give it away by subtraction."""
    unit = series.sample.unit
    counted = (series.design.weight > 0) & ~np.isnan(measured.values)
    units = {code for entry in row for code in entry.domain.units}
    people = {code: int((counted & (unit == code)).sum()) for code in units}

    def bears_groups(part: frozenset[str]) -> bool:
        inside = counted & np.isin(unit, list(part))
        groups = [int((inside & group).sum()) for group in measured.groups]
        # A rate of 0 or 100 beside the mean gives the levels behind it away.
        extremes = not groups or min(groups[0], groups[-1]) > 0
        return extremes and bears_cells(groups, release.min_cell)

    def is_safe(part: frozenset[str]) -> bool:
        return sum(people[code] for code in part) >= release.min_n and bears_groups(part)

    marked = [
        entry
        if entry.withheld or bears_groups(frozenset(entry.domain.units))
        else replace(entry, withheld="small_cell")
        for entry in row
    ]
    shown = {frozenset(e.domain.units) for e in marked if e.withheld is None}
    kept = close_gaps(shown, people, is_safe)
    for entry in marked:
        is_gap = entry.withheld is None and frozenset(entry.domain.units) not in kept
        yield replace(entry, withheld="complementary") if is_gap else entry


def _without_parts_of_the_pool(
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
            yield replace(entry, withheld="complementary")
        else:
            yield entry


def _domain(plan: Plan, kind: DomainKind, code: str, units: Sequence[str]) -> Domain:
    populations = [unit.population for unit in plan.units if unit.code in units]
    known = [p for p in populations if p is not None]
    population = sum(known) if len(known) == len(populations) else None
    return Domain(kind, code, tuple(units), population)


def _chain(plan: Plan, region: str) -> set[str]:
    """A region and everything above it."""
    parents: Mapping[str, str | None] = {r.code: r.parent for r in plan.regions}
    chain: set[str] = set()
    above: str | None = region
    while above is not None and above not in chain:
        chain.add(above)
        above = parents.get(above)
    return chain
