"""How far a score could lie off: a standard error, or a band, and never one for the other.

The standard error carries the sampling errors of survey estimates through the score by
Var S = Σ ω² k² se² + 2 Σ ω ω' k k' cov, with ω the effective weight of an indicator and k the
slope of its curve. That is exact where the score is linear in what was estimated: an
arithmetic tree and curves with fixed bounds that run straight over ±2 se. Where it is not
linear there is no number, and the result says why.

The band is the score with every opt-in value at the worse, then at the better end of its
own band. It is a statement about what could be, not about chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from app.scoring.aggregation import Aggregation, aggregate
from app.scoring.arrangement import Inputs
from app.scoring.cards import IndicatorCard
from app.scoring.imputation import Completed
from app.scoring.inputs import Covariance
from app.scoring.normalisation import Fit, Floats, Normalised, extent
from app.scoring.system import IndicatorSystem
from app.survey.text import Text

REACH = 2.0
"""A curve must be straight over this many standard errors on either side."""
STRAIGHT = 1e-9


@dataclass(frozen=True, slots=True)
class ScoreError:
    """The standard error of a score, or the reason why there is none; what it assumes."""

    value: float | None
    note: Text | None


@dataclass(frozen=True, slots=True)
class ScoreBand:
    """Where a score could lie if opt-in values lie anywhere in their bands; or why not."""

    band: tuple[float, float] | None
    note: Text | None


NO_ERRORS = Text(
    zh="没有任何指标带有抽样标准误", en="no indicator carries a sampling standard error"
)
NO_SCORE = Text(zh="没有总分", en="there is no score")


def standard_errors(
    system: IndicatorSystem,
    inputs: Inputs,
    normalised: Normalised,
    *,
    aggregation: Aggregation,
    covariances: Mapping[int, Sequence[Covariance]],
) -> list[ScoreError]:
    """The standard error of every unit's score; `covariances` by row of the unit."""
    errors = []
    for row in range(inputs.value.shape[0]):
        note = _why_not_linear(system, inputs, aggregation, row=row)
        slopes = _slopes(system, inputs, normalised, row=row)
        weights = aggregation.indicator_weights[row]
        weighted = {c: weights[c] * k for c, k in slopes.items() if weights[c] > 0}
        if np.isnan(aggregation.score[row]):
            errors.append(ScoreError(None, NO_SCORE))
        elif note is not None:
            errors.append(ScoreError(None, note))
        elif not weighted:
            errors.append(ScoreError(None, NO_ERRORS))
        elif bent := [c for c, k in weighted.items() if np.isnan(k)]:
            errors.append(ScoreError(None, _bent(system.indicators[bent[0]])))
        else:
            given = covariances.get(row, ())
            errors.append(_combine(system, inputs.standard_error[row], weighted, given))
    return errors


def _why_not_linear(
    system: IndicatorSystem, inputs: Inputs, aggregation: Aggregation, *, row: int
) -> Text | None:
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
        leans = card.normalise.uses_data
        is_gap = np.isnan(inputs.value[row, column])
        if leans or (is_gap and system.rule_for_missing(card).rule == "min_observed"):
            return Text(
                zh=f"指标“{card.name.zh}”的得分取决于其他单位的抽样值，标准误不能解析传递",
                en=f"the score of {card.name.en} depends on the estimates of other units",
            )
    return None


def _slopes(
    system: IndicatorSystem, inputs: Inputs, normalised: Normalised, *, row: int
) -> dict[int, float]:
    """Column → slope k of its curve, for values with a standard error; NaN where it bends."""
    slopes = {}
    for column, card in enumerate(system.indicators):
        error = inputs.standard_error[row, column]
        if np.isnan(error) or card.normalise.uses_data:
            continue
        fit = normalised.by_cell[column, int(inputs.type_of[row])]
        slopes[column] = _slope(card, fit, inputs.value[row, column], error)
    return slopes


def _slope(card: IndicatorCard, fit: Fit, value: float, error: float) -> float:
    if error == 0:
        return 0.0
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
    system: IndicatorSystem,
    errors: Floats,
    weighted: Mapping[int, float],
    covariances: Sequence[Covariance],
) -> ScoreError:
    column = {card.code: c for c, card in enumerate(system.indicators)}
    given = {frozenset((column[c.indicator], column[c.other])): c.value for c in covariances}
    pairs = [frozenset(pair) for pair in combinations(weighted, 2)]
    variance = sum((weighted[c] * errors[c]) ** 2 for c in weighted)
    for pair in pairs:
        first, second = sorted(pair)
        variance += 2 * weighted[first] * weighted[second] * given.get(pair, 0.0)
    assumed = any(pair not in given for pair in pairs)
    note = Text(
        zh="按各指标抽样误差相互独立计算", en="the sampling errors are taken as independent"
    )
    return ScoreError(float(np.sqrt(max(variance, 0.0))), note if assumed else None)


def score_bands(
    system: IndicatorSystem,
    inputs: Inputs,
    normalised: Normalised,
    *,
    completed: Completed,
    aggregation: Aggregation,
) -> list[ScoreBand]:
    """The band of every unit's score from the bands of its opt-in values."""
    low, high = _ends(system, inputs, normalised, completed)
    worst, best = (
        aggregate(system, ends, applicable=inputs.applicable, type_of=inputs.type_of).score
        for ends in (low, high)
    )
    banded = ~np.isnan(inputs.band_low) & (aggregation.indicator_weights > 0)
    bands = []
    for row, columns in enumerate(banded):
        leaning = [
            system.indicators[c]
            for c in np.flatnonzero(columns)
            if system.indicators[c].normalise.uses_data
        ]
        if np.isnan(worst[row]) or not columns.any():
            bands.append(ScoreBand(None, None))
        elif leaning:
            bands.append(ScoreBand(None, _leaning(leaning[0])))
        else:
            bands.append(ScoreBand((float(worst[row]), float(best[row])), None))
    return bands


def _ends(
    system: IndicatorSystem, inputs: Inputs, normalised: Normalised, completed: Completed
) -> tuple[Floats, Floats]:
    """Scores (units × indicators) with every banded value at its worse and better end."""
    low, high = completed.scores.copy(), completed.scores.copy()
    for row, column in np.argwhere(~np.isnan(inputs.band_low)):
        method = system.indicators[column].normalise
        if not method.uses_data:
            curve = normalised.by_cell[int(column), int(inputs.type_of[row])].curve
            ends = inputs.band_low[row, column], inputs.band_high[row, column]
            low[row, column], high[row, column] = extent(method, curve, *ends)
    return low, high


def _leaning(card: IndicatorCard) -> Text:
    return Text(
        zh=f"指标“{card.name.zh}”的界限取自当年数据，敏感性区间不能传递",
        en=f"the bounds of {card.name.en} come from the data, so its band cannot be carried",
    )
