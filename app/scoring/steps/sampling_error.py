"""How far a score could lie off by sampling: its standard error, carried by a formula.

The standard error carries the sampling errors of survey estimates through the score by
Var S = Σ ω² k² se² + 2 Σ ω ω' k k' cov, with ω the effective weight of an indicator and k the
slope of its curve. That is exact where the score is linear in what was estimated: an
arithmetic tree and curves with fixed bounds that run straight over ±2 se. Where it is not
linear there is no number, and the result says why. What opt-in values could be off is no
sampling error; see `bands`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import Covariance
from app.scoring.steps.arrangement import Integers
from app.scoring.steps.workings import Workings
from app.survey.sample import Floats
from app.survey.text import Text

REACH = 2.0
"""A curve must be straight over this many standard errors on either side."""
STRAIGHT = 1e-9


@dataclass(frozen=True, slots=True)
class ScoreError:
    """The standard error of a score, or the reason why there is none; what it assumes."""

    value: float | None
    note: Text | None


NO_ERRORS = Text(
    zh="没有任何指标带有抽样标准误", en="no indicator carries a sampling standard error"
)
ASSUMED = Text(
    zh="按各指标抽样误差相互独立计算", en="the sampling errors are taken as independent"
)
OPT_IN = Text(
    zh="得分含自愿扫码数据，没有标准误",
    en="the score rests partly on opt-in answers, so it has no standard error",
)
NO_SCORE = Text(zh="没有总分", en="there is no score")


def standard_errors(
    system: IndicatorSystem, workings: Workings, covariances: Sequence[Covariance]
) -> list[ScoreError]:
    """The standard error of every unit's gross score."""
    own: dict[str, list[Covariance]] = {unit.code: [] for unit in workings.inputs.units}
    for given in covariances:
        if given.other_unit in (None, given.unit):
            own[given.unit].append(given)
    return [
        _standard_error(system, workings, row, own[unit.code])
        for row, unit in enumerate(workings.inputs.units)
    ]


def joint_covariance(
    system: IndicatorSystem,
    workings: Workings,
    covariances: Sequence[Covariance],
    *,
    errors: Sequence[ScoreError],
    rows: Integers,
) -> Floats:
    """Σ of the gross scores of the units in `rows`: how they err together.

    Σ_uv = Σ_i Σ_j ω_ui k_ui ω_vj k_vj cov(x_ui, x_vj). `errors` are those of all units, as
    `standard_errors` gives them. A score known exactly has a row of 0; one that is missing,
    or not linear in what was estimated, a row of NaN.
    """
    matrix = np.diag([_variance(errors[row]) for row in rows])
    unknown = np.isnan(np.diag(matrix))
    matrix[unknown, :] = matrix[:, unknown] = np.nan
    place = {workings.inputs.units[row].code: at for at, row in enumerate(rows.tolist())}
    slopes: dict[str, Mapping[str, float]] = {}
    for given in covariances:
        pair = given.unit, given.other_unit or given.unit
        if pair[0] == pair[1] or not {*pair} <= place.keys():
            continue
        one, other = (place[unit] for unit in pair)
        if unknown[one] or unknown[other]:
            continue
        for unit in {*pair} - slopes.keys():
            slopes[unit] = _slopes(system, workings, int(rows[place[unit]]))
        weight = slopes[pair[0]].get(given.indicator, 0.0) * slopes[pair[1]].get(
            given.other, 0.0
        )
        matrix[one, other] += weight * given.value
        matrix[other, one] += weight * given.value
    return matrix


def _variance(error: ScoreError) -> float:
    if error.note == NO_ERRORS:
        return 0.0
    return np.nan if error.value is None else error.value**2


def _standard_error(
    system: IndicatorSystem, workings: Workings, row: int, covariances: Sequence[Covariance]
) -> ScoreError:
    if np.isnan(workings.aggregation.score[row]):
        return ScoreError(None, NO_SCORE)
    if opt_in_inside(system, workings, row):
        return ScoreError(None, OPT_IN)
    note = _why_not_linear(system, workings, row)
    if note is not None:
        return ScoreError(None, note)
    parts = _slopes(system, workings, row)
    if not parts:
        return ScoreError(None, NO_ERRORS)
    for card in system.indicators:
        if np.isnan(parts.get(card.code, 0.0)):
            return ScoreError(None, _bent(card))
    errors = zip(system.indicators, workings.inputs.standard_error[row], strict=True)
    return _combine(parts, {card.code: float(error) for card, error in errors}, covariances)


