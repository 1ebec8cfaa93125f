"""Who stands before whom, as arrays: ranks and the levels of a grade scale, without words.

The last axis holds the units, so that a thousand draws of the scores are ordered in one go.
`grading` gives the same numbers their reasons.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.scoring.definition.rules import GradeRule, RankRule
from app.scoring.steps.arrangement import Integers
from app.survey.sample import Flags, Floats

TIE = 1e-9
"""Scores that agree to this much are tied: the last binary digit is nobody's merit."""
CLEAN = 10
"""Decimals after which there is only binary noise."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who gets one grade of a quota: rows, and how many are strictly better within the pool."""

    level: int
    places: int
    """Free places; the last grade takes the rest whatever their number."""
    rows: Integers
    better: Integers


def order(scores: Floats, rule: RankRule) -> Floats:
    """Ranks along the last axis, 1 is the largest; NaN for NaN.

    Under `average` a rank may be a half; under every other tie rule it is a whole number.
    """
    keys = rounded(scores, rule.decimals)
    best_first = np.argsort(-keys, axis=-1, kind="stable")
    ordered = np.take_along_axis(keys, best_first, axis=-1)
    # Not the negation of "larger than": NaN, which comes last, is tied with nobody.
    opens = ~(ordered[..., :-1] - ordered[..., 1:] <= TIE)
    ranks = np.empty_like(keys)
    np.put_along_axis(ranks, best_first, _tied_ranks(opens, rule.ties), axis=-1)
    ranks[np.isnan(keys)] = np.nan
    return ranks


def rounded(scores: Floats, decimals: int | None) -> Floats:
    """Half-up (away from 0), after ten decimals have taken the binary noise away."""
    if decimals is None:
        return scores
    scale = 10.0**decimals
    # A tenth decimal is left after scaling: 267.49999999999997 is 267.5 as it was written.
    size = np.round(np.round(np.abs(scores), CLEAN) * scale, CLEAN - decimals)
    return np.copysign(np.floor(size + 0.5) / scale, scores)


def graded_by(scores: Floats, rule: GradeRule, rank: RankRule) -> Floats:
    """What grades are given by: the scores, which a quota takes as the ranking rounds them.

    Its places are those of the ranking, so units that share a place share a grade.
    """
    return rounded(scores, rank.decimals) if rule.rule == "quota" else scores


def threshold_levels(scores: Floats, rule: GradeRule) -> Integers:
    """Position in the scale of the first grade whose `min` a score reaches."""
    clean = np.round(scores, CLEAN)
    levels = np.full(clean.shape, len(rule.scale) - 1, np.intp)
    for level, grade in reversed(list(enumerate(rule.scale))):
        if grade.min is not None:
            levels[clean >= grade.min] = level
    return levels


def admissions(scores: Floats, rule: GradeRule, best: Integers) -> Iterator[Admission]:
    """Grade by grade from the top, who gets it; NaN gets none.

    Each grade brings floor(share · N) places, and those left over pass to the next: no grade
    is ever rounded up beyond its share. `best` is the best level still open to each unit.
    """
    waiting = ~np.isnan(scores)
    n, given, brought = int(waiting.sum()), 0, 0
    for level, grade in enumerate(rule.scale):
        brought += int(np.floor((grade.share or 0.0) * n + TIE))
        places = brought - given
        pool = np.flatnonzero(waiting & (best <= level))
        ordered, own = np.sort(scores[pool]), scores[pool]
        better = ordered.size - np.searchsorted(ordered, own + TIE, "right")
        tied_too = ordered.size - np.searchsorted(ordered, own - TIE, "left")
        gets = better < places if rule.tie == "include" else tied_too <= places
        if level == len(rule.scale) - 1:
            gets = np.full(pool.size, True)
        rows = pool[gets]
        waiting[rows] = False
        given += rows.size
        yield Admission(level, places, rows, better[gets])


def quota_levels(scores: Floats, rule: GradeRule, best: Integers) -> Integers:
    """Position of each unit's grade in the scale of a quota; -1 for NaN."""
    levels = np.full(scores.shape, -1, np.intp)
    for admission in admissions(scores, rule, best):
        levels[admission.rows] = admission.level
    return levels


def _tied_ranks(opens: Flags, ties: str) -> Floats:
    """Ranks in order, from which place opens a new group of tied units."""
    first = np.concatenate([np.full((*opens.shape[:-1], 1), True), opens], axis=-1)
    if ties == "dense":
        return np.cumsum(first, axis=-1).astype(np.float64)
    n = first.shape[-1]
    lowest = np.maximum.accumulate(np.where(first, np.arange(1.0, n + 1), 0.0), axis=-1)
    if ties == "min":
        return lowest
    last = np.concatenate([opens, np.full((*opens.shape[:-1], 1), True)], axis=-1)
    ends = np.where(last, np.arange(1.0, n + 1), np.inf)
    highest = np.minimum.accumulate(ends[..., ::-1], axis=-1)[..., ::-1]
    return highest if ties == "max" else (lowest + highest) / 2
