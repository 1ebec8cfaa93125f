"""The change of a score in a tree that is no sum: blocks exchanged as wholes (Shapley 1953).

Three blocks make a score: the values, the bounds that turn them into normalised scores, and
the rest, which is the tree with its weights and means. Each block's effect is what exchanging
it does, averaged over all orders; together they are the whole change. Every mixture goes
through the real aggregation.
"""

from functools import cache
from itertools import permutations
from math import factorial

import numpy as np

from app.scoring.index import Scoring
from app.scoring.steps.aggregation import aggregate
from app.survey.sample import Flags, Floats

BLOCKS = ("value", "weight", "bounds")


def exchanged_blocks(
    before: Scoring, now: Scoring, earlier: int, row: int
) -> tuple[float, float, float]:
    """What values, tree and bounds did to the gross score of one unit, in points.

    Where a mixture of the two years cannot be computed, because an indicator is only in one
    of them or a mean is not defined for it, what it would have told counts as the tree's.
    """
    years = (before, earlier), (now, row)
    ends = [float(one.workings.aggregation.score[at]) for one, at in years]

    @cache
    def mixed(values: int, tree: int, bounds: int) -> float:
        if values == tree == bounds:
            return ends[tree]
        score = _mixture(years[values], years[tree], years[bounds])
        return ends[tree] if np.isnan(score) else score

    effects = dict.fromkeys(BLOCKS, 0.0)
    for order in permutations(range(len(BLOCKS))):
        taken = [0, 0, 0]
        for block in order:
            start = mixed(*taken)
            taken[block] = 1
            effects[BLOCKS[block]] += (mixed(*taken) - start) / factorial(len(BLOCKS))
    return effects["value"], effects["weight"], effects["bounds"]


def crossed_score(scoring: Scoring, other: Scoring, row: int, column: int) -> float:
    """What a value of this scoring would score under the bounds of the other; NaN if unknown.

    A score that a rule gave stays what it is, if the other year's rule gives the same.
    """
    workings = scoring.workings
    code = scoring.system.indicators[column].code
    columns = {card.code: at for at, card in enumerate(other.system.indicators)}
    value = float(workings.treated.values[row, column])
    score = float(workings.completed.scores[row, column])
    if np.isnan(value):
        return score
    types = {name: at for at, name in enumerate(other.system.type_codes)}
    region_type = types.get(workings.inputs.units[row].region_type)
    if code not in columns or region_type is None:
        return np.nan
    fit = other.workings.normalised.by_cell.get((columns[code], region_type))
    if fit is None:
        return np.nan
    with np.errstate(all="ignore"):
        crossed = float(fit.curve(np.array([value]))[0])
    return crossed if np.isfinite(crossed) else np.nan


def _mixture(
    values: tuple[Scoring, int], tree: tuple[Scoring, int], bounds: tuple[Scoring, int]
) -> float:
    """The gross score of one year's values under another's bounds in another's tree."""
    (source, at), (scoring, row), (scale, _) = values, tree, bounds
    cards = scoring.system.indicators
    places = {card.code: column for column, card in enumerate(source.system.indicators)}
    scores = scoring.workings.completed.scores.copy()
    applicable = scoring.workings.inputs.applicable.copy()
    own: Floats = np.full(len(cards), np.nan)
    applies: Flags = np.full(len(cards), False)
    for column, card in enumerate(cards):
        if card.code not in places:
            return np.nan
        there = at, places[card.code]
        applies[column] = source.workings.inputs.applicable[there]
        own[column] = _score_under(source, scale, *there)
    scores[row], applicable[row] = own, applies
    with np.errstate(all="ignore"):
        found = aggregate(
            scoring.system,
            scores,
            applicable=applicable,
            type_of=scoring.workings.inputs.type_of,
        )
    return float(found.score[row])


def _score_under(source: Scoring, scale: Scoring, row: int, column: int) -> float:
    if source is scale:
        return float(source.workings.completed.scores[row, column])
    return crossed_score(source, scale, row, column)
