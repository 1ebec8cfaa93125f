"""How far one normalised score could lie off by sampling: what a gap has to exceed.

The standard error of a survey value goes through its curve: (y(x + se) - y(x - se)) / 2, which
is slope · se where the curve is straight. Opt-in values have none.
"""

from collections.abc import Mapping
from math import hypot, sqrt

import numpy as np

from app.scoring.index import Scoring
from app.scoring.steps.sampling_error import NO_ERRORS, ScoreError, joint_covariance

Pair = tuple[str, frozenset[str | None]]
"""Code of an indicator, and two units."""

NORMAL_95 = 1.959963984540054
"""Quantile of the normal distribution for an interval of 95 %."""


def score_error(scoring: Scoring, row: int, column: int) -> float | None:
    """The standard error of a normalised score; None where the value carries none."""
    workings = scoring.workings
    error = float(workings.inputs.standard_error[row, column])
    value = float(workings.treated.values[row, column])
    fit = workings.normalised.by_cell.get((column, int(workings.inputs.type_of[row])))
    if np.isnan(error) or np.isnan(value) or fit is None:
        return None
    with np.errstate(all="ignore"):
        below, above = fit.curve(np.array([value - error, value + error]))
    return float(abs(above - below) / 2)


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
