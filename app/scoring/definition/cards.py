"""The tree of an indicator system: nodes, and the card of every indicator.

These are the shapes only. Whether a tree holds together and its weights add up is checked
in `soundness`; what is done with it is in `normalisation` and `aggregation`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from app.scoring.definition.methods import Method
from app.scoring.definition.treatments import Treatment, Untreated
from app.survey.reading import Definition
from app.survey.text import Text

CODE = r"^\w[\w.-]*$"

Evidence = Literal["official", "probability", "transaction", "opt_in"]
Share = Annotated[float, Field(ge=0)]


def _weight_shape(weight: object) -> str:
    return "by_type" if isinstance(weight, Mapping) else "number"


Weight = Annotated[
    Annotated[Share, Tag("number")] | Annotated[Mapping[str, Share], Tag("by_type")],
    Discriminator(_weight_shape),
]
"""A number where the system has one region type, else a number for every type, 0 too."""


class RegionType(Definition):
    """A class of units that share one set of weights."""

    code: str = Field(pattern=CODE)
    name: Text


class Fill(Definition):
    """A score put in the place of nothing, by a rule written down beforehand."""

    rule: Literal["fixed"]
    value: float


class MissingRule(Definition):
    """What happens where a value should be there and is not; after normalising."""

    rule: Literal["redistribute", "fixed", "min_observed", "error"]
    value: float | None = None
    """The score for `fixed`."""


class NotApplicableRule(Definition):
    """Who inherits the weight of an indicator that does not apply to a unit."""

    share: Literal["proportional", "equal"] = "proportional"
    scope: Literal["parent", "system"] = "parent"


class PowerMean(Definition):
    """The mean of powers: 1 is the arithmetic mean, -1 the harmonic one, 0 the geometric."""

    power: float = Field(ge=-20, le=20)


def _aggregate_shape(aggregate: object) -> str:
    return "name" if isinstance(aggregate, str) else "power"


MeanName = Literal["arithmetic", "geometric", "harmonic", "copeland", "mpi_minus", "mpi_plus"]
Aggregate = Annotated[
    Annotated[MeanName, Tag("name")] | Annotated[PowerMean, Tag("power")],
    Discriminator(_aggregate_shape),
]
"""How the scores below a node become one: a mean by name, or a power mean."""


def needs_positive(aggregate: Aggregate) -> bool:
    """Whether the mean is only defined for scores above 0 (a power above 0 takes 0 too)."""
    if isinstance(aggregate, str):
        return aggregate in {"geometric", "harmonic"}
    return aggregate.power <= 0


def is_arithmetic(aggregate: Aggregate) -> bool:
    """Whether the mean is the arithmetic one, by its name or as the power 1."""
    return aggregate == "arithmetic" if isinstance(aggregate, str) else aggregate.power == 1


class Node(Definition):
    """A class of indicators, or the root; weights are relative inside the parent."""

    code: str = Field(pattern=CODE)
    name: Text
    parent: str | None
    weight: Weight | None = None
    """None at the root, and where the system sums the weights of indicators."""
    aggregate: Aggregate = "arithmetic"
    min_coverage: float = Field(default=0, ge=0, le=1)
    """No score below this share of the weight that applies to a unit."""
    if_empty: Fill | None = None
    weights_sum_to: float | Literal["own_weight"] | None = None
    """What the weights right below must add up to, for every region type."""


class Plausible(Definition):
    """Raw values outside are taken for a slip of the pen and refused."""

    lowest: float = Field(alias="from")
    highest: float = Field(alias="to")


class IndicatorCard(Definition):
    """One indicator: what it is, where it comes from, and how it becomes a score."""

    code: str = Field(pattern=CODE)
    name: Text
    parent: str
    weight: Weight
    direction: Literal[1, -1]
    """1 where more is better, -1 where less is."""
    unit: Text
    source: Text
    evidence: Evidence
    treat: Treatment = Untreated(method="none")
    normalise: Method
    plausible: Plausible | None = None
    missing: MissingRule | None = None
    """Where it departs from the system's rule."""
    standard_error: Literal["required", "if_given"] = "if_given"
    min_effective_n: float | None = Field(default=None, gt=0)
    """Below this effective sample size a survey value may not enter with a weight."""
