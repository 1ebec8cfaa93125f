"""Treatment of outliers: raw values of an indicator before direction, over all units.

A value may be moved towards the others (winsorised) or the whole column may be logged; each
is kept, so that a page can say which unit's value was moved from what to what. What the
`treat` block of an indicator can say is in `definition.treatments`.
"""

from dataclasses import dataclass

import numpy as np

from app.errors import InputRefused, Problem
from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.system import IndicatorSystem
from app.scoring.definition.treatments import PercentileClip, SkewKurtosis, Treatment
from app.scoring.steps.arrangement import Inputs
from app.survey.sample import Floats

FEWEST = 4
"""Below this many values the kurtosis of a sample is not defined, and nothing is treated."""
NOISE = 1e-10
"""One value apart from three equal ones has a skewness of 2, whatever its last digits say."""
LOG_OFFSET = 0.01
"""Of the range: how far above 0 the smallest value is set before its logarithm is taken."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One value that was moved, and where to."""

    unit: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class ColumnTreatment:
    """What was done to one indicator; nothing moved and nothing logged means untouched."""

    indicator: str
    method: str
    moved: tuple[Moved, ...] = ()
    log_constant: float | None = None
    """Where the column was logged: x became ln(x + log_constant)."""

    @property
    def touched(self) -> bool:
        """Whether any value is another one than before."""
        return bool(self.moved) or self.log_constant is not None


@dataclass(frozen=True, slots=True)
class Treated:
    """Values after treatment (units × indicators, NaN = none), and what was done."""

    values: Floats
    columns: tuple[ColumnTreatment, ...]
    """One for every indicator, in the order of the system."""


def treat(system: IndicatorSystem, inputs: Inputs) -> Treated:
    """Treat every indicator by its own rule.

    Raises InputRefused where a column had to be logged although its method has fixed bounds,
    which are bounds of the values and not of their logarithms (E201).
    """
    values = inputs.value.copy()
    columns: list[ColumnTreatment] = []
    problems: list[Problem] = []
    for column, card in enumerate(system.indicators):
        raw = inputs.value[:, column]
        values[:, column], constant = treat_column(card.treat, raw)
        if constant is not None and not card.normalise.uses_data:
            problems.append(_logged_against_bounds(card))
        moved = _moves(inputs, raw, values[:, column]) if constant is None else ()
        columns.append(ColumnTreatment(card.code, card.treat.method, moved, constant))
    if problems:
        raise InputRefused(problems)
    return Treated(values, tuple(columns))


def treat_column(treatment: Treatment, values: Floats) -> tuple[Floats, float | None]:
    """`values` of one indicator (NaN = none) after treatment, and a logarithm's constant."""
    known = ~np.isnan(values)
    if isinstance(treatment, PercentileClip) and known.any():
        low, high = np.quantile(values[known], [treatment.lower, treatment.upper])
        return np.clip(values, low, high), None
    if isinstance(treatment, SkewKurtosis) and not _passes(values[known], treatment):
        result = values.copy()
        result[known], constant = _winsorised_or_logged(values[known], treatment)
        return result, constant
    return values, None


def sample_skewness(values: Floats) -> float:
    """Skewness of a sample, as Excel and SAS define it: g1 √(n(n-1)) / (n-2)."""
    n = values.size
    return _standard_moment(values, 3) * np.sqrt(n * (n - 1)) / (n - 2)


def sample_kurtosis(values: Floats) -> float:
    """Excess kurtosis of a sample, as Excel and SAS define it."""
    n = values.size
    g2 = _standard_moment(values, 4) - 3
    return ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3))


def _standard_moment(values: Floats, power: int) -> float:
    deviations = values - values.mean()
    # The moment has no unit, so large values may be scaled before they are raised.
    deviations /= np.abs(deviations).max()
    return float((deviations**power).mean() / (deviations**2).mean() ** (power / 2))


def _passes(values: Floats, rule: SkewKurtosis) -> bool:
    """|skew| or kurtosis below its limit; a constant, or a handful of values, has no shape."""
    if values.size < FEWEST or np.ptp(values) == 0:
        return True
    skewed = abs(sample_skewness(values)) >= rule.skew - NOISE
    return not skewed or sample_kurtosis(values) < rule.kurt - NOISE


def _winsorised_or_logged(values: Floats, rule: SkewKurtosis) -> tuple[Floats, float | None]:
    """The rule of COINr's `Treat` (W. Becker et al., JOSS 2022): winsorise, else `log_CT`.

    Points moved at either end count together. The step that would make all values equal is
    not taken: nothing would be left to compare, and a logarithm keeps the order.
    """
    moved = values.copy()
    at_end = {1: 0, -1: 0}
    while not _passes(moved, rule) and sum(at_end.values()) < rule.max_points:
        end = 1 if sample_skewness(moved) >= 0 else -1
        extreme = end * moved == (end * moved).max()
        if np.ptp(moved[~extreme]) == 0:
            break
        moved[extreme] = end * (end * moved[~extreme]).max()
        at_end[end] = int(extreme.sum())
    if _passes(moved, rule):
        return moved, None
    lowest, spread = float(values.min()), float(np.ptp(values))
    logged = np.log(values - lowest + LOG_OFFSET * spread)
    return logged, LOG_OFFSET * spread - lowest


def _moves(inputs: Inputs, before: Floats, after: Floats) -> tuple[Moved, ...]:
    return tuple(
        Moved(inputs.units[row].code, float(before[row]), float(after[row]))
        for row in np.flatnonzero(~np.isnan(before) & (before != after))
    )


def _logged_against_bounds(card: IndicatorCard) -> Problem:
    return Problem(
        f"indicator {card.code}",
        "E201 had to be logged for its outliers, and its method has fixed bounds, which are "
        "not bounds of logarithms",
        "Treat it by `percentile`, or take its bounds from the data.",
        chinese=f"指标 {card.code}：E201 因离群值须取对数，而其归一方法的界限是固定的，"
        "不适用于对数值。请改用 percentile 处理，或改用取自数据的界限。",
    )
