"""The reference cases (schema composite-case/1), scored as the command scores them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from app.workflow.score_file.report import Files, score_files

CASES = Path(__file__).parents[1] / "reference" / "compcases"


def load(case: str, name: str) -> Any:
    path = CASES / case / name
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else text


@cache
def answered(case: str) -> dict[str, Any]:
    folder = CASES / case
    events = folder / "events.csv"
    return score_files(
        Files(
            folder / "system.yaml",
            folder / "values.csv",
            events=events if events.exists() else None,
        )
    )


def differences(want: Any, got: Any, path: str = "") -> list[str]:
    """All disagreements between two nested values, each with its path."""
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return [f"{path}: missing"]
        return [d for k, v in want.items() for d in differences(v, got.get(k), f"{path}.{k}")]
    if isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            return [f"{path}: got {got!r}, want {want!r}"]
        pairs = enumerate(zip(want, got, strict=True))
        return [d for i, (w, g) in pairs for d in differences(w, g, f"{path}[{i}]")]
    if isinstance(want, int | float):
        is_number = isinstance(got, int | float)
        near = is_number and abs(got - want) <= 1e-9 * max(1, abs(want))
        return [] if near else [f"{path}: got {got!r}, want {want!r}"]
    return [] if want == got else [f"{path}: got {got!r}, want {want!r}"]
