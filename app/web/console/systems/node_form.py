"""The form of one class of indicators: from values to fields and back."""

from collections.abc import Mapping
from typing import Any

from app.errors import Problem
from app.scoring.editing.outline import Body
from app.scoring.editing.weighing import OWN_WEIGHT, sums_indicators, types_of
from app.web.console.systems.filled import Filled, shown_number

POWER = "power"
NEW_NODE: Mapping[str, str] = {"aggregate": "arithmetic", "sum": "own"}
"""What the fields of a new class hold."""
FIELDS: Mapping[str, str] = {
    "name.zh-Hans": "name_zh",
    "name": "name_zh",
    "code": "code",
    "parent": "parent",
    "aggregate": "aggregate",
    "aggregate.power": "power",
    "min_coverage": "min_coverage",
    "weights_sum_to": "total",
}


def fields_of_node(node: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a class as it stands."""
    text, mean = node.get("name") or {}, node.get("aggregate", "arithmetic")
    is_power, due = isinstance(mean, Mapping), node.get("weights_sum_to")
    coverage = node.get("min_coverage")
    return {
        "name_zh": text.get("zh-Hans", ""),
        "name_en": text.get("en", ""),
        "parent": str(node.get("parent") or ""),
        "aggregate": POWER if is_power else str(mean),
        "power": shown_number(mean.get("power")) if is_power else "",
        "sum": "own" if due == OWN_WEIGHT else "any" if due is None else "number",
        "total": shown_number(due) if due not in {None, OWN_WEIGHT} else "",
        "min_coverage": f"{coverage * 100:g}" if coverage else "",
    }


def read_node(filled: Filled, before: Mapping[str, Any], body: Body) -> dict[str, Any]:
    """The class that the fields mean; its weight stays, and is 0 for a new one."""
    is_root = "parent" in before and before["parent"] is None
    coverage = filled.number("min_coverage")
    node: dict[str, Any] = {
        "code": before.get("code"),
        "name": filled.words("name"),
        "weight": before.get("weight") or _no_weight(body, is_root),
        "aggregate": _mean(filled),
        "min_coverage": coverage / 100 if coverage else None,
        "if_empty": before.get("if_empty"),
        "weights_sum_to": _due(filled),
    }
    filled.require_readable()
    kept = {key: value for key, value in node.items() if value is not None}
    return {**kept, "parent": None if is_root else filled.text("parent")}


def field_of_node(place: str) -> str:
    """The field of a place inside a class."""
    return FIELDS.get(place.partition("].")[2], "name_zh")


def _mean(filled: Filled) -> Any:
    chosen = filled.text("aggregate")
    if chosen != POWER:
        return None if chosen in {"", "arithmetic"} else chosen
    power = filled.number("power")
    return {} if power is None else {"power": power}


def _due(filled: Filled) -> Any:
    chosen = filled.text("sum")
    if chosen == "own":
        return OWN_WEIGHT
    if chosen != "number":
        return None
    total = filled.number("total")
    if total is None and not filled.problems:
        chinese = "请写合计应当是多少，如 100。"
        filled.problems.append(
            Problem("total", "is empty", "Write the sum, such as 100.", chinese=chinese)
        )
    return total


def _no_weight(body: Body, is_root: bool) -> dict[str, int] | None:
    if is_root or sums_indicators(body):
        return None
    return {one["code"]: 0 for one in types_of(body)}
