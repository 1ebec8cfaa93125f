"""The design file of a study: what a statistician asks for, as checked values.

docs/estimation.md describes the format, app.workflow.study.reading reads it. A key that
nobody reads is allowed, because such files carry remarks; one that looks like a misspelt
key is refused.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Level = str | int | float
Domain = Mapping[str, Level]
Totals = Mapping[str, float | Mapping[str, float]]
LONELY_RULES = ("fail", "remove", "certainty", "average", "adjust")


class Part(BaseModel):
    """Base of everything in a design file: immutable, strict, open for remarks."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="allow", allow_inf_nan=False, populate_by_name=True
    )


def _lonely(value: object) -> object:
    near = get_close_matches(str(value), LONELY_RULES, n=1, cutoff=0.7)
    if near and value not in LONELY_RULES:
        raise PydanticCustomError(
            "lonely_rule", "is not a known rule. Write {near}", {"near": near[0]}
        )
    # "per estimate" and the like are remarks: the estimates say it.
    return value if value in LONELY_RULES else None


Lonely = Annotated[
    Literal["fail", "remove", "certainty", "average", "adjust"] | None,
    BeforeValidator(_lonely),
]


class PopulationSize(Part):
    """Where the population of a stage stands: as a number of units or as a share of them."""

    column: str
    kind: Literal["population_size", "sampling_fraction"] | None = None
    """None: shares if no value is above 1, as in R."""


class DesignPart(Part):
    """How the rows were drawn, or the replicate weights that stand for it."""

    method: Literal["taylor", "replicate"] = "taylor"
    clusters: tuple[str | None, ...] | None = None
    strata: tuple[str | None, ...] | None = None
    weights: str | None = None
    fpc: tuple[PopulationSize | None, ...] | None = None
    lonely_psu: Lonely = None
    adjust_domain_lonely: bool = False
    type: str | None = None
    replicate_columns: tuple[str, ...] | None = None
    replicate_file: str | None = None
    key: str | None = None
    combined_weights: bool = True
    scale: float | None = None
    rscales: tuple[float, ...] | float | str | None = None
    mse: bool = False
    rho: float | None = None
    data: str | None = None
    """Another file of rows than the study's."""
    where: Domain | str | None = None
    """The rows that make the design, as if no other had been drawn."""
    steps: tuple["Step", ...] | None = None
    """Weighting steps of this design instead of the study's."""


class Step(Part):
    """One weighting step."""

    op: Literal[
        "poststratify",
        "rake",
        "calibrate",
        "nonresponse_classes",
        "collapse",
        "drop",
        "trim",
        "trim_rerake",
    ]
    by: tuple[str, ...] | None = None
    margin: str | None = None
    margins: tuple[str, ...] | None = None
    totals: str | Totals | None = None
    """A file, or the totals themselves: level → people, or margin → level → people."""
    within: tuple[str, ...] | None = None
    """The step is taken in each combination of levels of these columns by itself."""
    terms: tuple[str, ...] | None = None
    calfun: Literal["linear", "raking", "logit"] = "linear"
    bounds: tuple[float | None, float | None] | None = None
    bounds_on: Literal["ratio", "weight"] = "ratio"
    lower: float | None = None
    upper: float | None = None
    reference: Literal["mean", "median", "absolute"] = "mean"
    """What `lower` and `upper` are multiples of; `absolute`: weights as they stand."""
    strict_: bool = Field(default=False, alias="strict")
    variance: str | None = None
    equal_within: str | None = None
    respond: str | None = None
    classes: tuple[str, ...] | None = None
    column: str | None = None
    into: str | None = None
    map: Mapping[str, str] | None = None
    values: tuple[Level, ...] | None = None
    where: Domain | str | None = None
    """The rows a step is taken on; of `drop`, those that leave."""


class Pair(Part):
    """Two domains of which the first less the second is asked for."""

    a: Domain
    b: Domain


class Term(Part):
    """A domain with its coefficient in a contrast."""

    domain: Domain
    coef: float


class Request(Part):
    """One kind of estimate over some items and domains."""

    id: str
    estimand: Literal[
        "mean",
        "total",
        "ratio",
        "proportion",
        "variance",
        "difference",
        "difference_total",
        "contrast",
        "proportion_ci",
        "quantile",
        "alpha",
    ]
    y: tuple[str, ...] | str | None = None
    num: str | None = None
    den: str | None = None
    values: tuple[Level | tuple[Level, ...], ...] | None = None
    by: tuple[str, ...] | None = None
    domain: Domain | None = None
    """The rows asked about; `by` divides these."""
    deff: bool = False
    level: float = Field(default=0.95, gt=0, lt=1)
    pairs: tuple[Pair, ...] = ()
    terms: tuple[Term, ...] = ()
    methods: tuple[str, ...] = ()
    p: tuple[float, ...] | float = ()
    qrule: tuple[str, ...] | str = ("math",)
    interval: tuple[str, ...] | str = ("mean",)
    items: tuple[str, ...] = ()
    reverse: tuple[str, ...] | str = ()
    scale_min: float | None = None
    scale_max: float | None = None
    derived: str | None = None
    replicate: str | None = None
    design: str | None = None
    weights: str | None = None
    variant: str | None = None
    lonely_psu: Lonely = None
    adjust_domain_lonely: bool | None = None
    mse: bool | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The items asked about, one or many."""
        return listed(self.y)


class TableRequest(Part):
    """A table of means in which small cells are not shown."""

    id: str
    by: tuple[str, ...]
    y: str
    values: tuple[Level, ...] = ()
    """The answers whose share is shown; the mean of `y` where there are none."""
    domain: Domain | None = None
    min_n: int = Field(ge=1)
    design: str | None = None
    weights: str | None = None
    variant: str | None = None


class Study(Part):
    """A whole design file."""

    id: str = "study"
    data: str
    row_multiplicity: str | None = None
    design: DesignPart | None = None
    designs: Mapping[str, DesignPart] = Field(default_factory=dict)
    derived: Mapping[str, str] = Field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    variants: tuple[Mapping[str, Any], ...] | Mapping[str, Any] = ()
    trim_variants: Mapping[str, Step] = Field(default_factory=dict)
    grid: tuple[Mapping[str, Any], ...] = ()
    must_fail: tuple[Mapping[str, Any], ...] = ()
    estimates: tuple[Request, ...] = ()
    tables: tuple[TableRequest, ...] = ()
    rows: Mapping[str, str] | None = None
    covariates: str | None = None


def listed(value: tuple[str, ...] | str | None) -> tuple[str, ...]:
    """A name or several names as several."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
