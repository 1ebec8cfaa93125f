"""Normalisation: from raw values in their own units to scores on one scale.

Each indicator's curve is fitted on its reference group, all units or those of one region
type, and applied. The formulas are in `curves`. Values that a formula cannot take are found
here, for all indicators at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from app.errors import InputRefused, Problem
from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.curves import Curve, curve_of, zero_range
from app.scoring.definition.methods import Goalposts, Method, RatioToBest, Target
from app.scoring.definition.system import IndicatorSystem
from app.scoring.steps.arrangement import Inputs, Integers
from app.survey.sample import Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """One indicator's curve for one reference group, and the values it was fitted on."""

    indicator: str
    region_type: str | None
    """None where the group is all units."""
    n: int
    lowest: float
    highest: float
    curve: Curve


@dataclass(frozen=True, slots=True)
class Normalised:
    """Scores (units × indicators, NaN where there is no value) and the curves behind them."""

    scores: Floats
    fits: tuple[Fit, ...]
    by_cell: Mapping[tuple[int, int], Fit]
    """(indicator column, region type index) → the curve that applies there."""


def normalise(system: IndicatorSystem, inputs: Inputs) -> Normalised:
    """The scores of all values, by each indicator's method.

    Raises InputRefused with every column whose values its method cannot take (E201).
    """
    raw, type_of = inputs.value, inputs.type_of
    scores = np.full(raw.shape, np.nan)
    fits: list[Fit] = []
    by_cell: dict[tuple[int, int], Fit] = {}
    problems: list[Problem] = []
    for column, card in enumerate(system.indicators):
        for members, name in _reference_groups(card.normalise, system, type_of):
            rows = members[~np.isnan(raw[members, column])]
            reference = raw[rows, column]
            found = list(_value_problems(card, reference, name))
            problems += found
            if found or not rows.size:
                continue
            fit = _fit(card, reference, name)
            with np.errstate(all="ignore"):
                scores[rows, column] = fit.curve(reference)
            problems += _overflow_problems(card, reference, scores[rows, column])
            fits.append(fit)
            by_cell.update({(column, int(t)): fit for t in np.unique(type_of[members])})
    if problems:
        raise InputRefused(problems)
    return Normalised(scores, tuple(fits), by_cell)


def _reference_groups(
    method: Method, system: IndicatorSystem, type_of: Integers
) -> list[tuple[Integers, str | None]]:
    if getattr(method, "reference", "all") == "all":
        return [(np.arange(type_of.size), None)]
    return [(np.flatnonzero(type_of == t), system.type_codes[t]) for t in np.unique(type_of)]


def _fit(card: IndicatorCard, reference: Floats, name: str | None) -> Fit:
    curve = curve_of(card.normalise, card.direction, reference)
    low, high = float(reference.min()), float(reference.max())
    return Fit(card.code, name, reference.size, low, high, curve)


def _value_problems(
    card: IndicatorCard, reference: Floats, region_type: str | None
) -> list[Problem]:
    """E201: values of a column with which the method's formula has no meaning."""
    method = card.normalise
    if not reference.size:
        return []
    where = f"indicator {card.code}" + (f", type {region_type}" if region_type else "")
    lowest = float(reference.min())
    problems = []
    if method.needs_range and np.ptp(reference) == 0 and zero_range(method) is None:
        message = f"E201 has the same value in all {reference.size} units, so it has no range"
        cure = "Use fixed bounds, or set zero_range."
        problems.append(Problem(where, message, cure, lowest))
    if method.method == "percentile_rank" and reference.size == 1:
        message = "E201 has one value only, which has no percentile rank"
        problems.append(Problem(where, message, "Use a method with fixed bounds.", lowest))
    if lowest <= 0 and _divides_or_takes_logarithm(method, card.direction):
        message = f"E201 has a value that is not positive, which {method.method} cannot take"
        problems.append(Problem(where, message, "Use another method.", lowest))
    is_ratio = isinstance(method, RatioToBest) and card.direction > 0
    if is_ratio and (lowest < 0 or float(reference.max()) == 0):
        message = "E201 has no ratio to the best: values must not be negative, or all 0"
        problems.append(Problem(where, message, "Use another method.", lowest))
    return problems


def _overflow_problems(
    card: IndicatorCard, reference: Floats, scores: Floats
) -> Iterator[Problem]:
    for value in reference[~np.isfinite(scores)]:
        message = f"E201 has a value whose {card.normalise.method} score is no finite number"
        yield Problem(f"indicator {card.code}", message, "Check the value.", float(value))


def _divides_or_takes_logarithm(method: Method, direction: int) -> bool:
    if isinstance(method, Goalposts):
        return method.log
    return direction < 0 and isinstance(method, RatioToBest | Target)
