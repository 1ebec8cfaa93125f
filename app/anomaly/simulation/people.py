"""What the people of an invented town answer: graded responses of correlated dimensions.

Samejima (1969), in its normal ogive form: an item's answer is the number of its thresholds
that what a person thinks of it exceeds. People differ in how content they are, in how
readily they agree and in how far they go to the ends of a scale.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.anomaly.simulation.town import WorldSettings
from app.survey.sample import Flags, Floats

ALIKE = 0.78
"""Correlation of two dimensions within a person."""
NOISE = 0.6
EXTRA_OF_STRONG_VIEWS = 0.12
"""People with strong views come a little more often: log odds per standard deviation."""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Items with their dimension, sharpness and thresholds."""

    dimension: tuple[int, ...]
    sharpness: Floats
    thresholds: Floats
    """Items by levels less one, rising."""


def write_questionnaire(settings: WorldSettings, dice: Generator) -> Questionnaire:
    """Items that most people answer in the upper half."""
    dimension = tuple(np.repeat(np.arange(len(settings.items)), settings.items).tolist())
    n = len(dimension)
    usual = np.linspace(-2.4, 0.25, settings.levels - 1)
    return Questionnaire(
        dimension,
        sharpness=dice.uniform(0.8, 1.4, n),
        thresholds=usual + dice.normal(0, 0.2, (n, 1)),
    )


def thoughts(mood: Floats, dice: Generator) -> Floats:
    """What people think on each dimension; `mood` (people by dimensions) is their mean."""
    shared = dice.normal(0, 1, (len(mood), 1))
    own = dice.normal(0, 1, mood.shape)
    return mood + np.sqrt(ALIKE) * shared + np.sqrt(1 - ALIKE) * own


def answer(asked: Questionnaire, thought: Floats, dice: Generator) -> Floats:
    """Places of the chosen options, 0 the worst, people by items."""
    n = len(thought)
    agreeing = dice.normal(0, 0.25, (n, 1))
    reaching = np.exp(dice.normal(0, 0.2, (n, 1)))
    felt = (thought[:, asked.dimension] + agreeing) * reaching
    said = felt + NOISE * dice.normal(0, 1, felt.shape) / asked.sharpness
    return np.greater(said[:, :, None], asked.thresholds).sum(axis=2).astype(float)


def answer_straight(answers: Floats, chosen: Flags) -> Floats:
    """The same answers with every item of the `chosen` people as their usual one."""
    straight = answers.copy()
    rows = np.flatnonzero(chosen)
    straight[rows] = np.round(np.median(answers[rows], axis=1))[:, None]
    return straight


def leave_out(answers: Floats, dice: Generator, *, share: float = 0.12) -> Floats:
    """The same answers with no opinion here and there; later items are left out more."""
    n, items = answers.shape
    holes = dice.random((n, items)) < np.linspace(0.05, 0.2, items)
    holes &= dice.random((n, 1)) < share
    holes[:, 0] = False
    return np.where(holes, np.nan, answers)


def come_by_themselves(thought: Floats, n: int, dice: Generator) -> NDArray[np.int64]:
    """Rows of the `n` people who answer without having been asked."""
    whole = thought.mean(axis=1)
    strong = np.abs(whole - whole.mean()) / max(float(whole.std()), 1e-9)
    odds = np.exp(EXTRA_OF_STRONG_VIEWS * strong)
    return dice.choice(len(thought), n, replace=False, p=odds / odds.sum())
