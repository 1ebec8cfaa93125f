"""Refusal surge: submissions turned away at a point far more often than elsewhere.

Spent or invented tokens tried again and again, one network that floods a code, a code that
was withdrawn while its poster still hangs: each shows in the refusals before it shows in
any answer.
"""

from dataclasses import dataclass

import numpy as np

from app.anomaly.warnings.alarm import Alarm
from app.anomaly.warnings.tails import (
    FEWEST_OTHERS,
    as_z,
    corrected,
    spread_of_others,
    upper_tail,
)
from app.survey.sample import Floats, Labels

RAREST = 1e-4
FEWEST = 10


@dataclass(frozen=True, slots=True)
class Refused:
    """What was handed in at each point, and what of it was turned away."""

    point: Labels
    received: Floats
    refused: Floats


def refusal_surges(numbers: Refused) -> list[Alarm]:
    """Points where far more was refused than the other points' share lets expect."""
    points, received, refused = numbers.point, numbers.received, numbers.refused
    if len(points) <= FEWEST_OTHERS:
        return []
    rate = (refused.sum() - refused + 0.5) / np.maximum(received.sum() - received, 1.0)
    expected = received * rate
    p = upper_tail(refused, expected, spread_of_others(refused, expected))
    after = corrected(p, len(points))
    return [
        Alarm(
            "REFUSAL_SURGE",
            str(points[at]),
            observed=float(refused[at]),
            expected=float(expected[at]),
            p=float(after[at]),
            z=float(as_z(p[at])),
            detail={"received": float(received[at])},
        )
        for at in np.flatnonzero((after < RAREST) & (refused >= FEWEST))
    ]
