"""The tree of a system as the lines of a table: every part with its weights and their sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.scoring.editing.outline import branches_of, children_of
from app.scoring.editing.weighing import (
    Column,
    columns_of,
    shares_of,
    types_of,
    weight_of,
)


@dataclass(frozen=True, slots=True)
class WeightShown:
    """One weight as it is written, and its share of the whole score."""

    weight: str
    share: float


@dataclass(frozen=True, slots=True)
class TreeLine:
    """A node or an indicator where it stands."""

    part: Mapping[str, Any]
    depth: int
    is_node: bool
    is_first: bool
    """Among those of its kind below the same node."""
    is_last: bool
    weights: tuple[WeightShown, ...]
    sums: tuple[Column, ...]
    """Of what stands right below, for a node."""

    @property
    def off(self) -> tuple[Column, ...]:
        """The types for which the weights below do not add up."""
        return tuple(column for column in self.sums if not column.adds_up)


def tree_lines(body: Mapping[str, Any]) -> list[TreeLine]:
    """The whole tree from the root down."""
    shares = shares_of(body)
    types = [str(one.get("code")) for one in types_of(body)]
    return [
        TreeLine(
            part=branch.part,
            depth=branch.depth,
            is_node=branch.is_node,
            is_first=_place(body, branch.part, branch.is_node, 0),
            is_last=_place(body, branch.part, branch.is_node, -1),
            weights=tuple(
                WeightShown(
                    written(weight_of(body, branch.part, one)),
                    shares.get((branch.code, one), 0.0),
                )
                for one in types
            ),
            sums=tuple(columns_of(body, branch.code)) if branch.is_node else (),
        )
        for branch in branches_of(body)
    ]


def written(weight: Decimal | None) -> str:
    """A weight with the digits that it has."""
    return "" if weight is None else format(weight.normalize() + 0, "f")


def _place(body: Mapping[str, Any], part: Mapping[str, Any], is_node: bool, end: int) -> bool:
    beside = _kin(body, part, is_node)
    return bool(beside) and beside[end].get("code") == part.get("code")


def _kin(
    body: Mapping[str, Any], part: Mapping[str, Any], is_node: bool
) -> Sequence[Mapping[str, Any]]:
    parent = part.get("parent")
    if parent is None:
        return [part]
    among = body.get("nodes" if is_node else "indicators") or []
    return [one for one in children_of(body, str(parent)) if one in among]
