"""What each part adds to the score of the node above it, so that the parts sum to the score.

Below an arithmetic mean a part adds share · score, in points, and the points sum to the
node's score exactly. Below a geometric mean it adds share · ln score, and the logarithms sum
to the node's logarithm. No other mean is a sum of what its parts bring: there is no
contribution then, and the reason is said. A residual is never hidden in one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log
from typing import Literal

import numpy as np

from app.scoring.definition.cards import Node, is_arithmetic
from app.scoring.index import Scoring
from app.survey.text import Text

NOT_A_SUM = Text(
    zh="该平均方法不是各部分之和，没有逐项贡献",
    en="this mean is no sum of its parts, so no part has a contribution",
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


@dataclass(frozen=True, slots=True)
class NodeContributions:
    """The sum behind the score of one node; the amounts add up to `total`."""

    node: str
    unit_of_measure: Literal["points", "logarithms"] | None
    """None where the node's score is no sum."""
    total: float | None
    """The node's score, or its logarithm."""
    parts: tuple[Contribution, ...]
    because: Text | None


@dataclass(frozen=True, slots=True)
class UnitContributions:
    """The sums behind all scores of one unit, the root first."""

    unit: str
    nodes: tuple[NodeContributions, ...]


def contributions(scoring: Scoring) -> tuple[UnitContributions, ...]:
    """Level by level, what every score is made of; one entry per unit, as given."""
    return tuple(
        UnitContributions(unit.code, tuple(_of_unit(scoring, row)))
        for row, unit in enumerate(scoring.workings.inputs.units)
    )


def _of_unit(scoring: Scoring, row: int) -> Iterator[NodeContributions]:
    for node in reversed(scoring.system.bottom_up):
        level = scoring.workings.aggregation.levels[node.code]
        score = float(level.score[row])
        if np.isnan(score):
            yield NodeContributions(node.code, None, None, (), NO_SCORE)
        elif level.filled[row]:
            yield NodeContributions(node.code, None, score, (), FILLED)
        elif is_arithmetic(node.aggregate):
            parts = tuple(_parts(scoring, node, row, lambda score: score))
            yield NodeContributions(node.code, "points", score, parts, None)
        elif is_geometric(node):
            parts = tuple(_parts(scoring, node, row, log))
            total = log(score)
            yield NodeContributions(node.code, "logarithms", total, parts, None)
        else:
            yield NodeContributions(node.code, None, score, (), NOT_A_SUM)


def is_geometric(node: Node) -> bool:
    """Whether a node's mean is the geometric one, by name or as the power 0."""
    if isinstance(node.aggregate, str):
        return node.aggregate == "geometric"
    return node.aggregate.power == 0


def _parts(
    scoring: Scoring, node: Node, row: int, brings: Callable[[float], float]
) -> Iterator[Contribution]:
    aggregation = scoring.workings.aggregation
    shares = aggregation.levels[node.code].shares[row]
    columns = {card.code: j for j, card in enumerate(scoring.system.indicators)}
    for child, share in zip(scoring.system.children[node.code], shares.tolist(), strict=True):
        if share == 0:
            continue
        column = columns.get(child.code)
        score = float(
            aggregation.levels[child.code].score[row]
            if column is None
            else scoring.workings.completed.scores[row, column]
        )
        yield Contribution(child.code, share, score, share * brings(score))
