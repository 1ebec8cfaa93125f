"""Normalisation: from raw values in their own units to scores on one scale.

Each indicator's curve is fitted on its reference group, all units or those of one region
type, and applied. The formulas are in `curves`. Values that a formula cannot take are named
by `method_limits`, for all indicators at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.errors import InputRefused, Problem
from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.curves import Curve, curve_of
from app.scoring.definition.methods import Method
from app.scoring.definition.system import IndicatorSystem
from app.scoring.steps.arrangement import Inputs, Integers
from app.scoring.steps.method_limits import ReferenceGroup, overflows, unusable
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
            group = ReferenceGroup(system, card, reference, rows, inputs.units, name)
            found = list(unusable(group))
            problems += found
            if found or not rows.size:
                continue
            fit = _fit(card, reference, name)
            with np.errstate(all="ignore"):
                scores[rows, column] = fit.curve(reference)
            problems += overflows(group, scores[rows, column])
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
