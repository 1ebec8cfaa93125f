"""The change of a score in a tree that is no sum: blocks exchanged as wholes (Shapley 1953).

Three blocks make a score: the values, the bounds that turn them into normalised scores, and
the rest, which is the tree with its weights and means. Each block's effect is what exchanging
it does, averaged over all orders; together they are the whole change. Every mixture goes
through the real aggregation.
"""

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from math import factorial

import numpy as np

from app.scoring.index import Scoring
from app.scoring.steps.aggregation import aggregate
from app.survey.sample import Flags, Floats

BLOCKS = ("value", "weight", "bounds")


@dataclass(frozen=True, slots=True)
class UnitYear:
    """One unit in one of two years."""

    scoring: Scoring
    row: int
    crossed: Floats
    """Of all units: `crossed_scores` under the other year's bounds."""


def crossed_scores(scoring: Scoring, other: Scoring) -> Floats:
    """What this year's values would score under the other year's bounds; NaN if unknown.

    Units × indicators of this year. The bounds are those of the region type that the unit has
    in the other year. A score that a rule gave stays what it is.
    """
    values = scoring.workings.treated.values
    crossed = np.where(np.isnan(values), scoring.workings.completed.scores, np.nan)
    columns = {card.code: at for at, card in enumerate(other.system.indicators)}
    rows = {unit.code: at for at, unit in enumerate(other.workings.inputs.units)}
    type_there = np.array(
        [
            other.workings.inputs.type_of[rows[unit.code]] if unit.code in rows else -1
            for unit in scoring.workings.inputs.units
        ]
    )
    for column, card in enumerate(scoring.system.indicators):
        known = ~np.isnan(values[:, column])
        for t in np.unique(type_there):
            fit = other.workings.normalised.by_cell.get((columns.get(card.code, -1), int(t)))
            if fit is not None:
                own = known & (type_there == t)
                with np.errstate(all="ignore"):
                    crossed[own, column] = fit.curve(values[own, column])
    return np.where(np.isfinite(crossed), crossed, np.nan)


def exchanged_blocks(before: UnitYear, now: UnitYear) -> tuple[float, float, float]:
    """What values, tree and bounds did to the gross score of one unit, in points.

    An indicator that only one year has comes and goes with that year's tree. A value that the
    other year's bounds cannot take keeps its own score. Where a mean is not defined for a
    mixture, what the mixture would have told counts as the tree's.
    """
    years = before, now
    ends = [float(one.scoring.workings.aggregation.score[one.row]) for one in years]

    @cache
    def mixed(values: int, tree: int, bounds: int) -> float:
        if values == tree == bounds:
            return ends[tree]
        score = _mixture(years[values], years[tree], years[bounds])
        return score if np.isfinite(score) else ends[tree]

    effects = dict.fromkeys(BLOCKS, 0.0)
    for order in permutations(range(len(BLOCKS))):
        taken = [0, 0, 0]
        for block in order:
            start = mixed(*taken)
            taken[block] = 1
            effects[BLOCKS[block]] += (mixed(*taken) - start) / factorial(len(BLOCKS))
    return effects["value"], effects["weight"], effects["bounds"]


def _mixture(values: UnitYear, tree: UnitYear, bounds: UnitYear) -> float:
    """The gross score of one year's values under another's bounds in another's tree."""
    scoring, row = tree.scoring, tree.row
    source = values.scoring.workings
    own: Floats = source.completed.scores[values.row]
    if bounds is not values:
        crossed = values.crossed[values.row]
        own = np.where(np.isnan(crossed), own, crossed)
    applies: Flags = source.inputs.applicable[values.row]
    places = {card.code: at for at, card in enumerate(values.scoring.system.indicators)}
    scores = scoring.workings.completed.scores.copy()
    applicable = scoring.workings.inputs.applicable.copy()
    for column, card in enumerate(scoring.system.indicators):
        if card.code in places:
            scores[row, column] = own[places[card.code]]
            applicable[row, column] = applies[places[card.code]]
    with np.errstate(all="ignore"):
        found = aggregate(
            scoring.system,
            scores,
            applicable=applicable,
            type_of=scoring.workings.inputs.type_of,
        )
    return float(found.score[row])
