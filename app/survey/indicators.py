"""From the scored items of a response to its indicators.

An indicator of a response is the plain mean of its scored parts if enough of them are
there, and otherwise nothing: never an imputed value, never a zero.
"""

import math

import numpy as np

from app.survey.definition import Indicator, Survey
from app.survey.sample import Floats, Sample


def indicator_values(survey: Survey, sample: Sample) -> dict[str, Floats]:
    """Indicator → value 0–100 of each response, NaN where too few parts are scored."""
    values: dict[str, Floats] = {}
    for indicator in survey.indicators:
        parts = [sample.scores[code] for code in indicator.items]
        parts += [values[code] for code in indicator.indicators]
        values[indicator.code] = _mean_of_scored(np.vstack(parts), _least_parts(indicator))
    return values


def _least_parts(indicator: Indicator) -> int:
    count = len(indicator.items) + len(indicator.indicators)
    # Guards against 0.6 · 5 = 3.0000000000000004 asking for a fourth part.
    return math.ceil(indicator.min_share * count - 1e-9)


def _mean_of_scored(parts: Floats, least: int) -> Floats:
    scored = ~np.isnan(parts)
    count = scored.sum(axis=0)
    total = np.where(scored, parts, 0.0).sum(axis=0)
    return np.where(count >= least, total / np.maximum(count, 1), np.nan)
