"""Aggregation: from indicator scores, node by node, to the score of the root.

Everything is a matrix of units: at every node the scores of its children (units × children)
meet their shares (units × children, rows sum to 1). Shares start from the weights of the
unit's region type; what does not apply hands its weight on by the system's rule; what is
missing is weighted away among its siblings. The effective weight of an indicator is the
product of the shares on its path, so in an arithmetic tree Σ effective weight · score is
the score of the root.

Shares depend on which scores there are, not on the scores: `weigh` makes them, and
`level_scores` can be called again and again with other scores, as simulations do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.scoring.definition.cards import (
    IndicatorCard,
    Node,
    NotApplicableRule,
    is_arithmetic,
)
from app.scoring.definition.system import IndicatorSystem
from app.scoring.steps.arrangement import Integers
from app.scoring.steps.means import mean_of
from app.survey.sample import Flags, Floats

PartWeights = Mapping[str, Floats]
"""Node or indicator → its nominal weight inside its parent, one for each region type."""


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
class Weighing:
    """What the children of one node weigh in it, one entry (or row) per unit."""

    shares: Floats
    coverage: Floats
    usable: Flags
    """True where enough of the weight has a score."""
    filled: Flags


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
    weighings = weigh(
        system,
        present=~np.isnan(scores),
        applicable=applicable,
        type_of=type_of,
        weights=nominal_weights(system),
    )
    found = level_scores(system, weighings, scores)
    levels = {
        code: Level(code, found[code], one.shares, one.coverage, one.filled)
        for code, one in weighings.items()
    }
    effective = _effective_weights(system, weighings)
    codes = [card.code for card in system.indicators]
    return Aggregation(
        score=found[system.root.code],
        levels=levels,
        effective=effective,
        indicator_weights=np.column_stack([effective[code] for code in codes]),
        arithmetic=_is_arithmetic(system, effective),
    )


def nominal_weights(system: IndicatorSystem) -> PartWeights:
    """What the system's file says, as arrays over the region types."""
    parts: list[Node | IndicatorCard] = [*system.indicators, *system.bottom_up]
    return {
        part.code: np.array([system.weight(part.code, t) for t in system.type_codes])
        for part in parts
    }


def weigh(
    system: IndicatorSystem,
    *,
    present: Flags,
    applicable: Flags,
    type_of: Integers,
    weights: PartWeights,
) -> dict[str, Weighing]:
    """Node → what its children weigh, bottom up; `present`: which scores there are."""
    codes = [card.code for card in system.indicators]
    there = dict(zip(codes, present.T, strict=True))
    applies = dict(zip(codes, applicable.T, strict=True))
    own = {code: weight[type_of] for code, weight in weights.items()}
    if system.not_applicable.scope == "system":
        own |= _shared_over_the_system(system, own, applies)
    weighings: dict[str, Weighing] = {}
    for node in system.bottom_up:
        below = [child.code for child in system.children[node.code]]
        weighing = np.column_stack([own[code] for code in below])
        applying = np.column_stack([applies[code] for code in below])
        inherited = _inherit(weighing, applying, system.not_applicable)
        applying &= weighing > 0
        held = applying & np.column_stack([there[code] for code in below])
        weighings[node.code] = one = _weighing(node, held, applying, inherited)
        there[node.code] = one.usable | one.filled
        applies[node.code] = applying.any(axis=1)
    return weighings


def level_scores(
    system: IndicatorSystem, weighings: Mapping[str, Weighing], scores: Floats
) -> dict[str, Floats]:
    """Node → its score for every unit, from `scores` (units × indicators)."""
    codes = [card.code for card in system.indicators]
    score_of: dict[str, Floats] = dict(zip(codes, scores.T, strict=True))
    for node in system.bottom_up:
        below = [score_of[child.code] for child in system.children[node.code]]
        one = weighings[node.code]
        # Children lie one after another in memory, so that sums over them run along units.
        score = mean_of(node.aggregate)(np.array(below).T, one.shares)
        score = np.where(one.usable, score, np.nan)
        if node.if_empty is not None:
            score = np.where(one.filled, node.if_empty.value, score)
        score_of[node.code] = score
    return {node.code: score_of[node.code] for node in system.bottom_up}


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


def _weighing(node: Node, present: Flags, applying: Flags, weights: Floats) -> Weighing:
    held = np.where(present, weights, 0.0)
    total, due = held.sum(axis=1), weights.sum(axis=1)
    coverage = np.divide(total, due, out=np.zeros_like(due), where=due > 0)
    empty = ~present.any(axis=1)
    # 1e-12 guards a coverage of 0.6 made of 3/5 from being told it is not 0.6.
    usable = ~empty & (coverage >= node.min_coverage - 1e-12)
    shares = np.divide(held, total[:, None], out=np.zeros_like(held), where=usable[:, None])
    filled = np.zeros_like(empty)
    if node.if_empty is not None and node.parent is not None:
        filled |= empty & applying.any(axis=1)
    return Weighing(shares, coverage, usable, filled)


def _is_arithmetic(system: IndicatorSystem, effective: Mapping[str, Floats]) -> Flags:
    weighs = np.column_stack([effective[node.code] for node in system.nodes]) > 0
    other = np.array([not is_arithmetic(node.aggregate) for node in system.nodes])
    return ~np.any(weighs & other, axis=1)


def _effective_weights(
    system: IndicatorSystem, weighings: Mapping[str, Weighing]
) -> dict[str, Floats]:
    """Products of shares along the path from the root down."""
    effective = {system.root.code: np.ones_like(weighings[system.root.code].coverage)}
    for node in reversed(system.bottom_up):
        shares = weighings[node.code].shares.T
        for child, share in zip(system.children[node.code], shares, strict=True):
            effective[child.code] = effective[node.code] * share
    return effective
