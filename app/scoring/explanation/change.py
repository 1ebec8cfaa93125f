"""Why a score is another than last year: values, weights, bounds, deductions, to the digit.

An indicator's part in a score moves because its score y moved or its weight w did:
Δ(w y) = Δy (w₀ + w₁)/2 + Δw (y₀ + y₁)/2, which sums exactly to the change of the score. Where
bounds or methods changed too, Δy is split by what the new value would have scored under the
old bounds and the old value under the new ones, averaged over both orders (Shapley 1953); a
unit that moved to another region type has met that type's bounds and weights.
In a geometric tree the same holds of logarithms, and each part is turned into points by the
logarithmic mean L = (S₁ - S₀)/(ln S₁ - ln S₀) (Ang 2004, LMDI), again exactly. In any other
tree the blocks values, bounds and the rest are exchanged as wholes through the real steps.
Nothing is left over: what comes or goes, and what floor, ceiling and caps do, has its line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isclose, log, sqrt
from typing import Literal

import numpy as np

from app.scoring.explanation.contributions import logarithmic_mean, sums, terms
from app.scoring.explanation.exchange import UnitYear, crossed_scores, exchanged_blocks
from app.scoring.explanation.precision import is_within, sampling_variance
from app.scoring.index import Scoring
from app.scoring.steps.adjustment import Ledger
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
class _Part:
    """One term of a score in one year; NaN where there is no score."""

    weight: float
    score: float
    raw: float
    crossed: float
    """The score of this year's value under the other year's bounds."""


NOT_THERE = _Part(0.0, np.nan, np.nan, np.nan)


def change(before: Scoring, now: Scoring) -> Change:
    """Split the change of every final score; units and indicators are matched by code."""
    rows_before = {u.code: row for row, u in enumerate(before.workings.inputs.units)}
    rows_now = {u.code: row for row, u in enumerate(now.workings.inputs.units)}
    crossed = crossed_scores(before, now), crossed_scores(now, before)
    units: list[UnitChange] = []
    others: list[NoChange] = []
    for code, row in rows_now.items():
        earlier = rows_before.get(code)
        if np.isnan(now.finals[row]):
            others.append(NoChange(code, ONLY_BEFORE))
        elif earlier is None or np.isnan(before.finals[earlier]):
            others.append(NoChange(code, ONLY_NOW))
        else:
            years = UnitYear(before, earlier, crossed[0]), UnitYear(now, row, crossed[1])
            units.append(_unit_change(*years))
    others += [NoChange(code, ONLY_BEFORE) for code in rows_before if code not in rows_now]
    return Change(before.system.key, now.system.key, tuple(units), tuple(others))


def _unit_change(old: UnitYear, new: UnitYear) -> UnitChange:
    gross = _gross(old), _gross(new)
    how = _how(old, new)
    parts: tuple[IndicatorChange, ...] = ()
    if how == "blocks":
        value, weight, bounds = exchanged_blocks(old, new)
    else:
        parts = tuple(_parts(old, new, how=how, gross=gross))
        value, weight, bounds = (
            sum(getattr(part, effect) for part in parts)
            for effect in ("value", "weight", "bounds")
        )
    ledgers = tuple(one.scoring.ledgers[one.row] for one in (old, new))
    finals = tuple(float(one.scoring.finals[one.row]) for one in (old, new))
    units = tuple(one.scoring.workings.inputs.units[one.row] for one in (old, new))
    error = _error(old, new)
    return UnitChange(
        unit=units[1].code,
        type_before=units[0].region_type,
        type_now=units[1].region_type,
        before=finals[0],
        now=finals[1],
        difference=finals[1] - finals[0],
        value=value,
        weight=weight,
        bounds=bounds,
        deduction=ledgers[0].deduction.total.counted - ledgers[1].deduction.total.counted,
        bonus=_bonus(ledgers[1]) - _bonus(ledgers[0]),
        limit=(finals[1] - gross[1] + ledgers[1].cost)
        - (finals[0] - gross[0] + ledgers[0].cost),
        how=how,
        parts=parts,
        error=error,
        within_survey_error=is_within(gross[1] - gross[0], error),
    )


def _gross(year: UnitYear) -> float:
    return float(year.scoring.workings.aggregation.score[year.row])


def _bonus(ledger: Ledger) -> float:
    return ledger.bonus.total.counted - ledger.bonus_lost_to_veto


def _error(old: UnitYear, new: UnitYear) -> float | None:
    """The years' errors together; None where neither has one, or one cannot be known."""
    variances = [sampling_variance(one.scoring.outcome.errors[one.row]) for one in (old, new)]
    if None in variances or not any(variances):
        return None
    return sqrt(sum(variance or 0.0 for variance in variances))


def _how(old: UnitYear, new: UnitYear) -> How:
    """Which splitting fits the trees: both years must be a sum of the same kind."""
    both = sums(old.scoring, old.row) & sums(new.scoring, new.row)
    if "points" in both:
        return "sum"
    return "logarithms" if "logarithms" in both else "blocks"


def _parts(
    old: UnitYear, new: UnitYear, *, how: How, gross: Sequence[float]
) -> Iterator[IndicatorChange]:
    scale = 1.0 if how == "sum" else logarithmic_mean(*gross)
    own = _terms(old), _terms(new)
    for code in dict.fromkeys([*own[0], *own[1]]):
        pair = own[0].get(code, NOT_THERE), own[1].get(code, NOT_THERE)
        if pair[0].weight or pair[1].weight:
            yield _part(code, *pair, how=how, scale=scale)


def _part(code: str, old: _Part, new: _Part, *, how: How, scale: float) -> IndicatorChange:
    def points(score: float) -> float:
        if how == "sum":
            return score
        # Below a geometric mean only a part that weighs nothing can have such a score.
        return log(score) if score > 0 else np.nan

    y0, y1, note = points(old.score), points(new.score), None
    if np.isnan(y0) or np.isnan(y1):
        note = APPEARED if np.isnan(y0) else GONE
        y0 = y1 = y1 if np.isnan(y0) else y0
    middle, bounds = (old.weight + new.weight) / 2, 0.0
    if note is None and not _same_bounds(old, new):
        crossed = points(old.crossed), points(new.crossed)
        if np.isnan(crossed).any():
            note = NO_CROSS
        else:
            bounds = (y1 - crossed[1] + crossed[0] - y0) / 2 * middle
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


def _same_bounds(old: _Part, new: _Part) -> bool:
    """Whether both values score the same under either year's bounds."""
    pairs = ((old.crossed, old.score), (new.crossed, new.score))
    return all(isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in pairs)


def _terms(year: UnitYear) -> dict[str, _Part]:
    """Code → one term of the score; what no year's bounds made is the same under both."""
    raw = year.scoring.workings.inputs.value[year.row].tolist()
    crossed = year.crossed[year.row].tolist()
    columns = {card.code: at for at, card in enumerate(year.scoring.system.indicators)}
    found = {}
    for term in terms(year.scoring, year.row):
        at = columns.get(term.part)
        found[term.name] = _Part(
            weight=term.weight,
            score=term.score,
            raw=np.nan if at is None else raw[at],
            crossed=term.score if at is None else crossed[at],
        )
    return found


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
