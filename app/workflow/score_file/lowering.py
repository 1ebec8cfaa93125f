"""From a case of the short format to an indicator system of the platform.

Parts keep their order, so that a problem of the system has the place of the case's part.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.errors import Problem
from app.scoring.definition.cards import (
    IndicatorCard,
    MissingRule,
    Node,
    RegionType,
)
from app.scoring.definition.doubts import Uncertainty
from app.scoring.definition.methods import Goalposts, Method
from app.scoring.definition.rules import (
    AdjustmentItem,
    Adjustments,
    Family,
    Grade,
    GradeRule,
    RankRule,
)
from app.scoring.definition.system import Effective, IndicatorSystem
from app.scoring.definition.treatments import Untreated
from app.survey.text import Text
from app.workflow.score_file.case_format import (
    AsItStands,
    CaseAdjustments,
    CaseFile,
    CaseIndicator,
    CaseMethod,
    CaseNode,
    CaseWeight,
)

ONLY_TYPE = "all"
ROOT = "总分"
"""The root of a case without nodes."""
REDISTRIBUTE = MissingRule(rule="redistribute")
AS_IT_STANDS = {
    1: Goalposts(method="goalposts", lower=0, upper=1, scale=1, clip=False),
    -1: Goalposts(method="goalposts", lower=-1, upper=0, scale=1, clip=False),
}
"""By direction: where no method is stated, the value itself, or less the value."""


@dataclass(frozen=True, slots=True)
class View:
    """Which of a case's weights count, and what only the tables say."""

    types: tuple[str, ...] = (ONLY_TYPE,)
    vector: str | None = None
    period: str | None = None
    indicators: tuple[str, ...] = ()
    """Those of the values, for a case that lists none."""


def system_of(case: CaseFile, view: View) -> IndicatorSystem:
    """The system that a case describes, seen with one weight vector and period.

    It is not checked: ask `system_problems`.
    """
    nodes = case.nodes or (CaseNode(id=ROOT, parent=None),)
    root = next((node.id for node in nodes if node.parent is None), ROOT)
    cards = case.indicators
    if cards is None:
        cards = tuple(CaseIndicator(id=code) for code in view.indicators)
    cards = tuple(c if c.parent else c.model_copy(update={"parent": root}) for c in cards)
    tree = _Tree(case, {node.id: node for node in nodes}, (*nodes, *cards), view)
    text = words(case.title or case.id)
    return IndicatorSystem.model_construct(
        schema_="minxin-system/1",
        code=case.id,
        version=1,
        title=text,
        effective=Effective.model_construct(from_=date(1970, 1, 1), to=None, document=text),
        types=tuple(RegionType.model_construct(code=t, name=words(t)) for t in view.types),
        missing=case.defaults.missing or REDISTRIBUTE,
        not_applicable=case.not_applicable,
        node_weights=case.node_weights,
        nodes=tuple(tree.node(node) for node in nodes),
        indicators=tuple(tree.card(card) for card in cards),
        adjustments=_adjustments(case.adjustments) if case.adjustments else None,
        grade=_grade_rule(case),
        rank=RankRule(scope=case.rank.scope, decimals=case.rank.decimals, ties=case.rank.ties),
        uncertainty=_uncertainty(case),
    )


def system_problems(case: CaseFile, view: View) -> Iterator[Problem]:
    """What is wrong with the system of a case, with places as in the case.

    That scores below a geometric mean are positive is asked of the scores themselves, and a
    class of which nothing weighs anything has no score and is weighted away.
    """
    system = system_of(case, view)
    for problem in system.problems():
        weighs_nothing = problem.message.startswith("E101 everything below ")
        if problem.message.startswith("E106") or (
            weighs_nothing and problem.place != f"nodes[{system.nodes.index(system.root)}]"
        ):
            continue
        yield problem


def words(text: str) -> Text:
    """A name of a case, which is in one language."""
    return Text(zh=text, en=text)


