"""The case format `composite-case/1`: what a file may say, as checked values.

The format of the reference cases of composite indices; docs/composite.md explains every key.
It says less than a system of the platform (no evidence classes, no documents) and says it
shorter: defaults for all parts of the tree, one number for all region types, variants.
`plain_spelling` brings a file into this one form; `lowering` makes a system of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from app.errors import Problem
from app.scoring.definition.cards import Aggregate, Fill, MissingRule, NotApplicableRule, Share
from app.scoring.definition.methods import Method
from app.scoring.definition.rules import Points, TotalCap
from app.scoring.definition.treatments import Treatment
from app.survey.reading import CheckedDefinition, Definition


def _weight_shape(weight: object) -> str:
    return "map" if isinstance(weight, Mapping) else "number"


Inner = Annotated[
    Annotated[Share, Tag("number")] | Annotated[Mapping[str, Share], Tag("map")],
    Discriminator(_weight_shape),
]
CaseWeight = Annotated[
    Annotated[Share, Tag("number")] | Annotated[Mapping[str, Inner], Tag("map")],
    Discriminator(_weight_shape),
]
"""One number for all, or one for each region type, weight vector or period, also nested."""

Name = Annotated[str, Field(min_length=1)]
Coverage = Annotated[float, Field(ge=0, le=1)]


class AsItStands(Definition):
    """The value is its own score, turned by its direction."""

    method: Literal["none"]


CaseMethod = Annotated[Method | AsItStands, Field(discriminator="method")]


class Choices(Definition):
    """What can be said of the whole tree, of a node and what lies below it, or of a leaf."""

    treat: Treatment | None = None
    normalise: CaseMethod | None = None
    aggregate: Aggregate | None = None
    missing: MissingRule | None = None
    min_coverage: Coverage | None = None
    if_empty: Fill | None = None


class CaseUnit(Definition):
    """A unit that is scored."""

    id: Name
    name: Name | None = None
    type: Name | None = None


class CaseNode(Choices):
    """A class of indicators, or the root."""

    id: Name
    name: Name | None = None
    parent: Name | None
    weight: CaseWeight | None = None


class CaseIndicator(Choices):
    """A leaf of the tree."""

    id: Name
    name: Name | None = None
    parent: Name | None = None
    """The root where nothing is said."""
    weight: CaseWeight | None = None
    direction: Literal[1, -1] = 1


class CaseItem(Definition):
    """An item of the ledger of deductions and bonuses."""

    id: Name
    name: Name | None = None
    kind: Literal["deduct", "bonus"] = "deduct"
    family: Name | None = None
    points: Points | None = None
    steps: tuple[Points, ...] | None = Field(default=None, min_length=1)
    cap: Points | None = None
    veto_max_grade: Name | None = None


class CaseAdjustments(Definition):
    """The rules of the ledger."""

    items: tuple[CaseItem, ...] = Field(min_length=1)
    family_caps: Mapping[str, Points] = Field(default_factory=dict)
    total_cap: TotalCap = TotalCap()
    floor: float | None = None
    ceiling: float | None = None
    no_bonus_when_veto: bool = False


class CaseGrade(Definition):
    """One grade of a scale."""

    grade: Name
    name: Name | None = None
    min: float | None = None
    share: float | None = Field(default=None, ge=0, le=1)


class CaseGradeRule(Definition):
    """Grades, best first."""

    rule: Literal["threshold", "quota"]
    within: Literal["type", "all"] = "type"
    tie: Literal["include", "exclude"] = "include"
    scale: tuple[CaseGrade, ...] = Field(min_length=2)


class CaseRank(Definition):
    """How places are given."""

    by: Literal["final", "score"] = "final"
    scope: Literal["type", "all"] = "all"
    decimals: int | None = Field(default=None, ge=0, le=9)
    ties: Literal["min", "max", "average", "dense"] = "min"


class CaseUncertainty(Definition):
    """How scores are shaken."""

    inputs: Literal["normal", "normal_independent", "normal_correlated"] = "normal"
    """`normal_independent` leaves covariances aside even where a table gives them."""
    level: float = Field(default=0.9, gt=0.5, lt=1)
    draws: int = Field(default=10_000, ge=100, le=100_000)
    seed: int = 1
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    top: tuple[int, ...] = Field(default=(), max_length=10)


RankSetMethod = Literal[
    "marginal_single_step",
    "marginal_stepdown",
    "simultaneous_single_step",
    "simultaneous_stepdown",
]


class CaseRankSets(Definition):
    """Which confidence sets of ranks are asked for."""

    coverage: float = Field(default=0.95, gt=0.5, lt=1)
    methods: tuple[RankSetMethod, ...] = ("marginal_stepdown", "simultaneous_stepdown")
    covariance: Literal["diagonal", "full"] | None = None
    draws: int = Field(default=20_000, ge=100, le=100_000)
    seed: int = 1


class WeightsAsked(Definition):
    """A method by which weights are taken from the values, as advice."""

    method: Literal["entropy", "critic", "cv", "gini", "pca", "communality", "ahp"]
    judgements: tuple[tuple[float, ...], ...] | None = None
    """For `ahp`: how many times the indicator of the row matters as much as the column's."""


