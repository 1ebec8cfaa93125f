"""The places that the survey's error leaves open: rank confidence sets and tiers of scores.

A set covers the true rank as often as its confidence says; the simulated interval of
`monte_carlo` does not. Both speak of final scores as the system compares them, rounded, after
deductions and caps; a rank is one more than the number of units above. How the scores err
together comes from a formula where every score of the group is linear in what was estimated,
and else from draws; the table says which. The sets themselves are those of `app.stats.ranks`.
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from app.scoring.index import Scoring
from app.scoring.simulation.choices import SURVEY_ERROR
from app.scoring.simulation.draws import value_draws
from app.scoring.simulation.large_leagues import (
    LargeLeague,
    large_tiers,
    marginal_bounds,
    simultaneous_bounds,
)
from app.scoring.simulation.monte_carlo import draw_scores
from app.scoring.simulation.outcomes import Drawn
from app.scoring.simulation.streams import stream
from app.scoring.simulation.summary import Group, ranked_groups
from app.scoring.steps.arrangement import Integers
from app.scoring.steps.ordering import rounded
from app.scoring.steps.sampling_error import REACH, joint_covariance
from app.stats.ranks.league import JointEstimates, simulate
from app.stats.ranks.ranking import Ranges, marginal_rank_sets, simultaneous_rank_sets
from app.stats.ranks.tiers import compare_pairs, tiers
from app.survey.sample import Floats

MOST_PAIRED = 500
"""Units of a group up to which every pair is compared in every draw."""
KNOWN = 1e-9
"""A score drawn this steadily is known: the rest is arithmetic."""

Source = Literal["formula", "draws"]
"""Where the covariances of the scores come from."""
Family = Literal["max_t", "bonferroni"]
"""The largest error of all pairs, drawn; or Holm's steps on normal probabilities, which are
wider, never too narrow, and the only way for very many units."""


@dataclass(frozen=True, slots=True)
class RankSet:
    """The first and the last rank that a unit may have."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Place:
    """The ranks of one unit that its estimates leave open, 1 = best."""

    unit: str
    rank: int
    """By its score: one more than the units above."""
    marginal: RankSet
    """Covers the rank of this unit with the confidence: "how sure is my rank"."""
    simultaneous: RankSet
    """Those of all units together do: for a table that is published."""
    tier: int
    """Counted from 1 = best; units of a tier are not told apart from its best."""


@dataclass(frozen=True, slots=True)
class PlaceTier:
    """Units that cannot be told apart from the best among them, and the places they share."""

    units: tuple[str, ...]
    """Best first."""
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Contenders:
    """All units that may be among the best `k`; with the confidence nobody else is."""

    k: int
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceTable:
    """Places of the units that are ranked among each other."""

    region_type: str | None
    """None where the group is all units."""
    confidence: float
    source: Source
    family: Family
    places: tuple[Place, ...]
    """In the order in which the units were given."""
    tiers: tuple[PlaceTier, ...]
    contenders: tuple[Contenders, ...]

    def place(self, unit: str) -> Place:
        """The place of one unit."""
        return next(place for place in self.places if place.unit == unit)


@dataclass(frozen=True, slots=True)
class Sets:
    """What either family finds: both sets of every unit, and the units tier by tier."""

    marginal: list[RankSet]
    simultaneous: list[RankSet]
    tiers: list[list[int]]
    """Positions in the group."""


def places(
    scoring: Scoring, *, seed: int, drawn: Drawn | None = None
) -> tuple[PlaceTable, ...]:
    """A table for each region type, and one of all units where the system ranks them.

    `drawn`: scores that were drawn before with the survey's error only, to save drawing them
    again. Raises InputRefused where covariances are impossible or draws cannot be scored.
    """
    # Refuses covariances that no estimates can have, by name.
    value_draws(scoring.system, scoring.workings.inputs, scoring.covariances, seed=seed)
    tables = []
    for group in ranked_groups(scoring):
        covariance = joint_covariance(
            scoring.system,
            scoring.workings,
            scoring.covariances,
            errors=scoring.outcome.errors,
            rows=group.rows,
        )
        source: Source = "formula"
        if np.isnan(covariance).any() or _meets_a_bound(scoring, group.rows, covariance):
            if drawn is None or drawn.doubts != SURVEY_ERROR:
                drawn = draw_scores(scoring, seed=seed)
            source, covariance = "draws", _covariance(drawn.finals[:, group.rows])
        tables.append(_table(scoring, group, covariance, source=source, seed=seed))
    return tuple(tables)


