"""What the table of a round is made of: series of responses, and one entry for each number."""

from dataclasses import dataclass

from app.stats.comparison import Difference
from app.stats.design import Design
from app.stats.domains import Domain
from app.stats.estimation import Estimate
from app.stats.measures import Measure
from app.stats.optin import OptInEstimate
from app.survey.sample import Flags, Sample


@dataclass(frozen=True, slots=True)
class Series:
    """Responses of one kind of evidence, weighted."""

    code: str
    """An evidence class, or ``pooled``."""
    sample: Sample
    design: Design
    positions: Flags
    """Which responses of the round belong to it."""

    @property
    def is_opt_in(self) -> bool:
        """Whether people chose themselves: then there is no margin of error."""
        return self.code == "opt_in"


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
