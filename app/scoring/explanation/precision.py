"""How far one normalised score could lie off by sampling: what a gap has to exceed.

The standard error of a survey value goes through its curve: (y(x + se) - y(x - se)) / 2, which
is slope · se where the curve is straight. Opt-in values have none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class GapErrors:
    """The standard errors of normalised scores, and of the differences between two units."""

    scoring: Scoring
    errors: Floats
    """Units × indicators; NaN where a value carries none."""
    together: Mapping[Pair, float]
    """What the estimates of two units share, where it was given."""

    @classmethod
    def of(cls, scoring: Scoring) -> "GapErrors":
        """Carry all standard errors through their curves."""
        errors = np.abs(slopes(scoring)) * scoring.workings.inputs.standard_error
        together: dict[Pair, float] = {
            (given.indicator, frozenset((given.unit, given.other_unit))): given.value
            for given in scoring.covariances
            if given.other_unit not in (None, given.unit) and given.indicator == given.other
        }
        return cls(scoring, errors, together)

    def own(self, row: int, column: int) -> float | None:
        """Of one score."""
        error = float(self.errors[row, column])
        return None if np.isnan(error) else error

    def between(self, column: int, *, row: int, other: int) -> float | None:
        """Of the difference of two units' scores in one indicator."""
        errors = self.own(row, column), self.own(other, column)
        if errors == (None, None):
            return None
        one, two = (error or 0.0 for error in errors)
        inputs = self.scoring.workings.inputs
        units = frozenset((inputs.units[row].code, inputs.units[other].code))
        covariance = self.together.get(
            (self.scoring.system.indicators[column].code, units), 0.0
        )
        if covariance:
            raw = inputs.standard_error[[row, other], column]
            covariance *= one * two / float(raw.prod()) if (raw > 0).all() else 0.0
        return sqrt(max(one**2 + two**2 - 2 * covariance, 0.0))


def slopes(scoring: Scoring) -> Floats:
    """How steep every curve runs over one standard error on either side of its value.

    Units × indicators; NaN where a value carries no standard error.
    """
    workings = scoring.workings
    error, value = workings.inputs.standard_error, workings.treated.values
    found = np.full(value.shape, np.nan)
    for (column, region_type), fit in workings.normalised.by_cell.items():
        own = (workings.inputs.type_of == region_type) & ~np.isnan(value[:, column])
        own &= ~np.isnan(error[:, column])
        there, width = value[own, column], error[own, column]
        with np.errstate(all="ignore"):
            rise = fit.curve(there + width) - fit.curve(there - width)
            found[own, column] = np.where(width == 0, 0.0, rise / (2 * width))
    return found


def part_error(scoring: Scoring, row: int, code: str, *, steepness: Floats) -> float | None:
    """The standard error of the score of an indicator or node for one unit.

    Of a node below which all means are arithmetic: Σ w² se² + 2 Σ w w' cov, as far as
    covariances were given. None where nothing was sampled; NaN where it is not known how far
    the score could lie off, because of opt-in answers or of another mean. `steepness` is what
    `slopes` gives.
    """
    weights = _weights_inside(scoring, row, code)
    cards = scoring.system.indicators
    moves: dict[str, float] = {}
    for column in np.flatnonzero(~(weights == 0)).tolist():
        slope = float(steepness[row, column])
        if not np.isnan(slope):
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
