"""The form of one indicator: its card and its method, from values to fields and back."""

from collections.abc import Callable, Mapping
from typing import Any

from app.errors import Problem
from app.scoring.editing.outline import Body
from app.scoring.editing.weighing import types_of
from app.web.console.systems.filled import Filled, read_number, shown_number

REFERENCED = frozenset(
    {
        "efficacy",
        "efficacy_exp",
        "minmax",
        "zscore",
        "ratio_best",
        "rank",
        "borda",
        "percentile_rank",
        "mpi",
    }
)
"""Methods that look at the values of all units, or of all of one type."""
RANGED = frozenset({"efficacy", "efficacy_exp", "minmax", "zscore", "mpi"})
"""Methods that may say what everybody scores where all values are equal."""
FIELDS: Mapping[str, str] = {
    "name.zh-Hans": "name_zh",
    "unit.zh-Hans": "unit_zh",
    "source.zh-Hans": "source_zh",
    "name": "name_zh",
    "unit": "unit_zh",
    "source": "source_zh",
    "normalise.bounds.unacceptable": "unacceptable",
    "normalise.bounds.satisfactory": "satisfactory",
    "normalise.bounds": "unacceptable",
    "normalise.range": "low",
    "normalise.goalposts.lower": "lower",
    "normalise.goalposts.upper": "upper",
    "normalise.zero_range": "zero_value",
    "normalise.method": "method",
    "plausible.to": "plausible_to",
    "plausible": "plausible_from",
    "missing.value": "missing_value",
    "missing": "missing_rule",
}
"""Place inside the card → the field; a key of the method is its own field."""
FIRST_FIELD: Mapping[str, str] = {
    "efficacy": "unacceptable",
    "efficacy_exp": "unacceptable",
    "goalposts": "lower",
    "ampi": "lower",
    "minmax": "low",
    "piecewise": "points",
}
"""Where a mistake of a method as a whole is shown."""
NEW_FIELDS: Mapping[str, str] = {
    "direction": "1",
    "evidence": "official",
    "method": "efficacy",
    "base": "60",
    "top": "100",
    "clip": "yes",
    "scale": "100",
    "full": "100",
    "low": "0",
    "high": "100",
    "mean": "70",
    "sd": "10",
}
"""What the fields of a new indicator hold."""


