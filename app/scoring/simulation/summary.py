"""From scores drawn to what they say of each unit: intervals, places, grades, duels."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from app.scoring.definition.rules import RankRule
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import Scoring
from app.scoring.simulation.outcomes import (
    Drawn,
    Duels,
    GradeShare,
    SimulatedPlace,
    SimulatedUnit,
    Simulation,
    TopShare,
)
from app.scoring.steps.arrangement import Integers
from app.scoring.steps.ordering import graded_by, order, quota_levels, threshold_levels
from app.scoring.steps.standing import strictest_veto
from app.survey.sample import Flags, Floats
from app.survey.text import Text

NEAR = 0.01
"""A cut of the cumulative distribution as near as this may fall to either side by chance."""
MOST_TABULATED = 300
"""Units of a group up to which the probability of every rank is kept."""
MOST_COMPARED = 60
"""Units of a group up to which every pair is."""
AT_ONCE = 2_000_000
"""Scores ordered in one go."""

BANDS = Text(
    zh="自愿扫码指标的取值在其敏感性区间内均匀抽取；这反映的是谁愿意作答的疑问，不是抽样误差",
    en="opt-in values were drawn evenly over their sensitivity bands; that is the doubt about "
    "who chose to answer, and no sampling error",
)

Ranks = NDArray[np.float32]
"""Draws × units: half the memory, and exact for every rank there is."""


@dataclass(frozen=True, slots=True)
class Group:
    """Units that are ranked among each other."""

    region_type: str | None
    rows: Integers


def summarise(scoring: Scoring, drawn: Drawn) -> Simulation:
    """Places and grades of all units from the scores drawn."""
    system, units, finals = scoring.system, scoring.workings.inputs.units, drawn.finals
    standings = scoring.outcome.standings
    in_type: dict[int, SimulatedPlace] = {}
    overall: dict[int, SimulatedPlace] = {}
    duels = []
    for group in ranked_groups(scoring):
        ranks = drawn_ranks(finals[:, group.rows], system.rank)
        places = _places(system, ranks)
        into = overall if group.region_type is None else in_type
        into |= dict(zip(group.rows.tolist(), places, strict=True))
        if group.rows.size <= MOST_COMPARED:
            names = tuple(units[row].code for row in group.rows)
            duels.append(Duels(group.region_type, names, _beats(ranks)))
    grades = _grade_shares(scoring, finals)
    intervals = _intervals(finals, system.uncertainty.level)
    return Simulation(
        system=system.key,
        seed=drawn.seed,
        draws=len(finals),
        lost=drawn.lost,
        level=system.uncertainty.level,
        doubts=drawn.doubts,
        note=BANDS if drawn.has_bands else None,
        units=tuple(
            SimulatedUnit(
                unit=unit.code,
                region_type=unit.region_type,
                score_interval=None if np.isnan(scoring.finals[row]) else intervals[row],
                in_type=in_type.get(row),
                overall=overall.get(row),
                grades=grades.get(row, ()),
                unranked_because=standings[row].unranked_because,
            )
            for row, unit in enumerate(units)
        ),
        duels=tuple(duels),
    )


def ranked_groups(scoring: Scoring) -> list[Group]:
    """The region types, and all units where the system asks for it; only who has a rank."""
    standings = scoring.outcome.standings
    ranked = np.array([standing.rank_in_type is not None for standing in standings])
    type_of = scoring.workings.inputs.type_of
    groups = [
        Group(code, np.flatnonzero(ranked & (type_of == t)))
        for t, code in enumerate(scoring.system.type_codes)
    ]
    if scoring.system.rank.scope == "all":
        groups.append(Group(None, np.flatnonzero(ranked)))
    return [group for group in groups if group.rows.size]


def drawn_ranks(finals: Floats, rule: RankRule) -> Ranks:
    """Ranks (draws × units) of one group's final scores, a few draws at a time."""
    ranks = np.empty(finals.shape, np.float32)
    step = max(AT_ONCE // finals.shape[1], 1)
    for start in range(0, len(finals), step):
        ranks[start : start + step] = order(finals[start : start + step], rule)
    return ranks


def _places(system: IndicatorSystem, ranks: Ranks) -> list[SimulatedPlace]:
    n = ranks.shape[1]
    best = system.uncertainty.top or (ceil(n / 3),)
    level = system.uncertainty.level
    places = []
    for column in np.sort(ranks, axis=0).T:
        values, counts = np.unique(column, return_counts=True)
        shares = counts / column.size
        reached = np.cumsum(counts) / column.size
        (low, low_near), (high, high_near) = (
            _cut(values, reached, at) for at in ((1 - level) / 2, (1 + level) / 2)
        )
        pairs = zip(values.tolist(), shares.tolist(), strict=True)
        places.append(
            SimulatedPlace(
                mean_rank=float(column.mean(dtype=np.float64)),
                low=low,
                high=high,
                low_near_a_cut=low_near,
                high_near_a_cut=high_near,
                probabilities=tuple(pairs) if n <= MOST_TABULATED else (),
                top=tuple(TopShare(k, float((column <= k).mean())) for k in best),
            )
        )
    return places


def _cut(values: Ranks, reached: Floats, at: float) -> tuple[float, bool]:
    """The smallest rank at which the distribution reaches `at`; whether it is a near thing."""
    # Binary fractions: 1 - 0.95 of 2,000 draws is the draw 100.
    place = int(np.searchsorted(reached, at - 1e-9))
    return float(values[place]), bool((np.abs(reached - at) < NEAR).any())


def _beats(ranks: Ranks) -> tuple[tuple[float, ...], ...]:
    above = [
        (ranks[:, [one]] < ranks).mean(axis=0) + (ranks[:, [one]] == ranks).mean(axis=0) / 2
        for one in range(ranks.shape[1])
    ]
    return tuple(tuple(row.tolist()) for row in above)


def _intervals(finals: Floats, level: float) -> list[tuple[float, float]]:
    ends = np.quantile(finals, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return [(low, high) for low, high in ends.T.tolist()]


def _grade_shares(scoring: Scoring, finals: Floats) -> dict[int, tuple[GradeShare, ...]]:
    """Row → how often each grade was given, of every unit that has one."""
    rule = scoring.system.grade
    if rule is None:
        return {}
    codes = [grade.grade for grade in rule.scale]
    graded = np.array([standing.grade is not None for standing in scoring.outcome.standings])
    vetoes = [strictest_veto(scoring.system, ledger) for ledger in scoring.ledgers]
    best = np.array([0 if veto is None else codes.index(veto.max_grade) for veto in vetoes])
    found: dict[int, tuple[GradeShare, ...]] = {}
    for rows in _graded_groups(scoring, graded):
        if rule.rule == "threshold":
            levels = np.maximum(threshold_levels(finals[:, rows], rule), best[rows])
        else:
            keys = graded_by(finals[:, rows], rule, scoring.system.rank)
            levels = np.array([quota_levels(draw, rule, best[rows]) for draw in keys])
        shares = np.array([(levels == level).mean(axis=0) for level in range(len(codes))])
        for row, share in zip(rows.tolist(), shares.T.tolist(), strict=True):
            pairs = zip(codes, share, strict=True)
            found[row] = tuple(GradeShare(code, part) for code, part in pairs)
    return found


def _graded_groups(scoring: Scoring, graded: Flags) -> list[Integers]:
    rule = scoring.system.grade
    if rule is not None and rule.within == "all":
        return [np.flatnonzero(graded)]
    type_of = scoring.workings.inputs.type_of
    groups = [np.flatnonzero(graded & (type_of == t)) for t in np.unique(type_of)]
    return [rows for rows in groups if rows.size]
