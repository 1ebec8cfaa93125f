"""What changed between two versions of a system: the weights as a table, the rest as a list.

Parts are known by their codes, so that a new name is not a new indicator. Weights are kept
apart because two people have to want them; a share of the whole score is given beside each,
since a weight can keep its number and lose its importance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from app.scoring.editing.outline import branches_of, cards_of, nodes_of
from app.scoring.editing.weighing import shares_of, types_of, weight_of

Thing = Literal["system", "type", "node", "indicator", "item", "family", "grade", "gap"]
LANGUAGES = frozenset({"zh-Hans", "en"})
UNTOLD = frozenset({"code", "weight", "schema", "version", "grade"})
VISIBLE = 0.0005
"""Half of a tenth of a percent, in which shares are printed."""
LISTS: Mapping[str, tuple[Thing, str]] = {
    "types": ("type", "code"),
    "vectors": ("type", "code"),
    "nodes": ("node", "code"),
    "indicators": ("indicator", "code"),
    "adjustments.items": ("item", "code"),
    "adjustments.families": ("family", "code"),
    "grade.scale": ("grade", "grade"),
    "perception_gaps": ("gap", "code"),
}
"""Lists of things with a code of their own, each under its place in the file."""


@dataclass(frozen=True, slots=True)
class WeightCell:
    """One weight before and after; None where the part or the type was not there."""

    before: Decimal | None
    after: Decimal | None
    share_before: float | None
    share_after: float | None
    """Of the whole score, from 0 to 1."""

    @property
    def changed(self) -> bool:
        """Whether the weight is another one."""
        return self.before != self.after

    @property
    def shifted(self) -> bool:
        """Whether its share of the whole score is another one by what a reader could see."""
        return abs((self.share_after or 0.0) - (self.share_before or 0.0)) >= VISIBLE


@dataclass(frozen=True, slots=True)
class WeightRow:
    """The weights of one part, for every type before or after."""

    code: str
    name: Mapping[str, str]
    depth: int
    is_node: bool
    cells: tuple[WeightCell, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Anything else that is different."""

    kind: Literal["added", "removed", "changed"]
    thing: Thing
    code: str
    name: Mapping[str, str]
    field: str = ""
    """Dotted, as ``normalise.bounds.satisfactory``."""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything from one version to another."""

    types: tuple[Mapping[str, Any], ...]
    """The columns of the weights: types after, then those that are gone."""
    weights: tuple[WeightRow, ...]
    shifted: tuple[WeightRow, ...]
    """Parts whose weights stand, and whose share of the whole moved with others."""
    changes: tuple[Change, ...]

    @property
    def weights_changed(self) -> int:
        """How many weights are other ones."""
        return sum(cell.changed for row in self.weights for cell in row.cells)

    @property
    def nothing(self) -> bool:
        """Whether both say the same."""
        return not self.weights and not self.changes


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Differences:
    """Every difference from `old` to `new`."""
    after = list(types_of(new))
    kept = {one.get("code") for one in after}
    columns = [*after, *(one for one in types_of(old) if one.get("code") not in kept)]
    rows = list(_weight_rows(old, new, [str(one.get("code")) for one in columns]))
    changed = [row for row in rows if any(cell.changed for cell in row.cells)]
    shifted = [row for row in rows if any(cell.shifted for cell in row.cells)]
    return Differences(
        types=tuple(columns),
        weights=tuple(changed),
        shifted=tuple(row for row in shifted if row not in changed),
        changes=tuple(_changes(old, new)),
    )


def _weight_rows(
    old: Mapping[str, Any], new: Mapping[str, Any], types: Sequence[str]
) -> Iterator[WeightRow]:
    here, there = _Weighed(old), _Weighed(new)
    present = {branch.code for branch in branches_of(new)}
    gone = [branch for branch in branches_of(old) if branch.code not in present]
    for branch in (*branches_of(new), *gone):
        if branch.part.get("parent") is None:
            continue
        cells = tuple(
            WeightCell(
                here.weight(branch.code, one),
                there.weight(branch.code, one),
                here.shares.get((branch.code, one)),
                there.shares.get((branch.code, one)),
            )
            for one in types
        )
        name = branch.part.get("name") or {}
        yield WeightRow(branch.code, name, branch.depth, branch.is_node, cells)


class _Weighed:
    """The weights and shares of one side."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body
        self._parts = {part.get("code"): part for part in (*nodes_of(body), *cards_of(body))}
        self._types = {one.get("code") for one in types_of(body)}
        self.shares = shares_of(body)

    def weight(self, code: str, region_type: str) -> Decimal | None:
        part = self._parts.get(code)
        if part is None or region_type not in self._types:
            return None
        return weight_of(self._body, part, region_type)


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for place, (thing, key) in LISTS.items():
        before, after = (_keyed(_at(side, place), key) for side in (old, new))
        yield from _come_and_gone(thing, before, after)
        for code in (code for code in after if code in before):
            name = after[code].get("name") or {}
            yield from _fields(thing, (code, name), before[code], after[code])
    who = (str(new.get("code")), new.get("title") or {})
    yield from _fields("system", who, _without_lists(old), _without_lists(new))


def _come_and_gone(
    thing: Thing, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    for code in (code for code in before if code not in after):
        yield Change("removed", thing, code, before[code].get("name") or {})
    for code in (code for code in after if code not in before):
        yield Change("added", thing, code, after[code].get("name") or {})


def _fields(
    thing: Thing,
    who: tuple[str, Mapping[str, str]],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Iterator[Change]:
    before, after = dict(_leaves(old)), dict(_leaves(new))
    for field in dict.fromkeys((*after, *before)):
        sides = before.get(field, ""), after.get(field, "")
        if sides[0] != sides[1]:
            yield Change("changed", thing, *who, field, *sides)


def _leaves(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if not above and key in UNTOLD:
            continue
        field = f"{above}.{key}" if above else key
        if isinstance(inner, Mapping):
            yield from _leaves(inner, field)
        elif inner is not None:
            yield field, _shown(inner)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, list | tuple):
        return ", ".join(_shown(one) for one in value)
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_shown(one)}" for key, one in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _without_lists(body: Mapping[str, Any]) -> dict[str, Any]:
    named = {place for place in LISTS if "." not in place}
    whole = {key: value for key, value in body.items() if key not in named}
    for place in (place for place in LISTS if "." in place):
        outer, _, inner = place.partition(".")
        if isinstance(whole.get(outer), Mapping):
            whole[outer] = {k: v for k, v in whole[outer].items() if k != inner}
    return whole


def _at(body: Mapping[str, Any], place: str) -> Sequence[Mapping[str, Any]]:
    value: Any = body
    for key in place.split("."):
        value = (value or {}).get(key)
    return value or []


def _keyed(things: Sequence[Mapping[str, Any]], key: str) -> dict[str, Mapping[str, Any]]:
    return {str(one.get(key)): one for one in things}
