"""Honest people who look odd: families, volunteers' phones, events, interviews, incidents.

Each function changes columns of a round in which everybody came alone; a detector must
leave all of them untouched.
"""

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.crowd import Crowd, alone
from app.anomaly.simulation.hours import DAY
from app.anomaly.simulation.town import Town, WorldSettings, new_labels


def take_desks(crowd: Crowd, town: Town, dice: Generator) -> None:
    """Some answer from an office on a working day: many people behind one network."""
    hour = crowd.minute % DAY / 60
    working = (hour >= 9) & (hour < 17) & (crowd.minute // DAY % 7 < 5)
    for row in np.flatnonzero(working & (dice.random(len(hour)) < 0.12)):
        crowd.network[row] = dice.choice(town.offices[crowd.district[row]])
        crowd.group[row] = "office"


def hold_interviews(
    crowd: Crowd, settings: WorldSettings, *, town: Town, dice: Generator
) -> None:
    """Enumerators visit points on a few days and ask one person after another."""
    devices, networks = (new_labels(dice, settings.enumerators) for _ in range(2))
    visits = dice.integers(settings.enumerators, size=len(town.points))
    for place, point in enumerate(town.points.tolist()):
        free = alone(crowd, point)
        asked = free[dice.random(len(free)) < settings.interviewed]
        by = np.where(dice.random(len(asked)) < 0.7, visits[place], visits[place - 1])
        days = dice.choice(settings.days, max(1, len(asked) // 12 + 1))
        crowd.minute[asked] = dice.choice(days, len(asked)) * DAY + dice.uniform(
            9 * 60, 17 * 60, len(asked)
        )
        crowd.dwell[asked] *= dice.uniform(1.1, 1.6, (len(asked), 1))
        crowd.device[asked], crowd.network[asked] = devices[by], networks[by]
        crowd.enumerator[asked] = [f"e{one}" for one in by]
        for column, text in (
            ("channel", "tablet"),
            ("client", "tablet"),
            ("group", "interview"),
        ):
            getattr(crowd, column)[asked] = text


def share_phones(crowd: Crowd, settings: WorldSettings, *, town: Town, dice: Generator) -> None:
    """Two or three relatives answer on one phone within the hour, and think alike."""
    wanted = int(settings.families * len(crowd.point))
    while wanted > 0:
        point = str(dice.choice(town.points, p=town.size))
        free = alone(crowd, point)
        if len(free) < 20:
            return
        head, *others = dice.choice(free, 12, replace=False)
        far = np.abs(crowd.thought[others] - crowd.thought[head]).sum(axis=1)
        members = np.array([head, *np.array(others)[np.argsort(far)][: dice.integers(1, 3)]])
        waits = dice.uniform(2, 25, len(members))
        crowd.minute[members] = crowd.minute[head] + np.cumsum(waits) - waits[0]
        crowd.network[members] = dice.choice(town.homes[point])
        crowd.device[members] = crowd.device[head]
        crowd.client[members] = crowd.client[head]
        crowd.group[members] = "family"
        wanted -= len(members)


def help_with_one_phone(
    crowd: Crowd, settings: WorldSettings, *, town: Town, dice: Generator
) -> None:
    """A volunteer's phone goes from hand to hand among people who have none, slowly."""
    for _ in range(settings.volunteers):
        place = int(dice.integers(len(town.points)))
        free = alone(crowd, str(town.points[place]))
        helped = dice.choice(free, min(len(free), int(dice.integers(6, 15))), replace=False)
        start = dice.integers(settings.days) * DAY + dice.uniform(9, 15) * 60
        crowd.minute[helped] = start + np.cumsum(dice.uniform(4, 18, len(helped)))
        crowd.dwell[helped] *= 1.4
        crowd.device[helped] = new_labels(dice, 1)[0]
        crowd.network[helped] = dice.choice(town.mobile[str(town.district[place])])
        crowd.client[helped] = "android"
        crowd.group[helped] = "volunteer"


def hold_events(crowd: Crowd, settings: WorldSettings, *, town: Town, dice: Generator) -> None:
    """A day in the hall brings many at once, with the answers people have anyway."""
    for place in dice.choice(len(town.points), settings.events, replace=False):
        point = str(town.points[place])
        free = alone(crowd, point)
        came = free[dice.random(len(free)) < 0.18]
        start = dice.integers(settings.days) * DAY + dice.uniform(9, 15) * 60
        crowd.minute[came] = start + dice.uniform(0, 170, len(came))
        crowd.network[came[dice.random(len(came)) < 0.4]] = town.hall[point]
        crowd.group[came] = "event"


def click_through(crowd: Crowd, settings: WorldSettings, *, dice: Generator) -> None:
    """A few real people answer without reading."""
    free = np.flatnonzero(crowd.group == "alone")
    rows = free[dice.random(len(free)) < settings.careless]
    crowd.answers[rows] = dice.integers(0, settings.levels, (len(rows), crowd.answers.shape[1]))
    crowd.dwell[rows] *= 0.35
    crowd.group[rows] = "careless"
