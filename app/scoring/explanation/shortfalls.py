"""短板: where a unit stands behind, what closing the gap would gain, and at which rank.

A gap is measured against four references: the best of the region type, its median, full
marks, and the unit's own last year. In an arithmetic tree gain = effective weight ·
(reference - own). The score that a closed gap would give goes through the real steps (the
tree, deductions, rounding, ties), so the same holds for trees that are no sums. A gap that
the survey's error could have made is marked: nobody is to be chased for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.methods import (
    AdjustedMazziottaPareto,
    Efficacy,
    Goalposts,
    MinMax,
    Piecewise,
    Position,
    RatioToBest,
    Target,
)
from app.scoring.explanation.precision import GapErrors, error_of_difference, is_within
from app.scoring.explanation.rescoring import Reached, Rescoring
from app.scoring.index import Scoring
from app.survey.sample import Floats

Against = Literal["best_of_type", "median_of_type", "full", "last_year"]
Rows = np.ndarray[tuple[int], np.dtype[np.intp]]
NOTHING = 1e-9
"""A gap of less is none."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One indicator of one unit against one reference, in normalised points."""

    indicator: str
    against: Against
    reference_unit: str | None
    """Whose score the reference is, where it is one unit's."""
    own: float
    reference: float
    gain: float
    """What the final score would gain; negative where the unit is ahead, or where a mean
    takes unevenness amiss (Mazziotta-Pareto)."""
    final: float
    """The final score with this one gap closed."""
    rank_in_type: float | None
    rank_overall: float | None
    error: float | None
    """Standard error of reference less own; None where neither is a survey's estimate."""
    within_survey_error: bool | None
    """Whether chance alone could have made the gap, at 95 %."""


@dataclass(frozen=True, slots=True)
class UnitShortfalls:
    """All gaps of one unit, the largest gain first."""

    unit: str
    gaps: tuple[Shortfall, ...]

    def against(self, reference: Against) -> tuple[Shortfall, ...]:
        """The gaps to one reference, the largest gain first."""
        return tuple(gap for gap in self.gaps if gap.against == reference)

    def largest(self, reference: Against, number: int) -> tuple[Shortfall, ...]:
        """The real gaps to one reference with the largest gain."""
        behind = [gap for gap in self.against(reference) if gap.gain > NOTHING]
        return tuple(behind[:number])


@dataclass(frozen=True, slots=True)
class _Reference:
    """One reference for all units: matrices of units × indicators, NaN = none."""

    against: Against
    score: Floats
    row: Floats
    """The row of the unit whose score it is, NaN where it is nobody's."""
    error: Floats
    """Standard error of last year's own score; of nothing else."""


def shortfalls(
    scoring: Scoring, *, before: Scoring | None = None
) -> tuple[UnitShortfalls, ...]:
    """The gaps of every unit with a score, as given; `before`: last year's scoring."""
    references = [_best(scoring), _median(scoring), _full(scoring)]
    if before is not None:
        references.append(_last_year(scoring, before))
    rescoring, errors = Rescoring.of(scoring), GapErrors.of(scoring)
    found: dict[int, list[Shortfall]] = {}
    for reference in references:
        for row, gap in _gaps(rescoring, reference, errors):
            found.setdefault(row, []).append(gap)
    return tuple(
        UnitShortfalls(
            unit.code, tuple(sorted(found.get(row, ()), key=lambda gap: -round(gap.gain, 10)))
        )
        for row, unit in enumerate(scoring.workings.inputs.units)
    )


def full_mark(card: IndicatorCard) -> float | None:
    """The highest score an indicator's method gives; None where it has no top."""
    method = card.normalise
    match method:
        case Efficacy():
            return method.top
        case Goalposts():
            return method.scale
        case MinMax():
            return method.range[1]
        case Target():
            return None if method.cap is None else method.full * method.cap
        case RatioToBest():
            return method.full
        case Piecewise():
            return max(score for _, score in method.points)
        case AdjustedMazziottaPareto():
            return 130.0
        case Position(method="percentile_rank"):
            return 1.0
    return None


def leader_of(scoring: Scoring, rows: Rows, scores: Floats) -> int:
    """The one of `rows` with the highest score; of equal ones the first by code.

    By code, so that the order in which units are given decides nothing.
    """
    units = scoring.workings.inputs.units
    return int(min(rows, key=lambda row: (-scores[row], units[row].code)))


