"""An invented town: service points, the networks people answer from, how content they are.

Everything is drawn from a generator that is given, so a town is a function of its settings
and a seed. Nobody real is in it, and no measured town stood model for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from app.survey.sample import Floats, Labels


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """How large an invented round is, and how many of each sort of people come."""

    points: int = 24
    districts: int = 4
    responses: int = 6000
    days: int = 28
    items: tuple[int, ...] = (4, 4, 4)
    """Items of each dimension; a dimension is a page."""
    levels: int = 5
    interviewed: float = 0.08
    """Share of responses taken down by an enumerator."""
    enumerators: int = 8
    families: float = 0.05
    volunteers: int = 8
    """Phones with which somebody helps six to fourteen people."""
    events: int = 2
    incidents: int = 1
    """Points where something happened after which people are angry."""
    careless: float = 0.01
    straight: float = 0.05
    """Share who answer every item alike whatever it asks, beside those who happen to."""
    sampled: int = 30
    """People of the probability sample at each point."""


@dataclass(frozen=True, slots=True)
class Town:
    """What is fixed before anybody answers."""

    points: Labels
    district: Labels
    """Of each point."""
    mood: Floats
    """Points by dimensions: the mean of what people think, in standard deviations."""
    size: Floats
    """Share of all responses that comes to each point."""
    mobile: Mapping[str, Labels]
    """District → networks of its telephone companies, which thousands share."""
    homes: Mapping[str, Labels]
    """Point → networks of the homes around it."""
    hall: Mapping[str, str]
    """Point → the network of its hall, for everybody who waits there."""
    offices: Mapping[str, Labels]
    """District → networks of offices whose people answer from their desks."""


def found_town(settings: WorldSettings, dice: Generator) -> Town:
    """A town with its points, sizes, moods and networks."""
    points = np.array([f"p{number:02d}" for number in range(1, settings.points + 1)])
    home_district = np.arange(settings.points) % settings.districts
    districts = [f"d{number}" for number in range(1, settings.districts + 1)]
    dimensions = len(settings.items)
    common = dice.normal(0, 0.2, settings.districts)[home_district]
    common += dice.normal(0, 0.3, settings.points)
    size = dice.gamma(4.0, size=settings.points)
    return Town(
        points=points,
        district=np.array(districts)[home_district],
        mood=common[:, None] + dice.normal(0, 0.12, (settings.points, dimensions)),
        size=size / size.sum(),
        mobile={d: new_labels(dice, 16) for d in districts},
        homes={p: new_labels(dice, 70) for p in points.tolist()},
        hall=dict(
            zip(points.tolist(), new_labels(dice, settings.points).tolist(), strict=True)
        ),
        offices={d: new_labels(dice, 4) for d in districts},
    )


def new_labels(dice: Generator, n: int) -> Labels:
    """Labels that look like keyed hashes and occur nowhere else."""
    return np.array([f"{value:016x}" for value in dice.integers(1 << 63, size=n)], np.str_)
