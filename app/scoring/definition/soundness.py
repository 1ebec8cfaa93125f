"""Whether an indicator system holds together: every mistake of sense, named, with its cure.

One function per rule of the table of validations: E101 sums of weights, E102 weights for
every type, E103 the tree, E104 opt-in evidence, E105 bounds, E106 geometric means, E302
grades and adjustments. Each takes the parts of the file it speaks of and yields Problems.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise

import numpy as np

from app.errors import Problem
from app.scoring.definition.cards import (
    IndicatorCard,
    MissingRule,
    Node,
    Weight,
    needs_positive,
)
from app.scoring.definition.curves import curve_of, extent
from app.scoring.definition.methods import (
    Efficacy,
    FixedBounds,
    Goalposts,
    Method,
    MinMax,
    Piecewise,
    Position,
    ZScore,
)

TOLERANCE = 1e-9

Part = Node | IndicatorCard


def parts_with_places(
    nodes: Sequence[Node], cards: Sequence[IndicatorCard]
) -> list[tuple[str, Part]]:
    """Every node and indicator with its place in the file."""
    return [
        *((f"nodes[{i}]", node) for i, node in enumerate(nodes)),
        *((f"indicators[{i}]", card) for i, card in enumerate(cards)),
    ]


def tree_problems(nodes: Sequence[Node], cards: Sequence[IndicatorCard]) -> Iterator[Problem]:
    """E103: one root, known parents, no circle, no leafless node, no code used twice."""
    parents = {node.code: node.parent for node in nodes}
    roots = [node.code for node in nodes if node.parent is None]
    if len(roots) != 1:
        message = f"E103 the tree has {len(roots)} roots: {', '.join(roots) or 'none'}"
        yield Problem("nodes", message, "Exactly one node has `parent: null`.")
    for here, part in parts_with_places(nodes, cards):
        if part.parent is not None and part.parent not in parents:
            message = f"E103 the parent of {part.code} does not exist"
            cure = _did_you_mean(part.parent, list(parents))
            yield Problem(f"{here}.parent", message, cure, part.parent)
        if isinstance(part, IndicatorCard) and part.code in parents:
            message = "E103 a node has the same code"
            yield Problem(f"{here}.code", message, "Codes must be unique.", part.code)
    with_children = {part.parent for _, part in parts_with_places(nodes, cards)}
    for i, node in enumerate(nodes):
        if node.code not in with_children:
            message = f"E103 {node.code} has nothing below it"
            yield Problem(f"nodes[{i}]", message, "Give it an indicator, or remove it.")
        if _leads_back(node, parents):
            message = f"E103 the parents of {node.code} lead in a circle"
            yield Problem(f"nodes[{i}].parent", message, "Break the circle.", node.parent)


def _leads_back(node: Node, parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    at: str | None = node.code
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at is not None


def _did_you_mean(code: str, known: list[str]) -> str:
    close = get_close_matches(code, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Nodes: {', '.join(known)}."


def weight_problems(
    nodes: Sequence[Node], cards: Sequence[IndicatorCard], *, types: Sequence[str], summed: bool
) -> Iterator[Problem]:
    """E102: every weight is given, for every region type and for no other.

    `summed`: the system sums the weights of its indicators, so that nodes have none.
    """
    for here, part in parts_with_places(nodes, cards):
        states_none = isinstance(part, Node) and (part.parent is None or summed)
        if states_none and part.weight is not None:
            why = "its indicators' weights are summed" if summed else "the root has none"
            yield Problem(f"{here}.weight", f"E102 {part.code}: {why}", "Remove it.")
        elif not states_none:
            yield from _type_problems(part, f"{here}.weight", types)


def _type_problems(part: Part, here: str, types: Sequence[str]) -> Iterator[Problem]:
    weight = part.weight
    if weight is None:
        yield Problem(here, f"E102 {part.code} has no weight", "Write 0 if it does not count.")
    elif not isinstance(weight, Mapping):
        if len(types) > 1:
            message = f"E102 {part.code} has one weight for {len(types)} region types"
            yield Problem(here, message, f"Write one for each: {', '.join(types)}.", weight)
    else:
        for missing in (t for t in types if t not in weight):
            message = f"E102 {part.code} has no weight for the region type {missing}"
            yield Problem(here, message, "Write 0 if it does not count.")
        for unknown in (t for t in weight if t not in types):
            message = f"E102 {part.code} has a weight for a region type that is not defined"
            yield Problem(f"{here}.{unknown}", message, f"Types: {', '.join(types)}.", unknown)


def weight_for(weight: Weight | None, region_type: str) -> float | None:
    """The weight of a node or indicator for a region type, None where there is none."""
    return weight.get(region_type) if isinstance(weight, Mapping) else weight


def sum_problems(
    nodes: Sequence[Node], cards: Sequence[IndicatorCard], types: Sequence[str]
) -> Iterator[Problem]:
    """E101: weights below a node add up to what it declares; none weighs without content."""
    for i, node in enumerate(nodes):
        children: list[Part] = [p for p in nodes if p.parent == node.code]
        children += [p for p in cards if p.parent == node.code]
        for region_type in types:
            weights = {c.code: weight_for(c.weight, region_type) for c in children}
            if any(weight is None for weight in weights.values()):
                continue  # E102 has been said of it
            total = sum(w for w in weights.values() if w is not None)
            own = weight_for(node.weight, region_type)
            weighs = own != 0 if own is not None else node.parent is None
            if children and total == 0 and weighs:
                message = f"E101 everything below {node.code} weighs 0 for type {region_type}"
                cure = "Give a weight, or write 0 for the node too."
                yield Problem(f"nodes[{i}]", message, cure)
            due = own if node.weights_sum_to == "own_weight" else node.weights_sum_to
            if due is not None and abs(total - due) > TOLERANCE:
                yield _sum_problem(i, node.code, region_type, due=due, weights=weights)


def _sum_problem(
    i: int, code: str, region_type: str, *, due: float, weights: Mapping[str, float | None]
) -> Problem:
    total = sum(w for w in weights.values() if w is not None)
    parts = ", ".join(f"{child} {weight:g}" for child, weight in weights.items())
    message = (
        f"E101 the weights below {code} sum to {total:.10g} for type {region_type}, "
        f"and should be {due:.10g}: {parts}"
    )
    cure = f"Add {due - total:.10g}." if due > total else f"Take off {total - due:.10g}."
    return Problem(f"nodes[{i}].weights_sum_to", message, cure)


def evidence_problems(cards: Sequence[IndicatorCard], *, accepted: bool) -> Iterator[Problem]:
    """E104: opt-in answers are diagnostic; they weigh 0 unless accepted with a reason."""
    for i, card in enumerate(cards):
        weights = card.weight.values() if isinstance(card.weight, Mapping) else [card.weight]
        if card.evidence == "opt_in" and max(weights, default=0) > 0 and not accepted:
            message = f"E104 {card.code} rests on opt-in answers and has a weight"
            cure = "Write weight 0, or state opt_in_accepted with its reason."
            yield Problem(f"indicators[{i}].weight", message, cure, max(weights))


def bound_problems(cards: Sequence[IndicatorCard]) -> Iterator[Problem]:
    """E105: bounds that coincide, or that contradict the direction of the indicator."""
    for i, card in enumerate(cards):
        for message, cure in _method_problems(card.normalise, card.direction):
            yield Problem(f"indicators[{i}].normalise", f"E105 {card.code}: {message}", cure)
        if card.plausible and card.plausible.lowest >= card.plausible.highest:
            message = f"E105 {card.code}: the plausible range is empty"
            yield Problem(f"indicators[{i}].plausible", message, "`to` must exceed `from`.")


def _method_problems(method: Method, direction: int) -> Iterator[tuple[str, str]]:
    if isinstance(method, Efficacy):
        yield from _efficacy_problems(method, direction)
    elif isinstance(method, MinMax) and method.range[0] >= method.range[1]:
        yield f"the range {list(method.range)} does not rise", "Write the lower end first."
    elif isinstance(method, Goalposts):
        if method.lower >= method.upper:
            message = f"lower {method.lower:g} is not below upper {method.upper:g}"
            yield message, "The direction turns the scale, not the goalposts."
        if method.log and method.lower <= 0:
            yield f"lower {method.lower:g} has no logarithm", "Use a positive goalpost."
    elif isinstance(method, Piecewise):
        xs = [x for x, _ in method.points]
        if any(b <= a for a, b in pairwise(xs)):
            yield "the values of its points do not rise", "Order them, each once."


def _efficacy_problems(method: Efficacy, direction: int) -> Iterator[tuple[str, str]]:
    if method.base >= method.top:
        yield f"base {method.base:g} is not below top {method.top:g}", "Correct one."
    if method.method == "efficacy_exp" and method.base <= 0:
        yield f"base {method.base:g} is not positive", "The exponential form needs it."
    if not isinstance(method.bounds, FixedBounds):
        return
    worst, best = method.bounds.unacceptable, method.bounds.satisfactory
    if worst == best:
        yield f"satisfactory and unacceptable are both {best:g}", "Set them apart."
    elif (best - worst) * direction < 0:
        order = "above" if direction < 0 else "below"
        way = "less" if direction < 0 else "more"
        is_where = f"satisfactory {best:g} is {order} unacceptable {worst:g}"
        yield f"{is_where}, but {way} is better", "Swap them, or correct the direction."


def positivity_problems(
    nodes: Sequence[Node], cards: Sequence[IndicatorCard]
) -> Iterator[Problem]:
    """E106: no score that can reach 0 or less stands below a geometric or harmonic mean."""
    tree = {node.code: node for node in nodes}
    for i, below in enumerate(nodes):
        node = mean_needing_positive(below, tree)
        if node is not None and below.if_empty is not None and below.if_empty.value <= 0:
            message = f"E106 {below.code} may be filled below the {tree[node].aggregate} {node}"
            cure = "Use a positive value, or the arithmetic mean."
            yield Problem(f"nodes[{i}].if_empty", message, cure, below.if_empty.value)
    for i, card in enumerate(cards):
        node = mean_needing_positive(card, tree)
        if node is None:
            continue
        lowest = _lowest_score(card)
        if lowest is None or lowest <= 0:
            reach = "has no lower limit" if lowest is None else f"can fall to {lowest:g}"
            message = f"E106 {node} is a {tree[node].aggregate} mean, but {card.code} {reach}"
            cure = "Use a base of 1 or more, state `plausible`, or use the arithmetic mean."
            yield Problem(f"indicators[{i}].normalise", message, cure)


def mean_needing_positive(part: Part, tree: Mapping[str, Node]) -> str | None:
    """The node right above `part` where its mean is only defined for positive scores.

    Higher up the scores of `part` are mixed with others, which is looked at when they are
    known (`steps.definedness`).
    """
    above = tree.get(part.parent or "")
    return above.code if above is not None and needs_positive(above.aggregate) else None


def _lowest_score(card: IndicatorCard) -> float | None:
    """The least score the method can give; over the plausible range where it is fixed."""
    method = card.normalise
    if isinstance(method, MinMax):
        return min(method.range)
    if isinstance(method, Position):
        return 1.0 if method.method == "rank" else 0.0
    if isinstance(method, ZScore):
        return None
    if isinstance(method, Efficacy) and (method.clip or method.bounds == "data"):
        return method.base
    if isinstance(method, Piecewise):
        return min(y for _, y in method.points)
    if method.uses_data:
        return 0.0
    if card.plausible is None or list(_method_problems(method, card.direction)):
        return 0.0 if isinstance(method, Goalposts) and method.clip else None
    low, high = card.plausible.lowest, card.plausible.highest
    if low <= 0 and isinstance(method, Goalposts) and method.log:
        return None
    curve = curve_of(method, card.direction, np.empty(0))
    return extent(method, curve, low, high)[0]


def missing_rule_problems(
    rule: MissingRule, cards: Sequence[IndicatorCard]
) -> Iterator[Problem]:
    """A fixed score for a missing value needs the score, and only that rule has one."""
    stated = [("missing", rule)]
    stated += [
        (f"indicators[{i}].missing", card.missing)
        for i, card in enumerate(cards)
        if card.missing is not None
    ]
    for here, found in stated:
        if (found.rule == "fixed") != (found.value is not None):
            wanted = "needs a `value`" if found.rule == "fixed" else "takes no `value`"
            yield Problem(here, f"the rule {found.rule} {wanted}", "Correct it.")
