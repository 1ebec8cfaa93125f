"""What stands in for a missing score, by a rule written down before the year.

Nothing is estimated from other indicators: a missing score is weighted away, set to a
stated number or to the lowest score anybody has, or it is an error. Every cell that was
filled is marked, so that a page can count and show it. What does not apply to a unit is
never filled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import InputRefused, Problem
from app.scoring.complaints.speech import named
from app.scoring.complaints.table import complain
from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import ScoredUnit
from app.scoring.steps.arrangement import Inputs
from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Completed:
    """Scores after the missing rule (units × indicators) and which cells it filled."""

    scores: Floats
    filled: Flags


def complete(system: IndicatorSystem, inputs: Inputs, scores: Floats) -> Completed:
    """Apply each indicator's missing rule to `scores` (units × indicators, NaN = missing).

    Raises InputRefused with every value that may not be missing (E205).
    """
    filled = scores.copy()
    problems: list[Problem] = []
    for column, card in enumerate(system.indicators):
        rule = system.rule_for_missing(card)
        gaps = np.isnan(scores[:, column]) & inputs.applicable[:, column]
        observed = scores[~np.isnan(scores[:, column]), column]
        if rule.rule == "error":
            problems += _absences(card, _weighed(system, card, inputs.units, gaps))
        elif rule.rule == "min_observed" and gaps.any() and observed.size:
            filled[gaps, column] = observed.min()
        elif rule.rule == "min_observed" and _weighed(system, card, inputs.units, gaps):
            place = f"indicator {card.code}"
            problems.append(complain("no_lowest_value", place, indicator=named(card)))
        elif rule.rule == "fixed":
            filled[gaps, column] = rule.value
    if problems:
        raise InputRefused(problems)
    return Completed(filled, np.isnan(scores) & ~np.isnan(filled))


def _weighed(
    system: IndicatorSystem, card: IndicatorCard, units: Sequence[ScoredUnit], gaps: Flags
) -> list[ScoredUnit]:
    """The units with a gap for whose type the indicator weighs something."""
    return [
        unit
        for unit, gap in zip(units, gaps, strict=True)
        if gap and system.weight(card.code, unit.region_type) > 0
    ]


def _absences(card: IndicatorCard, units: Sequence[ScoredUnit]) -> Iterator[Problem]:
    for unit in units:
        place = f"unit {unit.code}, indicator {card.code}"
        yield complain("gap_not_allowed", place, unit=unit.code, indicator=named(card))
