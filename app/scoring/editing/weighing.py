"""The weights of a system in the making: whose they are, what they add up to, what is lacking.

Weights are written for region types, or for named vectors in their place; a plain number
stands for the one type there is. A level is the parts right below one node. Sums are taken
on the decimal digits that were written, so that 33.3 + 33.3 + 33.4 is 100.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.scoring.editing.outline import (
    Body,
    children_of,
    copied,
    find_node,
    nodes_of,
    root_of,
)

OWN_WEIGHT = "own_weight"
FINEST = 4
"""Decimals that a weight is ever made with."""


@dataclass(frozen=True, slots=True)
class Column:
    """One region type on one level: what the weights sum to, and what they should."""

    code: str
    name: Mapping[str, str]
    total: Decimal
    due: Decimal | None
    """None where weights are relative and may add up to anything."""

    @property
    def gap(self) -> Decimal:
        """What is lacking (positive) or too much (negative)."""
        return Decimal(0) if self.due is None else self.due - self.total

    @property
    def adds_up(self) -> bool:
        """Whether nothing is lacking and something weighs."""
        return self.gap == 0


def type_key(body: Mapping[str, Any]) -> str:
    """Where the system's columns of weights stand: ``types``, or ``vectors``."""
    return "vectors" if body.get("vectors") and not body.get("types") else "types"


def types_of(body: Mapping[str, Any]) -> Sequence[Body]:
    """The region types or vectors in order."""
    return body.get(type_key(body)) or []


def sums_indicators(body: Mapping[str, Any]) -> bool:
    """Whether a node weighs what its indicators weigh together."""
    return body.get("node_weights") == "sum_of_indicators"


def weight_of(body: Mapping[str, Any], part: Mapping[str, Any], region_type: str) -> Decimal:
    """The weight of a part for a type; 0 where none is written."""
    is_node = any(part.get("code") == node.get("code") for node in nodes_of(body))
    if is_node and sums_indicators(body):
        below = children_of(body, str(part.get("code")))
        return sum((weight_of(body, one, region_type) for one in below), Decimal(0))
    weight = part.get("weight")
    if isinstance(weight, Mapping):
        weight = weight.get(region_type)
    return decimal_of(weight)


def decimal_of(value: object) -> Decimal:
    """A number as it was written; 0 for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(repr(value)) if is_number else Decimal(0)


def columns_of(body: Mapping[str, Any], node: str) -> list[Column]:
    """The sums of a level, type by type."""
    part, below = find_node(body, node), children_of(body, node)
    return [
        Column(
            code=str(one.get("code")),
            name=one.get("name") or {},
            total=sum((weight_of(body, child, one["code"]) for child in below), Decimal(0)),
            due=_due(body, part, one["code"]),
        )
        for one in types_of(body)
    ]


def _due(body: Mapping[str, Any], node: Mapping[str, Any], region_type: str) -> Decimal | None:
    wanted = node.get("weights_sum_to")
    if wanted == OWN_WEIGHT:
        return None if node.get("parent") is None else weight_of(body, node, region_type)
    return None if wanted is None else decimal_of(wanted)


def shares_of(body: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """(part, type) → its share of the whole score, along the path from the root."""
    shares: dict[tuple[str, str], float] = {}
    for one in types_of(body):
        _share_out(body, str(root_of(body).get("code")), one["code"], 1.0, shares)
    return shares


def _share_out(
    body: Mapping[str, Any],
    node: str,
    region_type: str,
    share: float,
    shares: dict[tuple[str, str], float],
) -> None:
    if (node, region_type) in shares:
        return
    shares[node, region_type] = share
    below = children_of(body, node)
    weights = [float(weight_of(body, child, region_type)) for child in below]
    total = sum(weights)
    for child, weight in zip(below, weights, strict=True):
        own = share * weight / total if total else 0.0
        _share_out(body, str(child.get("code")), region_type, own, shares)


def with_weights(body: Mapping[str, Any], weights: Mapping[str, Mapping[str, Decimal]]) -> Body:
    """With other weights, part → type → weight; what is not given stays as it is."""
    changed = copied(body)
    for part in (*changed.get("nodes", ()), *changed.get("indicators", ())):
        if part.get("code") in weights:
            given = weights[part["code"]]
            kept = {one["code"]: weight_of(body, part, one["code"]) for one in types_of(body)}
            part["weight"] = {code: _written(one) for code, one in {**kept, **given}.items()}
    return changed


def with_types(body: Mapping[str, Any], types: Sequence[Mapping[str, Any]]) -> Body:
    """With other region types; a new one begins with the weights of the first one before."""
    changed = copied(body)
    before = [str(one["code"]) for one in types_of(body)]
    weighing = [
        part
        for part in (*changed.get("nodes", ()), *changed.get("indicators", ()))
        if part.get("weight") is not None
    ]
    for part in weighing:
        old = {code: weight_of(body, part, code) for code in before}
        first = old[before[0]] if before else Decimal(0)
        part["weight"] = {one["code"]: _written(old.get(one["code"], first)) for one in types}
    changed[type_key(body)] = [dict(one) for one in types]
    return changed


def even(due: Decimal, count: int) -> list[Decimal]:
    """`due` in equal parts with as few decimals as it takes; the first ones take the rest."""
    return shared_out(due, [Decimal(1)] * count, decimals=_decimals([due]))


def scaled(weights: Sequence[Decimal], due: Decimal) -> list[Decimal]:
    """The weights in the same proportions, adding up to `due` exactly."""
    return shared_out(due, weights, decimals=_decimals([*weights, due]))


def shared_out(due: Decimal, parts: Sequence[Decimal], *, decimals: int) -> list[Decimal]:
    """`due` in these proportions, rounded by largest remainders so that the sum is exact.

    One decimal more than asked for where whole steps would not do; all 0 where nothing weighs.
    """
    total = sum(parts, Decimal(0))
    if total <= 0:
        return [Decimal(0) for _ in parts]
    exact = [due * part / total for part in parts]
    fits = all(value == round(value, decimals) for value in exact)
    step = Decimal(1).scaleb(-(decimals if fits else min(max(decimals, 1), FINEST)))
    steps = [int(value / step) for value in exact]
    left = int(due / step) - sum(steps)
    order = sorted(range(len(parts)), key=lambda i: (steps[i] * step - exact[i], i))
    for i in [i for i in order if parts[i]][:left]:
        steps[i] += 1
    return [(number * step).normalize() + 0 for number in steps]


def _decimals(values: Sequence[Decimal]) -> int:
    """The most decimals that any of the values has."""
    places = [-int(value.normalize().as_tuple().exponent) for value in values if value]
    return min(max([0, *places]), FINEST)


def _written(weight: Decimal) -> int | float:
    whole = weight == weight.to_integral_value()
    return int(weight) if whole else float(weight)
