"""The change of a score is split without a rest: values, weights, bounds, deductions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorings import row, scoring_of_table
from small_systems import small

from app.scoring.explanation.change import change
from app.scoring.inputs import Event

SCORE = st.one_of(st.none(), st.floats(1, 100))
ROWS = st.tuples(st.floats(1, 100), SCORE, SCORE)
MEANS = st.sampled_from(["arithmetic", "geometric", "harmonic", {"power": 2}])


def system(weights, *, mean="arithmetic", top=100.0):
    found = small()
    for node in found["nodes"]:
        node["aggregate"] = mean
        node.pop("weights_sum_to", None)
    for card, weight in zip(found["indicators"], weights, strict=True):
        card["weight"] = {"town": weight, "village": 1}
        card["plausible"] = {"from": 1, "to": 100}
        card["normalise"] = {
            "method": "efficacy",
            "base": 1,
            "top": 100,
            "bounds": {"unacceptable": 0, "satisfactory": top},
        }
    return found


def effects(unit):
    return [unit.value, unit.weight, unit.bounds, unit.deduction, unit.bonus, unit.limit]


@given(ROWS, ROWS, st.tuples(*[st.integers(1, 5)] * 3), MEANS, MEANS, st.integers(0, 9))
@settings(max_examples=150, deadline=None)
def test_the_effects_sum_to_the_change_whatever_changed(old, new, weights, one, other, late):
    events = [Event("a", "late", late, "upheld", "file 1")] if late else []
    before = scoring_of_table({"a": row(*old)}, found=system((1, 1, 1), mean=one))
    now = scoring_of_table(
        {"a": row(*new)}, found=system(weights, mean=other, top=120.0), events=events
    )
    unit = change(before, now).unit("a")
    assert sum(effects(unit)) == pytest.approx(unit.difference, abs=1e-9)
    assert unit.difference == pytest.approx(now.finals[0] - before.finals[0])
    for effect in ("value", "weight", "bounds") if unit.parts else ():
        total = sum(getattr(part, effect) for part in unit.parts)
        assert total == pytest.approx(getattr(unit, effect), abs=1e-9)


def test_value_and_weight_effects_are_those_of_the_book():
    before = scoring_of_table({"a": row(40, 50, 50)})
    found = small()
    for node, weight in zip(found["nodes"][1:], (50, 50), strict=True):
        node["weight"] = {"town": weight, "village": 50}
    unit = change(before, scoring_of_table({"a": row(60, 50, 50)}, found=found)).unit("a")
    jobs = next(part for part in unit.parts if part.part == "jobs")
    assert jobs.value == pytest.approx(20 * (0.6 + 0.5) / 2)
    assert jobs.weight == pytest.approx((0.5 - 0.6) * (40 + 60) / 2)
    assert (unit.how, jobs.bounds) == ("sum", 0)


def test_new_bounds_are_told_from_new_values():
    before = scoring_of_table({"a": row(50, 50, 50)}, found=system((1, 1, 1)))
    now = scoring_of_table({"a": row(50, 50, 50)}, found=system((1, 1, 1), top=50.0))
    unit = change(before, now).unit("a")
    assert unit.value == pytest.approx(0)
    assert unit.bounds == pytest.approx(unit.difference)
    assert unit.difference == pytest.approx(99 * (1 - 0.5))


def test_a_deduction_is_a_line_of_its_own_and_so_is_the_floor():
    before = scoring_of_table({"a": row(2, 2, 2)})
    now = scoring_of_table({"a": row(2, 2, 2)}, events=[Event("a", "fraud", 2, "upheld", "x")])
    unit = change(before, now).unit("a")
    assert (unit.deduction, unit.limit) == (-4, pytest.approx(2))
    assert unit.difference == pytest.approx(-2)


def test_what_came_and_went_is_named():
    before = scoring_of_table({"a": row(50, 50, 50), "gone": row(50, 50, 50)})
    now = scoring_of_table({"a": row(50, None, 50), "new": row(50, 50, 50)})
    found = change(before, now)
    reasons = {one.unit: one.because.en for one in found.not_compared}
    assert reasons == {
        "new": "the unit had no score last year",
        "gone": "the unit has no score this year",
    }
    notes = {part.part: part.note for part in found.unit("a").parts}
    assert notes["clean"].zh == "本年没有得分，变化计入权数"


def test_a_change_within_the_survey_error_is_marked():
    before = scoring_of_table({"a": row(50, 50, 50)}, errors={"jobs": 3.0})
    now = scoring_of_table({"a": row(52, 50, 50)}, errors={"jobs": 3.0})
    unit = change(before, now).unit("a")
    assert unit.error == pytest.approx(0.6 * 18**0.5)
    assert unit.within_survey_error is True
