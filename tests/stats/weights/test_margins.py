"""What is refused before anything is solved: contradictions, empty levels, stray answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.design import simple_design
from app.stats.weights.calibration import calibrate, margin_targets, term_targets
from app.stats.weights.distance import Distance
from app.stats.weights.margins import PopulationMargin, check_margins, level_codes
from app.stats.weights.steps import rake
from app.stats.weights.targets import joined

AGE = np.array(["y", "y", "o", "o", "y", "o"])
SEX = np.array(["f", "m", "f", "m", "f", "m"])
ZONE = np.array(["u", "r", "r", "u", "r", "u"])
BOTH = np.array([f"{age}|{sex}" for age, sex in zip(AGE, SEX, strict=True)])
JOINT = {"y|f": 30.0, "y|m": 20.0, "o|f": 25.0, "o|m": 25.0}


def refused(*margins: PopulationMargin) -> str:
    """What is said of margins that must not pass, the same by raking and calibration."""
    with pytest.raises(CannotEstimate) as by_raking:
        rake(simple_design(np.ones(len(margins[0].level))), margins)
    with pytest.raises(CannotEstimate) as by_calibration:
        margin_targets(margins)
    assert str(by_raking.value) == str(by_calibration.value)
    return str(by_raking.value)


def test_a_joint_margin_must_agree_with_the_margin_it_contains():
    said = refused(
        PopulationMargin("age", AGE, {"y": 60.0, "o": 40.0}),
        PopulationMargin("age*sex", BOTH, JOINT),
    )
    assert "margin age*sex sums to 50 people where age is y, but margin age to 60" in said
    assert "margin age*sex sums to 50 people where age is o, but margin age to 40" in said


def test_two_joint_margins_must_agree_on_the_variable_they_share():
    zones = np.array([f"{sex}|{zone}" for sex, zone in zip(SEX, ZONE, strict=True)])
    said = refused(
        PopulationMargin("age*sex", BOTH, JOINT),
        PopulationMargin("sex*zone", zones, {"f|u": 20, "f|r": 30, "m|u": 25, "m|r": 25}),
    )
    assert "margin sex*zone sums to 50 people where sex is f, but margin age*sex to 55" in said


def test_a_hidden_contradiction_is_found_by_linear_dependency():
    # Nothing in the names says that the second margin is the first one again.
    again = PopulationMargin("generation", AGE, {"y": 55.0, "o": 45.0})
    with pytest.raises(CannotEstimate) as refusal:
        margin_targets([PopulationMargin("age", AGE, {"y": 50.0, "o": 50.0}), again])
    message = str(refusal.value)
    assert "margin generation, level y: its total is 55, but" in message
    assert "margin age, level y leave 50 for it" in message


def test_consistent_repetition_changes_nothing():
    design = simple_design(np.arange(1.0, 7))
    age = PopulationMargin("age", AGE, {"y": 50.0, "o": 50.0})
    both = PopulationMargin("age*sex", BOTH, JOINT)
    twice = calibrate(design, margin_targets([age, both]), Distance("linear"))
    once = calibrate(design, margin_targets([both]), Distance("linear"))
    assert twice.weight == pytest.approx(once.weight, rel=1e-12)
    assert twice.adjustments[0].basis.shape[1] == 4


def test_a_margin_given_twice_is_refused():
    age = PopulationMargin("age", AGE, {"y": 50.0, "o": 50.0})
    assert "margin age is given 2 times" in refused(age, age)


def test_a_level_of_nobody_without_answers_is_no_problem():
    age = PopulationMargin("age", AGE, {"y": 50.0, "o": 50.0, "unborn": 0.0})
    design = simple_design(np.ones(6))
    assert rake(design, [age]).weight == pytest.approx(np.full(6, 50 / 3))
    solved = calibrate(design, margin_targets([age]), Distance("linear"))
    assert solved.weight == pytest.approx(np.full(6, 50 / 3))


def test_answers_in_a_level_of_nobody_are_refused():
    said = refused(PopulationMargin("age", AGE, {"y": 50.0, "o": 0.0}))
    assert "level o: 3 answers, but its total is 0" in said


def test_the_neighbour_lies_along_the_part_with_most_levels():
    levels = ["1|f", "1|m", "2|f", "2|m", "3|f", "3|m"]
    here = PopulationMargin(
        "age*sex", np.array(["1|f", "1|m", "2|f", "2|m", "3|f"]), dict.fromkeys(levels, 5.0)
    )
    with pytest.raises(CannotEstimate, match=r"level 3\|m: .* Merge it with the level 2\|m"):
        check_margins([here], [level_codes(here)], np.ones(5))


def test_skipped_items_are_for_raking_only():
    age = PopulationMargin("age", np.array(["y", "o", ""]), {"y": 5.0, "o": 5.0})
    with pytest.raises(CannotEstimate, match="margin age: 1 rows state no level"):
        margin_targets([age])


def test_every_missing_value_and_total_of_the_terms_is_named():
    columns = {"age": np.array([20.0, np.nan]), "income": np.array([1.0, 2.0])}
    with pytest.raises(CannotEstimate) as refusal:
        term_targets(columns, {"age": 50.0})
    message = str(refusal.value)
    assert "term age: 1 of 2 rows have no value" in message
    assert "term income: its population total is absent" in message


def test_margins_and_terms_can_be_met_together():
    margin = margin_targets([PopulationMargin("age", AGE, {"y": 50.0, "o": 50.0})])
    visits = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    both = joined(margin, term_targets({"visits": visits}, {"visits": 380.0}))
    design = calibrate(simple_design(np.full(6, 16.0)), both, Distance("raking"))
    assert design.weight @ visits == pytest.approx(380, rel=1e-12)
    assert design.weight[AGE == "y"].sum() == pytest.approx(50, rel=1e-12)


def test_linear_weights_below_zero_are_refused():
    visits = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 60.0])
    targets = term_targets({"one": np.ones(6), "visits": visits}, {"one": 6.0, "visits": 6.5})
    with pytest.raises(CannotEstimate, match=r"the linear distance makes 1 weights negative"):
        calibrate(simple_design(np.ones(6)), targets, Distance("linear"))
    bounded = calibrate(simple_design(np.ones(6)), targets, Distance("linear", (0.0, 9.0)))
    assert bounded.weight @ visits == pytest.approx(6.5, rel=1e-10)


@given(st.permutations(range(3)), st.floats(0.01, 100))
def test_a_contradiction_is_found_whatever_the_order_and_size_of_the_margins(order, size):
    margins = [
        PopulationMargin("age", AGE, {"y": 50 * size, "o": 50 * size}),
        PopulationMargin("sex", SEX, {"f": 54 * size, "m": 46 * size}),
        PopulationMargin("age*sex", BOTH, {k: v * size for k, v in JOINT.items()}),
    ]
    said = refused(*[margins[i] for i in order])
    assert said.count("where sex is") == 2
    assert "where age is" not in said
