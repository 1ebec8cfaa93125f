"""Edits of an indicator system that is held as plain values: its tree, parts, region types.

Every function takes a body, the mapping that the file would hold, and returns a new one; the
body given is never changed. A body here has the shape of a system and may lack anything
else. A *part* is a node (a class of indicators, or the root) or an indicator. What is wrong
with a body is said by the reader of the files; weights are in `weighing`.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import NotFound, WrongState

Body = dict[str, Any]
SCHEMA = "minxin-system/1"
WHOLE = 100
ROOT = "total"
BELOW_THE_SYSTEM = ("nodes", "indicators")


@dataclass(frozen=True, slots=True)
class Branch:
    """A part where it stands in the tree."""

    part: Mapping[str, Any]
    depth: int
    """0 for the root."""
    is_node: bool

    @property
    def code(self) -> str:
        """The part's code."""
        return str(self.part.get("code"))


def empty_system(code: str, title: Mapping[str, str], *, begins: str) -> Body:
    """A system with nothing but a root that holds 100 points, for one region type."""
    root_name = {"zh-Hans": "综合得分", "en": "Overall score"}
    everybody = {"code": "all", "name": {"zh-Hans": "全部地区", "en": "All areas"}}
    return {
        "schema": SCHEMA,
        "code": code,
        "version": 1,
        "title": dict(title),
        "effective": {"from": begins, "document": {}},
        "types": [everybody],
        "missing": {"rule": "redistribute"},
        "nodes": [{"code": ROOT, "name": root_name, "parent": None, "weights_sum_to": WHOLE}],
        "indicators": [],
        "rank": {"scope": "type", "decimals": 2, "ties": "min"},
    }


def nodes_of(body: Mapping[str, Any]) -> Sequence[Body]:
    """The nodes in the order of the file."""
    return body.get("nodes") or []


def cards_of(body: Mapping[str, Any]) -> Sequence[Body]:
    """The indicators in the order of the file."""
    return body.get("indicators") or []


def root_of(body: Mapping[str, Any]) -> Body:
    """The node that stands at the top, or NotFound."""
    for node in nodes_of(body):
        if node.get("parent") is None:
            return node
    raise NotFound("The tree has no root.", chinese="指标树没有总节点。")


def children_of(body: Mapping[str, Any], code: str) -> list[Body]:
    """What stands right below a node: nodes, then indicators."""
    return [part for part in (*nodes_of(body), *cards_of(body)) if part.get("parent") == code]


def branches_of(body: Mapping[str, Any]) -> list[Branch]:
    """The whole tree from the root down, every part after the one that it belongs to."""
    roots = [node for node in nodes_of(body) if node.get("parent") is None][:1]
    return [branch for root in roots for branch in _below(body, root, 0, ())]


def _below(
    body: Mapping[str, Any], part: Body, depth: int, above: tuple[str, ...]
) -> Iterator[Branch]:
    code = str(part.get("code"))
    is_node = any(part is node for node in nodes_of(body))
    yield Branch(part, depth, is_node)
    if is_node and code not in above:
        for child in children_of(body, code):
            yield from _below(body, child, depth + 1, (*above, code))


def find_node(body: Mapping[str, Any], code: str) -> Body:
    """The node of that code, or NotFound."""
    return _find(nodes_of(body), code, "节点", "node")


def find_card(body: Mapping[str, Any], code: str) -> Body:
    """The indicator of that code, or NotFound."""
    return _find(cards_of(body), code, "指标", "indicator")


def _find(parts: Sequence[Body], code: str, chinese: str, english: str) -> Body:
    for part in parts:
        if part.get("code") == code:
            return part
    raise NotFound(f"There is no {english} {code!r}.", chinese=f"没有{chinese}“{code}”。")


def codes_of(body: Mapping[str, Any]) -> list[str]:
    """The codes of all parts."""
    return [str(part.get("code")) for part in (*nodes_of(body), *cards_of(body))]


def possible_parents(body: Mapping[str, Any], code: str = "") -> list[Body]:
    """The nodes that a part may stand below: not itself, and nothing below itself."""
    inside = {code} if code else set()
    for branch in branches_of(body):
        if branch.part.get("parent") in inside:
            inside.add(branch.code)
    return [node for node in nodes_of(body) if node.get("code") not in inside]


def with_part(body: Mapping[str, Any], part: Mapping[str, Any], *, among: str) -> Body:
    """With a new part at the end; `among` is ``nodes`` or ``indicators``."""
    changed = copied(body)
    changed[among] = [*(changed.get(among) or []), copy.deepcopy(dict(part))]
    return changed


def with_part_changed(body: Mapping[str, Any], code: str, part: Mapping[str, Any]) -> Body:
    """With other values of one part; its code stays, because values are filed under it."""
    changed = copied(body)
    for among in BELOW_THE_SYSTEM:
        changed[among] = [
            copy.deepcopy({**part, "code": code}) if one.get("code") == code else one
            for one in changed.get(among) or []
        ]
    return changed


def without_part(body: Mapping[str, Any], code: str) -> Body:
    """Without a part, and without the perception gaps that name it; a node must be empty."""
    if children_of(body, code):
        raise WrongState(
            "Something still stands below it. Move or remove that first.",
            chinese="下面还有指标或分类，请先移走或删掉。",
        )
    changed = copied(body)
    for among in BELOW_THE_SYSTEM:
        changed[among] = [one for one in changed.get(among) or [] if one.get("code") != code]
    gaps = changed.get("perception_gaps")
    if gaps:
        ends = ("objective", "subjective")
        changed["perception_gaps"] = [
            gap for gap in gaps if all(gap.get(end) != code for end in ends)
        ]
    return changed


def moved_up(body: Mapping[str, Any], code: str) -> Body:
    """With a part one place earlier among those of its kind below the same node."""
    return _swapped(body, code, -1)


def moved_down(body: Mapping[str, Any], code: str) -> Body:
    """With a part one place later among those of its kind below the same node."""
    return _swapped(body, code, 1)


def _swapped(body: Mapping[str, Any], code: str, step: int) -> Body:
    changed = copied(body)
    for among in BELOW_THE_SYSTEM:
        parts = changed.get(among) or []
        here = next((i for i, one in enumerate(parts) if one.get("code") == code), None)
        if here is None:
            continue
        parent = parts[here].get("parent")
        beside = [i for i, one in enumerate(parts) if one.get("parent") == parent]
        place = beside.index(here) + step
        if 0 <= place < len(beside):
            there = beside[place]
            parts[here], parts[there] = parts[there], parts[here]
    return changed


def with_keys(body: Mapping[str, Any], values: Mapping[str, Any]) -> Body:
    """With these keys of the system itself; None removes one."""
    changed = copied(body)
    for key, value in values.items():
        if value is None:
            changed.pop(key, None)
        else:
            changed[key] = copy.deepcopy(value)
    return changed


def filled_from_chinese(body: Mapping[str, Any]) -> Body:
    """With the Chinese words wherever the English are missing."""
    changed = copied(body)
    for text in _texts_in(changed):
        if text.get("zh-Hans") and not text.get("en"):
            text["en"] = text["zh-Hans"]
    return changed


def _texts_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value and value.keys() <= {"zh-Hans", "en"}:
            yield value
            return
        for inner in value.values():
            yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_in(inner)


def copied(body: Mapping[str, Any]) -> Body:
    """A body that may be changed."""
    return copy.deepcopy(dict(body))
