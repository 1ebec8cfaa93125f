"""Whether the tree of an indicator system holds together, and its weights add up.

One function per rule of the table of validations: E101 sums of weights, E102 weights for
every type, E103 the tree, E104 opt-in evidence. Methods are looked at in `method_soundness`,
the rules after the sum in `rule_soundness`, doubts in `doubt_soundness`. Each function takes
the parts of the file it speaks of and yields Problems.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.errors import Problem
from app.scoring.complaints.speech import Fact, listed, named, named_by, nearest, written
from app.scoring.complaints.table import complain
from app.scoring.definition.cards import IndicatorCard, Node, RegionType, Weight
from app.survey.text import Text

TOLERANCE = 1e-9

Part = Node | IndicatorCard


@dataclass(frozen=True, slots=True)
class WeightSets:
    """What weights are written for: region types, or named vectors in their place."""

    kind: Text
    of: tuple[RegionType, ...]

    @property
    def codes(self) -> list[str]:
        """Their codes in the order of the file."""
        return [one.code for one in self.of]


REGION_TYPE = Text(zh="类型", en="type")
VECTOR = Text(zh="权重向量", en="vector")


def weight_sets(
    types: tuple[RegionType, ...], vectors: tuple[RegionType, ...]
) -> WeightSets | None:
    """What weights are written for; None where the file says both or neither."""
    if bool(types) == bool(vectors):
        return None
    return WeightSets(REGION_TYPE, types) if types else WeightSets(VECTOR, vectors)


def weight_set_problems(
    types: Sequence[RegionType], vectors: Sequence[RegionType]
) -> Iterator[Problem]:
    """E102: a system has region types or weight vectors, not both."""
    if types and vectors:
        lists = {"types": listed(map(named, types)), "vectors": listed(map(named, vectors))}
        yield complain("types_and_vectors", "vectors", **lists)
    elif not types and not vectors:
        yield complain("neither_types_nor_vectors", "types")


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
    roots = [node for node in nodes if node.parent is None]
    if len(roots) != 1:
        yield complain(
            "number_of_roots", "nodes", n=len(roots), roots=listed(map(named, roots))
        )
    known, leaves = {node.code for node in nodes}, {card.code for card in cards}
    for here, part in parts_with_places(nodes, cards):
        if part.parent is not None and part.parent not in known:
            key = "parent_is_indicator" if part.parent in leaves else "parent_unknown"
            near = nearest(part.parent, [node.code for node in nodes])
            where = f"{here}.parent"
            yield complain(key, where, value=part.parent, part=named(part), near=near)
        if isinstance(part, IndicatorCard) and part.code in known:
            where = f"{here}.code"
            yield complain("code_of_a_node", where, value=part.code, part=named(part))
    with_children = {part.parent for _, part in parts_with_places(nodes, cards)}
    for i, node in enumerate(nodes):
        if node.code not in with_children:
            yield complain("nothing_below", f"nodes[{i}]", part=named(node))
    yield from _circle_problems(nodes)


def _circle_problems(nodes: Sequence[Node]) -> Iterator[Problem]:
    """Every circle once, at the first of its nodes."""
    parents = {node.code: node.parent for node in nodes}
    told: set[str] = set()
    for i, node in enumerate(nodes):
        circle = _circle(node.code, parents)
        if circle and not told & set(circle):
            told |= set(circle)
            chain = [named_by(code, nodes) for code in [*circle, node.code]]
            both = Text(
                zh=" → ".join(name.zh for name in chain),
                en=" → ".join(name.en for name in chain),
            )
            place = f"nodes[{i}].parent"
            yield complain("circle", place, value=node.parent, part=named(node), chain=both)


def _circle(code: str, parents: Mapping[str, str | None]) -> list[str]:
    """The nodes from `code` up until it comes again; empty where it never does."""
    way = [code]
    at = parents.get(code)
    while at is not None and at not in way:
        way.append(at)
        at = parents.get(at)
    return way if at == code else []


def weight_problems(
    nodes: Sequence[Node], cards: Sequence[IndicatorCard], *, sets: WeightSets, summed: bool
) -> Iterator[Problem]:
    """E102: every weight is given, for every region type and for no other.

    `summed`: the system sums the weights of its indicators, so that nodes have none.
    """
    for here, part in parts_with_places(nodes, cards):
        place = f"{here}.weight"
        is_root = isinstance(part, Node) and part.parent is None
        states_none = is_root or (isinstance(part, Node) and summed)
        if states_none and part.weight is not None:
            key = "root_weighs" if is_root else "summed_node_weighs"
            yield complain(key, place, part=named(part))
        elif not states_none:
            yield from _weight_problems(part, place, sets)


def _weight_problems(part: Part, here: str, sets: WeightSets) -> Iterator[Problem]:
    weight, whose = part.weight, named(part)
    if weight is None:
        yield complain("weight_absent", here, part=whose)
    elif not isinstance(weight, Mapping):
        if len(sets.of) > 1:
            facts: dict[str, Fact] = {"part": whose, "kind": sets.kind, "n": len(sets.of)}
            facts["types"] = listed(map(named, sets.of))
            yield complain("one_weight_for_several", here, value=weight, **facts)
    else:
        for lacking in (one for one in sets.of if one.code not in weight):
            kind, name = sets.kind, named(lacking)
            yield complain("weight_lacks_type", here, part=whose, kind=kind, type=name)
        for unknown in (code for code in weight if code not in sets.codes):
            facts = {"part": whose, "kind": sets.kind, "near": nearest(unknown, sets.codes)}
            place = f"{here}.{unknown}"
            yield complain("weight_for_unknown_type", place, value=unknown, **facts)


def weight_for(weight: Weight | None, region_type: str) -> float | None:
    """The weight of a node or indicator for a region type, None where there is none."""
    return weight.get(region_type) if isinstance(weight, Mapping) else weight


def sum_problems(
    nodes: Sequence[Node], cards: Sequence[IndicatorCard], *, sets: WeightSets, summed: bool
) -> Iterator[Problem]:
    """E101: weights below a node add up to what it declares; none weighs without content."""
    parts: list[Part] = [*nodes, *cards]
    for i, node in enumerate(nodes):
        if node.weights_sum_to == "own_weight" and node.parent is None:
            yield complain(
                "root_has_no_own_weight", f"nodes[{i}].weights_sum_to", node=named(node)
            )
        for region_type in sets.of:
            weigh = _Weigh(parts, region_type.code, summed)
            children = [(part, weigh.one(part)) for part in parts if part.parent == node.code]
            facts = {"node": named(node), "kind": sets.kind, "type": named(region_type)}
            yield from _sum_problems(i, node, children, weigh.one(node), facts)


@dataclass(frozen=True, slots=True)
class _Weigh:
    """The weights of a tree for one region type."""

    parts: Sequence[Part]
    region_type: str
    summed: bool

    def one(self, part: Part, above: tuple[str, ...] = ()) -> float | None:
        """The weight of a part, summed where nodes sum; None where it is not known."""
        if isinstance(part, IndicatorCard) or not self.summed:
            return weight_for(part.weight, self.region_type)
        if part.code in above:
            return None  # a circle, of which E103 has been said
        below = [
            self.one(child, (*above, part.code))
            for child in self.parts
            if child.parent == part.code
        ]
        known = [weight for weight in below if weight is not None]
        return sum(known) if len(known) == len(below) else None


def _sum_problems(
    i: int,
    node: Node,
    children: Sequence[tuple[Part, float | None]],
    own: float | None,
    facts: Mapping[str, Text],
) -> Iterator[Problem]:
    weights = [weight for _, weight in children if weight is not None]
    if not children or len(weights) < len(children):
        return  # E102 or E103 has been said of it
    total = sum(weights)
    parts = listed(
        Text(zh=f"{part.name.zh} {written(weight)}", en=f"{part.name.en} {written(weight)}")
        for part, weight in children
    )
    if total == 0 and (node.parent is None or own not in (None, 0)):
        yield complain("nothing_weighs", f"nodes[{i}]", parts=parts, **facts)
    due = own if node.weights_sum_to == "own_weight" else node.weights_sum_to
    if node.parent is None and node.weights_sum_to == "own_weight":
        due = None
    if due is not None and abs(total - due) > TOLERANCE:
        key = "weights_fall_short" if due > total else "weights_exceed"
        sums = {"total": total, "due": due, "gap": round(abs(due - total), 9), "parts": parts}
        yield complain(key, f"nodes[{i}].weights_sum_to", **sums, **facts)


def evidence_problems(
    cards: Sequence[IndicatorCard], *, sets: WeightSets | None, reason: Text | None
) -> Iterator[Problem]:
    """E104: opt-in answers carry no weight, unless the system says why they may.

    `reason`: why the system accepts them; None where it does not.
    """
    if reason is not None:
        if not (reason.zh.strip() and reason.en.strip()):
            yield complain("opt_in_without_reason", "opt_in_accepted.reason")
        return
    for i, card in enumerate(cards):
        weights = _positive_weights(card.weight, sets)
        if card.evidence == "opt_in" and weights is not None:
            place = f"indicators[{i}].weight"
            yield complain("opt_in_weighs", place, part=named(card), weights=weights)


def _positive_weights(weight: Weight, sets: WeightSets | None) -> Text | None:
    """The weights above 0, each with its type; None where there is none."""
    if not isinstance(weight, Mapping):
        return Text(zh=written(weight), en=written(weight)) if weight > 0 else None
    names = {one.code: one.name for one in sets.of} if sets else {}
    above = [
        Text(
            zh=f"{names[code].zh if code in names else code} {written(found)}",
            en=f"{names[code].en if code in names else code} {written(found)}",
        )
        for code, found in weight.items()
        if found > 0
    ]
    return listed(above) if above else None
