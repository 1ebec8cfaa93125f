"""Means, and what becomes of the weight of what is missing or does not apply."""

import pytest
from small_systems import card, read, score_table, small

from app.scoring.index import score
from app.scoring.inputs import IndicatorValue, ScoredUnit


def one(found, row):
    return score_table(found, {"a": row}).units[0]


def without(*codes):
    return [
        IndicatorValue("a", code, None, "not_applicable")
        if code in codes
        else IndicatorValue("a", code, 50.0)
        for code in ("jobs", "clean", "calm")
    ]


def weights(found, values):
    unit = score(read(found), units=[ScoredUnit("a", "town")], values=values).units[0]
    return [step.effective_weight for step in unit.indicators]


def positive(found, node, mean):
    found["nodes"][node]["aggregate"] = mean
    for indicator in found["indicators"]:
        indicator["normalise"] = {"method": "goalposts", "lower": -1, "upper": 99}
    return found


def test_each_node_has_its_own_mean():
    row = {"jobs": 49.0, "clean": 19.0, "calm": 79.0}
    geometric = one(positive(small(), 2, "geometric"), row)
    assert geometric.level("life").score == pytest.approx(20**0.25 * 80**0.75)
    harmonic = one(positive(small(), 2, "harmonic"), row)
    assert harmonic.level("life").score == pytest.approx(1 / (0.25 / 20 + 0.75 / 80))
    assert harmonic.gross == pytest.approx(0.6 * 50 + 0.4 * harmonic.level("life").score)


def test_a_missing_indicator_hands_its_weight_to_its_siblings():
    unit = one(small(), {"jobs": 50.0, "clean": None, "calm": 90.0})
    assert unit.level("life").score == pytest.approx(90)
    assert unit.level("life").coverage == pytest.approx(0.75)
    assert [step.effective_weight for step in unit.indicators] == pytest.approx([0.6, 0, 0.4])


def test_a_class_that_does_not_apply_leaves_its_weight_to_the_others():
    found = small()
    found["nodes"][0]["min_coverage"] = 0.9
    assert weights(found, without("clean", "calm")) == pytest.approx([1, 0, 0])


def test_a_class_that_does_not_apply_is_not_filled():
    found = small()
    found["nodes"][2]["if_empty"] = {"rule": "fixed", "value": 0}
    units = [ScoredUnit("a", "town")]
    absent = score(read(found), units=units, values=without("clean", "calm")).units[0]
    assert absent.gross == pytest.approx(50)
    gone = one(found, {"jobs": 50.0, "clean": None, "calm": None})
    assert gone.gross == pytest.approx(30)
    assert gone.level("life").contribution == 0


def test_equal_sharing_splits_a_lost_weight_by_heads():
    found = small()
    found["indicators"].append(card("air", "life", {"town": 4, "village": 1}))
    values = [*without("air"), IndicatorValue("a", "air", None, "not_applicable")]
    proportional = weights(found, values)
    assert proportional == pytest.approx([0.6, 0.1, 0.3, 0])
    found["not_applicable"] = {"share": "equal"}
    # 4 of 8 points are lost: 1 + 2 and 3 + 2.
    assert weights(found, values) == pytest.approx([0.6, 0.4 * 3 / 8, 0.4 * 5 / 8, 0])


def test_sharing_over_the_system_moves_weight_between_classes():
    found = small()
    found["node_weights"] = "sum_of_indicators"
    found["not_applicable"] = {"share": "equal", "scope": "system"}
    for node in found["nodes"]:
        node.pop("weight", None)
        node.pop("weights_sum_to", None)
    found["indicators"][0]["weight"] = {"town": 6, "village": 6}
    # calm loses 3 of 10 points: 6 + 1.5 and 1 + 1.5.
    assert weights(found, without("calm")) == pytest.approx([0.75, 0.25, 0])


def test_bounds_may_be_taken_inside_each_region_type():
    found = small()
    found["indicators"][0]["normalise"] = {
        "method": "minmax",
        "range": [0, 100],
        "reference": "type",
    }
    jobs = {"a": 10.0, "b": 20.0, "c": 70.0, "d": 80.0, "e": 75.0}
    types = ["town", "town", "village", "village", "village"]
    result = score(
        read(found),
        units=[ScoredUnit(unit, t) for unit, t in zip(jobs, types, strict=True)],
        values=[
            IndicatorValue(unit, code, value if code == "jobs" else 50.0)
            for unit, value in jobs.items()
            for code in ("jobs", "clean", "calm")
        ],
    )
    assert [unit.step("jobs").normalised for unit in result.units] == [0, 100, 0, 100, 50]
    assert [(r.region_type, r.n, r.lowest, r.highest) for r in result.references] == [
        ("town", 2, 10, 20),
        ("village", 3, 70, 80),
    ]


def test_a_class_of_weight_zero_keeps_its_own_score_and_adds_nothing():
    found = small()
    found["nodes"][1]["weight"]["town"] = 100
    found["nodes"][2]["weight"]["town"] = 0
    unit = one(found, {"jobs": 50.0, "clean": 90.0, "calm": 90.0})
    assert unit.gross == pytest.approx(50)
    assert unit.level("life").score == pytest.approx(90)
    assert unit.level("life").effective_weight == 0


def test_the_power_one_is_arithmetic_and_has_contributions():
    found = small()
    found["nodes"][2]["aggregate"] = {"power": 1}
    unit = one(found, {"jobs": 50.0, "clean": 90.0, "calm": 70.0})
    assert sum(step.contribution for step in unit.indicators) == pytest.approx(unit.gross)
    found["nodes"][2]["aggregate"] = {"power": 2}
    unit = one(found, {"jobs": 50.0, "clean": 90.0, "calm": 70.0})
    assert {step.contribution for step in unit.indicators} == {None}
