"""Contributions sum to the score above them, or say why there are none."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorings import row, scoring_of_table
from small_systems import small

from app.scoring.explanation.contributions import contributions


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
        assert node.total == pytest.approx(total)


@pytest.mark.parametrize("mean", ["harmonic", "copeland", "mpi_minus", {"power": 2}])
def test_a_mean_that_is_no_sum_has_no_contributions_and_says_so(mean):
    found = positive([mean, "arithmetic", "arithmetic"])
    (unit, _) = contributions(
        scoring_of_table({"a": row(20, 40, 60), "b": row(30, 40, 50)}, found=found)
    )
    root = unit.nodes[0]
    assert (root.unit_of_measure, root.parts) == (None, ())
    assert root.because.zh == "该平均方法不是各部分之和，没有逐项贡献"


def test_a_node_filled_by_rule_says_so():
    found = small()
    found["nodes"][2]["if_empty"] = {"rule": "fixed", "value": 10}
    (unit,) = contributions(scoring_of_table({"a": row(50, None, None)}, found=found))
    life = next(node for node in unit.nodes if node.node == "life")
    assert (life.total, life.parts) == (10, ())
    assert "gave this one" in life.because.en
