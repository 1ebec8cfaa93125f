"""A point is judged by others: its false answers do not explain themselves, nor its pace."""

from dataclasses import replace

import numpy as np
import pytest

from app.anomaly.company.content import content_of
from app.anomaly.engine import examine
from app.anomaly.simulation.invented import invent
from app.anomaly.simulation.town import WorldSettings
from app.anomaly.submissions import Submissions, mean_places

TOWN = WorldSettings(points=20, districts=4, responses=3000, volunteers=3, sampled=4)
CROWD = 60


@pytest.fixture(scope="module")
def honest() -> Submissions:
    return invent(TOWN, 31).submissions


@pytest.fixture(scope="module")
def usual(honest) -> str:
    names, counts = np.unique(honest.point, return_counts=True)
    return str(names[np.argsort(counts)[len(counts) // 2]])


def crowded(rows: Submissions, point: str, place: float) -> tuple[Submissions, np.ndarray]:
    """One answer from each of a crowd that one network sends within forty minutes."""
    here = np.flatnonzero((rows.point == point) & (rows.enumerator == ""))[:CROWD]
    n = len(here)
    false = rows.restrict(np.isin(np.arange(len(rows)), here))
    false = replace(
        false,
        identifier=np.array([f"false-{i}" for i in range(n)]),
        answers=np.full_like(false.answers, place),
        score=mean_places(np.full_like(false.answers, place), rows.highest),
        minute=5 * np.floor((12 * 1440 + 600 + 40 * np.arange(n) / n) / 5),
        network=np.full(n, "one-network"),
        device=np.array([f"phone-{i}" for i in range(n)]),
        dwell=np.round(false.dwell * 0.5 + 1),
        comment=np.full(n, ""),
        comment_length=np.zeros(n),
    )
    both = {
        name: np.concatenate([getattr(rows, name), getattr(false, name)])
        for name in rows.__slots__
        if name != "highest"
    }
    return Submissions(**both, highest=rows.highest), np.arange(len(rows) + n) >= len(rows)


@pytest.mark.parametrize("place", [0.0, 4.0])
def test_a_crowd_in_a_hurry_is_found_whichever_end_it_takes(honest, usual, place):
    rows, false = crowded(honest, usual, place)
    found = examine(rows, reference=None, seed=1)
    assert (found.influence[false] < 0.5).mean() > 0.9
    assert (found.influence[~false] < 0.5).mean() <= 0.01


def test_a_queue_behind_everybody_at_a_point_makes_nobody_hasty(honest, usual):
    here = honest.point == usual
    dwell = np.where(here[:, None], np.maximum(1, np.round(honest.dwell * 0.6)), honest.dwell)
    hurried = replace(honest, dwell=dwell)
    moved = content_of(hurried, seed=1).pace - content_of(honest, seed=1).pace
    assert np.median(moved[here]) > np.log(0.6) * 0.4, "most of it is taken back"
    found = examine(hurried, reference=None, seed=1)
    assert found.flagged[here].mean() <= 0.03


def test_a_third_that_hurries_does_not_pass_for_a_queue(honest, usual):
    here = np.flatnonzero(honest.point == usual)
    third = here[::3]
    dwell = honest.dwell.copy()
    dwell[third] = np.maximum(1, np.round(dwell[third] * 0.3))
    before, after = (
        content_of(honest, seed=1).pace,
        content_of(replace(honest, dwell=dwell), seed=1).pace,
    )
    assert np.median(after[third] - before[third]) < np.log(0.3) + 0.35


def test_answers_that_have_nothing_to_do_with_each_other_are_not_flagged(honest):
    dice = np.random.default_rng(3)
    answers = honest.answers.copy()
    for item in range(answers.shape[1]):
        answers[:, item] = answers[dice.permutation(len(answers)), item]
    rows = replace(honest, answers=answers, score=mean_places(answers, honest.highest))
    found = examine(rows, reference=None, seed=1)
    assert (found.influence < 0.5).mean() <= 0.006
    for point in found.points:
        assert abs(point.score - point.raw) <= 0.6, point
