"""Whether the items of each indicator of a round measure one thing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import CannotEstimate
from app.stats.scales.reliability import Reliability, reliability
from app.stats.tables.entries import Series
from app.survey.definition import Indicator, Survey
from app.survey.recipe import Release


@dataclass(frozen=True, slots=True)
class Consistency:
    """The reliability of one indicator's items in one series, or why there is none."""

    series: str
    indicator: str
    found: Reliability | None
    reason: str = ""


def consistencies(
    series: Sequence[Series], survey: Survey, release: Release
) -> Iterator[Consistency]:
    """Every indicator of two items or more, where enough people answered all of them.

    A reversed item is scored from the other end, so all items point the same way already.
    """
    for one in series:
        for indicator in survey.indicators:
            if len(indicator.items) > 1:
                yield _consistency(one, indicator, release)


def _consistency(series: Series, indicator: Indicator, release: Release) -> Consistency:
    scores = {code: series.sample.scores[code] for code in indicator.items}
    complete = ~np.isnan(np.vstack(list(scores.values()))).any(axis=0)
    if int((complete & (series.design.weight > 0)).sum()) < release.min_n:
        return Consistency(series.code, indicator.code, None, "too_few")
    try:
        found = reliability(scores, series.design.weight)
    except CannotEstimate as error:
        return Consistency(series.code, indicator.code, None, str(error))
    return Consistency(series.code, indicator.code, found)
