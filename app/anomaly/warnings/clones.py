"""Clones of a code: answers to a point from networks that are at home in another district.

A photographed code that goes round elsewhere is answered from where it went, not from where
it hangs. A network is at home where its other answers come from; how many come from away is
usual is learnt from the round itself, given the size of the crowd at each point.
"""

from dataclasses import dataclass

import numpy as np

from app.anomaly.warnings.alarm import Alarm
from app.anomaly.warnings.tails import Places, as_z, corrected, spread_of_others, upper_tail
from app.survey.sample import Flags, Floats, Labels

AT_HOME = 0.8
"""A network is at home in a district that has this share of its other answers."""
FEWEST_AT_HOME = 5
FEWEST_FAR = 8
RAREST = 1e-3


@dataclass(frozen=True, slots=True)
class Crowd:
    """Where n responses came from."""

    point: Labels
    district: Labels
    """What the point belongs to."""
    network: Labels
    """Keyed hash of a network; empty where it is not known."""


def far_away(crowd: Crowd) -> list[Alarm]:
    """Points with an improbable number of answers from networks at home elsewhere."""
    known = crowd.network != ""
    if not known.any():
        return []
    points, point = np.unique(crowd.point[known], return_inverse=True)
    districts, district = np.unique(crowd.district[known], return_inverse=True)
    networks, network = np.unique(crowd.network[known], return_inverse=True)
    cells = np.zeros((len(networks), len(points)))
    np.add.at(cells, (network, point), 1)
    home = np.zeros(len(points), dtype=np.int64)
    home[point] = district
    by_district = np.zeros((len(networks), len(districts)))
    np.add.at(by_district, (network, district), 1)
    away = np.where(_is_away(cells, by_district, home), cells, 0)
    return _alarms(points, cells.sum(axis=0), away)


def _is_away(cells: Floats, by_district: Floats, home: Places) -> Flags:
    """For each network and point: whether its other answers are at home in another district."""
    is_away = np.zeros(cells.shape, dtype=bool)
    for at in range(cells.shape[1]):
        elsewhere = by_district.copy()
        elsewhere[:, home[at]] -= cells[:, at]
        best = elsewhere.argmax(axis=1)
        most = elsewhere.max(axis=1)
        settled = (most >= FEWEST_AT_HOME) & (most >= AT_HOME * elsewhere.sum(axis=1))
        # Of two places that share their networks the one with fewer of them is the far one.
        is_away[:, at] = settled & (best != home[at]) & (most >= cells[:, at])
    return is_away


def _alarms(points: Labels, crowd: Floats, away: Floats) -> list[Alarm]:
    far = away.sum(axis=0)
    # Half an answer more: that nobody came from afar elsewhere is not known exactly.
    rate = (far.sum() - far + 0.5) / np.maximum(crowd.sum() - crowd, 1.0)
    expected = crowd * rate
    p = upper_tail(far, expected, spread_of_others(far, expected))
    after = corrected(p, len(points))
    return [
        Alarm(
            "CLONE_FAR",
            str(points[at]),
            observed=float(far[at]),
            expected=float(expected[at]),
            p=float(after[at]),
            z=float(as_z(p[at])),
            detail={"networks": float((away[:, at] > 0).sum()), "crowd": float(crowd[at])},
        )
        for at in np.flatnonzero((after < RAREST) & (far >= FEWEST_FAR))
    ]
