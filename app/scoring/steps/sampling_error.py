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

from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.curves import extent
from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import Covariance
from app.scoring.steps.aggregation import aggregate
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


@dataclass(frozen=True, slots=True)
class ScoreBand:
    """Where a score could lie if opt-in values lie anywhere in their bands; or why not."""

    band: tuple[float, float] | None
    note: Text | None


NO_ERRORS = Text(
    zh="没有任何指标带有抽样标准误", en="no indicator carries a sampling standard error"
)
NO_BANDS = Text(zh="没有任何指标带有敏感性区间", en="no indicator carries a sensitivity band")
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
    return [
        _standard_error(system, workings, row, [c for c in covariances if c.unit == unit.code])
        for row, unit in enumerate(workings.inputs.units)
    ]


def _standard_error(
    system: IndicatorSystem, workings: Workings, row: int, covariances: Sequence[Covariance]
) -> ScoreError:
    if np.isnan(workings.aggregation.score[row]):
        return ScoreError(None, NO_SCORE)
    if _opt_in_inside(system, workings, row):
        return ScoreError(None, OPT_IN)
    note = _why_not_linear(system, workings, row)
    if note is not None:
        return ScoreError(None, note)
    weights, errors = (
        workings.aggregation.indicator_weights[row],
        workings.inputs.standard_error,
    )
    columns = [int(c) for c in np.flatnonzero((weights > 0) & ~np.isnan(errors[row]))]
    if not columns:
        return ScoreError(None, NO_ERRORS)
    slopes = {c: _slope(system.indicators[c], workings, (row, c)) for c in columns}
    bent = [c for c in columns if np.isnan(slopes[c])]
    if bent:
        return ScoreError(None, _bent(system.indicators[bent[0]]))
    parts = {system.indicators[c].code: weights[c] * slopes[c] for c in columns}
    own = {system.indicators[c].code: errors[row, c] for c in columns}
    return _combine(parts, own, covariances)


def _opt_in_inside(system: IndicatorSystem, workings: Workings, row: int) -> list[int]:
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


def score_bands(system: IndicatorSystem, workings: Workings) -> list[ScoreBand]:
    """The band of every unit's gross score from the bands of its opt-in values."""
    inputs, aggregation = workings.inputs, workings.aggregation
    worst, best = (
        aggregate(system, ends, applicable=inputs.applicable, type_of=inputs.type_of).score
        for ends in _ends(system, workings)
    )
    banded = ~np.isnan(inputs.band_low) & (aggregation.indicator_weights > 0)
    bands = []
    for row, columns in enumerate(banded):
        cards = [system.indicators[c] for c in np.flatnonzero(columns)]
        leaning = [card for card in cards if card.normalise.uses_data]
        opt_in = _opt_in_inside(system, workings, row)
        bare = [system.indicators[c] for c in opt_in if np.isnan(inputs.band_low[row, c])]
        if np.isnan(aggregation.score[row]):
            bands.append(ScoreBand(None, NO_SCORE))
        elif bare:
            bands.append(ScoreBand(None, _bare(bare[0])))
        elif not cards:
            bands.append(ScoreBand(None, NO_BANDS))
        elif leaning:
            bands.append(ScoreBand(None, _leaning(leaning[0])))
        else:
            bands.append(ScoreBand((float(worst[row]), float(best[row])), None))
    return bands


def _ends(system: IndicatorSystem, workings: Workings) -> tuple[Floats, Floats]:
    """Scores (units × indicators) with every banded value at its worse and better end."""
    inputs, scores = workings.inputs, workings.completed.scores
    low, high = scores.copy(), scores.copy()
    for row, column in np.argwhere(~np.isnan(inputs.band_low)):
        method = system.indicators[column].normalise
        if not method.uses_data:
            fit = workings.normalised.by_cell[int(column), int(inputs.type_of[row])]
            ends = inputs.band_low[row, column], inputs.band_high[row, column]
            low[row, column], high[row, column] = extent(method, fit.curve, *ends)
    return low, high


def _bare(card: IndicatorCard) -> Text:
    return Text(
        zh=f"自愿扫码指标“{card.name.zh}”没有敏感性区间，总分的区间会显得过窄",
        en=f"{card.name.en} rests on opt-in answers without a sensitivity band, so a band of "
        "the score would be too narrow",
    )


def _leaning(card: IndicatorCard) -> Text:
    return Text(
        zh=f"指标“{card.name.zh}”的界限取自当年数据，敏感性区间不能传递",
        en=f"the bounds of {card.name.en} come from the data, so its band cannot be carried",
    )
