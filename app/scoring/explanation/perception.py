"""主客观落差: what is counted beside what residents say of it, subject by subject.

Both parts of a pair are standardised among the units of one region type that have both, so
that they can be compared although they are on different scales: gap = z(subjective) -
z(objective). Where fewer than three units of a type have both, all units are the yardstick. A
gap is no verdict. It says where to look first: at what was done, or at what people see of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import hypot
from typing import Literal

import numpy as np

from app.scoring.definition.doubts import PerceptionGap
from app.scoring.explanation.precision import is_within, part_error, slopes
from app.scoring.index import Scoring
from app.scoring.steps.arrangement import Integers
from app.survey.sample import Flags, Floats
from app.survey.text import Text

FEWEST = 3
"""Units of a type below which all units are the yardstick."""

Quadrant = Literal["both_high", "seen_low", "seen_high", "both_low"]

ADVICE: dict[Quadrant, Text] = {
    "both_high": Text(zh="客观、主观都在平均以上：保持", en="both above average: keep it up"),
    "seen_low": Text(
        zh="客观在平均以上而群众评价偏低：先查群众为何没有感受到，再查指标是否测得准",
        en="measured well, felt badly: ask first why people do not feel it, then whether the "
        "indicator measures it",
    ),
    "seen_high": Text(
        zh="群众评价在平均以上而客观偏低：别因评价好而放松，差距仍在",
        en="felt well, measured badly: the shortfall is still there",
    ),
    "both_low": Text(
        zh="客观、主观都在平均以下：优先补短板",
        en="both below average: a shortfall to mend first",
    ),
}
NO_SCORES = Text(zh="两项得分缺一", en="one of the two has no score")
NO_SPREAD = Text(
    zh="可比单位不足 3 个或得分全都相同，无法标准化",
    en="fewer than 3 units to compare, or all their scores are the same",
)


@dataclass(frozen=True, slots=True)
class UnitGap:
    """One pair for one unit; scores are on their own scales, z in standard deviations."""

    unit: str
    objective: float | None
    subjective: float | None
    z_objective: float | None
    z_subjective: float | None
    gap: float | None
    quadrant: Quadrant | None
    error: float | None
    """Standard error of the gap from what was sampled in either part; the yardstick's own
    error is left out. None where nothing was sampled or the error is not known."""
    within_survey_error: bool | None
    because: Text | None
    among: Literal["type", "all"]
    """Whose mean and spread are the yardstick; all where a type has fewer than 3 units."""


@dataclass(frozen=True, slots=True)
class PairGaps:
    """One pair of parts for all units."""

    pair: str
    units: tuple[UnitGap, ...]


@dataclass(frozen=True, slots=True)
class _Standardised:
    """One part of a pair, one entry per unit; NaN where there is none."""

    code: str
    score: Floats
    z: Floats
    spread: Floats


def perception_gaps(scoring: Scoring) -> tuple[PairGaps, ...]:
    """The gaps of every pair that the system names, unit by unit as given."""
    steepness = slopes(scoring)
    return tuple(
        PairGaps(pair.code, tuple(_gaps(scoring, pair, steepness)))
        for pair in scoring.system.perception_gaps
    )


def _gaps(scoring: Scoring, pair: PerceptionGap, steepness: Floats) -> Iterator[UnitGap]:
    codes = pair.objective, pair.subjective
    scores = [_scores(scoring, code) for code in codes]
    both = ~np.isnan(scores[0]) & ~np.isnan(scores[1])
    type_of, units = scoring.workings.inputs.type_of, scoring.workings.inputs.units
    yardsticks = {int(t): both & (type_of == t) for t in np.unique(type_of)}
    small = {t for t, members in yardsticks.items() if members.sum() < FEWEST}
    yardsticks |= dict.fromkeys(small, both)
    objective, subjective = (
        _standardised(code, score, yardsticks, type_of)
        for code, score in zip(codes, scores, strict=True)
    )
    for row in range(type_of.size):
        among: Literal["type", "all"] = "all" if int(type_of[row]) in small else "type"
        gap = _gap(objective, subjective, row=row, unit=units[row].code, among=among)
        if gap.gap is not None:
            error = _error(scoring, row, (objective, subjective), steepness)
            gap = replace(gap, error=error, within_survey_error=is_within(gap.gap, error))
        yield gap


def _gap(
    objective: _Standardised,
    subjective: _Standardised,
    *,
    row: int,
    unit: str,
    among: Literal["type", "all"],
) -> UnitGap:
    z = _number(objective.z[row]), _number(subjective.z[row])
    scores = _number(objective.score[row]), _number(subjective.score[row])
    gap, quadrant, because = None, None, None
    if None in scores:
        because = NO_SCORES
    elif z[0] is None or z[1] is None:
        because = NO_SPREAD
    else:
        gap, quadrant = z[1] - z[0], _quadrant(z[0] >= 0, z[1] >= 0)
    return UnitGap(
        unit=unit,
        objective=scores[0],
        subjective=scores[1],
        z_objective=None if because else z[0],
        z_subjective=None if because else z[1],
        gap=gap,
        quadrant=quadrant,
        error=None,
        within_survey_error=None,
        because=because,
        among=among,
    )


def _quadrant(measured: bool, felt: bool) -> Quadrant:
    if measured:
        return "both_high" if felt else "seen_low"
    return "seen_high" if felt else "both_low"


def _scores(scoring: Scoring, code: str) -> Floats:
    levels = scoring.workings.aggregation.levels
    if code in levels:
        return levels[code].score
    codes = [card.code for card in scoring.system.indicators]
    found: Floats = scoring.workings.completed.scores[:, codes.index(code)]
    return found


def _standardised(
    code: str, scores: Floats, yardsticks: Mapping[int, Flags], type_of: Integers
) -> _Standardised:
    """Standard scores (n - 1) by the yardstick of each region type, and the spread behind."""
    z, spread = np.full(scores.shape, np.nan), np.full(scores.shape, np.nan)
    for region_type, members in yardsticks.items():
        own, rows = scores[members], type_of == region_type
        if own.size < FEWEST:
            continue
        deviation = float(own.std(ddof=1))
        if deviation > 1e-12 * max(1.0, float(np.abs(own).max())):
            z[rows] = (scores[rows] - own.mean()) / deviation
            spread[rows] = deviation
    return _Standardised(code, scores, z, spread)


def _error(
    scoring: Scoring, row: int, parts: tuple[_Standardised, ...], steepness: Floats
) -> float | None:
    """The error of a difference of two standard scores, the parts' errors independent."""
    errors = [part_error(scoring, row, part.code, steepness=steepness) for part in parts]
    if errors == [None, None]:
        return None
    both = zip(errors, parts, strict=True)
    return _number(hypot(*((error or 0.0) / float(part.spread[row]) for error, part in both)))


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
