"""The responses of a round as the examination sees them: ordered answers, and how they came.

It knows nothing of surveys, plans or files, so that a round of the platform, answers
collected with other tools and a simulated round are examined by the same code.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.survey.sample import Flags, Floats, Labels


@dataclass(frozen=True, slots=True)
class Submissions:
    """Columns over n responses; an empty label or a NaN is something that is not known."""

    identifier: Labels
    point: Labels
    """Where the code hung, or the unit where there are no points; never empty."""
    district: Labels
    """What a point belongs to; networks are shared within it."""
    channel: Labels
    enumerator: Labels
    """Who held the interview; empty for people who answered alone."""
    minute: Floats
    """Minutes since the first midnight of the round, in steps of five."""
    device: Labels
    """Keyed hash that only one device has; empty where devices cannot be told apart."""
    network: Labels
    """Keyed hash of a truncated prefix."""
    client: Labels
    """One of a few classes of device or application."""
    dwell: Floats
    """n by pages: seconds on each page."""
    comment: Labels
    """Keyed hash of the normalised text; empty without a comment."""
    comment_length: Floats
    answers: Floats
    """n by items: place of the chosen option, 0 the worst; NaN where there is no opinion."""
    highest: Floats
    """Of each item: the place of its best option."""
    score: Floats
    """The response's own score, 0–100: what the published mean is a mean of."""
    assured: Flags
    """True where a one-time right stands behind the response."""

    def __len__(self) -> int:
        return len(self.identifier)

    def restrict(self, kept: Flags) -> "Submissions":
        """The same columns for the responses where `kept` is true."""
        columns: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        highest = columns.pop("highest")
        return Submissions(**{n: c[kept] for n, c in columns.items()}, highest=highest)


@dataclass(frozen=True, slots=True)
class Reference:
    """A small probability sample of the same population: answers only, no paradata."""

    point: Labels
    answers: Floats
    """As in `Submissions`, over the sampled people."""
    highest: Floats
    score: Floats


def mean_places(answers: Floats, highest: Floats) -> Floats:
    """Mean of the answered items' places on 0–100, for each row; NaN without an answer."""
    given = ~np.isnan(answers)
    shares = np.where(given, answers / highest, 0.0).sum(axis=1)
    count = given.sum(axis=1)
    return np.where(count > 0, 100 * shares / np.maximum(count, 1), np.nan)
