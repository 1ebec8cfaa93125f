"""Silence: codes that are scanned far less than the number of visits lets expect.

Where a code is put away when an angry person stands at the window, the visits are there and
the scans are not. The usual scans a visit come from the other points of the round.
"""

from dataclasses import dataclass

import numpy as np

from app.anomaly.warnings.alarm import Alarm
from app.anomaly.warnings.tails import FEWEST_OTHERS, as_z, lower_tail
from app.survey.sample import Floats, Labels

FAR = 3.0
FEWEST_EXPECTED = 10.0
SMALLEST_SPREAD = 0.02
"""Points never differ by less than this beyond chance (variance of the logarithm)."""
CONSISTENT = 1.4826
"""The median absolute deviation times this is the standard deviation of a normal variable."""


@dataclass(frozen=True, slots=True)
class Visits:
    """What happened at each point so far."""

    point: Labels
    scans: Floats
    visits: Floats


def silent_points(seen: Visits) -> list[Alarm]:
    """Points with far fewer scans than their visits let expect, z < −3."""
    used = seen.visits > 0
    points, scans, visits = seen.point[used], seen.scans[used], seen.visits[used]
    if len(points) <= FEWEST_OTHERS:
        return []
    expected, spread = _usual(scans, visits)
    p = lower_tail(scans, expected, spread)
    z = -as_z(p)
    return [
        Alarm(
            "SILENT_CODE",
            str(points[at]),
            observed=float(scans[at]),
            expected=float(expected[at]),
            p=float(min(p[at] * len(points), 1.0)),
            z=float(z[at]),
            detail={"visits": float(visits[at])},
        )
        for at in np.flatnonzero((z < -FAR) & (expected >= FEWEST_EXPECTED))
    ]


def _usual(scans: Floats, visits: Floats) -> tuple[Floats, Floats]:
    """Scans expected from the others' median rate, and how much rates differ beyond chance.

    Medians, so that several silent points do not make silence usual.
    """
    rates = np.log((scans + 0.5) / visits)
    expected, spread = np.zeros(len(scans)), np.zeros(len(scans))
    for at in range(len(scans)):
        others = np.delete(rates, at)
        centre = np.median(others)
        deviation = CONSISTENT * np.median(np.abs(others - centre))
        chance = np.median(1 / (np.delete(scans, at) + 0.5))
        # From few others a spread is not well known: one further value may lie further away.
        wider = (len(others) + 1) / (len(others) - 1)
        expected[at] = visits[at] * np.exp(centre)
        spread[at] = wider * max(deviation**2 - chance, SMALLEST_SPREAD)
    return expected, spread
