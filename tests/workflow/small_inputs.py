"""The inputs of a small scoring: two types, five units, an event, and last year's."""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "scoring"))

from small_systems import small

from app.scoring.inputs import Event, IndicatorValue, ScoredUnit
from app.workflow.assessment.inputs_document import ScoreInputs

TABLE = {
    "a": ("town", 60.0, 50.0, 50.0),
    "b": ("town", 70.0, 80.0, 50.0),
    "c": ("town", 62.0, 55.0, 45.0),
    "d": ("village", 40.0, 60.0, 70.0),
    "e": ("village", 55.0, 30.0, 65.0),
}


def small_inputs(*, before: ScoreInputs | None = None, higher: float = 0.0) -> ScoreInputs:
    system = small()
    system["uncertainty"] = {"draws": 200, "sobol_base": 64}
    values = [
        IndicatorValue(
            unit, code, value + higher, standard_error=2.0 if code == "calm" else None
        )
        for unit, (_, *scores) in TABLE.items()
        for code, value in zip(("jobs", "clean", "calm"), scores, strict=True)
    ]
    return ScoreInputs(
        system="# the system of a test\n" + json.dumps(system, ensure_ascii=False, indent=1),
        units=tuple(ScoredUnit(unit, one[0]) for unit, one in TABLE.items()),
        values=tuple(values),
        events=(
            Event("d", "late", 2, "upheld", "file 7"),
            Event("e", "fraud", 1, "pending", "x"),
        ),
        covariances=(),
        seed=7,
        before=before,
    )
