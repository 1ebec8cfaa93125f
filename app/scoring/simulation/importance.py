"""Effective against nominal importance: what a part does to the ranks, beside its weight.

A weight says what a part should count; how far the score follows the part also depends on
how the part spreads and on what moves with it. The main effect of a part is the Pearson
correlation ratio η² = V(E(S|x)) / V(S): the share of the score's variance that would go if
the part were fixed. Source: Paruolo, Saisana and Saltelli 2013, Journal of the Royal
Statistical Society A 176(3), "Ratings and rankings: voodoo or science?".

E(S|x) is a restricted cubic spline with knots at quantiles of x (Harrell 2015, Regression
Modeling Strategies, section 2.4); where there are few units or few different values, a
straight line. η² is corrected for the number of terms, so that noise has none. The result
says which was fitted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.scoring.index import Scoring
from app.scoring.simulation.summary import Group, ranked_groups
from app.scoring.steps.arrangement import Integers
from app.survey.sample import Floats

FEWEST_UNITS = 5
"""Below this many units nothing is said."""
FEWEST_FOR_A_CURVE = 30
"""Units and different values, from which on a curve is fitted and no line."""
KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)
"""Quantiles; beyond the first and the last the curve is straight."""
CLOSE = 1e-6
"""Knots closer than this part of the whole spread are one."""

Fit = Literal["spline", "line"]


@dataclass(frozen=True, slots=True)
class PartImportance:
    """One indicator or class in one group of units."""

    part: str
    parent: str
    nominal: float
    """Mean effective weight in the score, as a share of 1."""
    main_effect: float
    """η², between 0 and 1; those of several parts need not sum to 1."""
    r_squared: float
    """Of a straight line, for comparison."""
    fit: Fit
    nominal_share: float
    """Nominal importance among the parts below the same parent, as a share of 1."""
    effective_share: float
    """η² among the parts below the same parent, as a share of 1."""


@dataclass(frozen=True, slots=True)
class GroupImportance:
    """All parts, for units that are ranked among each other."""

    region_type: str | None
    """None where the group is all units."""
    units: int
    parts: tuple[PartImportance, ...]

    def part(self, code: str) -> PartImportance:
        """One indicator or class."""
        return next(part for part in self.parts if part.part == code)


def importance(scoring: Scoring) -> tuple[GroupImportance, ...]:
    """The importance of every part with a weight, in every group of five units or more.

    Measured on the gross score, which the weights make; deductions have none.
    """
    return tuple(
        GroupImportance(group.region_type, group.rows.size, tuple(_parts(scoring, group)))
        for group in ranked_groups(scoring)
        if group.rows.size >= FEWEST_UNITS
    )


def main_effect(part: Floats, score: Floats) -> tuple[float, Fit]:
    """η² of `score` on `part` (no NaN), and what was fitted; 0 where either is constant."""
    if np.ptp(part) == 0 or np.ptp(score) == 0:
        return 0.0, "line"
    terms = part[:, None]
    fit: Fit = "line"
    knots = np.quantile(part, KNOTS)
    apart = np.diff(knots).min() > CLOSE * np.ptp(part)
    if np.unique(part).size >= FEWEST_FOR_A_CURVE and apart:
        terms, fit = spline_terms(part, knots), "spline"
    n, p = terms.shape
    centred, wanted = terms - terms.mean(axis=0), score - score.mean()
    coefficients = np.linalg.lstsq(centred, wanted)[0]
    unexplained = ((wanted - centred @ coefficients) ** 2).sum() / (wanted**2).sum()
    corrected = 1 - unexplained * (n - 1) / (n - p - 1)
    return float(np.clip(corrected, 0.0, 1.0)), fit


def spline_terms(x: Floats, knots: Floats) -> Floats:
    """The k - 1 terms of a cubic spline that is straight beyond its k knots."""
    first, before, last = knots[0], knots[-2], knots[-1]

    def cube(knot: float) -> Floats:
        return np.maximum((x - knot) / (last - first), 0.0) ** 3

    terms = [(x - first) / (last - first)]
    for knot in knots[:-2]:
        ahead, behind = (last - knot) / (last - before), (before - knot) / (last - before)
        terms.append(cube(knot) - cube(before) * ahead + cube(last) * behind)
    return np.column_stack(terms)


def linear_effect(part: Floats, score: Floats) -> float:
    """r² of a straight line; 0 where either is constant."""
    if np.ptp(part) == 0 or np.ptp(score) == 0:
        return 0.0
    return float(np.corrcoef(part, score)[0, 1] ** 2)


def _parts(scoring: Scoring, group: Group) -> Iterator[PartImportance]:
    system, effective = scoring.system, scoring.workings.aggregation.effective
    scores = _scores_of_parts(scoring)
    nominal = {
        code: float(effective[code][group.rows].mean())
        for code in scores
        if code != system.root.code
    }
    effects = {code: _effect(scoring, group.rows, scores[code]) for code in nominal}
    for parent, children in system.children.items():
        below = [child.code for child in children if nominal[child.code] > 0]
        weighed = sum(nominal[code] for code in below)
        explained = sum(effects[code][0] for code in below)
        for code in below:
            effect, fit, line = effects[code]
            yield PartImportance(
                part=code,
                parent=parent,
                nominal=nominal[code],
                main_effect=effect,
                r_squared=line,
                fit=fit,
                nominal_share=nominal[code] / weighed,
                effective_share=effect / explained if explained else 0.0,
            )


def _scores_of_parts(scoring: Scoring) -> Mapping[str, Floats]:
    workings = scoring.workings
    codes = [card.code for card in scoring.system.indicators]
    scores = dict(zip(codes, workings.completed.scores.T, strict=True))
    return scores | {code: level.score for code, level in workings.aggregation.levels.items()}


def _effect(scoring: Scoring, rows: Integers, part: Floats) -> tuple[float, Fit, float]:
    """η², what was fitted, and r², over the units that have a score of the part."""
    there = rows[~np.isnan(part[rows])]
    if there.size < FEWEST_UNITS:
        return 0.0, "line", 0.0
    score = scoring.workings.aggregation.score[there]
    effect, fit = main_effect(part[there], score)
    return effect, fit, linear_effect(part[there], score)
