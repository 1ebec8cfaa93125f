"""Every point's own score, uncapped, capped and decided, with what it would take to move it.

These are plain means of the responses' own scores, as the examination saw them: they tell a
hall what screening did there. The published scores are weighted and stand elsewhere.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.anomaly.examination import PointBounds
from app.stats.opt_in.contamination import worst_case
from app.survey.plan import Plan
from app.survey.sample import Floats
from app.workflow.screening.company import Company


@dataclass(frozen=True, slots=True)
class PointScore:
    """One point: how many count how far, and its score under each treatment, 0–100."""

    point: str
    unit: str
    n: int
    kept: int
    reduced: int
    excluded: int
    raw: float
    capped: float | None
    decided: float | None
    """With caps, flags, decisions and the responses' own signals; None if nothing counts."""
    low: float | None
    high: float | None
    epsilon: float
    answers_up: float
    answers_down: float
    sample_n: int
    sample_mean: float
    shrinkage: float
    drawn: float | None
    """`decided` drawn towards the probability sample; None without one."""


@dataclass(frozen=True, slots=True)
class Direction:
    """What happened to the responses on one side of their point's uncapped score."""

    n: int
    reduced: int
    excluded: int


def score_points(company: Company, influence: Floats, plan: Plan) -> tuple[PointScore, ...]:
    """Each point in the order of its code; `influence` is what responses finally count."""
    unit = {point.code: point.unit for point in plan.points}
    final, capped = influence[company.rows], company.found.capped
    submissions = company.submissions
    return tuple(
        _score(
            bounds,
            unit.get(bounds.point, bounds.point),
            submissions.score[here],
            capped[here],
            final[here],
        )
        for bounds in sorted(company.decided.points, key=lambda one: one.point)
        if (here := submissions.point == bounds.point).any()
    )


def directions(company: Company, influence: Floats) -> dict[str, Direction]:
    """Responses above and below their point's uncapped score, and how many were lowered.

    One-sidedness shows here: whoever only excludes bad answers is seen to.
    """
    _, place = np.unique(company.submissions.point, return_inverse=True)
    score = company.submissions.score
    mean = np.bincount(place, score) / np.bincount(place)
    final = influence[company.rows]
    sides = {"above": score > mean[place] + 1e-9, "below": score < mean[place] - 1e-9}
    return {name: _direction(final[side]) for name, side in sides.items()}


def withheld_points(points: Sequence[PointScore], least: int) -> set[str]:
    """Points of too few answers, and the next larger one where a unit's total would tell."""
    hidden: set[str] = set()
    for unit in sorted({point.unit for point in points}):
        inside = sorted((p for p in points if p.unit == unit), key=lambda p: (p.n, p.point))
        small = [p.point for p in inside if p.n < least]
        if len(small) == 1 < len(inside):
            small.append(inside[1].point)
        hidden.update(small)
    return hidden


def describe_points(points: Sequence[PointScore], plan: Plan) -> list[dict[str, Any]]:
    """Every point with its name; small ones marked, with the reason, as every number is."""
    names = {unit.code: unit.name for unit in plan.units}
    names |= {point.code: point.name for point in plan.points}
    small = {one.point for one in points if one.n < plan.release.min_n}
    hidden = withheld_points(points, plan.release.min_n)
    described = []
    for one in points:
        withheld = "too_few" if one.point in small else "complementary"
        name = names[one.point].model_dump(mode="json", by_alias=True)
        marked = {"name": name, "withheld": withheld if one.point in hidden else None}
        described.append(asdict(one) | marked)
    return described


def _direction(influence: Floats) -> Direction:
    reduced = (influence < 1) & (influence > 0)
    return Direction(len(influence), int(reduced.sum()), int((influence == 0).sum()))


def _score(
    bounds: PointBounds, unit: str, score: Floats, capped: Floats, final: Floats
) -> PointScore:
    share = np.array([bounds.epsilon])
    worst = worst_case(score, final, place=np.zeros(len(score), np.intp), share=share)
    decided = _mean(score, final)
    k = bounds.shrinkage
    drawn = None
    if decided is not None and bounds.sample_n > 0:
        drawn = (1 - k) * decided + k * bounds.sample_mean
    side = _direction(final)
    return PointScore(
        point=bounds.point,
        unit=unit,
        n=len(score),
        kept=len(score) - side.reduced - side.excluded,
        reduced=side.reduced,
        excluded=side.excluded,
        raw=float(score.mean()),
        capped=_mean(score, capped),
        decided=decided,
        low=worst.low if worst else None,
        high=worst.high if worst else None,
        epsilon=bounds.epsilon,
        answers_up=bounds.answers_up,
        answers_down=bounds.answers_down,
        sample_n=bounds.sample_n,
        sample_mean=bounds.sample_mean,
        shrinkage=k,
        drawn=drawn,
    )


def _mean(score: Floats, influence: Floats) -> float | None:
    return float(np.average(score, weights=influence)) if influence.sum() > 0 else None
