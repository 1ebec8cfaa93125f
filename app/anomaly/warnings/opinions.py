"""What people chose, don't knows included: the input of the warnings about coaching."""

from dataclasses import dataclass

import numpy as np

from app.survey.sample import Flags, Floats, Labels

DONT_KNOW = -1.0


@dataclass(frozen=True, slots=True)
class Opinions:
    """Answers of n responses to the scored items of a round."""

    unit: Labels
    kind: Labels
    """The type of each response's unit: only the like are compared."""
    choices: Floats
    """n by items: place of the option, 0 the worst; `DONT_KNOW`; NaN where not answered."""
    highest: Floats
    """Of each item: the place of its best option."""

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True, slots=True)
class Shares:
    """A share of answers of each unit, as a mean over its responses."""

    unit: Labels
    kind: Labels
    n: Floats
    mean: Floats
    variance: Floats
    """Of the mean, between responses."""


def undecided_shares(opinions: Opinions) -> Shares:
    """Of what was answered: the share of don't knows and of exact middles."""
    choices = opinions.choices
    return _shares(opinions, (choices == DONT_KNOW) | (2 * choices == opinions.highest))


def top_shares(opinions: Opinions) -> Shares:
    """Of what was answered: the share of the best option."""
    return _shares(opinions, opinions.choices == opinions.highest)


def _shares(opinions: Opinions, chosen: Flags) -> Shares:
    given = ~np.isnan(opinions.choices)
    answered = given.sum(axis=1)
    kept = answered > 0
    each = (chosen & given).sum(axis=1)[kept] / answered[kept]
    units, first, inverse, n = np.unique(
        opinions.unit[kept], return_index=True, return_inverse=True, return_counts=True
    )
    mean = np.bincount(inverse, each) / n
    squares = np.bincount(inverse, (each - mean[inverse]) ** 2)
    # One response more at the middle of the scale: a share of 0 in n is not known exactly.
    variance = (squares + 0.25) / np.maximum(n, 1) ** 2
    return Shares(units, opinions.kind[kept][first], n.astype(np.float64), mean, variance)
