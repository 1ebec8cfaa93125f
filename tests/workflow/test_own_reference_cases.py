"""Studies written for their difference from the reference cases, answered by R beforehand."""

import json
from pathlib import Path

import pytest
from study_differences import differences

from app.workflow.study.report import estimate_study

CASES = Path(__file__).parent.parent / "reference" / "own_cases"
NAMES = sorted(design.parent.name for design in CASES.glob("*/design.json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_study_gives_what_r_gives(name: str) -> None:
    design = json.loads((CASES / name / "design.json").read_text(encoding="utf-8"))
    want = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))

    found = estimate_study(CASES / name / "design.json")

    # Through JSON, as the answer leaves the house.
    got = json.loads(json.dumps(found, allow_nan=False))
    assert not differences(
        want,
        got,
        tolerance=design["tolerance"],
        tolerances=design.get("tolerances", {}),
    )


def test_every_own_case_is_there() -> None:
    assert len(NAMES) == 11
