"""What the columns of a stream of coded answers mean, and how many codes each has."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from app.stats.design import Integers
from app.stats.domain_sums import joined
from app.survey.sample import Floats


@dataclass(frozen=True, slots=True)
class CodedMargin:
    """A margin whose levels stand in the stream as 0, 1, 2, …"""

    name: str
    """Also the name of its column."""
    totals: Mapping[str, float]
    """Level → people, in the order of the codes."""


@dataclass(frozen=True, slots=True)
class Share:
    """An item made of another: 1 where the answer is among `values`, else 0."""

    item: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """What the columns of a stream mean: `unit`, `domain`, `weight`, margins and items."""

    stratum_of: Integers
    """Stratum of each unit (U); units without rows do not count."""
    margins: tuple[CodedMargin, ...]
    domains: int
    items: tuple[str, ...]
    population: Floats | None = None
    """Units of each stratum in the population (H); None if drawn with replacement."""
    centre: Mapping[str, float] = field(default_factory=dict)
    """Item → a number near its mean, taken off before squaring; 0 where not named."""
    shares: Mapping[str, Share] = field(default_factory=dict)
    """Further items by their name."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Levels of each margin."""
        return tuple(len(margin.totals) for margin in self.margins)

    @property
    def cells(self) -> int:
        """All combinations of levels."""
        return int(np.prod(self.sizes, dtype=np.int64)) if self.margins else 1

    @property
    def groups(self) -> list[list[int]]:
        """Margins, by their place, that are summed together."""
        return joined(self.sizes)

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """Combinations of levels of each group."""
        return tuple(int(np.prod([self.sizes[m] for m in one])) for one in self.groups)
