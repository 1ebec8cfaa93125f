"""When the people of an invented town answer, and how long they look at a page."""

import numpy as np
from numpy.random import Generator

from app.survey.sample import Floats

DAY = 24 * 60
SLOT = 5
"""Minutes: finer times are not kept."""
BY_HOUR = np.array(
    [1, 1, 0, 0, 1, 3, 9, 22, 45, 75, 84, 60, 40, 38, 64, 76, 66, 48, 40, 50, 60, 48, 22, 6],
    float,
)
LONGEST = 600.0
"""Seconds on a page that are told apart."""


def usual_minutes(dice: Generator, n: int, *, days: int, quiet: float = 0.4) -> Floats:
    """Times of people who come by themselves; `quiet` is what a weekend brings of a day."""
    weekend = np.arange(days) % 7 >= 5
    busy = np.where(weekend, quiet, 1.0) * dice.uniform(0.6, 1.4, days)
    day = dice.choice(days, n, p=busy / busy.sum())
    hour = dice.choice(24, n, p=BY_HOUR / BY_HOUR.sum())
    return day * DAY + hour * 60.0 + dice.uniform(0, 60, n)


def reading_seconds(dice: Generator, n: int, items: tuple[int, ...]) -> Floats:
    """Seconds on each page: four an item, times the person's pace, now and then a pause."""
    pace = np.exp(dice.normal(0, 0.35, (n, 1)))
    length = np.array(items, float) * 4.0
    seconds = pace * length * np.exp(dice.normal(0, 0.22, (n, len(items))))
    seconds[:, 0] += np.exp(dice.normal(1.6, 0.5, n))
    pausing = np.flatnonzero(dice.random(n) < 0.02)
    seconds[pausing, dice.integers(0, len(items), len(pausing))] += dice.exponential(
        200, len(pausing)
    )
    return seconds


def slots(minutes: Floats, days: int) -> Floats:
    """Times as they are kept: within the round, in steps of five minutes."""
    within = np.clip(minutes, 0, days * DAY - 1)
    return np.asarray(np.floor(within / SLOT) * SLOT, np.float64)


def kept_seconds(seconds: Floats) -> Floats:
    """Dwell as it is kept: whole seconds, at least one, ten minutes at most."""
    return np.clip(np.round(seconds), 1, LONGEST)
