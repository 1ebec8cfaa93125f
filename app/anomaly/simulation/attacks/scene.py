"""A round as somebody who means to cheat finds it: its points, hours, networks and answers.

Nothing is assumed of a round but its columns. What it does not know of its own responses,
devices or times say, is not known of false ones either.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.anomaly.submissions import Submissions, mean_places
from app.survey.sample import Flags, Floats, Labels

Rows = NDArray[np.intp]
DAY = 24 * 60.0
SLOT = 5.0
TAUGHT = 4000
"""Responses from which the points of each option are learnt; more teach nothing."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A round, looked through once for what every attack asks of it."""

    genuine: Submissions
    points: Labels
    """Those with responses, in order."""
    rows: Mapping[str, Rows]
    district: Mapping[str, str]
    mean: Mapping[str, float]
    first_day: int
    days: int
    has_times: bool
    has_devices: bool
    has_networks: bool
    has_comments: bool
    worth: tuple[Floats, ...]
    """Of each item: what each place adds to the response's own score, beside even steps."""

    def at(self, point: str) -> Submissions:
        """The genuine responses of a point."""
        return self.genuine.restrict(np.isin(np.arange(len(self.genuine)), self.rows[point]))

    def score_of(self, answers: Floats) -> Floats:
        """Scores of answers as this round scores them."""
        even = mean_places(answers, self.genuine.highest)
        given = ~np.isnan(answers)
        places = np.where(given, answers, 0).astype(int)
        extra = np.column_stack([self.worth[j][places[:, j]] for j in range(answers.shape[1])])
        count = np.maximum(given.sum(axis=1), 1)
        return np.clip(even + np.where(given, extra, 0.0).sum(axis=1) / count, 0.0, 100.0)


def set_scene(genuine: Submissions) -> Scene:
    """Look through a round."""
    points, place = np.unique(genuine.point, return_inverse=True)
    rows = {p: np.flatnonzero(place == i) for i, p in enumerate(points.tolist())}
    times = genuine.minute[~np.isnan(genuine.minute)]
    first, last = (int(times.min() // DAY), int(times.max() // DAY)) if len(times) else (0, 0)
    return Scene(
        genuine=genuine,
        points=points,
        rows=rows,
        district={p: str(genuine.district[r[0]]) for p, r in rows.items()},
        mean={p: float(np.nanmean(genuine.score[r])) for p, r in rows.items()},
        first_day=first,
        days=last - first + 1,
        has_times=len(times) > 0,
        has_devices=bool((genuine.device != "").any()),
        has_networks=bool((genuine.network != "").any()),
        has_comments=bool((genuine.comment != "").any()),
        worth=_learn_worth(genuine),
    )


def kept_slots(minute: Floats, scene: Scene) -> Floats:
    """Times as the round keeps them, within its days."""
    if not scene.has_times:
        return np.full(len(minute), np.nan)
    start = scene.first_day * DAY
    within = np.clip(minute, start, start + scene.days * DAY - 1)
    return np.asarray(np.floor(within / SLOT) * SLOT, np.float64)


def known_seconds(scene: Scene) -> Floats:
    """Dwell of the genuine responses that were timed on every page; maybe none."""
    blanks = np.isnan(scene.genuine.dwell).sum(axis=1)
    return scene.genuine.dwell[blanks == 0]


def _learn_worth(genuine: Submissions) -> tuple[Floats, ...]:
    """What places add to a score beside even steps, by least squares over responses.

    A round whose points are even steps gets zeros. The number of rows is enough, for a
    score is the mean of what its answers are worth, without an error.
    """
    sizes = (genuine.highest + 1).astype(int)
    none = tuple(np.zeros(size) for size in sizes.tolist())
    even = mean_places(genuine.answers, genuine.highest)
    scored: Flags = ~np.isnan(even) & ~np.isnan(genuine.score)
    rows = np.flatnonzero(scored)[:TAUGHT]
    beside = (genuine.score - even)[rows]
    if len(rows) == 0 or float(np.abs(beside).max()) < 1e-6:
        return none
    answers = genuine.answers[rows]
    given = ~np.isnan(answers)
    count = given.sum(axis=1, keepdims=True)
    columns = [
        (answers[:, [j]] == np.arange(size)) / count for j, size in enumerate(sizes.tolist())
    ]
    worth = np.linalg.lstsq(np.hstack(columns), beside, rcond=None)[0]
    return tuple(np.split(worth, np.cumsum(sizes)[:-1]))
