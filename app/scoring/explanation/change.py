"""Why a score is another than last year: values, weights, bounds, deductions, to the digit.

An indicator's part in a score moves because its score y moved or its weight w did:
Δ(w y) = Δy (w₀ + w₁)/2 + Δw (y₀ + y₁)/2, which sums exactly to the change of the score. Where
bounds or methods changed too, Δy is split by what the new value would have scored under the
old bounds and the old value under the new ones, averaged over both orders (Shapley 1953).
In a geometric tree the same holds of logarithms, and each part is turned into points by the
logarithmic mean L = (S₁ - S₀)/(ln S₁ - ln S₀) (Ang 2004, LMDI), again exactly. In any other
tree the blocks values, bounds and the rest are exchanged as wholes through the real steps.
Nothing is left over: what comes or goes, and what floor, ceiling and caps do, has its line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot, isclose, log
from typing import Literal

import numpy as np

from app.scoring.definition.cards import is_arithmetic
from app.scoring.explanation.contributions import is_geometric
from app.scoring.explanation.exchange import crossed_score, exchanged_blocks
from app.scoring.explanation.precision import is_within
from app.scoring.index import Scoring
from app.survey.text import Text

How = Literal["sum", "logarithms", "blocks"]

ONLY_NOW = Text(zh="上年没有该单位的得分", en="the unit had no score last year")
ONLY_BEFORE = Text(zh="本年没有该单位的得分", en="the unit has no score this year")
APPEARED = Text(zh="上年没有得分，变化计入权数", en="had no score before: counted as weight")
GONE = Text(zh="本年没有得分，变化计入权数", en="has no score now: counted as weight")
NO_CROSS = Text(
    zh="无法按另一年的界限折算，变化全部计入指标值",
    en="cannot be scored under the other year's bounds: all of it is counted as value",
)


@dataclass(frozen=True, slots=True)
class IndicatorChange:
    """What one indicator, or one node filled by rule, did to the change; in points."""

    part: str
    raw_before: float | None
    raw_now: float | None
    normalised_before: float | None
    normalised_now: float | None
    weight_before: float
    weight_now: float
    """Effective weights in the score."""
    value: float
    weight: float
    bounds: float
    note: Text | None


@dataclass(frozen=True, slots=True)
class UnitChange:
    """The change of one unit's final score; the effects sum to `difference`."""

    unit: str
    type_before: str
    type_now: str
    before: float
    now: float
    difference: float
    value: float
    weight: float
    """Weights, region type, and indicators that came or went."""
    bounds: float
    """Bounds, methods and treatments."""
    deduction: float
    bonus: float
    limit: float
    """What floor and ceiling did."""
    how: How
    parts: tuple[IndicatorChange, ...]
    """Empty where blocks were exchanged as wholes."""
    error: float | None
    """Standard error of the difference of the gross scores, years independent."""
    within_survey_error: bool | None


@dataclass(frozen=True, slots=True)
class NoChange:
    """A unit that cannot be compared, and why."""

    unit: str
    because: Text


