"""What a score is made of: units, their indicator values, and events with evidence.

Values only; everything that can be wrong with them is found in `input_soundness`, all at
once, before anything is computed.
"""

from dataclasses import dataclass
from typing import Literal

from app.scoring.definition.cards import Evidence
from app.survey.text import Text

ValueStatus = Literal["ok", "missing", "not_applicable"]
EventStatus = Literal["pending", "upheld", "overturned"]


@dataclass(frozen=True, slots=True)
class ScoredUnit:
    """A unit to be scored and the region type whose weights it gets."""

    code: str
    region_type: str
    unranked_because: Text | None = None
    """Why the unit gets a score and a grade but no rank, such as too few answers."""


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """One indicator of one unit in its own unit of measure.

    `standard_error` is the sampling error of a survey estimate; `band` is how far an opt-in
    value could lie off (lower, upper), which is not a sampling error and never becomes one.
    `evidence` None means: as the indicator's card says. `missing_because` says why a value
    that somebody looked for is missing.
    """

    unit: str
    indicator: str
    value: float | None
    status: ValueStatus = "ok"
    standard_error: float | None = None
    band: tuple[float, float] | None = None
    effective_n: float | None = None
    """Effective sample size behind a survey value, where the giver says it."""
    evidence: Evidence | None = None
    missing_because: Text | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened `count` times; only an upheld event counts."""

    unit: str
    item: str
    count: int
    status: EventStatus
    evidence: str


@dataclass(frozen=True, slots=True)
class Covariance:
    """The sampling covariance of two values: measured on the same people, or sharing strata."""

    unit: str
    indicator: str
    other: str
    """The other indicator; the same one where `other_unit` is another unit."""
    value: float
    other_unit: str | None = None
    """None where both values are of one unit."""
