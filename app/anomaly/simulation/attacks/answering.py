"""What false responses answer, on whatever items and scales the round has."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.anomaly.simulation.attacks.scene import Scene
from app.survey.sample import Flags, Floats

DIMENSIONS = 3
"""Blocks of neighbouring items that hang together in coherent false answers."""


def near_full(
    scene: Scene, n: int, dice: Generator, *, concede: float, doubt: float = 0.0
) -> Floats:
    """Full marks with a step less here and there, each row in its own share of items.

    `concede` is the mean of that share; `doubt` is the share of answers two steps below.
    """
    items = len(scene.genuine.highest)
    top = np.tile(scene.genuine.highest, (n, 1))
    own = dice.beta(1.0, 1.0 / max(concede, 1e-3) - 1.0, (n, 1))
    lower = (dice.random((n, items)) < own).astype(float)
    lower[dice.random((n, items)) < doubt] = 2.0
    return np.maximum(top - lower, 0.0)


def coherent(scene: Scene, level: Floats, dice: Generator, *, loose: float = 1.0) -> Floats:
    """Answers of people whose contentment is `level`, a share of the top; `loose` is noise.

    Items hang together within blocks and across them, as those of real people do.
    """
    items = len(scene.genuine.highest)
    block = np.arange(items) * DIMENSIONS // items
    n = len(level)
    felt = level[:, None] + 0.09 * loose * dice.normal(0, 1, (n, DIMENSIONS))[:, block]
    said = felt + 0.13 * loose * dice.normal(0, 1, (n, items))
    return np.round(np.clip(said, 0, 1) * scene.genuine.highest)


def thoughtless(scene: Scene, n: int, dice: Generator, *, humped: float) -> Floats:
    """Every item by itself: even over the scale, or with a hump above its middle."""
    highest = scene.genuine.highest.astype(int)
    even = dice.integers(0, highest + 1, (n, len(highest)))
    hump = dice.binomial(highest, 0.65, (n, len(highest)))
    return np.where(dice.random((n, len(highest))) < humped, hump, even).astype(float)


def borrowed(scene: Scene, n: int, dice: Generator, *, above: float) -> Floats:
    """Answers of genuine responses whose score is above a quantile of the round."""
    score = scene.genuine.score
    pool = np.flatnonzero(score >= np.nanquantile(score, above))
    return scene.genuine.answers[dice.choice(pool, n)].copy()


def stepped(
    scene: Scene, answers: Floats, changes: NDArray[np.int64], dice: Generator
) -> Floats:
    """The same answers with `changes[i]` of row i's items one step elsewhere."""
    moved = answers.copy()
    for row, count in enumerate(changes.tolist()):
        items = dice.choice(answers.shape[1], min(count, answers.shape[1]), replace=False)
        step = dice.choice([-1.0, 1.0], len(items))
        moved[row, items] = np.clip(moved[row, items] + step, 0, scene.genuine.highest[items])
    return moved


def with_gaps(scene: Scene, answers: Floats, dice: Generator, *, share: float = 1.0) -> Floats:
    """The same answers with the gaps of genuine responses in a share of the rows."""
    n = len(answers)
    gaps: Flags = np.isnan(scene.genuine.answers[dice.integers(0, len(scene.genuine), n)])
    gaps &= (dice.random(n) < share)[:, None]
    gaps[gaps.all(axis=1)] = False
    return np.where(gaps, np.nan, answers)
