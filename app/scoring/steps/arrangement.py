"""From a list of indicator values to matrices of units × indicators.

A value that nobody gave is missing; what does not apply is kept apart from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import IndicatorValue, ScoredUnit
from app.survey.sample import Flags, Floats
from app.survey.text import Text

Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The units, and what is known of them: matrices of units × indicators, NaN = none."""

    units: tuple[ScoredUnit, ...]
    type_of: Integers
    """Index of every unit's region type in the system."""
    value: Floats
    applicable: Flags
    standard_error: Floats
    band_low: Floats
    band_high: Floats
    missing_because: Mapping[tuple[int, int], Text]
    """(row, column) → why there is no value, where somebody said so."""


def arrange(
    system: IndicatorSystem, units: Sequence[ScoredUnit], values: Sequence[IndicatorValue]
) -> Inputs:
    """Lay `values` (checked before) out by unit and indicator."""
    row = {unit.code: i for i, unit in enumerate(units)}
    column = {card.code: j for j, card in enumerate(system.indicators)}
    shape = len(row), len(column)
    value, error, low, high = (np.full(shape, np.nan) for _ in range(4))
    applicable = np.full(shape, True)
    because: dict[tuple[int, int], Text] = {}
    for given in values:
        cell = row[given.unit], column[given.indicator]
        applicable[cell] = given.status != "not_applicable"
        if given.missing_because is not None:
            because[cell] = given.missing_because
        if given.value is None:
            continue
        value[cell] = given.value
        error[cell] = np.nan if given.standard_error is None else given.standard_error
        low[cell], high[cell] = given.band or (np.nan, np.nan)
    types = {code: t for t, code in enumerate(system.type_codes)}
    type_of = np.array([types[unit.region_type] for unit in units], dtype=np.intp)
    return Inputs(tuple(units), type_of, value, applicable, error, low, high, because)
