"""The steps in which a plan is written, and to which step a place of the plan belongs."""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from app.errors import Problem

Step = Literal["basics", "places", "points", "answering", "weighting", "screening", "composite"]
STEPS: tuple[Step, ...] = get_args(Step)

_STEP_OF: Mapping[str, Step] = {
    **dict.fromkeys(("regions", "units"), "places"),
    "points": "points",
    **dict.fromkeys(("evidence_class", "pooled", "admission"), "answering"),
    **dict.fromkeys(
        ("margins", "groups", "weighting", "score_maps", "confidence"), "weighting"
    ),
    **dict.fromkeys(("screening", "screening_note", "release", "seed"), "screening"),
    "composite": "composite",
}
"""Key of a plan → step; every other key belongs to the basics."""


def step_of(place: str) -> Step:
    """The step in which a place such as ``units[3].population`` is mended."""
    return _STEP_OF.get(place.partition(".")[0].partition("[")[0], "basics")


def by_step(problems: Iterable[Problem]) -> dict[Step, list[Problem]]:
    """Every step with its problems, in the order of the steps."""
    sorted_: dict[Step, list[Problem]] = {step: [] for step in STEPS}
    for problem in problems:
        sorted_[step_of(problem.place)].append(problem)
    return sorted_
