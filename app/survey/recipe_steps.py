"""Whether the weighting steps of a plan can follow one another, and their bounds make sense."""

from collections.abc import Iterator, Sequence

from app.errors import Problem
from app.survey.recipe import Calibration, PostStratification, Raking, Trimming, WeightingStep


def step_problems(steps: Sequence[WeightingStep]) -> Iterator[Problem]:
    """Bounds that no weight can keep, and trimming that has no totals to keep."""
    for i, step in enumerate(steps):
        if isinstance(step, Calibration):
            yield from _bound_problems(step, f"weighting[{i}].bounds")
        if isinstance(step, Trimming):
            yield from _trimming_problems(steps[i - 1] if i else None, f"weighting[{i}].kind")


def _bound_problems(step: Calibration, place: str) -> Iterator[Problem]:
    if step.bounds is None:
        if step.distance == "logit":
            cure = "Write them as in `bounds: [0.3, 3]`."
            yield Problem(place, "are absent, and the logit distance needs them", cure)
        return
    low, high = step.bounds
    if not 0 <= low < 1 < high:
        cure = "The smallest is 0 or more and below 1, the largest above 1."
        message = "do not lie around 1, where weights stay as they are"
        yield Problem(place, message, cure, step.bounds)


def _trimming_problems(before: WeightingStep | None, place: str) -> Iterator[Problem]:
    cure = "Put it right after post_stratify, rake or calibrate."
    if not isinstance(before, PostStratification | Raking | Calibration):
        yield Problem(place, "follows no step with totals to keep", cure, "trim")
    elif isinstance(before, Calibration) and before.bounds is not None:
        cure = "Give bounds or trim, not both."
        yield Problem(place, "would replace the bounds of the step before", cure, "trim")
