"""How far one normalised score could lie off by sampling: what a gap has to exceed.

The standard error of a survey value goes through its curve: (y(x + se) - y(x - se)) / 2, which
is slope · se where the curve is straight. Opt-in values have none.
"""

import numpy as np

from app.scoring.index import Scoring

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


def error_of_difference(one: float | None, other: float | None) -> float | None:
    """The standard error of a difference of independent scores; None where both are exact."""
    if one is None and other is None:
        return None
    return float(np.hypot(one or 0.0, other or 0.0))


def is_within(difference: float, error: float | None) -> bool | None:
    """Whether chance alone could make a difference, at 95 %; None without any error."""
    return None if error is None else abs(difference) < NORMAL_95 * error
