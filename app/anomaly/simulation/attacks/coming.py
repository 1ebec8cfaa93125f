"""When false responses come, from which devices and networks, and how long they take."""

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.attacks.scene import DAY, Scene, known_seconds
from app.anomaly.simulation.town import new_labels
from app.survey.sample import Flags, Floats, Labels

SECONDS_AN_ITEM = (0.6, 2.4)
"""Somebody who clicks through without reading."""


def usual_times(scene: Scene, point: str, n: int, dice: Generator, *, days: float) -> Floats:
    """Hours at which people come to the point, over a run of days; nan without times."""
    own = scene.genuine.minute[scene.rows[point]]
    known = own[~np.isnan(own)]
    if len(known) == 0:
        known = scene.genuine.minute[~np.isnan(scene.genuine.minute)]
    if len(known) == 0:
        return np.full(n, np.nan)
    hour = dice.choice(known, n) % DAY + dice.uniform(-20, 20, n)
    return _some_days(scene, n, dice, days=days) * DAY + np.clip(hour, 0, DAY - 1)


def office_hours(scene: Scene, n: int, dice: Generator, *, days: float) -> Floats:
    """Mornings and afternoons of the days on which most people come in those hours."""
    minute = scene.genuine.minute[~np.isnan(scene.genuine.minute)]
    working = minute[(minute % DAY >= 9 * 60) & (minute % DAY < 17 * 60)]
    day, count = np.unique(working // DAY, return_counts=True)
    if len(day) == 0:
        return _some_days(scene, n, dice, days=days) * DAY + dice.uniform(9, 17, n) * 60
    begin = int(dice.integers(max(1, len(day) - int(days))))
    run = slice(begin, begin + max(1, int(days)))
    chosen = dice.choice(day[run], n, p=count[run] / count[run].sum())
    hour = np.where(dice.random(n) < 0.57, dice.uniform(9, 12, n), dice.uniform(14, 17, n))
    return chosen * DAY + hour * 60


def evenings(scene: Scene, n: int, dice: Generator, *, days: float) -> Floats:
    """After supper, some earlier, over a run of days."""
    late, early = dice.uniform(18.5, 22.5, n), dice.uniform(10, 18, n)
    hour = np.where(dice.random(n) < 0.75, late, early)
    return _some_days(scene, n, dice, days=days) * DAY + hour * 60


def bursts(scene: Scene, n: int, dice: Generator, *, times: float, length: float) -> Floats:
    """A number of bursts of `length` minutes each, by day or in the evening."""
    first = _some_days(scene, max(1, int(times)), dice, days=scene.days) * DAY
    first = first + dice.uniform(8, 20, len(first)) * 60
    return dice.choice(first, n) + dice.uniform(0, length, n)


def one_after_another(scene: Scene, n: int, dice: Generator, *, gap: float) -> Floats:
    """One hand: the next when the last is done, from some morning on."""
    start = _some_days(scene, 1, dice, days=scene.days)[0] * DAY + dice.uniform(8, 16) * 60
    return start + np.cumsum(gap * dice.uniform(0.4, 1.6, n))


def mobile(scene: Scene, point: str, n: int, dice: Generator) -> Labels:
    """Networks of the point's district, as often as they occur there."""
    return _drawn(scene, scene.genuine.district == scene.district[point], n, dice)


def nearby(scene: Scene, point: str, n: int, dice: Generator) -> Labels:
    """Networks of the people who answer at the point."""
    return _drawn(scene, scene.genuine.point == point, n, dice)


def elsewhere(scene: Scene, point: str, n: int, dice: Generator) -> Labels:
    """Networks of other districts; of other points where all is one district."""
    away = scene.genuine.district != scene.district[point]
    return _drawn(scene, away if away.any() else scene.genuine.point != point, n, dice)


def mixed(first: Labels, second: Labels, dice: Generator, *, share: float) -> Labels:
    """The `second` label in a share of the rows, else the first."""
    return np.where(dice.random(len(first)) < share, second, first)


def some_of(labels: Labels, n: int, dice: Generator) -> Labels:
    """`n` draws from a few labels."""
    return np.asarray(dice.choice(labels, n), np.str_)


def usual_clients(scene: Scene, n: int, dice: Generator) -> Labels:
    """Classes of device as they are among people who answer alone."""
    open_ = np.flatnonzero(scene.genuine.enumerator == "")
    rows = open_ if len(open_) else np.arange(len(scene.genuine))
    return scene.genuine.client[dice.choice(rows, n)]


def one_client(scene: Scene, n: int, dice: Generator) -> Labels:
    """The same class of device throughout."""
    return np.full(n, usual_clients(scene, 1, dice)[0])


def human_pace(
    scene: Scene, n: int, dice: Generator, *, quickest: float, slowest: float
) -> Floats:
    """Dwell of genuine responses, each times its own factor between the two given."""
    known = known_seconds(scene)
    if len(known) == 0:
        return np.full((n, scene.genuine.dwell.shape[1]), np.nan)
    factor = dice.uniform(quickest, slowest, (n, 1))
    return np.maximum(np.round(known[dice.integers(0, len(known), n)] * factor), 1.0)


def clicking(scene: Scene, n: int, dice: Generator) -> Floats:
    """Dwell of somebody who clicks through: seconds an item, evenly over the pages."""
    pages = scene.genuine.dwell.shape[1]
    if len(known_seconds(scene)) == 0:
        return np.full((n, pages), np.nan)
    low, high = SECONDS_AN_ITEM
    total = dice.uniform(low, high, (n, 1)) * len(scene.genuine.highest)
    share = np.clip(dice.normal(1 / pages, 0.05, (n, pages)), 0.1, 1)
    return np.maximum(np.round(total * share / share.sum(axis=1, keepdims=True)), 1.0)


def no_words(n: int) -> tuple[Labels, Floats]:
    """Nobody leaves a comment."""
    return np.full(n, "", np.str_), np.zeros(n)


def words_of_people(scene: Scene, n: int, dice: Generator) -> tuple[Labels, Floats]:
    """Comments as often as genuine ones, each with words of its own."""
    rows = dice.integers(0, len(scene.genuine), n)
    has = scene.genuine.comment[rows] != ""
    return np.where(has, new_labels(dice, n), ""), scene.genuine.comment_length[rows]


def words_from_a_list(
    n: int, dice: Generator, *, texts: float, share: float
) -> tuple[Labels, Floats]:
    """A share leaves one of a few texts that were handed out."""
    choice = dice.integers(0, max(1, int(texts)), n)
    length = dice.integers(6, 40, max(1, int(texts)))[choice].astype(float)
    text = new_labels(dice, max(1, int(texts)))[choice]
    return np.where(dice.random(n) < share, text, ""), length


def _some_days(scene: Scene, n: int, dice: Generator, *, days: float) -> Floats:
    run = int(np.clip(days, 1, scene.days))
    begin = scene.first_day + int(dice.integers(scene.days - run + 1))
    return dice.integers(begin, begin + run, n).astype(float)


def _drawn(scene: Scene, where: Flags, n: int, dice: Generator) -> Labels:
    known = np.flatnonzero(
        where & (scene.genuine.network != "") & (scene.genuine.enumerator == "")
    )
    if len(known) == 0:
        return new_labels(dice, n) if scene.has_networks else np.full(n, "", np.str_)
    return scene.genuine.network[dice.choice(known, n)]
