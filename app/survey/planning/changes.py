"""What an upload would do to a plan, shown before it is done: added, changed, removed, kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.survey.planning.columns import Kind

Mode = Literal["replace", "add"]
"""The file is the whole list, or its rows are added to the list or put in their place."""

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """The list as it would be, and how it differs from the list as it is.

    `orphans` are the codes of points, units or regions that would lose what they belong to.
    """

    entries: tuple[Entry, ...]
    added: tuple[Entry, ...]
    changed: tuple[tuple[Entry, Entry], ...]
    removed: tuple[Entry, ...]
    orphans: tuple[str, ...] = ()

    @property
    def kept(self) -> int:
        """How many stay as they are."""
        return len(self.entries) - len(self.added) - len(self.changed)


def changes_of(
    kind: Kind, plan: Mapping[str, Any], given: Sequence[Entry], *, mode: Mode
) -> Changes:
    """What these entries would change in a plan."""
    key = key_of(kind)
    before = {entry[key]: entry for entry in plan.get(kind, ())}
    coming = {entry[key]: entry for entry in given}
    if mode == "add":
        coming = {**before, **coming}
    return Changes(
        entries=tuple(coming.values()),
        added=tuple(entry for code, entry in coming.items() if code not in before),
        changed=tuple(
            (before[code], entry)
            for code, entry in coming.items()
            if code in before and before[code] != entry
        ),
        removed=tuple(entry for code, entry in before.items() if code not in coming),
        orphans=_orphans(kind, plan, coming),
    )


def key_of(kind: Kind) -> str:
    """What an entry of this kind is known by."""
    return "variable" if kind == "margins" else "code"


def _orphans(kind: Kind, plan: Mapping[str, Any], left: Mapping[str, Entry]) -> tuple[str, ...]:
    below = {"regions": ("units", "region"), "units": ("points", "unit")}.get(kind)
    if below is None:
        return ()
    entries, holder = plan.get(below[0], ()), below[1]
    return tuple(entry["code"] for entry in entries if entry.get(holder) not in left)
