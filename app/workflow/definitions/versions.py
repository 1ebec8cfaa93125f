"""Versions of questionnaires: those on file and those finished in the console, as one list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.database.drafts import Released, list_released
from app.errors import NotFound
from app.people.offices import EVERYWHERE, Scope
from app.survey.definition import Survey
from app.survey.yaml_tree import load_tree
from app.workflow.registry import full_registry


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its text, what it means, and who finished it if it was done here."""

    key: str
    text: str
    survey: Survey
    released: Released | None
    """None for a version on file."""

    @property
    def released_at(self) -> datetime | None:
        """When it was finished in the console."""
        return self.released.released_at if self.released else None

    @property
    def body(self) -> Mapping[str, Any]:
        """The values of its text, for comparing and copying; not to be changed."""
        return values_of(self.text)


def list_versions(session: Session, directory: Path, *, within: Scope) -> list[Version]:
    """Every version that a scope sees: those finished here first, the newest first."""
    registry = full_registry(session, directory, within=within)
    released = {one.key: one for one in list_released(session, "survey", within=within)}
    keys = [*released, *sorted(registry.surveys.keys() - released.keys(), key=newest_first)]
    return [
        Version(key, *registry.surveys[key], released.get(key))
        for key in keys
        if key in registry.surveys
    ]


def find_version(session: Session, directory: Path, key: str, *, within: Scope) -> Version:
    """The version of that key, as far as a scope sees it; NotFound."""
    for version in list_versions(session, directory, within=within):
        if version.key == key:
            return version
    raise NotFound(f"There is no questionnaire {key!r}.", chinese=f"没有问卷“{key}”。")


def versions_of(versions: list[Version], code: str) -> list[Version]:
    """The versions of one questionnaire, the highest first."""
    same = [one for one in versions if one.survey.code == code]
    return sorted(same, key=lambda one: -one.survey.version)


def next_number(session: Session, directory: Path, code: str) -> int:
    """The version number that comes after every one of a code, wherever it was finished."""
    surveys = full_registry(session, directory, within=EVERYWHERE).surveys.values()
    numbers = [survey.version for _, survey in surveys if survey.code == code]
    return max(numbers, default=0) + 1


def newest_first(key: str) -> tuple[str, int]:
    """Sorts keys by their codes, then the highest version first."""
    code, _, version = key.partition("@")
    return code, -int(version)


@lru_cache(maxsize=128)
def values_of(text: str) -> Mapping[str, Any]:
    """The values of a version's text, which never changes; not to be changed."""
    return load_tree(text).value or {}
