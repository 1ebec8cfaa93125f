"""Every score of a judged series as it would be: uncapped, capped, and in the worst case.

The published value stands between them: with the caps, the flags and the decisions. All are
weighted by the same steps of the plan, so they differ by what was believed and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.database.rounds import FrozenRound
from app.errors import CannotEstimate
from app.stats.design import Integers
from app.stats.opt_in.contamination import worst_case
from app.stats.tables.domains import list_domains, list_groups, members
from app.stats.tables.entries import Series
from app.stats.tables.measures import measures
from app.stats.tables.tabulation import IN_GROUPS
from app.stats.weighting import weigh
from app.survey.plan import Plan
from app.survey.sample import Flags, Floats
from app.workflow.repetition import Place
from app.workflow.screening.company import Company
from app.workflow.screening.submissions import points_of


@dataclass(frozen=True, slots=True)
class Screened:
    """What screening did to one score; all on the scale of the score."""

    raw: float | None
    """With every response counted fully; None where that cannot be weighted."""
    capped: float | None
    """With the published caps alone."""
    low: float
    high: float
    """Where the honest mean may lie if `epsilon` of what counts is not honest."""
    epsilon: float


@dataclass(frozen=True, slots=True)
class _Weights:
    """Three weights of the responses of one series, and where they came from."""

    raw: Floats | None
    capped: Floats | None
    final: Floats
    place: Integers
    share: Floats
    """By place: the share of its weight that may be dishonest."""


def screened_scores(
    series: Sequence[Series], frozen: FrozenRound, company: Company | None
) -> Mapping[Place, Screened]:
    """Where a score stands in the table → what screening did to it; judged series only."""
    if company is None:
        return {}
    judged = [one for one in series if one.code in company.rule.evidence]
    return dict(entry for one in judged for entry in _of_series(one, frozen, company))


def _of_series(
    one: Series, frozen: FrozenRound, company: Company
) -> Iterator[tuple[Place, Screened]]:
    plan, survey = frozen.plan, frozen.survey
    weights = _weights(one, plan, company)
    domains = (*list_domains(plan), *list_groups(plan, survey))
    inside = {domain: members(one.sample, domain) for domain in domains}
    for measured in measures(one.sample, survey):
        if measured.measure not in IN_GROUPS:
            continue
        for domain, among in inside.items():
            found = _screened(measured.values, weights, among)
            if found is not None:
                place = (one.code, measured.measure, measured.code, domain.kind, domain.code)
                yield place, found


def _weights(one: Series, plan: Plan, company: Company) -> _Weights:
    epsilon = {bounds.point: bounds.epsilon for bounds in company.decided.points}
    names, place = np.unique(points_of(one.sample), return_inverse=True)
    return _Weights(
        raw=_weighed(one, plan, np.ones(len(one.sample))),
        capped=_weighed(one, plan, company.capped[one.positions]),
        final=one.design.weight,
        place=place,
        share=np.array([epsilon.get(name, 0.0) for name in names.tolist()]),
    )


def _weighed(one: Series, plan: Plan, influence: Floats) -> Floats | None:
    try:
        return weigh(one.sample, plan, influence=influence).weight
    except CannotEstimate:
        return None


def _screened(values: Floats, weights: _Weights, among: Flags) -> Screened | None:
    among = among & ~np.isnan(values)
    y = values[among]
    worst = worst_case(y, weights.final[among], place=weights.place[among], share=weights.share)
    if worst is None:
        return None
    return Screened(
        raw=_mean(y, weights.raw, among),
        capped=_mean(y, weights.capped, among),
        low=worst.low,
        high=worst.high,
        epsilon=worst.share,
    )


def _mean(y: Floats, weight: Floats | None, among: Flags) -> float | None:
    if weight is None or not weight[among].sum() > 0:
        return None
    return float(np.average(y, weights=weight[among]))
