"""Every study whose answer R computed beforehand: the reference cases, and our own."""

import json
from pathlib import Path

import pytest
from study_differences import differences

from app.workflow.study.report import estimate_study

REFERENCE = Path(__file__).parent.parent / "reference"
STUDIES = sorted(
    design.parent
    for folder in ("refcases", "own_cases")
    for design in (REFERENCE / folder).glob("*/design.json")
)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_a_study_gives_what_r_gives(study: Path) -> None:
    design = json.loads((study / "design.json").read_text(encoding="utf-8"))
    want = json.loads((study / "expected.json").read_text(encoding="utf-8"))

    found = estimate_study(study / "design.json")

    # Through JSON, as the answer leaves the house.
    got = json.loads(json.dumps(found, allow_nan=False))
    assert not differences(
        want,
        got,
        tolerance=design["tolerance"],
        tolerances=design.get("tolerances", {}),
    )


def test_every_study_is_there() -> None:
    assert len(STUDIES) == 23 + 11


def test_a_wrong_digit_would_be_seen() -> None:
    study = REFERENCE / "refcases" / "p01_srs_fpc"
    want = json.loads((study / "expected.json").read_text(encoding="utf-8"))
    found = estimate_study(study / "design.json")
    found["estimates"][0]["rows"][0]["se"] *= 1 + 1e-7
    assert differences(want, found, tolerance=1e-9, tolerances={})


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_what_must_be_refused_is_refused(study: Path) -> None:
    for entry in estimate_study(study / "design.json").get("must_fail", ()):
        assert entry["refused"], entry["name"]
        assert entry["error"]
