"""What the table of a round is made of: series of responses, and one entry for each number."""

from dataclasses import dataclass

import numpy as np

from app.stats.comparison import Difference
from app.stats.design import Design, Integers
from app.stats.estimation import Estimate
from app.stats.opt_in.bands import OptInEstimate
from app.stats.tables.domains import Domain
from app.stats.tables.measures import Measure, Measured
from app.survey.sample import Flags, Floats, Labels, Sample


@dataclass(frozen=True, slots=True)
class Series:
    """Responses of one kind of evidence, weighted."""

    code: str
    """An evidence class, or ``pooled``."""
    sample: Sample
    design: Design
    positions: Flags
    """Which responses of the round belong to it."""
    steps: tuple[Design, ...] = ()
    """The design after each weighting step of the plan, the last one included."""

    @property
    def is_opt_in(self) -> bool:
        """Whether people chose themselves: then there is no margin of error."""
        return self.code == "opt_in"


@dataclass(frozen=True, slots=True)
class Cells:
    """The answers to one measure in one series; a row stands for all that are alike."""

    series: Series
    measured: Measured
    design: Design
    rows: Integers
    """A response of the series that each row looks like."""

    @property
    def values(self) -> Floats:
        """The measure's value of each row, NaN where it has none."""
        return self.measured.values[self.rows]

    @property
    def counted(self) -> Flags:
        """The rows that a number of the measure is made of."""
        return (self.design.weight > 0) & ~np.isnan(self.values)

    def people(self, label: Labels, among: Flags | None = None) -> dict[str, int]:
        """Responses that count, by the label of their row."""
        chosen = self.counted if among is None else self.counted & among
        names, codes = np.unique(label[chosen], return_inverse=True)
        counts = np.bincount(codes, self.design.times(np.ones(len(label)))[chosen])
        return {str(name): int(n) for name, n in zip(names, counts, strict=True)}


@dataclass(frozen=True, slots=True)
class Tabulated:
    """One number of the table."""

    series: str
    measure: Measure
    code: str
    domain: Domain
    estimate: Estimate | OptInEstimate
    withheld: str | None = None
    """Why it must not be shown: too_few, too_imprecise, small_cell or complementary."""
    difference: Difference | None = None
    """A part's mean less that of everybody; never for opt-in answers."""


@dataclass(frozen=True, slots=True)
class ImpossibleSeries:
    """Responses that cannot be weighted by the plan, and why; they have no estimates."""

    code: str
    n: int
    reason: str