@dataclass(frozen=True, slots=True)
class _Tree:
    """The nodes of a case by name, and all its parts."""

    case: CaseFile
    nodes: Mapping[str, CaseNode]
    parts: Sequence[CaseNode | CaseIndicator]
    view: View

    def node(self, node: CaseNode) -> Node:
        is_root = node.parent is None
        summed = self.case.node_weights == "sum_of_indicators"
        weight = None if is_root or (summed and node.weight is None) else self._weight(node)
        if is_root and node.weight is not None and not isinstance(node.weight, Mapping):
            weight = None  # the root has no siblings: whatever it says weighs nothing
        defaults = self.case.defaults
        coverage = defaults.min_coverage if node.min_coverage is None else node.min_coverage
        return Node.model_construct(
            code=node.id,
            name=words(node.name or node.id),
            parent=node.parent,
            weight=weight,
            aggregate=node.aggregate or defaults.aggregate or "arithmetic",
            min_coverage=coverage or 0.0,
            if_empty=None if is_root else node.if_empty or defaults.if_empty,
        )

    def card(self, card: CaseIndicator) -> IndicatorCard:
        said = [card, *self._above(card.parent), self.case.defaults]
        treat = next((c.treat for c in said if c.treat), Untreated(method="none"))
        method = next((c.normalise for c in said if c.normalise), None)
        return IndicatorCard.model_construct(
            code=card.id,
            name=words(card.name or card.id),
            parent=card.parent or ROOT,
            weight=self._weight(card),
            direction=card.direction,
            unit=words("1"),
            source=words(self.case.id),
            evidence="official",
            treat=treat,
            normalise=_method(method, card.direction),
            missing=next((c.missing for c in said if c.missing), None),
        )

    def _above(self, at: str | None) -> Iterator[CaseNode]:
        """The nodes above a part, the nearest first."""
        seen: set[str] = set()
        while at is not None and at in self.nodes and at not in seen:
            yield self.nodes[at]
            seen.add(at)
            at = self.nodes[at].parent

    def _weight(self, part: CaseNode | CaseIndicator) -> Mapping[str, float]:
        """By region type; empty, which is a mistake, beside siblings that state theirs."""
        weight = part.weight
        if weight is None:
            siblings = [other.weight for other in self.parts if other.parent == part.parent]
            # Nobody says what anything weighs: everything weighs the same.
            if any(other is not None for other in siblings):
                return {}
            weight = 1.0
        return _by_type(weight, self.view)


def _method(said: CaseMethod | None, direction: Literal[1, -1]) -> Method:
    return AS_IT_STANDS[direction] if said is None or isinstance(said, AsItStands) else said


def _by_type(weight: CaseWeight, view: View) -> Mapping[str, float]:
    for chosen in (view.period, view.vector, view.period):
        if isinstance(weight, Mapping) and chosen is not None and chosen in weight:
            weight = weight[chosen]
    if isinstance(weight, Mapping):
        return {code: w for code, w in weight.items() if not isinstance(w, Mapping)}
    return dict.fromkeys(view.types, weight)


def _adjustments(rules: CaseAdjustments) -> Adjustments:
    items = tuple(
        AdjustmentItem.model_construct(
            code=item.id,
            name=words(item.name or item.id),
            kind=item.kind,
            family=item.family or item.id,
            points=_points(item.points, item.steps, item.veto_max_grade),
            steps=item.steps,
            cap=item.cap,
            veto_max_grade=item.veto_max_grade,
        )
        for item in rules.items
    )
    families = dict.fromkeys([*(item.family for item in items), *rules.family_caps])
    return Adjustments.model_construct(
        items=items,
        families=tuple(
            Family.model_construct(code=f, name=words(f), cap=rules.family_caps.get(f))
            for f in families
        ),
        total_cap=rules.total_cap,
        floor=rules.floor,
        ceiling=rules.ceiling,
        no_bonus_when_veto=rules.no_bonus_when_veto,
    )


def _points(points: float | None, steps: object, veto: str | None) -> float | None:
    """A veto may cost nothing but the grade."""
    return 0.0 if points is None and steps is None and veto is not None else points


def _grade_rule(case: CaseFile) -> GradeRule | None:
    rule = case.grade
    if rule is None:
        return None
    scale = tuple(
        Grade.model_construct(
            grade=grade.grade,
            name=words(grade.name or grade.grade),
            min=grade.min,
            share=grade.share,
        )
        for grade in rule.scale
    )
    return GradeRule.model_construct(
        rule=rule.rule, within=rule.within, tie=rule.tie, scale=scale
    )


def _uncertainty(case: CaseFile) -> Uncertainty:
    said = case.uncertainty
    if said is None:
        return Uncertainty()
    return Uncertainty(
        draws=said.draws, level=said.level, confidence=said.confidence, top=said.top
    )
