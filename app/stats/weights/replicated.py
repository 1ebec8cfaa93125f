"""One step through every set of replicate weights; a refusal says which set it was."""

from collections.abc import Callable

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Replicates
from app.survey.sample import Floats


def in_each_replicate(replicates: Replicates, step: Callable[[Floats], Floats]) -> Floats:
    """The sets (n by R) after a step from weights to weights of some rows (m by R).

    Raises CannotEstimate where the step does, naming the first set it cannot be taken in.
    """
    return np.column_stack(
        [_named(r, weight, step) for r, weight in enumerate(replicates.weight.T, start=1)]
    )


def _named(r: int, weight: Floats, step: Callable[[Floats], Floats]) -> Floats:
    try:
        return step(weight)
    except CannotEstimate as error:
        lines = [f"replicate {r}: {line}" for line in str(error).splitlines()]
        raise CannotEstimate("\n".join(lines)) from None
