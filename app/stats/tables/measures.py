"""What is measured in a round: indicators, item scores and rates of satisfaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.survey.definition import Survey
from app.survey.indicators import indicator_values
from app.survey.sample import Floats, Sample

Measure = Literal["indicator", "item", "satisfied_strict", "satisfied_broad"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure with its value for each response of a series, NaN where it has none."""

    measure: Measure
    code: str
    values: Floats
    choice: Floats | None = None
    """For a rate: 2 for who is satisfied, 1 for who lies between, 0 for who is not."""


def measures(sample: Sample, survey: Survey) -> Iterator[Measured]:
    """Every measure of a survey: indicators first, then items, then both rates of each item."""
    for code, values in indicator_values(survey, sample).items():
        yield Measured("indicator", code, values)
    for code, scores in sample.scores.items():
        yield Measured("item", code, scores)
    for code in sample.scores:
        scale = survey.scale_of(survey.items[code])
        if scale.satisfied_strict:
            strict = _share(sample, code, scale.satisfied_strict)
            broad = _share(sample, code, scale.satisfied_broad)
            choice = (strict + broad) / 100
            yield Measured("satisfied_strict", code, strict, choice)
            yield Measured("satisfied_broad", code, broad, choice)


def _share(sample: Sample, item: str, satisfied: Sequence[int]) -> Floats:
    """100 for a satisfied answer, 0 for another scored one, so that the mean is a per cent."""
    is_scored = ~np.isnan(sample.scores[item])
    is_satisfied = np.isin(sample.codes[item], list(satisfied))
    return np.where(is_scored, np.where(is_satisfied, 100.0, 0.0), np.nan)
