"""Appeal laundering: bad reviews that vanish because nearly every appeal against them wins.

Input are counts by office, however they come: from cases of the platform or from a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from app.anomaly.warnings.alarm import Alarm
from app.anomaly.warnings.tails import SMALLEST_P, as_z

MOST_UPHELD = 0.6
FEWEST_APPEALS = 20
RAREST = 1e-3
LARGEST_SHARE = 0.5
"""Decided by one person: below this share nobody is concentrated on."""


@dataclass(frozen=True, slots=True)
class Appeals:
    """What became of the appeals of one office against bad reviews."""

    office: str
    upheld_by: Mapping[str, int]
    """Who decided → appeals that they let succeed."""
    rejected_by: Mapping[str, int]

    @property
    def upheld(self) -> int:
        """Appeals that succeeded."""
        return sum(self.upheld_by.values())

    @property
    def n(self) -> int:
        """All decided appeals."""
        return self.upheld + sum(self.rejected_by.values())

    @property
    def decided_by(self) -> dict[str, int]:
        """Who decided → how many."""
        names = {*self.upheld_by, *self.rejected_by}
        return {
            name: self.upheld_by.get(name, 0) + self.rejected_by.get(name, 0) for name in names
        }


def laundered(appeals: list[Appeals]) -> list[Alarm]:
    """Offices more than 60 % of whose appeals succeed, of 20 or more; and lone deciders.

    The first is the rule that calls for an audit; its p is that of as many successes at the
    rate of the other offices. The second asks whether one person decides far more of the
    successful appeals than an even share among all who decide anywhere.
    """
    alarms = [alarm for one in appeals if (alarm := _too_many(one, appeals)) is not None]
    alarms += [alarm for one in appeals if (alarm := _one_hand(one, appeals)) is not None]
    return alarms


def _too_many(one: Appeals, every: list[Appeals]) -> Alarm | None:
    if one.n < FEWEST_APPEALS or one.upheld <= MOST_UPHELD * one.n:
        return None
    others = [other for other in every if other.office != one.office]
    n, upheld = sum(other.n for other in others), sum(other.upheld for other in others)
    usual = min((upheld + 0.5) / (n + 1), MOST_UPHELD) if n else MOST_UPHELD
    p = max(float(stats.binom.sf(one.upheld - 1, one.n, usual)), SMALLEST_P)
    return Alarm(
        "APPEAL_RATE",
        one.office,
        observed=one.upheld / one.n,
        expected=usual,
        p=min(p * len(every), 1.0),
        z=float(as_z(p)),
        detail={"n": float(one.n)},
    )


def _one_hand(one: Appeals, every: list[Appeals]) -> Alarm | None:
    """One person who lets most appeals of an office succeed, beyond an even share."""
    people = {name for other in every for name in other.decided_by}
    if one.upheld < FEWEST_APPEALS or len(people) < 2:
        return None
    most = max(one.upheld_by.values())
    # Where there is only one, what two would share between them is the measure.
    deciders = max(len(one.decided_by), 2)
    even = 1 / deciders
    p = max(float(stats.binom.sf(most - 1, one.upheld, even)), SMALLEST_P)
    after = min(p * len(people) * len(every), 1.0)
    if after >= RAREST or most <= LARGEST_SHARE * one.upheld:
        return None
    return Alarm(
        "APPEAL_DECIDER",
        one.office,
        observed=most / one.upheld,
        expected=float(np.round(even, 6)),
        p=after,
        z=float(as_z(p)),
        detail={"n": float(one.upheld), "deciders": float(deciders)},
    )
