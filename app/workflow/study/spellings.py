"""The ways people write a design file, brought to the one way that is read.

One name for a list of one, a column's name for an fpc, limits as a pair, an operation by
another of its names: each means one thing only, so none is worth a refusal.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

LISTS = (
    "clusters",
    "strata",
    "by",
    "margins",
    "classes",
    "values",
    "methods",
    "items",
    "replicate_columns",
    "terms",
    "within",
)
"""Keys whose value is a list; a single entry may stand for itself."""
KEPT = ("map", "domain", "where", "subset", "a", "b", "derived", "rows", "totals")
"""Keys below which names are columns and levels, not words of the format."""
OPERATIONS = {
    "post_stratify": "poststratify",
    "poststratification": "poststratify",
    "post_stratification": "poststratify",
    "raking": "rake",
    "calibration": "calibrate",
    "greg": "calibrate",
    "nonresponse": "nonresponse_classes",
    "recode": "collapse",
    "trim_rake": "trim_rerake",
    "rake_trim_rerake": "trim_rerake",
}
REFERENCES = {"weight": "absolute", "none": "absolute", "mean_weight": "mean"}


def plainly(tree: Any) -> Any:
    """A part of a design file with every spelling replaced by the one that is read."""
    if isinstance(tree, list):
        return [plainly(entry) for entry in tree]
    if not isinstance(tree, Mapping):
        return tree
    plain = {key: value if key in KEPT else plainly(value) for key, value in tree.items()}
    for key in LISTS:
        if key in plain and isinstance(plain[key], str | int | float):
            plain[key] = [plain[key]]
    for key, respell in RESPELT.items():
        if plain.get(key) is not None:
            plain[key] = respell(plain[key])
    return _rows_named(plain)


def _rows_named(plain: dict[str, Any]) -> dict[str, Any]:
    """A part with the rows it is about under one name: `where`, of a request `domain`."""
    if "op" in plain:
        return _step(plain)
    if "estimand" in plain or "min_n" in plain:
        return _renamed(plain, ("where", "subset"), "domain")
    if "clusters" in plain or "method" in plain:
        return _renamed(plain, ("subset", "domain"), "where")
    return plain


def _step(plain: dict[str, Any]) -> dict[str, Any]:
    """A weighting step: limits as a pair, its rows under the name `where`."""
    plain = _renamed(plain, ("domain", "subset"), "where")
    limits = plain.pop("limits", None)
    if isinstance(limits, list) and len(limits) == 2:
        plain |= {"lower": limits[0], "upper": limits[1]}
    elif isinstance(limits, Mapping):
        plain |= limits
    return plain


def _renamed(plain: dict[str, Any], others: Sequence[str], name: str) -> dict[str, Any]:
    """The first of other names for a key replaced by the one that is read."""
    found = [other for other in others if other in plain]
    if found and name not in plain:
        plain[name] = plain.pop(found[0])
    return plain


def _fpc(value: Any) -> Any:
    """One entry for each stage, each with the name of its column."""
    entries = value if isinstance(value, list) else [value]
    return [{"column": one} if isinstance(one, str) else one for one in entries]


def _margins(value: Any) -> Any:
    """The variables of a joint margin joined: round*age."""
    if not isinstance(value, list):
        return value
    return ["*".join(map(str, one)) if isinstance(one, list) else one for one in value]


def _bounds(value: Any) -> Any:
    return [value.get("lower"), value.get("upper")] if isinstance(value, Mapping) else value


def _operation(name: Any) -> Any:
    return OPERATIONS.get(name, name) if isinstance(name, str) else name


def _reference(name: Any) -> Any:
    return REFERENCES.get(name, name) if isinstance(name, str) else name


def _listed(value: Any) -> Any:
    """An empty list, which some programs write as an empty object."""
    return value or []


RESPELT: Mapping[str, Callable[[Any], Any]] = {
    "fpc": _fpc,
    "margins": _margins,
    "bounds": _bounds,
    "op": _operation,
    "reference": _reference,
    "steps": _listed,
    "estimates": _listed,
}
