"""The definitions that plans may name: surveys, score maps and indicator systems on file.

Read from a folder laid out as `survey_defs/`. Files are read when a round is drafted; from
then on the round carries their texts and the folder may change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.errors import InputRefused, MinxinError, NotFound, Problem
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
