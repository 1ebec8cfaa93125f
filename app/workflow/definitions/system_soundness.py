"""Everything that is wrong with a system in the making, though words may still be lacking."""

from collections.abc import Mapping
from typing import Any

from app.errors import Problem
from app.scoring.definition.system import IndicatorSystem
from app.scoring.editing.completion import completed
from app.workflow.definitions.soundness import mistakes

ABSENT = "is required and absent"
OPTIONAL = frozenset({"adjustments", "grade", "perception_gaps", "uncertainty"})
"""Blocks without which the sense of the rest can be judged."""


def system_mistakes(body: Mapping[str, Any]) -> tuple[Problem, ...]:
    """The mistakes of a draft, those of sense too where only words are missing."""
    found = mistakes(IndicatorSystem, body)
    # The reader's own complaints come before the sense, whose complaints have numbers.
    shape = [problem for problem in found if not problem.message.startswith("E")]
    if not shape:
        return found
    lacking = [problem.place for problem in shape if problem.message == ABSENT]
    judged = completed(body, lacking)
    for block in {problem.place.partition(".")[0].partition("[")[0] for problem in shape}:
        if block in OPTIONAL:
            judged.pop(block, None)
    further = mistakes(IndicatorSystem, judged)
    return (*found, *(problem for problem in further if problem not in found))
