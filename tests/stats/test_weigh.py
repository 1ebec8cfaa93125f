"""A plan's weighting steps on a sample, from the first weights to the margins."""

import numpy as np
import pytest

from app.errors import CannotEstimate
from app.stats.weighting import weigh
from app.survey.plan import Plan
from app.survey.reading import read_definition
from app.survey.sample import Sample

PLAN = """
schema: minxin-plan/1
code: r1
title: {{zh-Hans: 一轮, en: A round}}
survey: small@1
organiser: {{name: {{zh-Hans: 组织部, en: Office}}}}
population: {{zh-Hans: 居民, en: Residents}}
evidence_class: probability
window:
  opens: "2026-11-01T00:00:00"
  closes: "2026-11-30T00:00:00"
  time_zone: Asia/Shanghai
regions: [{{code: city, name: {{zh-Hans: 市, en: City}}}}]
units:
  - code: north
    name: {{zh-Hans: 北, en: North}}
    region: city
    region_type: t
    population: 400
  - code: south
    name: {{zh-Hans: 南, en: South}}
    region: city
    region_type: t
    population: 600
margins:
  - {{variable: sex, totals: {{"1": 500, "2": 500}}}}
  - {{variable: age, totals: {{y: 300, o: 700}}}}
weighting: {weighting}
screening: {{}}
screening_note: {{zh-Hans: 无, en: None}}
release: {{min_n: 1, min_effective_n: 1, min_effective_n_rank: 1, min_cell: 1}}
seed: 1
"""


def plan(weighting: str) -> Plan:
    return read_definition(Plan, PLAN.format(weighting=weighting), source="plan.yaml")


def sample(unit: list[str], **background: list[str]) -> Sample:
    n = len(unit)
    blank = np.full(n, "", dtype=np.str_)
    return Sample(
        identifier=np.array([f"r{i}" for i in range(n)], dtype=np.str_),
        unit=np.array(unit, dtype=np.str_),
        point=blank,
        evidence=blank,
        channel=blank,
        codes={},
        scores={},
        background={k: np.array(v, dtype=np.str_) for k, v in background.items()},
        given_weight=np.arange(1.0, n + 1),
        seconds=np.full(n, np.nan),
        slot=blank,
        device=blank,
        network=blank,
    )


PEOPLE = sample(
    ["north", "north", "south", "south", "south"],
    sex=["1", "2", "1", "2", ""],
    age=["y", "o", "o", "y", "o"],
)
RAKED = "[{kind: base}, {kind: rake, margins: [sex, age]}]"


def test_given_weights_are_taken_as_they_came():
    design = weigh(PEOPLE, plan("[{kind: given, source: Vendor}]"))
    assert design.weight.tolist() == [1, 2, 3, 4, 5]
    assert design.adjustments == ()


def test_base_weights_come_from_the_units_of_the_plan():
    design = weigh(PEOPLE, plan("[{kind: base}]"))
    assert design.weight.tolist() == [200] * 5


def test_steps_follow_one_another_and_each_is_kept():
    design = weigh(PEOPLE, plan("[{kind: base}, {kind: post_stratify, margin: age}]"))
    assert design.weight[[0, 3]].sum() == pytest.approx(300)
    (step,) = design.adjustments
    assert step.margins == ("age",)
    assert step.before.tolist() == [200] * 5


def test_a_round_does_not_die_of_a_skipped_background_item():
    design = weigh(PEOPLE, plan(RAKED))
    assert design.weight.sum() == pytest.approx(1000)
    (step,) = design.adjustments
    assert step.not_stated == {"sex": pytest.approx(0.2), "age": 0}
    assert design.weight[PEOPLE.background["age"] == "o"].sum() == pytest.approx(700)


def test_influence_comes_before_the_margins_and_keeps_the_row():
    influence = np.array([1, 1, 1, 1, 0.0])
    design = weigh(PEOPLE, plan(RAKED), influence=influence)
    assert len(design) == 5
    assert design.weight[4] == 0
    assert design.weight.sum() == pytest.approx(1000)
    assert design.adjustments[0].not_stated == {"sex": 0, "age": 0}


def test_influence_must_fit_the_sample():
    for wrong in ([1, 1], [1, 1, 1, 1, 2], [1, 1, 1, 1, np.nan]):
        with pytest.raises(ValueError, match="influence"):
            weigh(PEOPLE, plan("[{kind: base}]"), influence=np.array(wrong, float))


def test_an_empty_sample_has_an_empty_design():
    assert len(weigh(sample([]), plan(RAKED))) == 0


def test_a_margin_that_was_never_asked_is_refused_by_name():
    with pytest.raises(CannotEstimate, match="margin sex"):
        weigh(sample(["north"], age=["y"]), plan(RAKED))
