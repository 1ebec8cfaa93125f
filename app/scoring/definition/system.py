"""An indicator system: the file that says how a composite score is made.

`IndicatorSystem` mirrors a YAML file of ``survey_defs/systems``. A version never changes
once a round used it. The tree may have any depth and be ragged; weights are relative inside
a parent and written out for every region type. The parts are described in `cards`,
`methods` and `rules`; whether they hold together is checked in `soundness`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field

from app.errors import Problem
from app.scoring.complaints.table import complain
from app.scoring.definition.cards import (
    IndicatorCard,
    MissingRule,
    Node,
    NotApplicableRule,
    RegionType,
)
from app.scoring.definition.doubt_soundness import (
    perception_gap_problems,
    uncertainty_problems,
)
from app.scoring.definition.doubts import PerceptionGap, Uncertainty
from app.scoring.definition.method_soundness import (
    bound_problems,
    missing_rule_problems,
    positivity_problems,
)
from app.scoring.definition.rule_soundness import adjustment_problems, grade_problems
from app.scoring.definition.rules import Adjustments, GradeRule, RankRule
from app.scoring.definition.soundness import (
    evidence_problems,
    sum_problems,
    tree_problems,
    weight_for,
    weight_problems,
    weight_set_problems,
    weight_sets,
)
from app.survey.definition import CODE
from app.survey.reading import CheckedDefinition, Definition
from app.survey.text import Text


class Effective(Definition):
    """From when to when a system holds, and the document that says so."""

    from_: date = Field(alias="from")
    to: date | None = None
    document: Text


class OptInAccepted(Definition):
    """Opt-in answers enter the score, against the rule, for a stated reason."""

    reason: Text


class IndicatorSystem(CheckedDefinition):
    """A composite score's definition, whole: tree, weights, methods, adjustments, grades."""

    unique: ClassVar[tuple[str, ...]] = (
        "types.*.code",
        "nodes.*.code",
        "indicators.*.code",
        "adjustments.items.*.code",
        "adjustments.families.*.code",
        "grade.scale.*.grade",
        "vectors.*.code",
        "perception_gaps.*.code",
    )

    schema_: Literal["minxin-system/1"] = Field(alias="schema")
    code: str = Field(pattern=CODE)
    version: int = Field(ge=1)
    title: Text
    note: Text | None = None
    """Anything a reader of the scores must know, such as that a system is illustrative."""
    effective: Effective
    types: tuple[RegionType, ...] = ()
    vectors: tuple[RegionType, ...] = ()
    """Instead of region types: named weight vectors, each of which scores all units."""
    missing: MissingRule
    not_applicable: NotApplicableRule = NotApplicableRule()
    node_weights: Literal["stated", "sum_of_indicators"] = "stated"
    nodes: tuple[Node, ...] = Field(min_length=1)
    indicators: tuple[IndicatorCard, ...] = Field(min_length=1)
    adjustments: Adjustments | None = None
    grade: GradeRule | None = None
    rank: RankRule = RankRule()
    opt_in_accepted: OptInAccepted | None = None
    uncertainty: Uncertainty = Uncertainty()
    perception_gaps: tuple[PerceptionGap, ...] = ()

    @property
    def key(self) -> str:
        """How a plan names this version: ``demo_hqd@1``."""
        return f"{self.code}@{self.version}"

    @cached_property
    def root(self) -> Node:
        """The node whose score is the composite score."""
        return next(node for node in self.nodes if node.parent is None)

    @cached_property
    def type_codes(self) -> tuple[str, ...]:
        """The region types, or the weight vectors in their place, in the order of the file."""
        return tuple(region_type.code for region_type in self.types or self.vectors)

    def for_vector(self, code: str) -> "IndicatorSystem":
        """The system under one of its weight vectors, which becomes its one region type."""
        vector = next(vector for vector in self.vectors if vector.code == code)
        same = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_construct(**(same | {"types": (vector,), "vectors": ()}))

    @cached_property
    def children(self) -> Mapping[str, tuple[Node | IndicatorCard, ...]]:
        """Node → what stands right below it: nodes, then indicators, as in the file."""
        parts: list[Node | IndicatorCard] = [*self.nodes, *self.indicators]
        return {
            node.code: tuple(part for part in parts if part.parent == node.code)
            for node in self.nodes
        }

    @cached_property
    def bottom_up(self) -> tuple[Node, ...]:
        """Every node after everything below it; the root comes last."""
        order = [self.root]
        for node in order:
            order += [part for part in self.children[node.code] if isinstance(part, Node)]
        return tuple(reversed(order))

    def rule_for_missing(self, card: IndicatorCard) -> MissingRule:
        """The indicator's own missing rule, or the system's."""
        return card.missing or self.missing

    def weight(self, code: str, region_type: str) -> float:
        """The nominal weight of a node or indicator inside its parent."""
        return self._weights[code, region_type]

    @cached_property
    def _weights(self) -> Mapping[tuple[str, str], float]:
        parts: list[Node | IndicatorCard] = [*self.indicators, *self.bottom_up]
        weights: dict[tuple[str, str], float] = {}
        for region_type in self.type_codes:
            for part in parts:
                stated = weight_for(part.weight, region_type)
                if isinstance(part, Node) and self.node_weights == "sum_of_indicators":
                    below = (child.code for child in self.children[part.code])
                    stated = sum(weights[code, region_type] for code in below)
                weights[part.code, region_type] = stated or 0.0
        return weights

    def problems(self) -> Iterator[Problem]:
        """Mistakes of sense: the tree, the weights, the bounds, the grades, …"""
        sets = weight_sets(self.types, self.vectors)
        summed = self.node_weights == "sum_of_indicators"
        accepted = self.opt_in_accepted
        yield from weight_set_problems(self.types, self.vectors)
        yield from tree_problems(self.nodes, self.indicators)
        if sets is not None:
            yield from weight_problems(self.nodes, self.indicators, sets=sets, summed=summed)
            yield from sum_problems(self.nodes, self.indicators, sets=sets, summed=summed)
        yield from evidence_problems(
            self.indicators, sets=sets, reason=accepted.reason if accepted else None
        )
        yield from bound_problems(self.indicators)
        yield from positivity_problems(self.nodes, self.indicators, self.missing)
        yield from missing_rule_problems(self.missing, self.indicators)
        yield from adjustment_problems(self.adjustments, self.grade)
        yield from grade_problems(self.grade)
        yield from uncertainty_problems(self.uncertainty, self.nodes, self.indicators)
        yield from perception_gap_problems(self.perception_gaps, self.nodes, self.indicators)
        if self.effective.to is not None and self.effective.to < self.effective.from_:
            begin, end = str(self.effective.from_), str(self.effective.to)
            yield complain("ends_before_it_begins", "effective.to", value=end, begin=begin)
        if self.not_applicable.scope == "system":
            yield from self._system_scope_problems(summed)

    def _system_scope_problems(self, summed: bool) -> Iterator[Problem]:
        if not summed:
            yield complain("system_scope_of_stated_weights", "not_applicable.scope")
        if self.not_applicable.share != "equal":
            yield complain("system_scope_in_proportion", "not_applicable.share")
