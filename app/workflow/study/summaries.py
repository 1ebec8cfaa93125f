"""What is said of weights: size, spread and what they cost; and everything said, as JSON."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from app.stats.design import Design
from app.survey.sample import Floats

FIRST = 10


def weights_summary(design: Design) -> dict[str, Any]:
    """Of the positive weights, over responses; `first10` in file order, zeros included."""
    counted = design.weight > 0
    weight = design.weight[counted]
    mass = design.times(design.weight)
    n, squares = design.responses(counted), float(mass @ design.weight)
    total = float(mass.sum())
    return {
        "n": n,
        "sum": total,
        "min": float(weight.min()) if n else None,
        "max": float(weight.max()) if n else None,
        "sum_sq": squares,
        "kish_deff": n * squares / total**2 if total**2 else None,
        "first10": first_weights(design).tolist(),
    }


def first_weights(design: Design) -> Floats:
    """Weights of the first ten responses, in file order."""
    if design.count is None:
        return design.weight[:FIRST]
    repeated = np.repeat(design.weight[:FIRST], design.count[:FIRST].astype(int))
    return repeated[:FIRST]


def as_json(value: Any) -> Any:
    """Values as JSON has them: undefined numbers are null, arrays are lists."""
    if isinstance(value, Mapping):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
