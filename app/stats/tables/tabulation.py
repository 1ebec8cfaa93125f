"""The table of a round's numbers: every measure, in every domain, in every series.

A series holds responses of one kind of evidence and its own weights. Probability and
transaction samples get intervals; opt-in answers get a sensitivity band and never a margin
of error. A number that is too small or too uncertain to be shown is computed and marked,
with the reason; so are others from which it could be had by subtraction.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial

import numpy as np

from app.errors import CannotEstimate
from app.stats.comparison import Difference, difference
from app.stats.estimation import Estimate, mean
from app.stats.opt_in.bands import OptInEstimate, opt_in_mean
from app.stats.tables.alike import condense, kinds_of
from app.stats.tables.disclosure import withhold
from app.stats.tables.domains import (
    Domain,
    codes_of,
    disjoint_families,
    levels_of,
    list_domains,
    list_groups,
    members,
)
from app.stats.tables.entries import Cells, ImpossibleSeries, Series, Tabulated
from app.stats.tables.many_domains import entry_of, knows, many_means
from app.stats.tables.measures import measures
from app.stats.tables.protection import (
    groups_without_gaps,
    without_gaps,
    without_parts_of_the_pool,
)
from app.stats.weighting import weigh_in_steps
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.sample import Flags, Floats, Sample

EVIDENCE_CLASSES = ("probability", "transaction", "opt_in")
FEW = 64
"""So many domains are estimated one by one; more than that at once, in disjoint families."""
Row = list[Tabulated]
Many = Mapping[Domain, Tabulated]
IN_GROUPS = ("indicator", "item")
"""What is given by group: a rate of a few would say what they answered."""


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
            steps = weigh_in_steps(part, plan, influence=influence[positions])
        except CannotEstimate as error:
            impossible.append(ImpossibleSeries(code, len(part), str(error)))
        else:
            series.append(Series(code, part, steps[-1], positions, steps))
    if impossible and not series:
        raise CannotEstimate("\n".join(one.reason for one in impossible))
    return tuple(series), tuple(impossible)


def tabulate(series: Sequence[Series], survey: Survey, plan: Plan) -> tuple[Tabulated, ...]:
    """Every measure of the survey in every domain of the plan, for each series."""
    table: list[Tabulated] = []
    for one in series:
        table += _table_of(one, survey, plan)
    return tuple(without_parts_of_the_pool(table, series, plan.release))


def _table_of(one: Series, survey: Survey, plan: Plan) -> Iterator[Tabulated]:
    places, groups = list_domains(plan), list_groups(plan, survey)
    inside = cache(partial(members, one.sample))
    variables = {domain.variable: levels_of(one.sample, domain.variable) for domain in groups}
    kinds = kinds_of(one.design, [one.sample.unit, *variables.values()])
    for measured in measures(one.sample, survey):
        told = measured.values if measured.choice is None else measured.choice
        condensed = condense(kinds, told)
        cells = Cells(one, measured, condensed.design, condensed.rows)

        many = _many(cells, (*places, *groups), plan)

        def row(domains: Sequence[Domain], cells: Cells = cells, many: Many = many) -> Row:
            return [many.get(d) or _tabulated(cells, d, inside(d), plan) for d in domains]

        shown = without_gaps(row(places), cells, plan.release)
        yield from shown
        if measured.measure in IN_GROUPS:
            yield from groups_without_gaps(row(groups), shown, cells, plan.release)


def _tabulated(cells: Cells, domain: Domain, inside: Flags, plan: Plan) -> Tabulated:
    design, values, inside = cells.design, cells.values, inside[cells.rows]
    estimate: Estimate | OptInEstimate
    between: Difference | None = None
    if cells.series.is_opt_in:
        estimate = opt_in_mean(design, values, population=domain.population, domain=inside)
    else:
        estimate = mean(design, values, domain=inside, confidence=plan.confidence)
        if domain.kind != "overall":
            between = difference(design, values, domain=inside, confidence=plan.confidence)
    return _entry(cells, domain, estimate, between, plan)


def _many(cells: Cells, domains: Sequence[Domain], plan: Plan) -> Many:
    """The entries of all parts at once where they are many; nothing where they are few."""
    if len(domains) <= FEW or cells.series.is_opt_in or not knows(cells.design):
        return {}
    found: dict[Domain, Tabulated] = {}
    df = cells.design.df
    for family in disjoint_families(domains):
        code = codes_of(cells.series.sample, family)[cells.rows]
        means = many_means(cells.design, cells.values, code, domains=len(family))
        for k, domain in enumerate(family):
            estimate, between = entry_of(means, k, df=df, confidence=plan.confidence)
            found[domain] = _entry(cells, domain, estimate, between, plan)
    return found


def _entry(
    cells: Cells,
    domain: Domain,
    estimate: Estimate | OptInEstimate,
    between: Difference | None,
    plan: Plan,
) -> Tabulated:
    return Tabulated(
        cells.series.code,
        cells.measured.measure,
        cells.measured.code,
        domain,
        estimate,
        withheld=withhold(estimate.n, estimate.effective_n, plan.release),
        difference=between,
    )
