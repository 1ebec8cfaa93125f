"""What each part adds to the score of the node above it, so that the parts sum to the score.

Below an arithmetic mean a part adds share · score, in points, and the points sum to the
node's score exactly. Below a geometric mean S it adds share · ln score, and the logarithms
sum to ln S; in points it adds v · score with v = (share / L(score, S)) / Σ (share / L), where
L is the logarithmic mean: Σ share · ln (score / S) = 0 becomes Σ v · (score - S) = 0, and the
points sum to S exactly (Reinsdorf, Diewert and Ehemann 2002). No other mean is a sum of what
its parts bring: there is no contribution then, and the reason is said. A residual is never
hidden in one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log, log1p
from typing import Literal

import numpy as np

from app.scoring.definition.cards import Aggregate, Node, is_arithmetic
from app.scoring.index import Scoring
from app.survey.text import Text

Measure = Literal["points", "logarithms"]

OF_POWERS = Text(
    zh="幂平均（含调和平均）不是各部分之和，没有逐项贡献",
    en="a mean of powers, such as the harmonic one, is no sum of its parts, so no part has a "
    "contribution",
)
OF_COMPARISONS = Text(
    zh="科普兰法按与其他单位两两比较的胜负计分，不是各部分之和，没有逐项贡献",
    en="a Copeland score counts wins over other units, so no part has a contribution",
)
OF_PENALTIES = Text(
    zh="马佐塔－帕雷托法按各部分的不均衡程度罚减或加计，罚减属于整体，没有逐项贡献",
    en="a Mazziotta-Pareto score corrects for unevenness, which belongs to all parts together, "
    "so no part has a contribution",
)
MIXED = Text(
    zh="各级平均方法不同，贡献只能逐级列出",
    en="the means differ from level to level, so contributions go level by level only",
)
FILLED = Text(
    zh="下级全部缺值，得分按规则补入，没有逐项贡献",
    en="nothing below has a score; the rule for empty nodes gave this one",
)
NO_SCORE = Text(zh="没有得分", en="there is no score")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part adds to the node above it."""

    part: str
    """Code of a node or indicator."""
    share: float
    """Its weight inside the node after redistribution."""
    score: float
    amount: float
    """In points, or in logarithms: as the node says."""
    points: float
    """In points always; the points of a node's parts sum to its score."""


@dataclass(frozen=True, slots=True)
class NodeContributions:
    """The sum behind the score of one node; the amounts add up to `total`."""

    node: str
    unit_of_measure: Measure | None
    """None where the node's score is no sum."""
    total: float | None
    """The node's score, or its logarithm."""
    parts: tuple[Contribution, ...]
    because: Text | None


@dataclass(frozen=True, slots=True)
class UnitContributions:
    """The sums behind all scores of one unit."""

    unit: str
    nodes: tuple[NodeContributions, ...]
    """Level by level, the root first."""
    straight: NodeContributions
    """The root's score straight from the indicators, and from nodes that a rule filled."""


@dataclass(frozen=True, slots=True)
class Term:
    """What enters a composite score at one place: an indicator, or a node filled by rule."""

    part: str
    name: str
    """The code, marked where it is a node's."""
    weight: float
    """Effective, in the root."""
    score: float


def contributions(scoring: Scoring) -> tuple[UnitContributions, ...]:
    """What every score is made of; one entry per unit, as given."""
    return tuple(
        UnitContributions(unit.code, tuple(_of_unit(scoring, row)), _straight(scoring, row))
        for row, unit in enumerate(scoring.workings.inputs.units)
    )


def sums(scoring: Scoring, row: int) -> frozenset[Measure]:
    """In what the effective weights make a unit's score a sum; empty where in nothing.

    A score that is handed up from one single part, and is above 0, is a sum of either kind.
    """
    kinds = {
        _measure(node.aggregate)
        for node in scoring.system.nodes
        if _matters(scoring, node, row)
    }
    if not kinds and scoring.workings.aggregation.score[row] > 0:
        return frozenset(("points", "logarithms"))
    if not kinds:
        return frozenset(("points",))
    return frozenset(kind for kind in kinds if kind is not None and len(kinds) == 1)


