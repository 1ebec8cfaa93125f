"""Both documents of a scoring: one spelling of inputs, the same bytes from the same ones."""

import json
from dataclasses import replace

import pytest
from small_inputs import small_inputs

from app.errors import InputRefused
from app.workflow.assessment.computing import compute_scores
from app.workflow.assessment.inputs_document import read_inputs, write_inputs


def test_inputs_are_read_as_they_were_written_last_year_included():
    inputs = small_inputs(before=small_inputs(higher=-3.0))
    text = write_inputs(inputs)
    assert read_inputs(text) == inputs
    assert write_inputs(read_inputs(text)) == text


def test_a_whole_number_is_spelt_as_the_real_one_it_stands_for():
    inputs = small_inputs()
    values = (replace(inputs.values[0], value=60), *inputs.values[1:])
    assert write_inputs(replace(inputs, values=values)) == write_inputs(inputs)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"seed":7', '"seed": 7'),
        lambda text: text.replace("60.0", "60.00"),
        lambda text: text.replace("60.0", "NaN"),
        lambda text: text.replace("60.0", "1e999"),
        lambda text: text.replace('"seed":7', '"seed":7,"sed":8'),
        lambda text: text.replace('"seed":7', '"seed":"7"'),
        lambda text: text[:-1],
        lambda text: "[]",
    ],
)
def test_inputs_of_any_other_spelling_or_shape_are_refused(change):
    with pytest.raises(InputRefused) as refused:
        read_inputs(change(write_inputs(small_inputs())))
    assert "inputs.json" in refused.value.in_chinese


def test_the_same_inputs_give_the_same_bytes_and_another_seed_other_draws():
    inputs = small_inputs(before=small_inputs(higher=-3.0))
    first = compute_scores(inputs, code_version="1")
    assert compute_scores(read_inputs(write_inputs(inputs)), code_version="1") == first
    other = json.loads(compute_scores(replace(inputs, seed=8), code_version="1"))
    assert other["composite"] == json.loads(first)["composite"]
    assert other["analysis"]["simulation"] != json.loads(first)["analysis"]["simulation"]


def test_the_order_of_units_and_values_moves_no_number():
    inputs = small_inputs()
    turned = replace(inputs, units=inputs.units[::-1], values=inputs.values[::-1])
    both = [json.loads(compute_scores(one, code_version="1")) for one in (inputs, turned)]
    units = [{one["unit"]: one for one in found["composite"]["units"]} for found in both]
    assert units[0] == units[1]
    drawn = [
        {one["unit"]: one for one in found["analysis"]["simulation"]["units"]} for found in both
    ]
    assert drawn[0] == drawn[1]


def test_the_order_of_the_inputs_decides_nothing_in_the_whole_analysis():
    inputs, before = small_inputs(), small_inputs(higher=-3.0)
    turned = replace(
        inputs,
        units=inputs.units[::-1],
        values=inputs.values[::-1],
        events=inputs.events[::-1],
        before=replace(before, units=before.units[2:] + before.units[:2]),
    )
    both = [
        _in_order(json.loads(compute_scores(one))["analysis"])
        for one in (replace(inputs, before=before), turned)
    ]
    # A duel is told from the side of the unit that was given first.
    for one in both:
        del one["simulation"]["duels"]
    assert both[0] == both[1]


def _in_order(found):
    """A document with the units of every list in the order of their codes."""
    if isinstance(found, dict):
        return {key: _in_order(one) for key, one in found.items()}
    if not isinstance(found, list):
        return found
    parts = [_in_order(one) for one in found]
    if parts and all(isinstance(one, dict) for one in parts):
        parts.sort(key=lambda one: str([one.get("region_type"), one.get("unit")]))
    return parts


def test_everything_asked_of_a_scoring_stands_in_its_document():
    inputs = small_inputs(before=small_inputs(higher=-3.0))
    analysis = json.loads(compute_scores(inputs, code_version="1"))["analysis"]
    assert analysis["left_out"] == []
    for part in (
        "simulation",
        "places",
        "sensitivity",
        "contributions",
        "shortfalls",
        "change",
    ):
        assert analysis[part], part
    (change,) = [one for one in analysis["change"]["units"] if one["unit"] == "a"]
    assert change["difference"] == pytest.approx(3.0)
    assert change["value"] == pytest.approx(3.0)
    (said,) = [one["sentences"] for one in analysis["sentences"] if one["unit"] == "a"]
    assert said[0]["zh-Hans"].startswith("得 56 分，比同类最高低 9 分")
