"""Suppression: bad grades that ought to be there and are not.

Who drops the two lowest grades leaves the others as they are. From the better grades of a
place and the shape that grades have elsewhere follows how many low ones belong to them; a
place that really serves well has few middling grades too, and nothing is missing there.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from app.anomaly.warnings.alarm import Alarm
from app.anomaly.warnings.tails import (
    FEWEST_OTHERS,
    as_z,
    corrected,
    lower_tail,
    spread_of_others,
)
from app.survey.sample import Floats, Labels

LOW = 2
"""So many of the lowest grades count as bad."""
RAREST = 1e-3
FEWEST_EXPECTED = 5.0
SHIFTS = np.linspace(-3.0, 3.0, 121)
"""Places of the hidden scale at which the mean of a place may lie, against all others."""


@dataclass(frozen=True, slots=True)
class Grades:
    """How often each grade was given at each place."""

    place: Labels
    """Points, or points and channels."""
    counts: Floats
    """places by grades, the worst first."""


def missing_low(grades: Grades) -> list[Alarm]:
    """Places whose low grades are far fewer than their other grades let expect."""
    used = grades.counts.sum(axis=1) > 0
    places, counts = grades.place[used], grades.counts[used]
    if len(places) <= FEWEST_OTHERS or counts.shape[1] <= LOW:
        return []
    low = counts[:, :LOW].sum(axis=1)
    expected = np.array([_expected_low(counts, at) for at in range(len(places))])
    # Hidden scales are never quite normal: what the others have of what they should have.
    expected *= (low.sum() - low + 0.5) / (expected.sum() - expected + 0.5)
    p = lower_tail(low, expected, spread_of_others(low, expected))
    after = corrected(p, len(places))
    return [
        Alarm(
            "LOW_MISSING",
            str(places[at]),
            observed=float(low[at]),
            expected=float(expected[at]),
            p=float(after[at]),
            z=float(-as_z(p[at])),
            detail={"better": float(counts[at, LOW:].sum())},
        )
        for at in np.flatnonzero((after < RAREST) & (expected >= FEWEST_EXPECTED))
    ]


def _expected_low(counts: Floats, at: int) -> float:
    """Low grades that belong to a place's better ones.

    A cumulative probit (McCullagh 1980): the others' grades give the thresholds; the place's
    own mean is the likeliest one given its better grades alone.
    """
    others = counts.sum(axis=0) - counts[at] + 0.5
    cuts = stats.norm.ppf(np.cumsum(others)[:-1] / others.sum())
    below = stats.norm.cdf(cuts[None, :] - SHIFTS[:, None])
    edges = np.hstack([np.zeros((len(SHIFTS), 1)), below, np.ones((len(SHIFTS), 1))])
    chances = np.maximum(np.diff(edges, axis=1), 1e-12)
    better = chances[:, LOW:].sum(axis=1)
    likelihood = (counts[at, LOW:] * np.log(chances[:, LOW:] / better[:, None])).sum(axis=1)
    # A place is like the others until its grades say otherwise.
    best = int((likelihood - SHIFTS**2 / 2).argmax())
    low = chances[best, :LOW].sum()
    return float(counts[at, LOW:].sum() * low / better[best])
