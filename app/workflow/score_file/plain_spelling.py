"""A case file brought into one spelling: short forms written out, remarks left out.

Nothing is judged here. What is neither a short form nor a remark stays as it is, so that the
reader of the plain form complains of it at its place.
"""

from collections.abc import Callable, Mapping
from math import isclose
from typing import Any

Tree = dict[str, Any]

ANYWHERE = {"note", "notes", "source", "remark", "remarks", "comment", "description", "label"}
"""Keys that describe and change no number."""
OF_A_FILE = ANYWHERE | {
    *("case", "producer", "engine_check", "tolerance", "provenance", "licence", "license"),
    *("author", "date", "language", "identities", "model", "published"),
    *("version", "effective", "document"),
    *("change", "sobol", "shortfall", "shortfalls", "events", "covariance", "values", "kind"),
}
INDEPENDENT = {"independent", "diagonal", "normal_independent"}
TOGETHER = {"correlated", "joint", "joint_normal", "multivariate_normal", "mvn", "full"}
OF_THE_DRAWS = ANYWHERE | {"covariance", "method", "distribution", "alternatives", "weights"}
"""What a case may say of its draws beside what the command computes: survey error alone."""
OF_A_PART = ANYWHERE | {"unit", "owner", "definition", "name_zh", "name_en", "evidence"}


def plainly(tree: Tree) -> Tree:
    """The file in the form that `CaseFile` reads; `variants` are left out."""
    plain = {k: v for k, v in tree.items() if k not in OF_A_FILE | {"variants"}}
    for key in ("id", "title"):
        _change(plain, key, _as_name)
    for key in ("types", "vectors", "periods"):
        _change(plain, key, _names)
    _change(plain, "units", _units)
    _change(plain, "defaults", _defaults)
    for key in ("nodes", "indicators"):
        _change(plain, key, lambda parts: _each(parts, _part))
    _change(plain, "adjustments", _adjustments)
    _change(plain, "grade", _grade)
    _change(plain, "rank", lambda rule: _without(rule, ANYWHERE))
    _change(plain, "uncertainty", _uncertainty)
    _change(
        plain, "not_applicable", lambda said: {"share": said} if isinstance(said, str) else said
    )
    _change(plain, "weights", _methods_of_weights)
    return {key: value for key, value in plain.items() if value is not None}


def merged(tree: Tree, variant: Tree) -> Tree:
    """The file with what a variant says instead, key by key and as deep as both are maps.

    Nodes and indicators are met by their `id`; another list replaces the list.
    """
    result = dict(tree)
    for key, value in variant.items():
        own = result.get(key)
        if key in {"nodes", "indicators"} and isinstance(own, list):
            result[key] = _merged_parts(own, value)
        elif isinstance(own, dict) and isinstance(value, dict) and not _names_a_kind(value):
            result[key] = merged(own, value)
        else:
            result[key] = value
    return result


def _merged_parts(own: list[Any], changed: Any) -> Any:
    if isinstance(changed, dict):
        changed = [
            {"id": k, **v} if isinstance(v, dict) else {"id": k} for k, v in changed.items()
        ]
    named = isinstance(changed, list) and all(isinstance(entry, dict) for entry in changed)
    if not named:
        return changed
    by_id = {str(entry.get("id")): entry for entry in changed}
    known = {str(part.get("id")) for part in own if isinstance(part, dict)}
    if not set(by_id) <= known:
        return changed
    return [
        merged(part, by_id[str(part.get("id"))])
        if isinstance(part, dict) and str(part.get("id")) in by_id
        else part
        for part in own
    ]


def _names_a_kind(value: Tree) -> bool:
    """A method or rule with its parameters replaces another one as a whole."""
    return "method" in value or value.get("rule") in {
        *("fixed", "redistribute", "min_observed", "error"),
    }


def _change(tree: Tree, key: str, change: Callable[[Any], Any]) -> None:
    if tree.get(key) is not None:
        tree[key] = change(tree[key])


def _each(parts: Any, change: Callable[[Any], Any]) -> Any:
    return [change(part) for part in parts] if isinstance(parts, list) else parts


def _without(tree: Any, remarks: set[str]) -> Any:
    if not isinstance(tree, dict):
        return tree
    return {key: value for key, value in tree.items() if key not in remarks}


def _uncertainty(rule: Any) -> Any:
    """Draws of the survey's error, by whatever name their errors go together."""
    if not isinstance(rule, dict):
        return rule
    plain = {key: value for key, value in rule.items() if key not in OF_THE_DRAWS}
    said = plain.get("inputs")
    if not isinstance(said, str):
        return plain
    if said in INDEPENDENT:
        plain["inputs"] = "normal_independent"
    elif said in TOGETHER:
        plain["inputs"] = "normal_correlated"
    return plain


