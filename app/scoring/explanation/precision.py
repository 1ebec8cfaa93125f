"""How far one normalised score could lie off by sampling: what a gap has to exceed.

The standard error of a survey value goes through its curve: (y(x + se) - y(x - se)) / 2, which
is slope · se where the curve is straight. Opt-in values have none.
"""

from collections.abc import Mapping
from math import hypot, sqrt

import numpy as np

from app.scoring.definition.cards import is_arithmetic
from app.scoring.index import Scoring
from app.scoring.steps.sampling_error import NO_ERRORS, ScoreError, joint_covariance
from app.survey.sample import Floats

Pair = tuple[str, frozenset[str | None]]
"""Code of an indicator, and two units."""

NORMAL_95 = 1.959963984540054
"""Quantile of the normal distribution for an interval of 95 %."""


def score_error(scoring: Scoring, row: int, column: int) -> float | None:
    """The standard error of a normalised score; None where the value carries none."""
    slope = _slope(scoring, row, column)
    if slope is None:
        return None
    return abs(slope) * float(scoring.workings.inputs.standard_error[row, column])


def part_error(scoring: Scoring, row: int, code: str) -> float | None:
    """The standard error of the score of an indicator or node for one unit.

    Of a node below which all means are arithmetic: Σ w² se² + 2 Σ w w' cov, as far as
    covariances were given. None where nothing was sampled; NaN where it is not known how far
    the score could lie off, because of opt-in answers or of another mean.
    """
    weights = _weights_inside(scoring, row, code)
    cards = scoring.system.indicators
    moves: dict[str, float] = {}
    for column in np.flatnonzero(~(weights == 0)).tolist():
        slope = _slope(scoring, row, column)
        if slope is not None:
            moves[cards[column].code] = float(weights[column]) * slope
        elif cards[column].evidence == "opt_in":
            return np.nan
    if not moves:
        return None
    own = scoring.workings.inputs.standard_error[row].tolist()
    errors = {card.code: error for card, error in zip(cards, own, strict=True)}
    variance = sum((move * errors[one]) ** 2 for one, move in moves.items())
    unit = scoring.workings.inputs.units[row].code
    for given in scoring.covariances:
        if given.unit == unit and given.other_unit in (None, unit):
            pair = moves.get(given.indicator, 0.0) * moves.get(given.other, 0.0)
            variance += 2 * pair * given.value
    return np.nan if np.isnan(weights).any() else sqrt(max(variance, 0.0))


def gap_error(
    scoring: Scoring, column: int, *, row: int, other: int, together: Mapping[Pair, float]
) -> float | None:
    """The standard error of the difference of two units' scores in one indicator."""
    errors = score_error(scoring, row, column), score_error(scoring, other, column)
    if errors == (None, None):
        return None
    one, two = (error or 0.0 for error in errors)
    units = [scoring.workings.inputs.units[at].code for at in (row, other)]
    code = scoring.system.indicators[column].code
    covariance = together.get((code, frozenset(units)), 0.0)
    raw = scoring.workings.inputs.standard_error[[row, other], column]
    if covariance and (raw > 0).all():
        covariance *= one * two / float(raw.prod())
    return sqrt(max(one**2 + two**2 - 2 * covariance, 0.0))


def together(scoring: Scoring) -> dict[Pair, float]:
    """Indicator and two units → the covariance of its two estimates, where one was given."""
    return {
        (given.indicator, frozenset((given.unit, given.other_unit))): given.value
        for given in scoring.covariances
        if given.other_unit not in (None, given.unit) and given.indicator == given.other
    }


def difference_error(scoring: Scoring, row: int, other: int) -> float | None:
    """The standard error of the difference of two final scores; None without one."""
    matrix = joint_covariance(
        scoring.system,
        scoring.workings,
        scoring.covariances,
        errors=scoring.outcome.errors,
        rows=np.array([row, other], np.intp),
    )
    variance = float(matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1])
    if np.isnan(variance) or not matrix.any():
        return None
    return sqrt(max(variance, 0.0))


def sampling_variance(error: ScoreError) -> float | None:
    """The variance of a score, 0 where nothing in it was sampled; None where it is unknown."""
    if error.note == NO_ERRORS:
        return 0.0
    return None if error.value is None else error.value**2


def error_of_difference(one: float | None, other: float | None) -> float | None:
    """The standard error of a difference of independent scores; None where both are exact."""
    if one is None and other is None:
        return None
    return hypot(one or 0.0, other or 0.0)


def is_within(difference: float, error: float | None) -> bool | None:
    """Whether chance alone could make a difference, at 95 %; None without any error."""
    return None if error is None else abs(difference) < NORMAL_95 * error


def _slope(scoring: Scoring, row: int, column: int) -> float | None:
    """How steep a curve runs over one standard error on either side of a value."""
    workings = scoring.workings
    error = float(workings.inputs.standard_error[row, column])
    value = float(workings.treated.values[row, column])
    fit = workings.normalised.by_cell.get((column, int(workings.inputs.type_of[row])))
    if np.isnan(error) or np.isnan(value) or fit is None:
        return None
    if error == 0:
        return 0.0
    with np.errstate(all="ignore"):
        below, above = fit.curve(np.array([value - error, value + error]))
    return float((above - below) / (2 * error))


def _weights_inside(scoring: Scoring, row: int, part: str) -> Floats:
    """What every indicator weighs in a part; NaN below a mean that is not arithmetic."""
    system, levels = scoring.system, scoring.workings.aggregation.levels
    inside = {part: 1.0}
    for node in reversed(system.bottom_up):
        straight = is_arithmetic(node.aggregate)
        shares = levels[node.code].shares[row].tolist()
        for child, share in zip(system.children[node.code], shares, strict=True):
            weight = inside.get(node.code, 0.0) * share
            inside.setdefault(child.code, weight if straight or weight == 0 else np.nan)
    return np.array([inside[card.code] for card in system.indicators])
