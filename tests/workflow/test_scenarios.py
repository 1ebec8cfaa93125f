"""What if: weights, values, events and rules changed beside the run, never in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_inputs import small_inputs

from app.errors import InputRefused
from app.workflow.assessment.changes import read_changes
from app.workflow.assessment.inputs_document import write_inputs
from app.workflow.assessment.scenarios import (
    comparison_document,
    kept_comparison,
    what_if,
)


def scenario(text):
    return read_changes(f"schema: minxin-scenario/1\nname: a test\n{text}", "scenario.yaml")


def compared(text):
    return {one.unit: one for one in what_if(small_inputs(), scenario(text)).units}


def refusal(text):
    with pytest.raises(InputRefused) as refused:
        what_if(small_inputs(), scenario(text))
    return refused.value


def test_an_upheld_event_lowers_the_score_and_the_place():
    found = compared("rulings: [{unit: e, item: fraud, status: upheld}]")
    assert found["e"].moved == pytest.approx(-2)
    assert found["d"].moved == 0
    added = compared("events: [{unit: b, item: fraud, count: 2}]")
    assert added["b"].moved == pytest.approx(-4), "the cap of the family"


def test_other_weights_move_every_unit_of_the_type():
    found = compared("weights: {work: {town: 50, village: 45}, life: {town: 50, village: 55}}")
    assert found["a"].moved == pytest.approx(-0.1 * 60 + 0.1 * 50)
    assert found["d"].moved == 0


def test_weights_that_do_not_add_up_are_refused_as_in_a_system():
    refused = refusal("weights: {work: {town: 61, village: 45}}")
    assert "E101" in str(refused)
    assert "101" in refused.in_chinese
    assert "应为 100" in refused.in_chinese


def test_everything_unknown_is_named_at_once():
    said = str(
        refusal(
            "weights: {wrok: 1}\nvalues: [{unit: z, indicator: jobs, value: 1}]\n"
            "events: [{unit: a, item: theft}]\nwithout_units: [y]\n"
            "rulings: [{unit: a, item: fraud, status: upheld}]"
        )
    )
    for name in ("'wrok'", "'z'", "'theft'", "'y'", "a has no event of fraud"):
        assert name in said


def test_what_is_said_twice_is_refused_in_both_languages():
    with pytest.raises(InputRefused) as refused:
        scenario(
            "values: [{unit: a, indicator: jobs, value: 1}, {unit: a, indicator: jobs}]\n"
            "rulings: [{unit: e, item: fraud, status: upheld},"
            " {unit: e, item: fraud, status: overturned}]"
        )
    assert "values: names jobs of a 2 times. Keep one of them." in str(refused.value)
    assert "rulings：e 的“fraud”写了 2 次" in refused.value.in_chinese


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1e12"])
def test_a_value_that_cannot_be_is_refused_before_anything_is_computed(value):
    with pytest.raises(InputRefused):
        compared(f"values: [{{unit: a, indicator: jobs, value: {value}}}]")


@pytest.mark.parametrize("weight", [".nan", ".inf", "-5"])
def test_a_weight_that_cannot_be_is_refused(weight):
    with pytest.raises(InputRefused):
        compared(f"weights: {{jobs: {weight}}}")


def test_without_any_unit_there_is_nothing_to_score():
    assert refusal("without_units: [a, b, c, d, e]").in_chinese


def test_an_event_that_is_overturned_gives_back_what_it_took():
    found = compared("rulings: [{unit: d, item: late, status: overturned}]")
    assert found["d"].after.final == pytest.approx(found["d"].after.gross)
    assert found["d"].moved > 0


@given(st.sampled_from("abcde"), st.sampled_from(["late", "fraud"]), st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_one_more_upheld_deduction_never_raises_a_score(unit, item, count):
    found = compared(f"events: [{{unit: {unit}, item: {item}, count: {count}}}]")
    assert found.pop(unit).moved <= 0
    assert {one.moved for one in found.values()} == {0}


def test_a_value_may_change_or_go_missing_and_a_unit_may_leave():
    found = compared("values: [{unit: a, indicator: jobs, value: 70}]\nwithout_units: [b]")
    assert found["a"].moved == pytest.approx(6)
    assert found["a"].after.rank_in_type == 1
    assert found["b"].after is None
    gone = compared("values: [{unit: a, indicator: clean}]")
    assert gone["a"].after.final == pytest.approx(0.6 * 60 + 0.4 * 50)


def test_another_mean_is_tried():
    found = compared("aggregate: {all: harmonic, work: arithmetic}")
    assert found["a"].after.final < found["a"].before.final


def test_a_scenario_changes_nothing_of_the_inputs():
    inputs = small_inputs()
    before = write_inputs(inputs)
    what_if(inputs, scenario("rulings: [{unit: e, item: fraud, status: upheld}]"))
    assert write_inputs(inputs) == before


def test_a_comparison_is_kept_whole():
    found = what_if(small_inputs(), scenario("without_units: [b]"))
    again = kept_comparison(comparison_document(found))
    assert [one.unit for one in again.units] == ["a", "b", "c", "d", "e"]
    assert again.units[0].after.score_interval == pytest.approx(
        found.units[0].after.score_interval
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("weigths: {work: 1}", "weigths"),
        ("events: [{unit: a, item: fraud, count: 0}]", "too small"),
        ("values: [{unit: a}]", "indicator"),
    ],
)
def test_a_misspelt_scenario_is_refused_with_its_line(text, said):
    with pytest.raises(InputRefused) as refused:
        scenario(text)
    assert said in str(refused.value)
    assert refused.value.problems[0].line == 3


def test_a_scenario_that_changes_nothing_is_refused():
    assert "changes nothing" in str(refusal(""))
    assert "没有改变任何内容" in refusal("values: []").in_chinese
