"""Where people of the authorization matrix stand, and what they ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.workflow.demonstration import OPEN_ROUND, REAL_ROUND

PLACES = ("own", "parent", "child", "sibling", "foreign")
INSIDE = frozenset({"own", "parent"})
"""From where a role reaches what lies in the office `own`."""
ASSESSED = "assessed"
"""Somebody with every role at the root whose own office is assessed."""
PENDING = "pending"
"""The same roles in a proper office, but the second factor is still to come."""
STATES = {
    "draft": "walk-draft",
    "open": "walk-open",
    "processed": OPEN_ROUND,
    "published": REAL_ROUND,
    "reviewed": "town-2026",
}
"""State of a round → one in that state; `reviewed` has campaigns and an alarm."""


@dataclass(frozen=True, slots=True)
class RightsWorld:
    """The file, and the tokens of everybody's visits."""

    file: Path
    tokens: Mapping[tuple[str, str], str]
    """Role and place → token of a visit; ASSESSED and PENDING under an empty place."""
    objects: Mapping[str, str]
    """Name of a part of an address → the object's."""
