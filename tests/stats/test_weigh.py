"""A plan's weighting steps on a sample, from the first weights to the margins."""

import numpy as np
import pytest

from app.errors import CannotEstimate, InputRefused
from app.stats.estimation import mean
from app.stats.weighting import weigh, weigh_in_steps
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
        section_seconds={},
        comment=blank,
        comment_length=np.full(n, np.nan),
        assurance=blank,
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


CHANCE = np.random.default_rng(5)
CROWD = sample(
    CHANCE.choice(["north", "south"], 300).tolist(),
    sex=CHANCE.choice(["1", "2", ""], 300, p=[0.3, 0.6, 0.1]).tolist(),
    age=CHANCE.choice(["y", "o"], 300, p=[0.1, 0.9]).tolist(),
)


def share(design, variable, level):
    return design.weight[CROWD.background[variable] == level].sum()


@pytest.mark.parametrize("distance", ["linear", "raking", "logit"])
def test_a_calibration_meets_its_margins_and_keeps_its_bounds(distance):
    step = f"{{kind: calibrate, margins: [sex, age], distance: {distance}, bounds: [0.3, 4]}}"
    design = weigh(CROWD, plan(f"[{{kind: base}}, {step}]"))
    (done,) = design.adjustments
    assert 0.3 - 1e-9 <= done.factor.min() <= done.factor.max() <= 4 + 1e-9
    assert share(design, "age", "y") == pytest.approx(300)
    assert share(design, "sex", "1") == pytest.approx(share(design, "sex", "2"))
    before = done.before[CROWD.background["sex"] == ""].sum()
    assert done.not_stated == {"sex": pytest.approx(before / 1000), "age": 0}
    assert share(design, "sex", "") == pytest.approx(before)


def test_an_unbounded_calibration_by_the_raking_distance_is_raking_its_error_included():
    calibrated = "[{kind: base}, {kind: calibrate, margins: [sex, age], distance: raking}]"
    one, other = weigh(CROWD, plan(RAKED)), weigh(CROWD, plan(calibrated))
    assert other.weight == pytest.approx(one.weight, rel=1e-8)
    y = np.random.default_rng(6).normal(60, 20, 300) + 9 * (CROWD.background["age"] == "y")
    errors = [mean(design, y).standard_error for design in (one, other)]
    assert errors[1] == pytest.approx(errors[0], rel=1e-7)


def test_trimming_keeps_the_totals_and_the_limits_in_one_step():
    raked, trimmed = weigh_in_steps(
        CROWD,
        plan("[{kind: base}, {kind: rake, margins: [sex, age]}, {kind: trim, highest: 3.2}]"),
    )[1:]
    mean_weight = 1000 / 300
    assert raked.weight.max() > 3.2 * mean_weight > trimmed.weight.max() - 1e-6
    assert share(trimmed, "age", "y") == pytest.approx(300)
    assert share(trimmed, "sex", "1") == pytest.approx(share(trimmed, "sex", "2"))
    assert len(trimmed.adjustments) == 1, "in the place of the step before, not after it"


def test_limits_that_the_totals_forbid_are_refused_with_the_cure():
    tight = "[{kind: base}, {kind: post_stratify, margin: age}, {kind: trim, highest: 1.5}]"
    with pytest.raises(CannotEstimate, match="margin age, level y"):
        weigh(CROWD, plan(tight))


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ("{kind: trim, highest: 3}", "weighting[1].kind"),
        ("{kind: rake, margins: [sex, age]}, {kind: trim, highest: 1}", "weighting[2].highest"),
        ("{kind: calibrate, margins: [sex], distance: logit}", "weighting[1].bounds"),
        ("{kind: calibrate, margins: [sex], bounds: [1.2, 3]}", "weighting[1].bounds"),
        ("{kind: calibrate, margins: [sex, sex]}", "weighting[1].margins[1]"),
        ("{kind: calibrate, margins: [district]}", "weighting[1].margins[0]"),
        (
            "{kind: calibrate, margins: [sex], bounds: [0.5, 3]}, {kind: trim, highest: 3}",
            "weighting[2].kind",
        ),
    ],
)
def test_steps_that_cannot_be_are_refused_at_their_place(steps, place):
    with pytest.raises(InputRefused) as refused:
        plan(f"[{{kind: base}}, {steps}]")
    assert [problem.place for problem in refused.value.problems] == [place]


def test_all_mistakes_of_a_recipe_are_told_at_once():
    steps = "{kind: trim, highest: 3}, {kind: calibrate, margins: [sex], bounds: [2, 3]}"
    with pytest.raises(InputRefused) as refused:
        plan(f"[{{kind: base}}, {steps}]")
    assert len(refused.value.problems) == 2
