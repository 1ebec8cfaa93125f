"""docs/packages.md says what packages and scenarios are: every file, key and refusal."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.database.engine import open_database
from app.workflow import demonstration
from app.workflow.assessment import package_problems
from app.workflow.assessment.changes import (
    AddedEvent,
    ChangedValue,
    Changes,
    RuledEvent,
    read_changes,
)
from app.workflow.assessment.drafting import draft_assessment
from app.workflow.assessment.events import EvidenceFile, Ruling, decide_event, record_event
from app.workflow.assessment.gathering import gather
from app.workflow.assessment.importing import ValueFile, import_values
from app.workflow.assessment.package import FILES, MANIFEST, Origin
from app.workflow.assessment.package_problems import Complaint
from app.workflow.assessment.scenarios import what_if
from world import DEFINITIONS, NOW, registry

TEXT = (Path(__file__).parents[2] / "docs" / "packages.md").read_text(encoding="utf-8")
(SCENARIO,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
PLAIN = " ".join(TEXT.split())
"""Without line ends, so that a sentence may break anywhere."""

MODELS = (Changes, ChangedValue, AddedEvent, RuledEvent)
KEYS = {field.alias or name for model in MODELS for name, field in model.model_fields.items()}
COMPLAINTS = [one for one in vars(package_problems).values() if isinstance(one, Complaint)]
CODE = "demo-hqd-2025"


@pytest.fixture
def demonstration_inputs(sqlite_url):
    """What the demonstration's assessment is scored from; the year before does not matter."""
    plan = (DEFINITIONS / "assessments" / "demo_hqd_2025.yaml").read_text(encoding="utf-8")
    plan = plan.replace("follows: demo-hqd-2024\n", "")
    (file,), (event,) = demonstration.ASSESSMENTS[CODE], demonstration.EVENTS[CODE]
    values = ValueFile(file, (DEFINITIONS / "demo" / file).read_bytes())
    with open_database(sqlite_url).begin() as session:
        row = draft_assessment(session, plan, source="a", registry=registry(), now=NOW)
        import_values(session, row, values, now=NOW)
        kept = record_event(session, row, event, proof=EvidenceFile("x", b"x"), now=NOW)
        decide_event(session, row, Ruling(kept.row.number, "upheld", "so"), now=NOW)
        return gather(session, row).inputs


def test_the_example_does_what_is_told_of_it(demonstration_inputs):
    found = what_if(demonstration_inputs, read_changes(SCENARIO, "scenario.yaml"))
    unit = {one.unit: one for one in found.units}
    port, fengtian, qingshan = (unit[f"county-{n}"] for n in ("05", "07", "10"))
    moved = f"{port.moved:.2f} ({port.before.final:.2f} → {port.after.final:.2f})"
    assert f"the Port District gains {moved}" in PLAIN
    assert f"Fengtian loses {-fengtian.moved:.2f}" in PLAIN
    assert f"Qingshan rises to {qingshan.after.final:.2f}" in PLAIN
    assert (qingshan.before.grade, qingshan.after.grade) == ("good", "excellent")
    yunxi, zhuhai = unit["county-11"], unit["county-12"]
    assert (yunxi.before.rank_in_type, zhuhai.before.rank_in_type) == (3, 2)
    assert (yunxi.after.rank_in_type, zhuhai.after.rank_in_type) == (2, 3)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_of_a_scenario_is_described(key):
    assert re.search(rf"`{key}[`:]", TEXT)


@pytest.mark.parametrize("file", [MANIFEST, *FILES])
def test_every_file_of_a_package_is_described(file):
    assert f"`{file}`" in TEXT


@pytest.mark.parametrize("complaint", COMPLAINTS, ids=lambda one: one.english)
def test_every_refusal_of_a_package_is_explained(complaint):
    fixed = max(re.split(r"\{\w+\}", complaint.english), key=len).strip(" :(.")
    assert f"| {fixed} |" in TEXT


def test_all_that_an_origin_says_is_described():
    assert [one.name for one in fields(Origin)] == ["assessment", "run", "title", "sources"]
    assert "(assessment, run, title, and the runs of rounds, imports and events" in PLAIN