class CaseFile(CheckedDefinition):
    """A whole case, in the one form of `plain_spelling`; variants are cases of their own."""

    unique: ClassVar[tuple[str, ...]] = (
        "units.*.id",
        "nodes.*.id",
        "indicators.*.id",
        "adjustments.items.*.id",
        "grade.scale.*.grade",
        "types.*",
        "vectors.*",
        "periods.*",
    )

    schema_: Literal["composite-case/1"] = Field(alias="schema")
    id: Name = "case"
    title: Name | None = None
    types: tuple[Name, ...] = ()
    vectors: tuple[Name, ...] = ()
    periods: tuple[Name, ...] = ()
    units: tuple[CaseUnit, ...] | None = None
    """None: all units of the values."""
    defaults: Choices = Choices()
    node_weights: Literal["stated", "sum_of_indicators"] = "stated"
    not_applicable: NotApplicableRule = NotApplicableRule()
    nodes: tuple[CaseNode, ...] = ()
    indicators: tuple[CaseIndicator, ...] | None = None
    """None: all indicators of the values, more is better."""
    adjustments: CaseAdjustments | None = None
    grade: CaseGradeRule | None = None
    rank: CaseRank = CaseRank()
    uncertainty: CaseUncertainty | None = None
    rank_sets: CaseRankSets | None = None
    weights: tuple[WeightsAsked, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """Mistakes of sense that only a case can have; the rest is found in its system."""
        for i, unit in enumerate(self.units or ()):
            if unit.type is None and len(self.types) > 1:
                cure = f"Write one of: {', '.join(self.types)}."
                yield Problem(f"units[{i}].type", "has no region type", cure, unit.id)
        yield from self._weight_problems()
        roots = {node.id for node in self.nodes if node.parent is None}
        for i, node in enumerate(self.nodes):
            if node.id in roots and node.if_empty is not None:
                message = "fills the root, where an empty score stays empty"
                yield Problem(f"nodes[{i}].if_empty", message, "Remove it.")

    def _weight_problems(self) -> Iterator[Problem]:
        """A weight that differs by vector is written for every vector."""
        lists: tuple[tuple[str, Sequence[CaseNode | CaseIndicator]], ...] = (
            ("nodes", self.nodes),
            ("indicators", self.indicators or ()),
        )
        for kind, parts in lists:
            for i, part in enumerate(parts):
                stated = part.weight if isinstance(part.weight, Mapping) else {}
                absent = [vector for vector in self.vectors if vector not in stated]
                if absent and len(absent) < len(self.vectors):
                    message = f"E102 {part.id} has no weight for the vector {absent[0]}"
                    chinese = f"{part.id} 没有写权重向量“{absent[0]}”的权重。不计入请写 0。"
                    cure = "Write 0 if it does not count."
                    yield Problem(f"{kind}[{i}].weight", message, cure, chinese=chinese)
