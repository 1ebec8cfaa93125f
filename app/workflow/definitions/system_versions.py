"""Versions of indicator systems: those on file and those finished here, as one list."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.database.drafts import Released, list_released
from app.database.rounds import text_digest
from app.errors import NotFound
from app.people.offices import EVERYWHERE, Scope
from app.scoring.definition.system import IndicatorSystem
from app.workflow.definitions.versions import newest_first, values_of
from app.workflow.registry import full_registry


@dataclass(frozen=True, slots=True)
class SystemVersion:
    """One version: its text, what it means, and who finished it if it was done here."""

    key: str
    text: str
    system: IndicatorSystem
    released: Released | None
    """None for a version on file."""

    @property
    def body(self) -> Mapping[str, Any]:
        """The values of its text, for comparing and copying; not to be changed."""
        return values_of(self.text)

    @property
    def digest(self) -> str:
        """SHA-256 of its text: what two people released."""
        return text_digest(self.text)


def list_systems(session: Session, directory: Path, *, within: Scope) -> list[SystemVersion]:
    """Every version that a scope sees: those finished here first, the newest first."""
    registry = full_registry(session, directory, within=within)
    released = {one.key: one for one in list_released(session, "system", within=within)}
    keys = [*released, *sorted(registry.systems.keys() - released.keys(), key=newest_first)]
    return [
        SystemVersion(key, *registry.systems[key], released.get(key))
        for key in keys
        if key in registry.systems
    ]


def find_system(session: Session, directory: Path, key: str, *, within: Scope) -> SystemVersion:
    """The version of that key, as far as a scope sees it; NotFound."""
    return find_among(list_systems(session, directory, within=within), key)


def find_among(versions: list[SystemVersion], key: str) -> SystemVersion:
    """The version of that key among those listed; NotFound."""
    for version in versions:
        if version.key == key:
            return version
    raise NotFound(f"There is no system {key!r}.", chinese=f"没有指标体系“{key}”。")


def family_of(versions: list[SystemVersion], code: str) -> list[SystemVersion]:
    """The versions of one system, the highest first."""
    same = [one for one in versions if one.system.code == code]
    return sorted(same, key=lambda one: -one.system.version)


def version_before(
    versions: list[SystemVersion], body: Mapping[str, Any]
) -> SystemVersion | None:
    """What a draft is to be compared with: the version of its code right below its own."""
    number = body.get("version")
    if not isinstance(number, int):
        return None
    older = [one for one in versions if one.system.version < number]
    return next(iter(family_of(older, str(body.get("code")))), None)


def next_number(session: Session, directory: Path, code: str) -> int:
    """The version number that comes after every one of a code, wherever it was finished."""
    systems = full_registry(session, directory, within=EVERYWHERE).systems.values()
    numbers = [system.version for _, system in systems if system.code == code]
    return max(numbers, default=0) + 1