def _slopes(system: IndicatorSystem, workings: Workings, row: int) -> dict[str, float]:
    """Indicator → ω k, of all that carry an error into the score; NaN where it bends."""
    weights = workings.aggregation.indicator_weights[row]
    moving = (weights > 0) & ~np.isnan(workings.inputs.standard_error[row])
    return {
        system.indicators[c].code: float(
            weights[c] * _slope(system.indicators[c], workings, (row, int(c)))
        )
        for c in np.flatnonzero(moving)
    }


def opt_in_inside(system: IndicatorSystem, workings: Workings, row: int) -> list[int]:
    """Columns of the opt-in values that weigh something in a score."""
    weights, value = workings.aggregation.indicator_weights[row], workings.inputs.value[row]
    return [
        column
        for column, card in enumerate(system.indicators)
        if card.evidence == "opt_in" and weights[column] > 0 and not np.isnan(value[column])
    ]


def _why_not_linear(system: IndicatorSystem, workings: Workings, row: int) -> Text | None:
    inputs, aggregation = workings.inputs, workings.aggregation
    if not aggregation.arithmetic[row]:
        return Text(
            zh="合成中有非算术平均，标准误不能解析传递",
            en="a mean in the tree is not arithmetic, so the errors do not add up linearly",
        )
    weighs = aggregation.indicator_weights[row] > 0
    for column, card in enumerate(system.indicators):
        estimated = (inputs.standard_error[:, column] > 0).any()
        if not (weighs[column] and estimated):
            continue
        if workings.treated.columns[column].touched:
            return Text(
                zh=f"指标“{card.name.zh}”作过离群值处理，标准误不能解析传递",
                en=f"outliers of {card.name.en} were treated, so its errors do not add up "
                "linearly",
            )
        is_gap = np.isnan(inputs.value[row, column])
        takes_lowest = system.rule_for_missing(card).rule == "min_observed"
        if card.normalise.uses_data or (is_gap and takes_lowest):
            return Text(
                zh=f"指标“{card.name.zh}”的得分取决于其他单位的抽样值，标准误不能解析传递",
                en=f"the score of {card.name.en} depends on the estimates of other units",
            )
    return None


def _slope(card: IndicatorCard, workings: Workings, cell: tuple[int, int]) -> float:
    """The slope of a curve at a value; NaN where it is not straight over ±2 se."""
    row, column = cell
    value, error = workings.inputs.value[cell], workings.inputs.standard_error[cell]
    if error == 0:
        return 0.0
    fit = workings.normalised.by_cell[column, int(workings.inputs.type_of[row])]
    low, high = value - REACH * error, value + REACH * error
    with np.errstate(all="ignore"):
        below, here, above = fit.curve(np.array([low, value, high]))
    # A logarithm of a negative number is NaN, and so never straight.
    if not abs((below + above) / 2 - here) <= STRAIGHT * max(1.0, abs(here)):
        return np.nan
    return float((above - below) / (high - low))


def _bent(card: IndicatorCard) -> Text:
    return Text(
        zh=f"指标“{card.name.zh}”在其抽样误差范围内碰到界限或弯曲，标准误不能解析传递",
        en=f"the curve of {card.name.en} meets a bound or bends within its sampling error",
    )


def _combine(
    parts: Mapping[str, float], errors: Mapping[str, float], covariances: Sequence[Covariance]
) -> ScoreError:
    """Var S from `parts` (indicator → ω k) and the standard errors of the indicators."""
    given = {frozenset((c.indicator, c.other)): c.value for c in covariances}
    moving = [code for code in parts if parts[code] * errors[code] != 0]
    variance = sum((parts[code] * errors[code]) ** 2 for code in moving)
    for one, other in combinations(moving, 2):
        together = given.get(frozenset((one, other)), 0.0)
        variance += 2 * parts[one] * parts[other] * together
    pairs = {frozenset(pair) for pair in combinations(moving, 2)}
    return ScoreError(
        float(np.sqrt(max(variance, 0.0))), None if pairs <= set(given) else ASSUMED
    )
