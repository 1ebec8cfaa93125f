"""One alarm: what was seen at a place, what would be usual, and how rare that is.

An alarm asks somebody to look. It lowers no influence, leaves out no answer and moves no
score; nothing that counts answers imports this room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to look into."""

    code: str
    """Of the catalogue in `words`."""
    place: str
    """The point, unit, channel or office it is about."""
    observed: float
    expected: float
    """What was seen and what its null expects: counts or shares, as the catalogue says."""
    p: float
    """How often the null gives as much somewhere in the round; corrected for all looked at."""
    z: float
    """The same in standard deviations of a normal variable, for this place alone."""
    detail: Mapping[str, float] = field(default_factory=dict)
    """Further figures that its sentence names."""


def by_rarity(alarms: Sequence[Alarm]) -> list[Alarm]:
    """The rarest first; equals by code and place, so that the order is always the same."""
    return sorted(alarms, key=lambda alarm: (alarm.p, alarm.code, alarm.place))
