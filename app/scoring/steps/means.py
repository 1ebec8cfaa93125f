"""The ways in which the scores below a node become one score, by the name of the mean.

Each takes the scores of the children and their shares, both units × children, and gives one
score per unit. A share of 0 means: not there, whatever the score beside it. Shares of a unit
sum to 1, or are all 0 where there is nothing to say; that unit's score is not looked at.
"""

from collections.abc import Callable, Mapping

import numpy as np

from app.scoring.definition.cards import Aggregate
from app.survey.sample import Floats

Mean = Callable[[Floats, Floats], Floats]


def mean_of(aggregate: Aggregate) -> Mean:
    """The function behind a system's word for a mean."""
    if not isinstance(aggregate, str):
        raise NotImplementedError(aggregate)
    return MEANS[aggregate]


def _arithmetic(values: Floats, shares: Floats) -> Floats:
    return (shares * np.where(shares > 0, values, 0.0)).sum(axis=1)


def _geometric(values: Floats, shares: Floats) -> Floats:
    return np.exp((shares * np.log(np.where(shares > 0, values, 1.0))).sum(axis=1))


def _harmonic(values: Floats, shares: Floats) -> Floats:
    sums = (shares / np.where(shares > 0, values, 1.0)).sum(axis=1)
    return np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)


MEANS: Mapping[str, Mean] = {
    "arithmetic": _arithmetic,
    "geometric": _geometric,
    "harmonic": _harmonic,
}
