"""The rules by which a round's numbers are made: weighting, screening, release, composite.

They are part of the plan and frozen with it. Each is a value without behaviour: what a step
does is said where it is computed (`stats`, `anomaly`, `scoring`).
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from app.survey.definition import VERSIONED, EvidenceClass
from app.survey.reading import Definition
from app.survey.text import Text


class GivenWeights(Definition):
    """Weights come with the answers, already final."""

    kind: Literal["given"]
    source: str


class BaseWeights(Definition):
    """Each unit's responses stand for the unit's population: N / n."""

    kind: Literal["base"]


class PostStratification(Definition):
    """Weights are made to meet the totals of one margin."""

    kind: Literal["post_stratify"]
    margin: str


class Raking(Definition):
    """Weights are made to meet the totals of several margins."""

    kind: Literal["rake"]
    margins: tuple[str, ...] = Field(min_length=2)


Distance = Literal["linear", "raking", "logit"]


class Calibration(Definition):
    """Weights are made to meet the totals of margins, each factor within bounds."""

    kind: Literal["calibrate"]
    margins: tuple[str, ...] = Field(min_length=1)
    distance: Distance = "linear"
    bounds: tuple[float, float] | None = None
    """Smallest and largest factor, new weight over old; `logit` needs them."""


class Trimming(Definition):
    """The step before once more, with no weight outside limits: totals and limits at once."""

    kind: Literal["trim"]
    lowest: float = Field(default=0.0, ge=0, lt=1)
    highest: float = Field(gt=1, le=1000)
    """Limits as multiples of the mean weight."""
    distance: Literal["linear", "raking"] = "linear"


MarginStep = PostStratification | Raking | Calibration
WeightingStep = Annotated[
    GivenWeights | BaseWeights | PostStratification | Raking | Calibration | Trimming,
    Field(discriminator="kind"),
]


def margins_of(step: MarginStep) -> tuple[str, ...]:
    """The margins whose totals a step meets."""
    return (step.margin,) if isinstance(step, PostStratification) else step.margins


class Pooling(Definition):
    """Evidence classes counted as one sample, against the rule, for a stated reason."""

    classes: tuple[EvidenceClass, ...] = Field(min_length=2)
    reason: Text


class SpeedSignal(Definition):
    """Done in less than a share of the round's median time."""

    share_of_median: float = Field(gt=0, lt=1)
    influence: float = Field(ge=0, le=1)


class StraightLiningSignal(Definition):
    """The same option on every scored item, with at least `items` of them answered."""

    items: int = Field(ge=3)
    influence: float = Field(ge=0, le=1)


class DeviceRepetitionSignal(Definition):
    """More than `allowed` responses of one device class and network in a slot at a point."""

    allowed: int = Field(ge=1)
    influence: float = Field(ge=0, le=1)


class IsolationForestSignal(Definition):
    """Among the most isolated responses of the round by their answers and timing."""

    share: float = Field(gt=0, le=0.1)
    trees: int = Field(default=200, ge=50, le=1000)
    influence: float = Field(ge=0, le=1)


class CompanySignal(Definition):
    """Responses judged by what they share: copies, bursts, a network, one hand at a point.

    Besides, published caps bound what one device, network, slot or pattern of answers may
    count for at a point, whoever sent it.
    """

    version: Literal[1]
    """Of the rule: what is looked at, and the caps. Another rule has another number."""
    evidence: tuple[EvidenceClass, ...] = Field(default=("opt_in", "transaction"), min_length=1)
    """Classes that are judged. A probability sample that is not one of them is what the
    others are held against."""
    influence: float = Field(default=0.0, ge=0, le=1)
    """What a flagged response keeps at least until a person decides; 1 reports without a
    change."""
    caps: Literal["applied", "reported"] = "applied"
    """Reported caps are shown and change no number: for answers edited elsewhere."""


class Screening(Definition):
    """How far a response is believed when a signal fires: its influence, 1 = fully.

    A signal left out is not looked for. Influence 1 reports without changing a number.
    """

    speed: SpeedSignal | None = None
    straight_lining: StraightLiningSignal | None = None
    device_repetition: DeviceRepetitionSignal | None = None
    isolation_forest: IsolationForestSignal | None = None
    company: CompanySignal | None = None


class Release(Definition):
    """Below these sizes a number is withheld, with the reason in words."""

    min_n: int = Field(ge=1)
    """Fewest responses behind a published mean."""
    min_effective_n: float = Field(ge=1)
    """Smallest effective sample size behind a published mean."""
    min_effective_n_rank: float = Field(ge=1)
    """Smallest effective sample size for a place in a ranking."""
    min_cell: int = Field(ge=1)
    """Fewest people in a published cell of a distribution."""


class CompositeInput(Definition):
    """An indicator value of the composite score that does not come from this round."""

    unit: str
    indicator: str
    value: float | None = None
    standard_error: float | None = Field(default=None, ge=0)
    status: Literal["ok", "missing", "not_applicable"] = "ok"


def _one_class(series: object) -> object:
    if series == "pooled":
        raise ValueError(
            "mixes evidence classes, so it may not enter a composite score: "
            "name one of its classes"
        )
    return series


UnmixedSeries = Annotated[EvidenceClass, BeforeValidator(_one_class)]
"""A series of one evidence class: only such a one can say how far it may lie off."""


class SurveyInput(Definition):
    """A composite indicator taken from this round's estimates by unit."""

    indicator: str
    """Code in the indicator system."""
    estimate: str
    """Code of the survey's indicator."""
    series: UnmixedSeries


class RunInput(Definition):
    """A composite indicator taken from the published run of another round."""

    indicator: str
    estimate: str
    series: UnmixedSeries
    round: str


class AdjustmentEvent(Definition):
    """One event that deducts or adds points, with its evidence."""

    unit: str
    item: str
    count: int = Field(ge=1)
    status: Literal["pending", "upheld", "overturned"]
    evidence: str = Field(min_length=1)


class Composite(Definition):
    """How this round's numbers enter the composite score."""

    system: str = Field(pattern=VERSIONED)
    from_survey: tuple[SurveyInput, ...] = ()
    from_rounds: tuple[RunInput, ...] = ()
    values: tuple[CompositeInput, ...] = ()
    values_source: Text | None = None
    """Where `values` come from; printed beside the score."""
    events: tuple[AdjustmentEvent, ...] = ()
    opt_in_accepted: Text | None = None
    """The reason why opt-in answers enter the score here; without it they may not."""
