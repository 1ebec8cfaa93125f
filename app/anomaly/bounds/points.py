"""The numbers beside the score of every point: how it was treated and how far it can be off.

Two questions are kept apart. `score` with `low` and `high` is about the people who answered;
`shrunk` is about everybody, by help of a probability sample. A sample of twenty moves a clean
point by a point or more through its own chance, so it stands beside the score and is not it.
"""

from dataclasses import dataclass, replace

import numpy as np

from app.anomaly.bounds.shrinkage import (
    Positions,
    mean_variances,
    shrink,
    tau_squared,
)
from app.anomaly.bounds.worst_case import answers_to_move, worst_case
from app.anomaly.examination import PointBounds
from app.anomaly.submissions import Reference, Submissions
from app.survey.sample import Floats, Labels

NOTHING = 1e-9
"""Influence nearer than this to 0 or 1 is 0 or 1."""


@dataclass(frozen=True, slots=True)
class _Sampled:
    """What the probability sample says, for each point in order."""

    n: Positions
    mean: Floats
    shrinkage: Floats
    shrunk: Floats


def bound_points(
    submissions: Submissions,
    *,
    influence: Floats,
    capped: Floats,
    epsilon: Floats,
    reference: Reference | None,
) -> tuple[PointBounds, ...]:
    """Bounds of every point, in the order of ``np.unique(submissions.point)``.

    `influence` and `capped` are per response, 0 to 1; `epsilon` is per point, in that order.
    Responses without a score are counted in `n` but move no mean. Where nothing counts any
    more the score is NaN and the honest mean may be anything: 0 to 100.
    """
    names, place = np.unique(submissions.point, return_inverse=True)
    if len(epsilon) != len(names):
        raise ValueError(f"{len(names)} points need as many shares, not {len(epsilon)}.")
    alone = tuple(
        _bounds(
            str(names[i]),
            submissions.score[here],
            influence=influence[here],
            capped=capped[here],
            epsilon=float(epsilon[i]),
        )
        for i, here in _rows_by_place(place, len(names))
    )
    if reference is None:
        return alone
    weight = np.where(np.isnan(submissions.score), 0.0, influence)
    mean, variance = mean_variances(
        np.nan_to_num(submissions.score), weight, group=place, groups=len(names)
    )
    return _beside(alone, _sampled(names, mean, variance, reference))


def _rows_by_place(place: Positions, places: int) -> list[tuple[int, Positions]]:
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=places))[:-1]
    return list(enumerate(np.split(order, ends))) if places else []


def _bounds(
    name: str, score: Floats, *, influence: Floats, capped: Floats, epsilon: float
) -> PointBounds:
    """The bounds of one point from its own responses."""
    scored = ~np.isnan(score)
    given, believed = score[scored], influence[scored]
    low, high = worst_case(given, believed, epsilon=epsilon)
    raw = _mean(given, np.ones(len(given)))
    answers_up, answers_down = answers_to_move(raw, float(len(given)))
    return PointBounds(
        point=name,
        n=len(score),
        reduced=int(((influence > NOTHING) & (influence < 1 - NOTHING)).sum()),
        excluded=int((influence <= NOTHING).sum()),
        raw=raw,
        capped=_mean(given, capped[scored]),
        score=_mean(given, believed),
        low=low,
        high=high,
        epsilon=epsilon,
        answers_up=answers_up,
        answers_down=answers_down,
        sample_n=0,
        sample_mean=np.nan,
        shrinkage=0.0,
    )


def _mean(score: Floats, weight: Floats) -> float:
    return float(np.average(score, weights=weight)) if weight.sum() > 0 else np.nan


def _sampled(names: Labels, mean: Floats, variance: Floats, reference: Reference) -> _Sampled:
    """The sample's mean of every point, and open `mean` drawn to it; NaN where it has none."""
    known = np.isin(reference.point, names) & ~np.isnan(reference.score)
    group = np.searchsorted(names, reference.point[known])
    score = reference.score[known]
    n = np.bincount(group, minlength=len(names))
    sample_mean, sample_variance = mean_variances(
        score, np.ones(len(score)), group=group, groups=len(names)
    )
    shrunk, shrinkage = shrink(
        open_mean=mean,
        open_variance=variance,
        sample_mean=sample_mean,
        sample_variance=sample_variance,
        tau2=tau_squared(mean - sample_mean, variance + sample_variance),
    )
    return _Sampled(n, sample_mean, shrinkage, np.where(n > 0, shrunk, np.nan))


def _beside(alone: tuple[PointBounds, ...], sampled: _Sampled) -> tuple[PointBounds, ...]:
    """The same bounds with the probability sample beside them."""
    return tuple(
        replace(
            bounds,
            sample_n=int(sampled.n[i]),
            sample_mean=float(sampled.mean[i]),
            shrinkage=float(sampled.shrinkage[i]),
            shrunk=float(sampled.shrunk[i]),
        )
        for i, bounds in enumerate(alone)
    )