def fields_of_card(card: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a card as it stands."""
    fields = {
        "parent": str(card.get("parent") or ""),
        "direction": str(card.get("direction", "")),
        "evidence": str(card.get("evidence", "")),
        "min_effective_n": shown_number(card.get("min_effective_n")),
        "se_required": "yes" if card.get("standard_error") == "required" else "",
        "missing_rule": (card.get("missing") or {}).get("rule", ""),
        "missing_value": shown_number((card.get("missing") or {}).get("value")),
        "plausible_from": shown_number((card.get("plausible") or {}).get("from")),
        "plausible_to": shown_number((card.get("plausible") or {}).get("to")),
        "treat": (card.get("treat") or {}).get("method", "none"),
    }
    for name in ("name", "unit", "source"):
        text = card.get(name) or {}
        fields |= {f"{name}_zh": text.get("zh-Hans", ""), f"{name}_en": text.get("en", "")}
    return {**dict.fromkeys(NEW_FIELDS, ""), **fields, **_method_fields(card)}


def _method_fields(card: Mapping[str, Any]) -> dict[str, str]:
    method = card.get("normalise") or {}
    bounds = method.get("bounds")
    ends = bounds if isinstance(bounds, Mapping) else {}
    posts = method.get("goalposts") or method
    low, high = [*(method.get("range") or ()), "", ""][:2]
    plain = ("base", "top", "scale", "target", "full", "cap", "mean", "sd")
    is_post = method.get("method") == "goalposts"
    return {
        **{name: shown_number(method.get(name)) for name in plain if name in method},
        "method": str(method.get("method", "")),
        "bounds_from_data": "yes" if bounds == "data" else "",
        "unacceptable": shown_number(ends.get("unacceptable")),
        "satisfactory": shown_number(ends.get("satisfactory")),
        "lower": shown_number(posts.get("lower")),
        "upper": shown_number(posts.get("upper")),
        "low": str(low),
        "high": str(high),
        "points": "\n".join(f"{x} {y}" for x, y in method.get("points") or ()),
        "clip": "yes" if method.get("clip", is_post) else "",
        "log": "yes" if method.get("log") else "",
        "in_type": "yes" if method.get("reference") == "type" else "",
        "zero_value": shown_number((method.get("zero_range") or {}).get("value")),
    }


def read_card(filled: Filled, before: Mapping[str, Any], body: Body) -> dict[str, Any]:
    """The card that the fields mean; its weight stays, and is 0 for a new one."""
    direction = read_number(filled.text("direction"))
    needed, smallest = filled.ticked("se_required"), filled.number("min_effective_n")
    card: dict[str, Any] = {
        "code": before.get("code"),
        "name": filled.words("name"),
        "parent": filled.text("parent"),
        "weight": before.get("weight", {one["code"]: 0 for one in types_of(body)}),
        "direction": direction,
        "unit": filled.words("unit"),
        "source": filled.words("source"),
        "evidence": filled.text("evidence"),
        "treat": _treatment(filled, before),
        "plausible": _plausible(filled),
        "standard_error": "required" if needed else None,
        "min_effective_n": smallest,
        "normalise": _read_method(filled),
        "missing": _missing(filled),
    }
    filled.require_readable()
    return {key: value for key, value in card.items() if value is not None}


def field_of_card(method: str) -> Callable[[str], str]:
    """How the field of a place inside a card is found."""

    def find(place: str) -> str:
        inside = place.partition("].")[2]
        while inside:
            if inside in FIELDS:
                return FIELDS[inside]
            if inside.startswith("normalise."):
                return inside.removeprefix("normalise.").partition("[")[0]
            if "." not in inside:
                return FIRST_FIELD.get(method, "method") if inside == "normalise" else inside
            inside = inside.rpartition(".")[0]
        return "name_zh"

    return find


def _read_method(filled: Filled) -> dict[str, Any]:
    kind = filled.text("method")
    method: dict[str, Any] = {"method": kind, **_numbers_of(filled, kind)}
    if kind in REFERENCED and filled.ticked("in_type"):
        method["reference"] = "type"
    if kind in RANGED and filled.text("zero_value"):
        method["zero_range"] = {"value": filled.number("zero_value")}
    return {key: value for key, value in method.items() if value is not None}


def _numbers_of(filled: Filled, kind: str) -> dict[str, Any]:
    if kind in {"efficacy", "efficacy_exp"}:
        return _efficacy(filled)
    if kind == "minmax":
        ends = [filled.number("low"), filled.number("high")]
        return {"range": ends if None not in ends else None}
    if kind == "piecewise":
        return {"points": _points(filled)}
    if kind == "ampi":
        return {"goalposts": _numbered(filled, "lower", "upper")}
    if kind == "goalposts":
        switches = {"clip": filled.ticked("clip"), "log": filled.ticked("log")}
        return {**_numbered(filled, "lower", "upper", "scale"), **switches}
    named = {"target": ("target", "full", "cap"), "zscore": ("mean", "sd")}
    return _numbered(filled, *named.get(kind, ("full",) if kind == "ratio_best" else ()))


def _efficacy(filled: Filled) -> dict[str, Any]:
    bounds: Any = "data"
    if not filled.ticked("bounds_from_data"):
        bounds = _numbered(filled, "unacceptable", "satisfactory")
    clip = filled.ticked("clip")
    return {**_numbered(filled, "base", "top"), "clip": clip, "bounds": bounds}


def _numbered(filled: Filled, *names: str) -> dict[str, Any]:
    found = {name: filled.number(name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _points(filled: Filled) -> list[list[Any]]:
    numbers = filled.numbers("points")
    if len(numbers) % 2:
        chinese = "每行写两个数：原值和得分，如“60 0”。"
        cure = "Write two numbers a line: value and score."
        filled.problems.append(
            Problem("points", "has an odd number of numbers", cure, chinese=chinese)
        )
    return [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=False)]


def _plausible(filled: Filled) -> dict[str, Any] | None:
    ends = {"from": filled.number("plausible_from"), "to": filled.number("plausible_to")}
    given = {key: value for key, value in ends.items() if value is not None}
    return given or None


def _missing(filled: Filled) -> dict[str, Any] | None:
    rule, value = filled.text("missing_rule"), filled.number("missing_value")
    if not rule:
        return None
    return {"rule": rule, "value": value} if rule == "fixed" else {"rule": rule}


def _treatment(filled: Filled, before: Mapping[str, Any]) -> Any:
    chosen, held = filled.text("treat"), before.get("treat")
    if held and held.get("method") == chosen:
        return held
    return {"method": chosen} if chosen not in {"", "none"} else None
