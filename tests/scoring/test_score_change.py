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


def geometric(lowest):
    found = system((1, 1, 1), mean="geometric")
    for card in found["indicators"]:
        card["plausible"] = {"from": lowest + 1, "to": 100}
        card["normalise"]["bounds"]["unacceptable"] = lowest
    return found


def test_what_other_bounds_would_make_negative_is_counted_as_value_in_a_geometric_tree():
    before = scoring_of_table({"a": row(5, 50, 50)}, found=geometric(0))
    now = scoring_of_table({"a": row(60, 50, 50)}, found=geometric(40))
    unit = change(before, now).unit("a")
    jobs = next(part for part in unit.parts if part.part == "jobs")
    assert jobs.bounds == 0
    assert jobs.note.zh == "无法按另一年的界限折算，变化全部计入指标值"
    assert sum(effects(unit)) == pytest.approx(unit.difference, abs=1e-9)


def test_a_copeland_node_of_one_indicator_hides_no_rest():
    found = small()
    found["nodes"][1]["aggregate"] = "copeland"
    before = scoring_of_table({"a": row(60, 50, 50), "b": row(50, 50, 50)}, found=found)
    now = scoring_of_table({"a": row(40, 50, 50), "b": row(50, 50, 50)}, found=found)
    unit = change(before, now).unit("a")
    assert unit.how == "blocks"
    assert sum(effects(unit)) == pytest.approx(unit.difference, abs=1e-9)
    assert unit.value == pytest.approx(0.6 * -2), "from one win to one defeat"


def test_a_unit_that_moves_to_another_type_has_met_its_bounds_not_changed_its_values():
    found = small()
    for card in found["indicators"]:
        card["normalise"] = {"method": "minmax", "range": [0, 100], "reference": "type"}
    table = {
        "a": row(50, 50, 50),
        "b": row(20, 20, 20),
        "c": row(60, 60, 60),
        "d": row(40, 40, 40),
        "e": row(90, 90, 90),
    }
    types = {"d": "village", "e": "village"}
    before = scoring_of_table(table, found=found, types=types)
    now = scoring_of_table(table, found=found, types=types | {"a": "village"})
    unit = change(before, now).unit("a")
    assert (unit.type_before, unit.type_now) == ("town", "village")
    assert unit.value == pytest.approx(0, abs=1e-9)
    assert unit.bounds == pytest.approx(20 - 75)


def test_an_indicator_that_is_new_in_a_tree_that_is_no_sum_comes_with_the_tree():
    old = system((1, 1, 1), mean="harmonic")
    del old["indicators"][1]
    before = scoring_of_table({"a": {"jobs": 40.0, "calm": 50.0}}, found=old)
    now = scoring_of_table({"a": row(60, 10, 50)}, found=system((1, 1, 1), mean="harmonic"))
    unit = change(before, now).unit("a")
    assert (unit.how, unit.bounds) == ("blocks", 0)
    assert unit.value > 0 > unit.weight, "jobs rose, and clean came in low"
    assert sum(effects(unit)) == pytest.approx(unit.difference, abs=1e-9)


def test_a_deduction_is_a_line_of_its_own_and_so_is_the_floor():
    before = scoring_of_table({"a": row(2, 2, 2)})
    now = scoring_of_table({"a": row(2, 2, 2)}, events=[Event("a", "fraud", 2, "upheld", "x")])
    unit = change(before, now).unit("a")
    assert (unit.deduction, unit.limit) == (-4, pytest.approx(2))
    assert unit.difference == pytest.approx(-2)


@given(ROWS, st.integers(0, 9), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_one_more_deduction_never_raises_a_score(values, late, fraud):
    some = [Event("a", "late", late, "upheld", "file 1")] if late else []
    more = [*some, Event("a", "fraud", fraud, "upheld", "file 2")]
    before = scoring_of_table({"a": row(*values)}, events=some)
    unit = change(before, scoring_of_table({"a": row(*values)}, events=more)).unit("a")
    assert unit.difference <= 1e-12
    assert unit.deduction <= 0 <= unit.limit + 1e-12
    assert (unit.value, unit.weight, unit.bounds) == (0, 0, 0)


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


def test_an_unknown_error_of_one_year_is_not_taken_for_none():
    before = scoring_of_table({"a": row(50, 50, 50)}, errors={"jobs": 3.0})
    bent = small()
    bent["indicators"][0]["normalise"] = {"method": "goalposts", "lower": 0, "upper": 51}
    now = scoring_of_table({"a": row(50, 50, 50)}, found=bent, errors={"jobs": 3.0})
    unit = change(before, now).unit("a")
    assert (unit.error, unit.within_survey_error) == (None, None)


def test_a_year_without_a_survey_adds_no_error():
    before = scoring_of_table({"a": row(50, 50, 50)})
    now = scoring_of_table({"a": row(52, 50, 50)}, errors={"jobs": 3.0})
    assert change(before, now).unit("a").error == pytest.approx(0.6 * 3)


def test_a_year_with_one_indicator_only_is_a_sum_of_either_kind():
    found = system((1, 1, 1), mean="geometric")
    before = scoring_of_table({"a": row(40, None, None)}, found=found)
    unit = change(before, scoring_of_table({"a": row(60, 50, 50)}, found=found)).unit("a")
    assert unit.how == "logarithms"
    assert sum(effects(unit)) == pytest.approx(unit.difference, abs=1e-9)
