"""The definitions that plans may name: surveys, score maps and indicator systems.

Those on file are read from a folder laid out as `survey_defs/`, those finished in the console
from the database. They are read when a round is drafted; from then on the round carries their
texts and the folder may change.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from app.database.drafts import Kind, list_released
from app.errors import InputRefused, MinxinError, NotFound, Problem
from app.people.offices import EVERYWHERE, Scope
from app.scoring.definition.system import IndicatorSystem
from app.survey.definition import Survey
from app.survey.reading import read_definition
from app.survey.score_maps import ScoreMaps

SCORE_MAPS_FILE = "score_maps.yaml"

D = TypeVar("D", Survey, IndicatorSystem)


@dataclass(frozen=True, slots=True)
class Registry:
    """Definitions by ``code@version``, each as (text, what it means)."""

    surveys: Mapping[str, tuple[str, Survey]]
    systems: Mapping[str, tuple[str, IndicatorSystem]]
    score_maps: tuple[str, ScoreMaps]


def load_registry(directory: Path) -> Registry:
    """Read every definition of a folder; InputRefused lists the mistakes of all files."""
    problems: list[Problem] = []
    surveys = _read_all(Survey, directory / "surveys", problems)
    systems = _read_all(IndicatorSystem, directory / "systems", problems)
    text = read_text(directory / SCORE_MAPS_FILE)
    score_maps = read_definition(ScoreMaps, text, source=SCORE_MAPS_FILE)
    if problems:
        raise InputRefused(problems)
    return Registry(surveys, systems, (text, score_maps))


def full_registry(session: Session, directory: Path, *, within: Scope = EVERYWHERE) -> Registry:
    """What is on file and what was released in the console, as far as a scope sees it.

    InputRefused where a file took the key of a released version. Files are read again only
    when one of them changed, and a released version once.
    """
    on_file = _registry_as_of(directory, _stamps(directory))
    surveys = _released(session, "survey", _read_survey, within=within)
    systems = _released(session, "system", _read_system, within=within)
    taken = [*_taken(surveys, on_file.surveys), *_taken(systems, on_file.systems)]
    if taken:
        raise InputRefused(taken)
    return replace(
        on_file, surveys={**on_file.surveys, **surveys}, systems={**on_file.systems, **systems}
    )


def read_text(path: Path) -> str:
    """The text of a definition file, which must be UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.") from None
    except OSError as error:
        raise MinxinError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        cure = "Save it as UTF-8."
        place = f"byte {error.start}"
        raise InputRefused([Problem(place, "is not UTF-8", cure, source=str(path))]) from None


def _read_all(
    model: type[D], directory: Path, problems: list[Problem]
) -> dict[str, tuple[str, D]]:
    found: dict[str, tuple[str, D]] = {}
    for path in sorted(directory.glob("*.yaml")):
        text = read_text(path)
        try:
            definition = read_definition(model, text, source=path.name)
        except InputRefused as refused:
            problems.extend(refused.problems)
            continue
        key = f"{definition.code}@{definition.version}"
        if key in found:
            problems.append(Problem("version", f"{key} is defined twice", source=path.name))
        found[key] = (text, definition)
    return found


def _stamps(directory: Path) -> tuple[tuple[str, int, int], ...]:
    paths = [directory / SCORE_MAPS_FILE]
    for folder in ("surveys", "systems"):
        paths += sorted((directory / folder).glob("*.yaml"))
    known = [(path, path.stat()) for path in paths if path.exists()]
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in known)


@lru_cache(maxsize=4)
def _registry_as_of(directory: Path, _: tuple[tuple[str, int, int], ...]) -> Registry:
    return load_registry(directory)


def _released(
    session: Session, kind: Kind, read: Callable[[str, str], D], *, within: Scope
) -> dict[str, tuple[str, D]]:
    rows = list_released(session, kind, within=within)
    return {row.key: (row.text, read(row.text, row.key)) for row in rows}


def _taken(released: Mapping[str, object], on_file: Mapping[str, object]) -> Iterator[Problem]:
    for key in sorted({*released} & {*on_file}):
        cure = "Raise the version in the file."
        chinese = f"{key} 已在管理台定稿，文件里又有一份。请把文件里的版本号加一。"
        yield Problem("version", f"{key} was released already", cure, chinese=chinese)


@lru_cache(maxsize=256)
def _read_survey(text: str, source: str) -> Survey:
    return read_definition(Survey, text, source=source)


@lru_cache(maxsize=64)
def _read_system(text: str, source: str) -> IndicatorSystem:
    return read_definition(IndicatorSystem, text, source=source)