def _gaps(
    rescoring: Rescoring, reference: _Reference, errors: GapErrors
) -> Iterator[tuple[int, Shortfall]]:
    scoring = rescoring.scoring
    own = scoring.workings.completed.scores
    weighs = scoring.workings.aggregation.indicator_weights > 0
    for column in range(own.shape[1]):
        goal = reference.score[:, column]
        concerned = weighs[:, column] & ~np.isnan(goal) & ~np.isnan(own[:, column])
        reached = rescoring.with_column(column, np.where(concerned, goal, own[:, column]))
        for row in np.flatnonzero(concerned & ~np.isnan(reached.finals)).tolist():
            error = _error(errors, reference, row, column)
            yield row, _gap(reached, reference, (row, column), error)


def _gap(
    reached: Reached, reference: _Reference, cell: tuple[int, int], error: float | None
) -> Shortfall:
    scoring, row = reached.rescoring.scoring, cell[0]
    own = float(scoring.workings.completed.scores[cell])
    goal = float(reference.score[cell])
    whose = reference.row[cell]
    theirs = None if np.isnan(whose) else int(whose)
    in_type, overall = reached.ranks(row)
    return Shortfall(
        indicator=scoring.system.indicators[cell[1]].code,
        against=reference.against,
        reference_unit=None if theirs is None else scoring.workings.inputs.units[theirs].code,
        own=own,
        reference=goal,
        gain=float(reached.finals[row] - scoring.finals[row]),
        final=float(reached.finals[row]),
        rank_in_type=in_type,
        rank_overall=overall,
        error=error,
        within_survey_error=is_within(goal - own, error),
    )


def _error(errors: GapErrors, reference: _Reference, row: int, column: int) -> float | None:
    whose, other = reference.row[row, column], reference.error[row, column]
    if whose == row:
        return None
    if not np.isnan(whose):
        return errors.between(column, row=row, other=int(whose))
    return error_of_difference(
        errors.own(row, column), None if np.isnan(other) else float(other)
    )


def _best(scoring: Scoring) -> _Reference:
    scores, nothing = scoring.workings.completed.scores, _nothing(scoring)
    best, row = nothing.copy(), nothing.copy()
    for members in _types(scoring):
        for column in range(scores.shape[1]):
            there = members[~np.isnan(scores[members, column])]
            if there.size:
                leader = leader_of(scoring, there, scores[:, column])
                best[members, column], row[members, column] = scores[leader, column], leader
    return _Reference("best_of_type", best, row, nothing)


def _median(scoring: Scoring) -> _Reference:
    """The median of the type; its own sampling error, a small one, is left out."""
    scores, nothing = scoring.workings.completed.scores, _nothing(scoring)
    median = nothing.copy()
    for members in _types(scoring):
        for column in range(scores.shape[1]):
            there = scores[members, column]
            if not np.isnan(there).all():
                median[members, column] = np.nanmedian(there)
    return _Reference("median_of_type", median, nothing, nothing)


def _full(scoring: Scoring) -> _Reference:
    nothing, full = _nothing(scoring), _nothing(scoring)
    for column, card in enumerate(scoring.system.indicators):
        mark = full_mark(card)
        full[:, column] = np.nan if mark is None else mark
    return _Reference("full", full, nothing, nothing)


def _last_year(scoring: Scoring, before: Scoring) -> _Reference:
    nothing, own, error = (_nothing(scoring) for _ in range(3))
    errors = GapErrors.of(before).errors
    rows = {unit.code: row for row, unit in enumerate(before.workings.inputs.units)}
    columns = {card.code: column for column, card in enumerate(before.system.indicators)}
    for row, unit in enumerate(scoring.workings.inputs.units):
        for column, card in enumerate(scoring.system.indicators):
            if unit.code in rows and card.code in columns:
                there = rows[unit.code], columns[card.code]
                own[row, column] = before.workings.completed.scores[there]
                error[row, column] = errors[there]
    return _Reference("last_year", own, nothing, error)


def _types(scoring: Scoring) -> list[Rows]:
    type_of = scoring.workings.inputs.type_of
    return [np.flatnonzero(type_of == t) for t in np.unique(type_of)]


def _nothing(scoring: Scoring) -> Floats:
    return np.full(scoring.workings.completed.scores.shape, np.nan)
