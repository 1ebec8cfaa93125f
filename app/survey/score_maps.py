"""Score maps: named, versioned rules that turn an answer into points from 0 to 100.

The same answers scored by two maps differ by more than most places do, so a map is never
implied: it has a name, a version and a source, and every published number says which one
made it. A map knows nothing of option codes: it speaks of the best option, the next, … to
the worst, and the scale says which code is which. So a survey coded "1 is best" needs no
edited data.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from app.errors import Problem
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.reading import CheckedDefinition, Definition
from app.survey.text import Text


class ScoreMap(Definition):
    """Points for the options of a scale, best first, or a straight line over a number."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    name: Text
    source: str
    kind: Literal["options", "line"] = "options"
    points: tuple[float, ...] = ()
    """Points from the best option to the worst; 0 to 100."""
    worst: float | None = None
    best: float | None = None
    """The numbers that earn 0 and 100 points, for `line`."""

    @property
    def key(self) -> str:
        """How a plan or scale names this map: ``even_5@1``."""
        return f"{self.code}@{self.version}"

    def points_on_line(self, number: float) -> float:
        """Points of a number on a line, not bounded: the scale bounds the number."""
        if self.best is None or self.worst is None:
            raise ValueError(f"{self.key} has no line")
        return 100 * (number - self.worst) / (self.best - self.worst)


class ScoreMaps(CheckedDefinition):
    """The file of all score maps."""

    schema_: Literal["minxin-score-maps/1"] = Field(alias="schema")
    maps: tuple[ScoreMap, ...]

    def problems(self) -> Iterator[Problem]:
        """Maps whose points or ends cannot be what their author meant."""
        seen: set[str] = set()
        for i, score_map in enumerate(self.maps):
            here = f"maps[{i}]"
            if score_map.key in seen:
                yield Problem(here, f"{score_map.key} is defined twice", "Raise the version.")
            seen.add(score_map.key)
            yield from _map_problems(score_map, here)

    def find(self, key: str) -> ScoreMap | None:
        """The map of that name and version, or None."""
        return next((m for m in self.maps if m.key == key), None)


def maps_in_force(plan: Plan, survey: Survey, score_maps: ScoreMaps) -> dict[str, ScoreMap]:
    """Scale → its score map: the plan's choice, else the survey's; none where unknown."""
    chosen = {
        name: plan.score_maps.get(name, scale.score_map)
        for name, scale in survey.scales.items()
    }
    found = {name: score_maps.find(key) for name, key in chosen.items() if key}
    return {name: score_map for name, score_map in found.items() if score_map is not None}


def _map_problems(score_map: ScoreMap, here: str) -> Iterator[Problem]:
    if score_map.kind == "line":
        if (
            score_map.worst is None
            or score_map.best is None
            or score_map.worst == score_map.best
        ):
            cure = "Give two different numbers `worst` and `best`."
            yield Problem(here, "a line needs its two ends", cure)
        return
    if len(score_map.points) < 2:
        yield Problem(f"{here}.points", "needs points for at least two options", "List them.")
    for earlier, later in zip(score_map.points, score_map.points[1:], strict=False):
        if later > earlier:
            cure = "Points run from the best option to the worst and never rise."
            yield Problem(f"{here}.points", "rises on the way down", cure, later)
    for points in score_map.points:
        if not 0 <= points <= 100:
            yield Problem(f"{here}.points", "lies outside 0 to 100", "Correct it.", points)
