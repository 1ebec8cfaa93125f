"""Aggregation: from indicator scores, node by node, to the score of the root.

Everything is a matrix of units: at every node the scores of its children (units × children)
meet their shares (units × children, rows sum to 1). Shares start from the weights of the
unit's region type; what does not apply hands its weight on by the system's rule; what is
missing is weighted away among its siblings. The effective weight of an indicator is the
product of the shares on its path, so in an arithmetic tree Σ effective weight · score is
the score of the root.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.scoring.definition.cards import IndicatorCard, Node, NotApplicableRule
from app.scoring.definition.system import IndicatorSystem
from app.scoring.steps.arrangement import Integers
from app.scoring.steps.means import mean_of
from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Level:
    """One node for all units. Arrays have one entry (or row) per unit."""

    node: str
    score: Floats
    """NaN where there is nothing to say, or too little of it."""
    shares: Floats
    """Units × children: the weight inside this node after redistribution."""
    coverage: Floats
    """The part of the weight that applies for which there is a score."""
    filled: Flags
    """True where the node was empty and `if_empty` gave its score."""


@dataclass(frozen=True, slots=True)
class Aggregation:
    """The scores of all levels, and what every part weighs in the root (by unit)."""

    score: Floats
    """Of the root."""
    levels: Mapping[str, Level]
    effective: Mapping[str, Floats]
    indicator_weights: Floats
    """Ω, units × indicators: the effective weights of the indicators."""
    arithmetic: Flags
    """True where every node that weighs something is an arithmetic mean."""


def aggregate(
    system: IndicatorSystem, scores: Floats, *, applicable: Flags, type_of: Integers
) -> Aggregation:
    """Aggregate `scores` (units × indicators, NaN = missing) up the tree of `system`.

    `applicable` has the same shape; `type_of` is the region type index of every unit.
    Below a geometric or harmonic mean scores must be positive (`positivity_problems`).
    """
    codes = [card.code for card in system.indicators]
    score_of = dict(zip(codes, scores.T, strict=True))
    applies = dict(zip(codes, applicable.T, strict=True))
    weights = _unit_weights(system, applies, type_of)
    levels: dict[str, Level] = {}
    for node in system.bottom_up:
        below = [child.code for child in system.children[node.code]]
        values, applying, weighing = (
            np.column_stack([table[code] for code in below])
            for table in (score_of, applies, weights)
        )
        inherited = _inherit(weighing, applying, system.not_applicable)
        level = _level(node, values, applying & (weighing > 0), inherited)
        levels[node.code] = level
        score_of[node.code] = level.score
        applies[node.code] = np.any(applying & (weighing > 0), axis=1)
    effective = _effective_weights(system, levels)
    return Aggregation(
        score=levels[system.root.code].score,
        levels=levels,
        effective=effective,
        indicator_weights=np.column_stack([effective[code] for code in codes]),
        arithmetic=_is_arithmetic(system, effective),
    )


def _unit_weights(
    system: IndicatorSystem, applies: Mapping[str, Flags], type_of: Integers
) -> dict[str, Floats]:
    """Part → nominal weight inside its parent for every unit."""
    parts: list[Node | IndicatorCard] = [*system.indicators, *system.bottom_up]
    weights = {
        part.code: np.array([system.weight(part.code, t) for t in system.type_codes])[type_of]
        for part in parts
    }
    if system.not_applicable.scope == "system":
        weights |= _shared_over_the_system(system, weights, applies)
    return weights


def _shared_over_the_system(
    system: IndicatorSystem, weights: Mapping[str, Floats], applies: Mapping[str, Flags]
) -> dict[str, Floats]:
    """Equal shares of what does not apply for everything that does; nodes sum anew."""
    codes = [card.code for card in system.indicators]
    nominal = np.column_stack([weights[code] for code in codes])
    applying = np.column_stack([applies[code] for code in codes])
    shared = _inherit(nominal, applying, NotApplicableRule(share="equal"))
    anew = dict(zip(codes, shared.T, strict=True))
    for node in system.bottom_up:
        below = [anew[child.code] for child in system.children[node.code]]
        anew[node.code] = np.sum(below, axis=0)
    return anew


def _inherit(weights: Floats, applying: Flags, rule: NotApplicableRule) -> Floats:
    """Weights after what does not apply has left: heirs share it equally, or not at all.

    Proportional sharing needs no change here: shares are relative to what is left.
    """
    left = np.where(applying, weights, 0.0)
    if rule.share == "proportional" or rule.scope == "system":
        return left
    heirs = left > 0
    lost = (weights - left).sum(axis=1) / np.maximum(heirs.sum(axis=1), 1)
    return np.where(heirs, left + lost[:, None], 0.0)


def _level(node: Node, values: Floats, applying: Flags, weights: Floats) -> Level:
    present = applying & ~np.isnan(values)
    held = np.where(present, weights, 0.0)
    total, due = held.sum(axis=1), weights.sum(axis=1)
    coverage = np.divide(total, due, out=np.zeros_like(due), where=due > 0)
    empty = ~present.any(axis=1)
    # 1e-12 guards a coverage of 0.6 made of 3/5 from being told it is not 0.6.
    usable = ~empty & (coverage >= node.min_coverage - 1e-12)
    shares = np.divide(held, total[:, None], out=np.zeros_like(held), where=usable[:, None])
    score = np.where(usable, mean_of(node.aggregate)(values, shares), np.nan)
    may_fill = empty & applying.any(axis=1) & (node.if_empty is not None)
    if node.if_empty is not None and node.parent is not None:
        score = np.where(may_fill, node.if_empty.value, score)
    return Level(node.code, score, shares, coverage, may_fill & ~np.isnan(score))


def _is_arithmetic(system: IndicatorSystem, effective: Mapping[str, Floats]) -> Flags:
    weighs = np.column_stack([effective[node.code] for node in system.nodes]) > 0
    other = np.array([node.aggregate != "arithmetic" for node in system.nodes])
    return ~np.any(weighs & other, axis=1)


def _effective_weights(
    system: IndicatorSystem, levels: Mapping[str, Level]
) -> dict[str, Floats]:
    """Products of shares along the path from the root down."""
    effective = {system.root.code: np.ones_like(levels[system.root.code].score)}
    for node in reversed(system.bottom_up):
        shares = levels[node.code].shares.T
        for child, share in zip(system.children[node.code], shares, strict=True):
            effective[child.code] = effective[node.code] * share
    return effective