@dataclass(frozen=True, slots=True)
class Change:
    """The changes of all units that have a score in both years, and the others by name."""

    system_before: str
    system_now: str
    units: tuple[UnitChange, ...]
    not_compared: tuple[NoChange, ...]

    def unit(self, code: str) -> UnitChange | None:
        """The change of one unit; None where it was not compared."""
        return next((unit for unit in self.units if unit.unit == code), None)


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a score in one year; NaN where there is no score."""

    weight: float
    score: float
    raw: float
    crossed: float
    """The score of this year's value under the other year's bounds."""


NOT_THERE = Part(0.0, np.nan, np.nan, np.nan)


def change(before: Scoring, now: Scoring) -> Change:
    """Split the change of every final score; units and indicators are matched by code."""
    rows_before = {u.code: row for row, u in enumerate(before.workings.inputs.units)}
    rows_now = {u.code: row for row, u in enumerate(now.workings.inputs.units)}
    units: list[UnitChange] = []
    others: list[NoChange] = []
    for code, row in rows_now.items():
        earlier = rows_before.get(code)
        if np.isnan(now.finals[row]):
            others.append(NoChange(code, ONLY_BEFORE))
        elif earlier is None or np.isnan(before.finals[earlier]):
            others.append(NoChange(code, ONLY_NOW))
        else:
            units.append(_unit_change(before, now, earlier, row))
    others += [NoChange(code, ONLY_BEFORE) for code in rows_before if code not in rows_now]
    return Change(before.system.key, now.system.key, tuple(units), tuple(others))


def _unit_change(before: Scoring, now: Scoring, earlier: int, row: int) -> UnitChange:
    gross = tuple(
        float(one.workings.aggregation.score[at]) for one, at in ((before, earlier), (now, row))
    )
    how = _how(before, now, earlier, row)
    parts: tuple[IndicatorChange, ...] = ()
    if how == "blocks":
        value, weight, bounds = exchanged_blocks(before, now, earlier, row)
    else:
        parts = tuple(_parts(before, now, (earlier, row), how=how, gross=gross))
        value, weight, bounds = (
            sum(getattr(part, effect) for part in parts)
            for effect in ("value", "weight", "bounds")
        )
    ledgers = before.ledgers[earlier], now.ledgers[row]
    finals = float(before.finals[earlier]), float(now.finals[row])
    error = _error(before, now, earlier, row)
    return UnitChange(
        unit=now.workings.inputs.units[row].code,
        type_before=before.workings.inputs.units[earlier].region_type,
        type_now=now.workings.inputs.units[row].region_type,
        before=finals[0],
        now=finals[1],
        difference=finals[1] - finals[0],
        value=value,
        weight=weight,
        bounds=bounds,
        deduction=ledgers[0].deduction.total.counted - ledgers[1].deduction.total.counted,
        bonus=_bonus(now, row) - _bonus(before, earlier),
        limit=(finals[1] - gross[1] + ledgers[1].cost)
        - (finals[0] - gross[0] + ledgers[0].cost),
        how=how,
        parts=parts,
        error=error,
        within_survey_error=is_within(gross[1] - gross[0], error),
    )


def _bonus(scoring: Scoring, row: int) -> float:
    ledger = scoring.ledgers[row]
    return ledger.bonus.total.counted - ledger.bonus_lost_to_veto


def _error(before: Scoring, now: Scoring, earlier: int, row: int) -> float | None:
    errors = before.outcome.errors[earlier].value, now.outcome.errors[row].value
    if errors == (None, None):
        return None
    return hypot(*(error or 0.0 for error in errors))


def _how(before: Scoring, now: Scoring, earlier: int, row: int) -> How:
    """Which splitting fits the trees: all nodes that weigh something must be of one mean."""
    means = {
        "sum" if is_arithmetic(node.aggregate) else "logarithms" if is_geometric(node) else ""
        for scoring, at in ((before, earlier), (now, row))
        for node in scoring.system.nodes
        if _matters(scoring, node.code, at)
    }
    if means <= {"sum"}:
        return "sum"
    return "logarithms" if means == {"logarithms"} else "blocks"


def _matters(scoring: Scoring, node: str, row: int) -> bool:
    """Whether a node weighs something and has more than one part to take a mean of."""
    aggregation = scoring.workings.aggregation
    several = (aggregation.levels[node].shares[row] > 0).sum() > 1
    return bool(aggregation.effective[node][row] > 0 and several)


def _parts(
    before: Scoring,
    now: Scoring,
    rows: tuple[int, int],
    *,
    how: How,
    gross: Sequence[float],
) -> Iterator[IndicatorChange]:
    scale = 1.0 if how == "sum" else _logarithmic_mean(*gross)
    own = _terms(before, now, rows[0]), _terms(now, before, rows[1])
    for code in dict.fromkeys([*own[0], *own[1]]):
        pair = own[0].get(code, NOT_THERE), own[1].get(code, NOT_THERE)
        if pair[0].weight or pair[1].weight:
            yield _part(code, *pair, how=how, scale=scale)


def _part(code: str, old: Part, new: Part, *, how: How, scale: float) -> IndicatorChange:
    def points(score: float) -> float:
        return score if how == "sum" else log(score)

    note = None
    scores = old.score, new.score
    if np.isnan(old.score) or np.isnan(new.score):
        note = APPEARED if np.isnan(old.score) else GONE
        known = points(new.score if np.isnan(old.score) else old.score)
        y0 = y1 = known
    else:
        y0, y1 = (points(score) for score in scores)
    middle = (old.weight + new.weight) / 2
    bounds = 0.0
    if note is None and not _same_bounds(old, new):
        if np.isnan(old.crossed) or np.isnan(new.crossed):
            note = NO_CROSS
        else:
            bounds = (y1 - points(new.crossed) + points(old.crossed) - y0) / 2 * middle
    return IndicatorChange(
        part=code,
        raw_before=_number(old.raw),
        raw_now=_number(new.raw),
        normalised_before=_number(old.score),
        normalised_now=_number(new.score),
        weight_before=old.weight,
        weight_now=new.weight,
        value=scale * ((y1 - y0) * middle - bounds),
        weight=scale * (new.weight - old.weight) * (y0 + y1) / 2,
        bounds=scale * bounds,
        note=note,
    )


def _same_bounds(old: Part, new: Part) -> bool:
    """Whether both values score the same under either year's bounds."""
    pairs = ((old.crossed, old.score), (new.crossed, new.score))
    return all(isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in pairs)


def _terms(scoring: Scoring, other: Scoring, row: int) -> dict[str, Part]:
    """Code → one term of the score: every indicator, and every node that a rule filled."""
    workings = scoring.workings
    terms = {}
    for column, card in enumerate(scoring.system.indicators):
        score = float(workings.completed.scores[row, column])
        terms[card.code] = Part(
            float(workings.aggregation.indicator_weights[row, column]),
            score,
            float(workings.inputs.value[row, column]),
            crossed_score(scoring, other, row, column),
        )
    for node in scoring.system.nodes:
        level = workings.aggregation.levels[node.code]
        if level.filled[row]:
            weight = float(workings.aggregation.effective[node.code][row])
            fill = float(level.score[row])
            terms[f"{node.code} (filled)"] = Part(weight, fill, np.nan, fill)
    return terms


def _logarithmic_mean(one: float, other: float) -> float:
    """L(a, b) = (b - a)/(ln b - ln a), and a where both are the same."""
    if isclose(one, other, rel_tol=1e-12):
        return one
    return (other - one) / (log(other) - log(one))


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
