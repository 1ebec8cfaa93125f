"""A small system that tests bend: two classes, three indicators, two region types."""

import copy
import json
from typing import Any

from app.errors import InputRefused
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import score
from app.scoring.inputs import IndicatorValue, ScoredUnit
from app.scoring.results import CompositeResult
from app.survey.reading import read_definition

GOALPOSTS = {"method": "goalposts", "lower": 0, "upper": 100}


def text(words: str) -> dict[str, str]:
    return {"zh-Hans": words, "en": words}


def card(code: str, parent: str, weight: Any, **others: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": text(code),
        "parent": parent,
        "weight": weight,
        "direction": 1,
        "unit": text("points"),
        "source": text("a test"),
        "evidence": "official",
        "normalise": copy.deepcopy(GOALPOSTS),
        "plausible": {"from": 0, "to": 100},
        **others,
    }


def small() -> dict[str, Any]:
    return {
        "schema": "minxin-system/1",
        "code": "small",
        "version": 1,
        "title": text("small"),
        "effective": {"from": "2026-01-01", "document": text("a test")},
        "types": [
            {"code": "town", "name": text("town")},
            {"code": "village", "name": text("village")},
        ],
        "missing": {"rule": "redistribute"},
        "nodes": [
            {"code": "all", "name": text("all"), "parent": None, "weights_sum_to": 100},
            {
                "code": "work",
                "name": text("work"),
                "parent": "all",
                "weight": {"town": 60, "village": 45},
            },
            {
                "code": "life",
                "name": text("life"),
                "parent": "all",
                "weight": {"town": 40, "village": 55},
            },
        ],
        "indicators": [
            card("jobs", "work", {"town": 1, "village": 1}),
            card("clean", "life", {"town": 1, "village": 2}),
            card("calm", "life", {"town": 3, "village": 2}),
        ],
        "adjustments": {
            "families": [{"code": "care", "name": text("care"), "cap": 4}],
            "items": [
                {
                    "code": "late",
                    "name": text("late"),
                    "kind": "deduct",
                    "family": "care",
                    "points": 0.5,
                    "cap": 3,
                },
                {
                    "code": "fraud",
                    "name": text("fraud"),
                    "kind": "deduct",
                    "family": "care",
                    "steps": [2, 5],
                    "veto_max_grade": "fair",
                },
                {
                    "code": "prize",
                    "name": text("prize"),
                    "kind": "bonus",
                    "family": "care",
                    "points": 1,
                },
            ],
            "floor": 0,
            "ceiling": 100,
        },
        "grade": {
            "rule": "threshold",
            "scale": [
                {"grade": "good", "name": text("good"), "min": 80},
                {"grade": "fair", "name": text("fair"), "min": 60},
                {"grade": "poor", "name": text("poor")},
            ],
        },
    }


def read(found: dict[str, Any]) -> IndicatorSystem:
    return read_definition(IndicatorSystem, json.dumps(found), source="small.yaml")


def complaints(found: dict[str, Any]) -> list[str]:
    try:
        read(found)
    except InputRefused as refused:
        return [f"{p.place}: {p.message} {p.cure}" for p in refused.problems]
    return []


def values_of(table: dict[str, dict[str, float | None]]) -> list[IndicatorValue]:
    return [
        IndicatorValue(unit, code, value, "missing" if value is None else "ok")
        for unit, row in table.items()
        for code, value in row.items()
    ]


def score_table(
    found: dict[str, Any], table: dict[str, dict[str, float | None]], **others: Any
) -> CompositeResult:
    units = [ScoredUnit(unit, "town") for unit in table]
    return score(read(found), units=units, values=values_of(table), **others)
