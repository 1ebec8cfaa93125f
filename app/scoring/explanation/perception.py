"""主客观落差: what is counted beside what residents say of it, subject by subject.

Both parts of a pair are standardised among the units of one region type, so that they can be
compared although they are on different scales: gap = z(subjective) - z(objective). A gap is
no verdict. It says where to look first: at what was done, or at what people see of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.scoring.definition.doubts import PerceptionGap
from app.scoring.explanation.precision import is_within, score_error
from app.scoring.index import Scoring
from app.scoring.steps.arrangement import Integers
from app.survey.sample import Floats
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
    """Standard error of the gap from the survey, where the subjective part is an indicator
    with a standard error; the yardstick's own error is left out."""
    within_survey_error: bool | None
    because: Text | None


@dataclass(frozen=True, slots=True)
class PairGaps:
    """One pair of parts for all units."""

    pair: str
    among: Literal["type", "all"]
    """Whose mean and spread are the yardstick; all where a type has fewer than 3 units."""
    units: tuple[UnitGap, ...]


def perception_gaps(scoring: Scoring) -> tuple[PairGaps, ...]:
    """The gaps of every pair that the system names, unit by unit as given."""
    type_of = scoring.workings.inputs.type_of
    sizes = [int((type_of == t).sum()) for t in np.unique(type_of)]
    within = min(sizes) >= FEWEST
    groups = (
        [np.flatnonzero(type_of == t) for t in np.unique(type_of)]
        if within
        else [np.arange(type_of.size)]
    )
    return tuple(
        PairGaps(
            pair.code,
            "type" if within else "all",
            tuple(_gaps(scoring, pair, groups)),
        )
        for pair in scoring.system.perception_gaps
    )


def _gaps(
    scoring: Scoring, pair: PerceptionGap, groups: Sequence[Integers]
) -> Iterator[UnitGap]:
    objective, subjective = (
        _scores(scoring, code) for code in (pair.objective, pair.subjective)
    )
    z_objective, _ = _standardised(objective, groups)
    z_subjective, spread = _standardised(subjective, groups)
    for row, unit in enumerate(scoring.workings.inputs.units):
        scores = objective[row], subjective[row]
        zs = z_objective[row], z_subjective[row]
        if np.isnan(scores).any() or np.isnan(zs).any():
            because = NO_SCORES if np.isnan(scores).any() else NO_SPREAD
            one, other = (None if np.isnan(score) else float(score) for score in scores)
            yield UnitGap(unit.code, one, other, None, None, None, None, None, None, because)
            continue
        gap = float(zs[1] - zs[0])
        error = _error(scoring, pair.subjective, row)
        error = None if error is None else error / float(spread[row])
        yield UnitGap(
            unit=unit.code,
            objective=float(scores[0]),
            subjective=float(scores[1]),
            z_objective=float(zs[0]),
            z_subjective=float(zs[1]),
            gap=gap,
            quadrant=_quadrant(zs[0] >= 0, zs[1] >= 0),
            error=error,
            within_survey_error=is_within(gap, error),
            because=None,
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


def _standardised(scores: Floats, groups: Sequence[Integers]) -> tuple[Floats, Floats]:
    """Standard scores within groups (n - 1), and the spread behind each; NaN without one."""
    z, spread = np.full(scores.shape, np.nan), np.full(scores.shape, np.nan)
    for members in groups:
        there = members[~np.isnan(scores[members])]
        if there.size < FEWEST:
            continue
        own = scores[there]
        deviation = float(own.std(ddof=1))
        if deviation > 1e-12 * max(1.0, float(np.abs(own).max())):
            z[there] = (own - own.mean()) / deviation
            spread[there] = deviation
    return z, spread


def _error(scoring: Scoring, code: str, row: int) -> float | None:
    codes = [card.code for card in scoring.system.indicators]
    return score_error(scoring, row, codes.index(code)) if code in codes else None
