"""Real, honest answers without any paradata: next to none of them may count for less."""

from typing import Any

import numpy as np
import pytest
from screening_case import frozen_of

from app.anomaly.engine import examine
from app.survey.importing import read_answer_file
from app.survey.sample import RawResponse, build_sample
from app.workflow.screening.company import decide
from app.workflow.screening.submissions import lay_out
from world import DEFINITIONS

MOST_LOWERED = 0.005


def the_residents(evidence: str) -> tuple[Any, Any]:
    """The Bloomington round, and its answers laid out with those classes judged."""
    text = (DEFINITIONS / "plans" / "bloomington_2017.yaml").read_text(encoding="utf-8")
    start, end = text.index("composite:"), text.index("confidence:")
    text = (text[:start] + text[end:]).replace("evidence: [opt_in]", f"evidence: {evidence}")
    frozen = frozen_of(text)
    content = (DEFINITIONS / "demo" / "bloomington_2017.csv").read_bytes()
    rows = read_answer_file(frozen.survey, content, source="answers.csv").rows
    responses = [
        RawResponse(
            identifier=f"{number:06}", unit=row.unit, point="", evidence=row.evidence,
            channel="import", answers=row.answers, background=row.background,
            weight=row.weight, assurance="imported",
        )
        for number, row in enumerate(rows)
    ]  # fmt: skip
    maps = frozen.maps_by_scale
    sample = build_sample(frozen.survey, maps, responses)
    return frozen.plan, lay_out(sample, frozen.plan, frozen.survey, maps)


def test_the_round_as_planned_reports_and_lowers_nobody():
    plan, laid = the_residents("[opt_in]")
    assert (len(laid.submissions), len(laid.reference.score)) == (97, 498)
    found = examine(laid.submissions, reference=laid.reference, seed=plan.seed)
    assert (decide(found, plan.screening.company, {}).influence == 1).all()


@pytest.mark.parametrize("evidence", ["[opt_in]", "[opt_in, probability]"])
def test_next_to_nobody_would_be_lowered_if_flags_and_caps_applied(evidence):
    plan, laid = the_residents(evidence)
    found = examine(laid.submissions, reference=laid.reference, seed=plan.seed)
    applied = plan.screening.company.model_copy(update={"influence": 0.0, "caps": "applied"})
    lowered = decide(found, applied, {}).influence < 0.5
    assert np.mean(lowered) <= MOST_LOWERED
