"""Whether every mean of a tree is defined for the scores that met in it (E106).

A system's file is checked for it too, where an indicator stands right below such a mean;
what comes up from a class below is only known here.
"""

from collections.abc import Iterator

import numpy as np

from app.errors import InputRefused, Problem
from app.scoring.definition.cards import IndicatorCard, Node, needs_positive
from app.scoring.definition.system import IndicatorSystem
from app.scoring.steps.aggregation import Aggregation
from app.scoring.steps.arrangement import Inputs
from app.survey.sample import Floats


def refuse_undefined_means(
    system: IndicatorSystem, inputs: Inputs, scores: Floats, aggregation: Aggregation
) -> None:
    """Raise InputRefused with every score (units × indicators) that a mean cannot take."""
    columns = {card.code: scores[:, i] for i, card in enumerate(system.indicators)}
    columns |= {code: level.score for code, level in aggregation.levels.items()}
    problems: list[Problem] = []
    for node in system.bottom_up:
        shares = aggregation.levels[node.code].shares
        undefined = ~np.isfinite(columns[node.code]) & (shares > 0).any(axis=1)
        for row in np.flatnonzero(undefined):
            below = [
                (child, float(columns[child.code][row]))
                for child, share in zip(system.children[node.code], shares[row], strict=True)
                if share > 0
            ]
            # What is undefined itself has been named one level below.
            if all(np.isfinite(score) for _, score in below):
                problems += _problems(node, inputs.units[row].code, below)
    if problems:
        raise InputRefused(problems)


def _problems(
    node: Node, unit: str, below: list[tuple[Node | IndicatorCard, float]]
) -> Iterator[Problem]:
    if node.aggregate in {"mpi_minus", "mpi_plus"}:
        yield Problem(
            f"unit {unit}, node {node.code}",
            "E106 has scores whose mean is 0, by which the penalty would be divided",
            "Use a normalisation around 100, such as `mpi` or `ampi`.",
            chinese=f"单位 {unit} 的节点 {node.code}：E106 各项得分的均值为 0，无法计算惩罚项。"
            "请改用以 100 为中心的归一方法（mpi 或 ampi）。",
        )
        return
    name = node.aggregate if isinstance(node.aggregate, str) else "power"
    strict = needs_positive(node.aggregate)
    for child, score in below:
        if score < 0 or (strict and score == 0):
            kind = "indicator" if isinstance(child, IndicatorCard) else "class"
            yield Problem(
                f"unit {unit}, {kind} {child.code}, node {node.code}",
                f"E106 has a score the {name} mean cannot take",
                "Use a normalisation with a base above 0, or the arithmetic mean.",
                score,
                chinese=f"单位 {unit} 的 {child.code}：E106 得分 {score:g} 不能进入节点 "
                f"{node.code} 的{CHINESE[name]}。请改用下限大于 0 的归一方法，或改用算术平均。",
            )


CHINESE = {"geometric": "几何平均", "harmonic": "调和平均", "power": "幂平均"}
