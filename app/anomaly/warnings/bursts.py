"""Bursts: many answers at one point in a short time, beyond its days and those of others.

A burst is an alarm and never guilt: a promotion, a coach full of visitors or a queue that
was let in makes one too. The null gives each point its own number of answers and the others'
days and hours, with the unevenness that the other points show.
"""

from dataclasses import dataclass

import numpy as np

from app.anomaly.warnings.alarm import Alarm
from app.anomaly.warnings.tails import Places, as_z, upper_tail
from app.survey.sample import Floats, Labels

WINDOWS = (30, 180, 1440)
"""Minutes."""
DAY = 1440
RAREST = 1e-4
FEWEST = 10
TRIMMED = 0.005
"""Share of the most unusual windows of the others that say nothing of what is usual."""


@dataclass(frozen=True, slots=True)
class Times:
    """When n responses came: minutes since the first midnight of the round."""

    point: Labels
    minute: Floats


@dataclass(frozen=True, slots=True)
class _Scan:
    """Counts of every point and window of one length, and what was expected."""

    width: int
    counts: Floats
    expected: Floats
    p: Floats


def bursts(times: Times) -> list[Alarm]:
    """Points with a window so full that chance gives one such round in 10,000."""
    known = np.isfinite(times.minute)
    points, point = np.unique(times.point[known], return_inverse=True)
    if len(points) < 2:
        return []
    minute = times.minute[known]
    scans = [_scan(point.astype(np.int64), minute, width) for width in WINDOWS]
    tests = sum(scan.counts.size for scan in scans)
    alarms = []
    for at, name in enumerate(points.tolist()):
        best = min(scans, key=lambda scan: float(scan.p[at].min()))
        window = int(best.p[at].argmin())
        p, count = float(best.p[at, window]), float(best.counts[at, window])
        if p * tests < RAREST and count >= FEWEST:
            alarms.append(
                Alarm(
                    "BURST",
                    name,
                    observed=count,
                    expected=float(best.expected[at, window]),
                    p=p * tests,
                    z=float(as_z(p)),
                    detail={"hours": best.width / 60, "start": float(window * best.width)},
                )
            )
    return alarms


def _scan(point: Places, minute: Floats, width: int) -> _Scan:
    windows = (int(minute.max()) // DAY + 1) * DAY // width
    counts = np.zeros((int(point.max()) + 1, windows))
    np.add.at(counts, (point, minute.astype(np.int64) // width), 1)
    share = _profile(counts, DAY // width)
    # The burst itself must not raise what is expected of it.
    rest = counts.sum(axis=1, keepdims=True) - counts
    expected = rest * share / np.maximum(1 - share, 1e-9)
    spread = _spread(counts, expected)
    return _Scan(width, counts, expected, upper_tail(counts, expected, spread))


def _profile(counts: Floats, a_day: int) -> Floats:
    """For each point the share of its answers in each window, by the others' days and hours."""
    by_day = counts.reshape(len(counts), -1, a_day)
    others = by_day.sum(axis=0) - by_day
    days = others.sum(axis=2) + 0.5
    hours = others.sum(axis=1) + 0.5
    days /= days.sum(axis=1, keepdims=True)
    hours /= hours.sum(axis=1, keepdims=True)
    return (days[:, :, None] * hours[:, None, :]).reshape(counts.shape)


def _spread(counts: Floats, expected: Floats) -> Floats:
    """Of each point: how uneven the windows of the others are beyond chance.

    By moments as in `tails`, over all windows of the others but the most unusual ones.
    """
    excess = (counts - expected) ** 2 - expected
    surprise = (counts - expected) / np.sqrt(expected + 0.1)
    usual = surprise <= np.quantile(surprise, 1 - TRIMMED)
    above = (excess * usual).sum(axis=1)
    below = (expected**2 * usual).sum(axis=1)
    others = (above.sum() - above) / np.maximum(below.sum() - below, 1e-12)
    return np.broadcast_to(np.maximum(others, 0.0)[:, None], counts.shape)
