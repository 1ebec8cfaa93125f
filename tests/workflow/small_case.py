"""A small case of the score command that says nearly everything a case can say."""

import copy
import json
from pathlib import Path
from typing import Any

from app.workflow.score_file.report import Files, score_files

CASE: dict[str, Any] = {
    "schema": "composite-case/1",
    "id": "small",
    "title": "小案例",
    "note": "made up",
    "types": ["city", "county"],
    "units": [{"id": f"u{i}", "type": "city" if i < 5 else "county"} for i in range(9)],
    "defaults": {
        "normalise": {"method": "minmax", "range": [1, 100], "zero_range": 50},
        "aggregate": "arithmetic",
        "missing": {"rule": "redistribute"},
        "min_coverage": 0.2,
    },
    "not_applicable": {"share": "equal", "scope": "parent"},
    "nodes": [
        {"id": "total", "parent": None},
        {"id": "means", "parent": "total", "weight": {"city": 60, "county": 50}},
        {"id": "view", "parent": "total", "weight": {"city": 40, "county": 50}},
    ],
    "indicators": [
        {"id": "income", "parent": "means", "weight": 2, "direction": 1},
        {"id": "waste", "parent": "means", "weight": {"city": 1, "county": 0}, "direction": -1},
        {
            "id": "trust",
            "parent": "view",
            "weight": 1,
            "direction": 1,
            "normalise": {
                "method": "efficacy",
                "base": 60,
                "top": 100,
                "bounds": {"unacceptable": 0, "satisfactory": 100},
            },
        },
    ],
    "adjustments": {
        "items": [
            {"id": "accident", "kind": "deduct", "family": "safety", "steps": [1, 2], "cap": 4},
            {"id": "fraud", "kind": "deduct", "points": 3, "veto_max_grade": "fair"},
            {"id": "award", "kind": "bonus", "family": "praise", "points": 1},
        ],
        "family_caps": {"safety": 3},
        "total_cap": {"deduct": 5, "bonus": 2},
        "floor": 0,
        "ceiling": 100,
        "no_bonus_when_veto": True,
    },
    "grade": {
        "rule": "quota",
        "within": "all",
        "tie": "include",
        "scale": [{"grade": "good", "share": 0.3}, {"grade": "fair", "share": 0.4}, "poor"],
    },
    "rank": {"ties": "min", "decimals": 2},
    "uncertainty": {"inputs": "normal", "level": 0.9, "draws": 100, "seed": 3},
    "weights": ["critic", {"method": "entropy"}],
    "variants": {"dense": {"rank": {"ties": "dense"}}},
}
HEADER = "unit,indicator,value,status,se"
ROWS = [
    *(f"u{i},income,{40 + 7 * i % 31},ok," for i in range(9)),
    *(f"u{i},waste,{3 + i * i % 7},ok," for i in range(7)),
    *("u7,waste,,missing,", "u8,waste,,not_applicable,"),
    *(f"u{i},trust,{61.5 + 5 * i % 17},ok,1.5" for i in range(9)),
]
EVENTS = [
    "unit,item,count,status,evidence",
    "u1,accident,3,upheld,file 1",
    "u2,fraud,1,upheld,file 2",
    "u2,award,1,upheld,file 3",
    "u3,award,2,pending,file 4",
]


def changed(**keys: Any) -> dict[str, Any]:
    """The case with other values under some keys; None takes a key away."""
    case = copy.deepcopy(CASE) | keys
    return {key: value for key, value in case.items() if value is not None}


def scored(
    folder: Path,
    case: dict[str, Any] | str = CASE,
    values: list[str] | str | None = None,
    **others: list[str] | str,
) -> dict[str, Any]:
    """The answer on a case and its tables (`events`, `covariance`, `units`) as lines."""
    text = case if isinstance(case, str) else json.dumps(case, ensure_ascii=False)
    system = folder / "system.yaml"
    system.write_text(text, encoding="utf-8")
    paths = {}
    for name, lines in {"values": values or [HEADER, *ROWS], **others}.items():
        paths[name] = folder / f"{name}.csv"
        content = lines if isinstance(lines, str) else "\n".join(lines) + "\n"
        paths[name].write_bytes(content.encode("utf-8", "surrogateescape"))
    return score_files(Files(system, **paths))
