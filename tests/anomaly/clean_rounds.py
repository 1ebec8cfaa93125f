"""Rounds in which nobody cheats, for counting how often a warning is raised for nothing.

Forty points in eight districts differ in how well they serve, in what they are bad at, in
their crowd, their hours and their networks; people have moods and habits, families come
together, and a point may have a promotion day or an incident.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, default_rng

from app.anomaly.warnings.bursts import Times
from app.anomaly.warnings.channels import Contentment
from app.anomaly.warnings.clones import Crowd
from app.anomaly.warnings.opinions import DONT_KNOW, Opinions
from app.anomaly.warnings.refusals import Refused
from app.anomaly.warnings.silence import Visits
from app.anomaly.warnings.suppression import Grades

POINTS, DISTRICTS, ITEMS, DAYS = 40, 8, 8, 14
CUTS = np.array([-2.0, -1.2, -0.4, 0.6])
PLACES = np.array([f"p{i:02}" for i in range(POINTS)])
HOME = np.arange(POINTS) % DISTRICTS


@dataclass(frozen=True, slots=True)
class CleanRound:
    """The inputs of every warning, of one simulated round and the one before."""

    opinions: Opinions
    before: Opinions
    times: Times
    crowd: Crowd
    visits: Visits
    grades: Grades
    refused: Refused
    contentment: Contentment


def clean_round(seed: int, *, promotion: bool = False) -> CleanRound:
    """A round without any attack; `promotion` adds a day of honest crowds at one point."""
    chance = default_rng(seed)
    quality = chance.normal(0, 0.35, POINTS)
    profile = chance.normal(0, 0.2, (POINTS, ITEMS))
    doubtful = chance.beta(4, 60, POINTS)
    sizes = chance.integers(120, 500, POINTS)
    point = np.repeat(np.arange(POINTS), sizes)
    if promotion:
        point = np.concatenate([point, np.full(90, 7)])
    drift = quality + chance.normal(0, 0.1, POINTS)
    then = np.repeat(np.arange(POINTS), chance.integers(120, 500, POINTS))
    choices = sheets(chance, quality[point], profile[point], doubtful[point])
    visits = sizes * chance.lognormal(1.0, 0.25, POINTS)
    minute = _minutes(chance, point)
    if promotion:
        minute[-90:] = 5 * 1440 + 600 + chance.integers(0, 18, 90) * 5
    content = (choices[:, 0] >= 3) & (chance.random(len(point)) < 0.97)
    assured = chance.random(len(point)) < chance.uniform(0.3, 0.6, POINTS)[point]
    received = np.bincount(point, minlength=POINTS).astype(float)
    turned_away = chance.poisson(received * chance.gamma(4, 0.01, POINTS)).astype(float)
    return CleanRound(
        opinions=opinions_of(point, choices),
        before=opinions_of(then, sheets(chance, drift[then], profile[then], doubtful[then])),
        times=Times(PLACES[point], minute),
        crowd=Crowd(PLACES[point], _district(point), _networks(chance, point)),
        visits=Visits(PLACES, received, np.round(visits)),
        grades=Grades(PLACES, grade_table(point, choices[:, 0])),
        refused=Refused(PLACES, received + turned_away, turned_away),
        contentment=Contentment(
            PLACES,
            *(
                np.bincount(point[kept], minlength=POINTS).astype(float)
                for kept in (~assured, ~assured & content, assured, assured & content)
            ),
        ),
    )


def opinions_of(point: np.ndarray, choices: np.ndarray) -> Opinions:
    """Choices of people at these points, all of one type."""
    kind = np.full(len(point), "district")
    return Opinions(PLACES[point], kind, choices, np.full(choices.shape[1], 4.0))


def sheets(
    chance: Generator, quality: np.ndarray, profile: np.ndarray, doubtful: np.ndarray
) -> np.ndarray:
    """Answer sheets: mood and item by thresholds; don't knows, straight-liners, gaps."""
    n, items = len(quality), profile.shape[1]
    mood = quality + chance.normal(0, 0.8, n)
    felt = mood[:, None] + profile + chance.normal(0, 0.7, (n, items))
    choices = np.searchsorted(CUTS, felt.ravel()).reshape(n, items).astype(float)
    straight = chance.random(n) < 0.08
    choices[straight] = choices[straight, :1]
    unsure = (chance.random((n, items)) < doubtful[:, None]) & ~straight[:, None]
    choices[unsure] = DONT_KNOW
    choices[chance.random((n, items)) < 0.02] = np.nan
    return choices


def grade_table(point: np.ndarray, grade: np.ndarray) -> np.ndarray:
    """How often each of five grades was given at each point."""
    table = np.zeros((POINTS, 5))
    known = grade >= 0
    np.add.at(table, (point[known], grade[known].astype(int)), 1)
    return table


def _minutes(chance: Generator, point: np.ndarray) -> np.ndarray:
    days = chance.dirichlet(np.full(DAYS, 12.0), POINTS)
    hours = np.exp(-((np.arange(24) - 11) ** 2) / 18)
    hours = hours / hours.sum()
    out = np.empty(len(point))
    for at in range(POINTS):
        own = np.flatnonzero(point == at)
        day = chance.choice(DAYS, len(own), p=days[at])
        out[own] = day * 1440 + chance.choice(24, len(own), p=hours) * 60
    out += chance.integers(0, 12, len(point)) * 5
    # Families and colleagues come together.
    follows = np.flatnonzero(chance.random(len(point) - 1) < 0.1) + 1
    same = point[follows] == point[follows - 1]
    out[follows[same]] = out[follows[same] - 1]
    return out


def _district(point: np.ndarray) -> np.ndarray:
    return np.array([f"d{HOME[at]}" for at in point])


def _networks(chance: Generator, point: np.ndarray) -> np.ndarray:
    """Halls' own networks, networks of the district, and carriers that serve everybody."""
    kind = chance.choice(4, len(point), p=[0.3, 0.4, 0.27, 0.03])
    district = HOME[point]
    travel = chance.integers(0, DISTRICTS, len(point))
    number = chance.integers(0, 12, len(point))
    names = np.empty(len(point), dtype="<U12")
    for at in range(len(point)):
        names[at] = (
            f"hall{point[at]}",
            f"home{district[at]}.{number[at]}",
            f"cell{number[at] * 5}",
            f"home{travel[at]}.{number[at]}",
        )[kind[at]]
    return names
