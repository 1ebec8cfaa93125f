"""Contributions sum to the score above them, or say why there are none."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorings import row, scoring_of_table
from small_systems import small

from app.scoring.explanation.contributions import contributions, logarithmic_mean


def positive(aggregates):
    found = small()
    for node, aggregate in zip(found["nodes"], aggregates, strict=True):
        node["aggregate"] = aggregate
    for card in found["indicators"]:
        card["plausible"] = {"from": 1, "to": 100}
    return found


SCORES = st.tuples(*[st.floats(1, 100)] * 3)


@given(SCORES, st.lists(st.sampled_from(["arithmetic", "geometric"]), min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_the_parts_of_every_node_sum_to_it(scores, aggregates):
    scoring = scoring_of_table({"a": row(*scores)}, found=positive(aggregates))
    (unit,) = contributions(scoring)
    for node in unit.nodes:
        level = scoring.result.units[0].level(node.node).score
        total = level if node.unit_of_measure == "points" else math.log(level)
        assert sum(part.amount for part in node.parts) == pytest.approx(total, abs=1e-9)
        assert sum(part.points for part in node.parts) == pytest.approx(level, abs=1e-9)
        assert node.total == pytest.approx(total)


@given(st.lists(SCORES, min_size=1, max_size=4), st.sampled_from(["arithmetic", "geometric"]))
@settings(max_examples=40, deadline=None)
def test_in_a_tree_of_one_mean_the_indicators_sum_to_the_score(rows, mean):
    table = {f"u{i}": row(*one) for i, one in enumerate(rows)}
    scoring = scoring_of_table(table, found=positive([mean] * 3))
    for unit, result in zip(contributions(scoring), scoring.result.units, strict=True):
        parts = unit.straight.parts
        assert sum(part.points for part in parts) == pytest.approx(result.gross, abs=1e-9)
        assert all(part.points > 0 for part in parts)
        if mean == "arithmetic":
            steps = {step.indicator: step.contribution for step in result.indicators}
            assert {part.part: part.points for part in parts} == pytest.approx(steps)
        else:
            logs = sum(part.share * math.log(part.score) for part in parts)
            assert logs == pytest.approx(math.log(result.gross), abs=1e-9)


def test_points_of_a_geometric_mean_are_those_of_the_book():
    scoring = scoring_of_table({"a": row(16, 81, 81)}, found=positive(["geometric"] * 3))
    total = 16**0.6 * 81**0.4
    v = [
        weight / ((score - total) / (math.log(score) - math.log(total)))
        for weight, score in ((0.6, 16), (0.4, 81))
    ]
    (unit,) = contributions(scoring)
    work, life = unit.nodes[0].parts
    assert work.points == pytest.approx(v[0] / sum(v) * 16)
    assert life.points == pytest.approx(v[1] / sum(v) * 81)


def test_close_numbers_keep_their_logarithmic_mean():
    assert logarithmic_mean(50.0, 50.0) == 50.0
    assert logarithmic_mean(50.0, 50.0 * (1 + 1e-11)) == pytest.approx(50.0, rel=1e-10)


def test_levels_of_different_means_have_no_contributions_straight_from_the_indicators():
    found = positive(["arithmetic", "geometric", "geometric"])
    (unit,) = contributions(scoring_of_table({"a": row(20, 40, 60)}, found=found))
    assert (unit.straight.unit_of_measure, unit.straight.parts) == (None, ())
    assert unit.straight.because.zh == "各级平均方法不同，贡献只能逐级列出"


@pytest.mark.parametrize(
    ("mean", "because"),
    [
        ("harmonic", "幂平均（含调和平均）不是各部分之和"),
        ({"power": 2}, "幂平均（含调和平均）不是各部分之和"),
        ("copeland", "科普兰法按与其他单位两两比较的胜负计分"),
        ("mpi_minus", "马佐塔－帕雷托法按各部分的不均衡程度"),
    ],
)
def test_a_mean_that_is_no_sum_has_no_contributions_and_says_so(mean, because):
    found = positive([mean, "arithmetic", "arithmetic"])
    (unit, _) = contributions(
        scoring_of_table({"a": row(20, 40, 60), "b": row(30, 40, 50)}, found=found)
    )
    for root in (unit.nodes[0], unit.straight):
        assert (root.unit_of_measure, root.parts) == (None, ())
        assert root.because.zh.startswith(because)


def test_a_unit_without_a_score_has_none_and_says_so():
    (unit, _) = contributions(scoring_of_table({"a": row(None, None, None), "b": row(1, 2, 3)}))
    assert unit.straight.because.en == "there is no score"


def test_a_node_filled_by_rule_says_so():
    found = small()
    found["nodes"][2]["if_empty"] = {"rule": "fixed", "value": 10}
    (unit,) = contributions(scoring_of_table({"a": row(50, None, None)}, found=found))
    life = next(node for node in unit.nodes if node.node == "life")
    assert (life.total, life.parts) == (10, ())
    assert "gave this one" in life.because.en
    straight = {part.part: part.points for part in unit.straight.parts}
    assert straight == pytest.approx({"jobs": 30, "life": 4})