def _as_name(value: Any) -> Any:
    """A code such as 340100 is a name, whatever YAML takes it for."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _names(listed: Any) -> Any:
    def name(entry: Any) -> Any:
        return _as_name(entry.get("id", entry) if isinstance(entry, dict) else entry)

    return [name(entry) for entry in listed] if isinstance(listed, list | dict) else listed


def _units(units: Any) -> Any:
    if isinstance(units, str) and units.lower().startswith("all"):
        return None

    def unit(entry: Any) -> Any:
        if not isinstance(entry, dict):
            return {"id": _as_name(entry)}
        known = {key: entry[key] for key in ("id", "name", "type") if key in entry}
        if "region_type" in entry and "type" not in entry:
            known["type"] = entry["region_type"]
        rest = _without(entry, {*known, *OF_A_PART, "region_type"})
        return {**{key: _as_name(value) for key, value in known.items()}, **rest}

    return _each(units, unit)


def _defaults(defaults: Any) -> Any:
    if not isinstance(defaults, dict):
        return defaults
    plain = _choices(_without(defaults, ANYWHERE))
    if "zero_range" in plain and isinstance(plain.get("normalise"), dict):
        zero = _zero_range(plain.pop("zero_range"))
        plain["normalise"] = {"zero_range": zero} | plain["normalise"]
    return plain


def _part(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    plain = _choices(_without(part, OF_A_PART))
    for key in ("id", "name", "parent"):
        _change(plain, key, _as_name)
    return plain


def _choices(tree: Tree) -> Tree:
    plain = dict(tree)
    for key in ("treat", "normalise"):
        _change(plain, key, lambda said: {"method": said} if isinstance(said, str) else said)
    _change(plain, "normalise", _method)
    _change(plain, "aggregate", _mean)
    _change(plain, "missing", lambda said: {"rule": said} if isinstance(said, str) else said)
    _change(plain, "if_empty", _zero_range)
    return plain


def _method(method: Any) -> Any:
    if not isinstance(method, dict):
        return method
    plain = _without(method, ANYWHERE)
    if plain.get("zero_range") in ("error", {"rule": "error"}):
        del plain["zero_range"]
    _change(plain, "zero_range", _zero_range)
    goalposts = plain.get("goalposts")
    if isinstance(goalposts, list) and len(goalposts) == 2:
        plain["goalposts"] = goalposts = dict(zip(("lower", "upper"), goalposts, strict=True))
    if plain.get("method") == "ampi" and {"lower", "upper"} <= set(plain):
        plain["goalposts"] = {key: plain.pop(key) for key in ("lower", "upper")}
    if plain.get("method") == "goalposts" and isinstance(goalposts, dict):
        plain = {**_without(plain, {"goalposts"}), **goalposts}
    bounds = plain.get("bounds")
    if isinstance(bounds, list) and len(bounds) == 2:
        plain["bounds"] = dict(zip(("unacceptable", "satisfactory"), bounds, strict=True))
    return plain


def _zero_range(said: Any) -> Any:
    is_number = isinstance(said, int | float) and not isinstance(said, bool)
    return {"rule": "fixed", "value": said} if is_number else said


def _mean(mean: Any) -> Any:
    if not isinstance(mean, Mapping):
        return mean
    if mean.get("method") == "power" and ("power" in mean or "p" in mean):
        return {"power": mean.get("power", mean.get("p"))}
    return mean["method"] if set(mean) == {"method"} else dict(mean)


def _adjustments(rules: Any) -> Any:
    if not isinstance(rules, dict):
        return rules
    plain = _without(rules, ANYWHERE)
    cap = plain.get("total_cap")
    if isinstance(cap, int | float) and not isinstance(cap, bool):
        plain["total_cap"] = {"deduct": cap}
    if isinstance(plain.get("family_caps"), dict):
        limits = plain["family_caps"].items()
        plain["family_caps"] = {family: cap for family, cap in limits if cap is not None}
    _change(plain, "items", lambda items: _each(items, _item))
    return {key: value for key, value in plain.items() if value is not None}


def _item(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    plain = _without(item, OF_A_PART)
    if plain.get("kind") == "veto":
        plain["kind"] = "deduct"
    for key in ("id", "name", "family", "veto_max_grade"):
        _change(plain, key, _as_name)
    return plain


def _grade(rule: Any) -> Any:
    if not isinstance(rule, dict):
        return rule
    plain = _without(rule, ANYWHERE)

    def grade(entry: Any) -> Any:
        entry = {"grade": entry} if isinstance(entry, str | int) else entry
        if not isinstance(entry, dict):
            return entry
        named = _without(entry, ANYWHERE)
        return {k: _as_name(v) if k in {"grade", "name"} else v for k, v in named.items()}

    _change(plain, "scale", lambda scale: _each(scale, grade))
    if isinstance(plain.get("scale"), list) and plain["scale"]:
        *_, last = plain["scale"]
        if isinstance(last, dict) and _takes_the_rest(plain["scale"]):
            plain["scale"] = [*plain["scale"][:-1], _without(last, {"min", "share"})]
    return plain


def _takes_the_rest(scale: list[Any]) -> bool:
    """Whether the limit of the last grade excludes nobody: from 0, or all the other places."""
    last = scale[-1]
    if "min" in last and "share" not in last:
        return last["min"] == 0
    shares = [grade.get("share") if isinstance(grade, dict) else None for grade in scale]
    known = [share for share in shares if isinstance(share, int | float)]
    return len(known) == len(scale) and isclose(sum(known), 1, rel_tol=1e-9)


def _methods_of_weights(said: Any) -> Any:
    if isinstance(said, dict) and isinstance(said.get("methods"), list):
        said = said["methods"]
    listed = said if isinstance(said, list) else [said]
    return [{"method": one} if isinstance(one, str) else one for one in listed]
