"""Every point's own score, uncapped, capped and decided, with what it would take to move it.

These are plain means of the responses' own scores, as the examination saw them: they tell a
hall what screening did there. The published scores are weighted and stand elsewhere.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.anomaly.bounds.points import bound_points
from app.anomaly.examination import PointBounds
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
    answers_up: float | None
    """Answers of full marks that raise the uncapped score by one; None if none do."""
    answers_down: float | None
    sample_n: int
    sample_mean: float | None
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
    """Each point in the order of the plan; `influence` is what responses finally count."""
    unit = {unit.code: unit.code for unit in plan.units}
    unit |= {point.code: point.unit for point in plan.points}
    order = {code: place for place, code in enumerate(unit)}
    final = influence[company.laid.rows]
    bounds = bound_points(
        company.laid.submissions,
        influence=final,
        capped=company.found.capped,
        epsilon=np.array([one.epsilon for one in company.decided.points]),
        reference=company.laid.reference,
    )
    ordered = sorted(bounds, key=lambda one: order[one.point])
    return tuple(_score(one, unit[one.point]) for one in ordered)


def directions(company: Company, influence: Floats) -> dict[str, Direction]:
    """Responses above and below their point's uncapped score, and how many were lowered.

    One-sidedness shows here: whoever only excludes bad answers is seen to.
    """
    _, place = np.unique(company.laid.submissions.point, return_inverse=True)
    score = company.laid.submissions.score
    mean = np.bincount(place, score) / np.bincount(place)
    final = influence[company.laid.rows]
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


def _score(bounds: PointBounds, unit: str) -> PointScore:
    nothing_left = np.isnan(bounds.score)
    return PointScore(
        point=bounds.point,
        unit=unit,
        n=bounds.n,
        kept=bounds.n - bounds.reduced - bounds.excluded,
        reduced=bounds.reduced,
        excluded=bounds.excluded,
        raw=bounds.raw,
        capped=_known(bounds.capped),
        decided=_known(bounds.score),
        low=None if nothing_left else bounds.low,
        high=None if nothing_left else bounds.high,
        epsilon=bounds.epsilon,
        answers_up=_known(bounds.answers_up),
        answers_down=_known(bounds.answers_down),
        sample_n=bounds.sample_n,
        sample_mean=_known(bounds.sample_mean),
        shrinkage=bounds.shrinkage,
        drawn=_known(bounds.shrunk) if bounds.sample_n else None,
    )


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
