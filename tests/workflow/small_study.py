"""A small sound study, and ways to spoil it: what the tests of refusals begin with."""

import copy
import json
from pathlib import Path

import pytest

from app.errors import InputRefused
from app.workflow.study.report import estimate_study

DESIGN = {
    "id": "town",
    "data": "data.csv",
    "design": {"clusters": ["village"], "strata": ["zone"], "weights": "w", "fpc": None},
    "steps": [{"op": "rake", "margins": ["sex", "age"], "totals": "margins.csv"}],
    "estimates": [
        {"id": "means", "estimand": "mean", "y": ["q1", "q2"], "by": ["sex"], "deff": True},
        {"id": "share", "estimand": "proportion", "y": "q1", "values": [[4, 5]]},
        {
            "id": "ci",
            "estimand": "proportion_ci",
            "y": "q1",
            "values": [5],
            "methods": ["beta"],
        },
        {"id": "median", "estimand": "quantile", "y": ["q2"], "p": [0.5]},
        {"id": "scale", "estimand": "alpha", "items": ["q1", "q2", "q3"]},
        {"id": "ratio", "estimand": "ratio", "num": "q1", "den": "q2"},
        {
            "id": "gap",
            "estimand": "difference",
            "y": "q1",
            "pairs": [{"a": {"sex": "F"}, "b": {"sex": "M"}}],
        },
    ],
    "tables": [{"id": "by_age", "by": ["age", "sex"], "y": "q1", "min_n": 3}],
}
HEADER = ["village", "zone", "w", "sex", "age", "q1", "q2", "q3", "N"]
ROWS = [
    [
        f"v{i % 6}",
        "urban" if i % 6 < 3 else "rural",
        str(1 + i % 4),
        "FM"[i % 2],
        ("young", "old")[(i // 2) % 2],
        str(1 + (i * 7) % 5),
        str(1 + (i * 3 + i // 5) % 5),
        str(1 + (i * i) % 5),
        "9",
    ]
    for i in range(48)
]
MARGINS = "margin,level,total\nsex,F,90\nsex,M,80\nage,young,100\nage,old,70\n"


def written(folder: Path, design=DESIGN, rows=ROWS, *, header=HEADER, margins=MARGINS) -> Path:
    lines = [",".join(line) for line in [header, *rows]]
    (folder / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "margins.csv").write_text(margins, encoding="utf-8")
    path = folder / "design.json"
    path.write_text(json.dumps(design), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputRefused) as refused:
        estimate_study(path)
    return "\n".join(str(problem) for problem in refused.value.problems)


def changed(**parts) -> dict:
    return copy.deepcopy(DESIGN) | parts


def requested(**request) -> dict:
    return changed(estimates=[{"id": "asked"} | request])


def with_cell(row: int, column: str, text: str) -> list[list[str]]:
    rows = copy.deepcopy(ROWS)
    rows[row][HEADER.index(column)] = text
    return rows
