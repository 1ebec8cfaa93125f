"""What stands in for a missing score, by a rule written down before the year.

Nothing is estimated from other indicators: a missing score is weighted away, set to a
stated number or to the lowest score anybody has, or it is an error. Every cell that was
filled is marked, so that a page can count and show it. What does not apply to a unit is
never filled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputRefused, Problem
from app.scoring.cards import IndicatorCard
from app.scoring.inputs import ScoredUnit
from app.scoring.normalisation import Floats
from app.scoring.soundness import mean_needing_positive
from app.scoring.system import IndicatorSystem

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Completed:
    """Scores after the missing rule (units × indicators) and which cells it filled."""

    scores: Floats
    filled: Bools


def complete(
    system: IndicatorSystem, scores: Floats, *, applicable: Bools, units: Sequence[ScoredUnit]
) -> Completed:
    """Apply each indicator's missing rule to `scores` (units × indicators, NaN = missing).

    Raises InputRefused with every value that may not be missing (E205), and every score
    that a geometric or harmonic mean above it cannot take (E106).
    """
    complete_scores = scores.copy()
    problems: list[Problem] = []
    for column, card in enumerate(system.indicators):
        gaps = np.isnan(scores[:, column]) & applicable[:, column]
        rule = system.rule_for_missing(card)
        if rule.rule == "error":
            without = [unit for unit, gap in zip(units, gaps, strict=True) if gap]
            problems += _absences(system, card, without)
        elif rule.rule == "fixed" and rule.value is not None:
            complete_scores[gaps, column] = rule.value
        elif rule.rule == "min_observed" and gaps.any():
            observed = scores[~np.isnan(scores[:, column]), column]
            if observed.size:
                complete_scores[gaps, column] = observed.min()
            else:
                message = "E205 no unit has a value, so there is no lowest one to take"
                cure = "Give values, weigh it 0, or use another missing rule."
                problems.append(Problem(f"indicator {card.code}", message, cure))
    problems += _not_positive(system, complete_scores, units)
    if problems:
        raise InputRefused(problems)
    return Completed(complete_scores, np.isnan(scores) & ~np.isnan(complete_scores))


def _absences(
    system: IndicatorSystem, card: IndicatorCard, units: Sequence[ScoredUnit]
) -> Iterator[Problem]:
    for unit in units:
        if system.weight(card.code, unit.region_type) > 0:
            message = "E205 is missing, and the system allows no gap here"
            cure = "Give the value, or the status `not_applicable` with its reason."
            yield Problem(f"unit {unit.code}, indicator {card.code}", message, cure)


def _not_positive(
    system: IndicatorSystem, scores: Floats, units: Sequence[ScoredUnit]
) -> Iterator[Problem]:
    tree = {node.code: node for node in system.nodes}
    for column, card in enumerate(system.indicators):
        node = mean_needing_positive(card, tree)
        for row in np.flatnonzero(scores[:, column] <= 0) if node else ():
            unit = units[int(row)]
            if system.weight(card.code, unit.region_type) > 0:
                message = f"E106 has a score the {tree[node or ''].aggregate} mean cannot take"
                cure = "Use a normalisation with a base above 0, or the arithmetic mean."
                here = f"unit {unit.code}, indicator {card.code}, node {node}"
                yield Problem(here, message, cure, float(scores[row, column]))