def terms(scoring: Scoring, row: int) -> Iterator[Term]:
    """Everything whose effective weight counts straight in the score of a unit."""
    aggregation = scoring.workings.aggregation
    for column, card in enumerate(scoring.system.indicators):
        weight = float(aggregation.indicator_weights[row, column])
        score = float(scoring.workings.completed.scores[row, column])
        yield Term(card.code, card.code, weight, score)
    for node in scoring.system.nodes:
        level = aggregation.levels[node.code]
        if level.filled[row]:
            weight = float(aggregation.effective[node.code][row])
            yield Term(node.code, f"{node.code} (filled)", weight, float(level.score[row]))


def logarithmic_mean(one: float, other: float) -> float:
    """L(a, b) = (b - a)/(ln b - ln a) of positive numbers, and a where both are the same."""
    # ln b - ln a would lose its digits where both are close.
    apart = log1p((other - one) / one)
    return one if apart == 0 else (other - one) / apart


def _of_unit(scoring: Scoring, row: int) -> Iterator[NodeContributions]:
    for node in reversed(scoring.system.bottom_up):
        level = scoring.workings.aggregation.levels[node.code]
        score = float(level.score[row])
        measure = _measure(node.aggregate)
        if np.isnan(score):
            yield NodeContributions(node.code, None, None, (), NO_SCORE)
        elif level.filled[row]:
            yield NodeContributions(node.code, None, score, (), FILLED)
        elif measure is None:
            yield NodeContributions(node.code, None, score, (), _why_no_sum(node.aggregate))
        else:
            yield _sum(node.code, score, measure, tuple(_children(scoring, node, row)))


def _straight(scoring: Scoring, row: int) -> NodeContributions:
    root = scoring.system.root
    score = float(scoring.workings.aggregation.score[row])
    kinds = sums(scoring, row)
    if np.isnan(score):
        return NodeContributions(root.code, None, None, (), NO_SCORE)
    if not kinds:
        means = [n.aggregate for n in scoring.system.nodes if _matters(scoring, n, row)]
        without = [mean for mean in means if _measure(mean) is None]
        because = _why_no_sum(without[0]) if without else MIXED
        return NodeContributions(root.code, None, score, (), because)
    measure: Measure = "points" if "points" in kinds else "logarithms"
    return _sum(root.code, score, measure, tuple(terms(scoring, row)))


def _sum(node: str, score: float, measure: Measure, below: Sequence[Term]) -> NodeContributions:
    there = [term for term in below if term.weight > 0]
    if measure == "points":
        amounts = points = [term.weight * term.score for term in there]
    else:
        amounts = [term.weight * log(term.score) for term in there]
        points = _points(score, there)
    parts = (
        Contribution(term.part, term.weight, term.score, amount, point)
        for term, amount, point in zip(there, amounts, points, strict=True)
    )
    total = score if measure == "points" else log(score)
    return NodeContributions(node, measure, total, tuple(parts), None)


def _points(score: float, there: Sequence[Term]) -> list[float]:
    """A geometric mean as an arithmetic one: Σ v y with v ∝ share / L(y, S)."""
    v = [term.weight / logarithmic_mean(term.score, score) for term in there]
    return [one / sum(v) * term.score for one, term in zip(v, there, strict=True)]


def _children(scoring: Scoring, node: Node, row: int) -> Iterator[Term]:
    aggregation = scoring.workings.aggregation
    shares = aggregation.levels[node.code].shares[row]
    columns = {card.code: j for j, card in enumerate(scoring.system.indicators)}
    for child, share in zip(scoring.system.children[node.code], shares.tolist(), strict=True):
        column = columns.get(child.code)
        score = float(
            aggregation.levels[child.code].score[row]
            if column is None
            else scoring.workings.completed.scores[row, column]
        )
        yield Term(child.code, child.code, share, score)


def _measure(aggregate: Aggregate) -> Measure | None:
    if is_arithmetic(aggregate):
        return "points"
    named = aggregate == "geometric" if isinstance(aggregate, str) else aggregate.power == 0
    return "logarithms" if named else None


def _matters(scoring: Scoring, node: Node, row: int) -> bool:
    """Whether a node weighs something and its mean is more than its only part handed on."""
    aggregation = scoring.workings.aggregation
    parts = int((aggregation.levels[node.code].shares[row] > 0).sum())
    # A Copeland score is another number than its only part; every other mean keeps it.
    least = 1 if node.aggregate == "copeland" else 2
    return bool(aggregation.effective[node.code][row] > 0 and parts >= least)


def _why_no_sum(aggregate: Aggregate) -> Text:
    if not isinstance(aggregate, str) or aggregate == "harmonic":
        return OF_POWERS
    return OF_COMPARISONS if aggregate == "copeland" else OF_PENALTIES
