"""Turns the reference cases (schema composite-case/1) into our definitions and values."""

import copy
import csv
import json
from pathlib import Path
from typing import Any

import yaml

from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import score
from app.scoring.inputs import Event, IndicatorValue, ScoredUnit
from app.scoring.results import CompositeResult
from app.survey.reading import read_definition

CASES = Path(__file__).parents[1] / "reference" / "compcases"
DEFAULTS = {"method": "minmax", "range": [0, 100]}


def load(case: str, *parts: str) -> Any:
    path = CASES.joinpath(case, *parts)
    return json.loads(path.read_text()) if path.suffix == ".json" else path.read_text()


def definition(case: str) -> dict[str, Any]:
    return yaml.safe_load(load(case, "system.yaml"))


def with_variant(found: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    merged = copy.deepcopy(found)
    for key, value in variant.items():
        merged[key] = {**merged.get(key, {}), **value}
    return merged


def run(
    case: str, found: dict[str, Any] | None = None, vector: str | None = None
) -> tuple[IndicatorSystem, CompositeResult]:
    found = found or definition(case)
    types = [vector] if vector else found.get("types", ["all"])
    values = list(read_values(case))
    system = read_definition(
        IndicatorSystem,
        # JSON is YAML, and has no aliases.
        json.dumps(system_of(found, types, values), ensure_ascii=False),
        source=f"{case}.yaml",
    )
    units = [ScoredUnit(unit["id"], unit.get("type", types[0])) for unit in found["units"]]
    return system, score(system, units=units, values=values, events=list(read_events(case)))


def system_of(
    found: dict[str, Any], types: list[str], values: list[IndicatorValue]
) -> dict[str, Any]:
    defaults = found.get("defaults", {})
    system = {
        "schema": "minxin-system/1",
        "code": found["id"],
        "version": 1,
        "title": text(found["title"]),
        "effective": {"from": "2025-01-01", "document": text("reference case")},
        "types": [{"code": code, "name": text(code)} for code in types],
        "missing": defaults.get("missing", {"rule": "redistribute"}),
        "nodes": [node_of(node, defaults, types) for node in found["nodes"]],
        "indicators": [card_of(card, defaults, types, values) for card in found["indicators"]],
        "rank": {"scope": "all", **found.get("rank", {})},
    }
    for key in ("node_weights", "not_applicable"):
        if key in found:
            system[key] = found[key]
    if "adjustments" in found:
        system["adjustments"] = adjustments_of(found["adjustments"])
    if "grade" in found:
        scale = [{**grade, "name": text(grade["grade"])} for grade in found["grade"]["scale"]]
        system["grade"] = {**found["grade"], "scale": scale}
    return system


def node_of(node: dict, defaults: dict, types: list[str]) -> dict[str, Any]:
    ours = {
        "code": node["id"],
        "name": text(node["id"]),
        "parent": node["parent"],
        "aggregate": node.get("aggregate", defaults.get("aggregate", "arithmetic")),
        "min_coverage": defaults.get("min_coverage", 0),
    }
    if "weight" in node:
        ours["weight"] = weight_of(node["weight"], types)
    if "if_empty" in defaults and node["parent"] is not None:
        ours["if_empty"] = defaults["if_empty"]
    return ours


def card_of(card: dict, defaults: dict, types: list[str], values: list) -> dict[str, Any]:
    seen = [v.value for v in values if v.indicator == card["id"] and v.value is not None]
    return {
        "code": card["id"],
        "name": text(card.get("name", card["id"])),
        "parent": card["parent"],
        "weight": weight_of(card["weight"], types),
        "direction": card["direction"],
        "unit": text("1"),
        "source": text("reference case"),
        "evidence": "official",
        "treat": card.get("treat", defaults.get("treat", {"method": "none"})),
        "normalise": card.get("normalise", defaults.get("normalise", DEFAULTS)),
        # A case has no indicator cards: what occurs in it is what is plausible.
        "plausible": {"from": min(seen), "to": max(seen) + 1},
    }


def weight_of(weight: Any, types: list[str]) -> dict[str, float]:
    if isinstance(weight, dict):
        return {code: weight[code] for code in types}
    return dict.fromkeys(types, weight)


def adjustments_of(found: dict[str, Any]) -> dict[str, Any]:
    items = [
        {**{k: v for k, v in item.items() if k != "id"}, "code": item["id"]}
        for item in found["items"]
    ]
    for item in items:
        item["name"] = text(item["name"])
    families = [
        {"code": code, "name": text(code), "cap": cap}
        for code, cap in found["family_caps"].items()
    ]
    rest = {k: v for k, v in found.items() if k not in {"items", "family_caps"}}
    return {**rest, "items": items, "families": families}


def read_values(case: str):
    for row in csv.DictReader(load(case, "values.csv").splitlines()):
        value = float(row["value"]) if row["value"] else None
        status = row.get("status") or ("missing" if value is None else "ok")
        error = float(row["se"]) if row.get("se") else None
        yield IndicatorValue(row["unit"], row["indicator"], value, status, error)


def read_events(case: str):
    if not (CASES / case / "events.csv").exists():
        return
    for row in csv.DictReader(load(case, "events.csv").splitlines()):
        yield Event(row["unit"], row["item"], int(row["count"]), row["status"], row["evidence"])


def text(words: str) -> dict[str, str]:
    return {"zh-Hans": words, "en": words}


def as_expected(result: CompositeResult) -> dict[str, Any]:
    """The result with the keys of expected.json."""
    units = result.units

    def by_unit(pick):
        return {unit.unit: pick(unit) for unit in units}

    indicators = [step.indicator for step in units[0].indicators]
    nodes = [level.node for level in units[0].levels]
    return {
        "normalised": {i: by_unit(lambda u, i=i: u.step(i).normalised) for i in indicators},
        "effective_weight": {
            i: by_unit(lambda u, i=i: u.step(i).effective_weight) for i in indicators
        },
        "contribution": {i: by_unit(lambda u, i=i: u.step(i).contribution) for i in indicators},
        "levels": {n: by_unit(lambda u, n=n: u.level(n).score) for n in nodes},
        "score": by_unit(lambda u: u.gross),
        "deduction": by_unit(lambda u: u.deduction),
        "bonus": by_unit(lambda u: u.bonus),
        "final": by_unit(lambda u: u.final),
        "rank": by_unit(lambda u: u.rank_overall),
        "rank_in_type": by_unit(lambda u: u.rank_in_type),
        "grade": by_unit(lambda u: u.grade and u.grade.grade),
        "score_se": by_unit(lambda u: u.standard_error.value),
    }


def differences(want: Any, got: Any, path: str = "") -> list[str]:
    """All disagreements between two nested values, each with its path."""
    if isinstance(want, dict):
        return [d for k, v in want.items() for d in differences(v, got.get(k), f"{path}.{k}")]
    if isinstance(want, int | float):
        near = got is not None and abs(got - want) <= 1e-9 * max(1, abs(want))
        return [] if near else [f"{path}: got {got!r}, want {want!r}"]
    return [] if want == got else [f"{path}: got {got!r}, want {want!r}"]