def _meets_a_bound(scoring: Scoring, rows: Integers, covariance: Floats) -> bool:
    """Whether a final score could be cut at the floor or the ceiling within its error."""
    rules = scoring.system.adjustments
    if rules is None:
        return False
    reach = REACH * np.sqrt(np.diag(covariance))
    costs = np.array([scoring.ledgers[row].cost for row in rows])
    net = scoring.workings.aggregation.score[rows] - costs
    low = -np.inf if rules.floor is None else rules.floor
    high = np.inf if rules.ceiling is None else rules.ceiling
    return bool(((reach > 0) & ((net - reach < low) | (net + reach > high))).any())


def _covariance(finals: Floats) -> Floats:
    """Of scores (draws × units) that were drawn together; exact zeros where one is known."""
    deviations = finals - finals.mean(axis=0)
    moves = np.abs(deviations).max(axis=0) > KNOWN * np.maximum(np.abs(finals[0]), 1.0)
    deviations[:, ~moves] = 0.0
    covariance: Floats = deviations.T @ deviations
    return covariance / max(len(finals) - 1, 1)


def _table(
    scoring: Scoring, group: Group, covariance: Floats, *, source: Source, seed: int
) -> PlaceTable:
    rule = scoring.system.uncertainty
    n = group.rows.size
    names = [scoring.workings.inputs.units[row].code for row in group.rows]
    values = rounded(scoring.finals[group.rows], scoring.system.rank.decimals)
    league = LargeLeague(names, values, covariance)
    if n > MOST_PAIRED:
        family: Family = "bonferroni"
        sets = _sets_of_many(league, rule.confidence)
    else:
        family = "max_t"
        generator = stream(seed, "places", group.region_type or "")
        sets = _sets_of_few(league, rule.confidence, draws=rule.draws, generator=generator)
    tier_of = {unit: k for k, tier in enumerate(sets.tiers, start=1) for unit in tier}
    found = tuple(
        Place(
            unit=name,
            rank=1 + int((values > values[unit]).sum()),
            marginal=sets.marginal[unit],
            simultaneous=sets.simultaneous[unit],
            tier=tier_of[unit],
        )
        for unit, name in enumerate(names)
    )
    return PlaceTable(
        region_type=group.region_type,
        confidence=rule.confidence,
        source=source,
        family=family,
        places=found,
        tiers=_tiers(names, sets.tiers),
        contenders=tuple(_contenders(found, k) for k in rule.top or (ceil(n / 3),)),
    )


def _sets_of_few(
    league: LargeLeague, confidence: float, *, draws: int, generator: np.random.Generator
) -> Sets:
    # Fewer draws than this cannot show the confidence.
    enough = max(draws, ceil(10 / (1 - confidence)))
    estimates = JointEstimates(league.names, league.values, league.covariance)
    drawn = simulate(estimates, seed=generator, draws=enough)
    position = {name: unit for unit, name in enumerate(league.names)}
    together = tiers(compare_pairs(drawn, confidence=confidence))
    return Sets(
        marginal=_rank_sets(marginal_rank_sets(drawn, confidence=confidence)),
        simultaneous=_rank_sets(simultaneous_rank_sets(drawn, confidence=confidence)),
        tiers=[[position[name] for name in tier.names] for tier in together],
    )


def _rank_sets(ranges: Ranges) -> list[RankSet]:
    return [RankSet(found.low, found.high) for found in ranges.values() if found is not None]


def _sets_of_many(league: LargeLeague, confidence: float) -> Sets:
    marginal, simultaneous = (
        [RankSet(*ends) for ends in zip(found.low.tolist(), found.high.tolist(), strict=True)]
        for found in (
            marginal_bounds(league, confidence),
            simultaneous_bounds(league, confidence),
        )
    )
    return Sets(marginal, simultaneous, large_tiers(league, confidence))


def _tiers(names: list[str], groups: list[list[int]]) -> tuple[PlaceTier, ...]:
    ends = np.cumsum([len(group) for group in groups]).tolist()
    return tuple(
        PlaceTier(tuple(names[unit] for unit in group), end - len(group) + 1, end)
        for group, end in zip(groups, ends, strict=True)
    )


def _contenders(found: tuple[Place, ...], k: int) -> Contenders:
    """By the simultaneous sets (Mogstad, Romano, Shaikh and Wilhelm 2024)."""
    return Contenders(k, tuple(place.unit for place in found if place.simultaneous.low <= k))
