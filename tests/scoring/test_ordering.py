"""Ranks of whole matrices against the rule written out one unit at a time."""

import json
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scoring.definition.rules import GradeRule, RankRule
from app.scoring.steps.ordering import (
    graded_by,
    order,
    quota_levels,
    rounded,
    threshold_levels,
)

TIES = ("min", "max", "average", "dense")
scores = st.lists(
    st.none() | st.sampled_from([1.005, 2.675, 70.0, 70.004999, 70.005]) | st.floats(-9, 99),
    min_size=1,
    max_size=9,
)


def by_hand(values, rule):
    keys = {
        i: value if rule.decimals is None else half_up(value, rule.decimals)
        for i, value in enumerate(values)
        if value is not None
    }
    found = []
    for i in range(len(values)):
        if i not in keys:
            found.append(None)
            continue
        better = sum(other > keys[i] + 1e-9 for other in keys.values())
        tied = sum(abs(other - keys[i]) <= 1e-9 for other in keys.values())
        above = {other for other in keys.values() if other > keys[i] + 1e-9}
        found.append(
            {
                "min": better + 1,
                "max": better + tied,
                "average": better + (tied + 1) / 2,
                "dense": len(above) + 1,
            }[rule.ties]
        )
    return found


def half_up(value, decimals):
    clean = Decimal(repr(round(value, 10)))
    return float(clean.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


@given(scores, st.none() | st.integers(0, 4), st.sampled_from(TIES))
def test_ranks_are_those_of_the_rule_by_hand(values, decimals, ties):
    rule = RankRule(decimals=decimals, ties=ties)
    # A few units of the last place apart the definition of a tie is not transitive.
    values = [None if v is None else round(v, 6) for v in values]
    found = order(np.array([np.nan if v is None else v for v in values]), rule)
    assert [None if np.isnan(rank) else rank for rank in found] == by_hand(values, rule)


@pytest.mark.parametrize("ties", TIES)
def test_many_draws_are_ordered_as_each_by_itself(ties):
    rule = RankRule(decimals=1, ties=ties)
    drawn = np.random.default_rng(5).normal(50, 0.3, (40, 12))
    drawn[:, 3] = np.nan
    together = order(drawn, rule)
    for row, ranks in zip(drawn, together, strict=True):
        assert np.array_equal(order(row, rule), ranks, equal_nan=True)


@given(st.floats(-1000, 1000), st.integers(0, 9))
def test_halves_are_rounded_away_from_zero_as_on_paper(value, decimals):
    value = round(value, decimals) + 0.5 * 10.0**-decimals
    assert float(rounded(np.array(value), decimals)) == half_up(value, decimals)


def test_a_threshold_is_reached_by_a_score_that_binary_arithmetic_left_just_below():
    scale = [{"grade": "good", "min": 80}, {"grade": "fair", "min": 60}, {"grade": "poor"}]
    found = threshold_levels(np.array([0.1 * 3 * 1000 / 3.75, 79.999, 60.0, 3.0]), rule(scale))
    assert found.tolist() == [0, 1, 1, 2]


def test_a_quota_gives_places_over_to_the_next_grade_and_none_to_who_has_no_score():
    scale = [
        {"grade": "good", "share": 0.34},
        {"grade": "fair", "share": 0.34},
        {"grade": "poor"},
    ]
    values = np.array([90.0, 80.0, np.nan, 70.0])
    levels = quota_levels(values, rule(scale, "quota"), np.array([1, 0, 0, 0]))
    assert levels.tolist() == [1, 0, -1, 2]


@pytest.mark.parametrize(
    ("tie", "grades"), [("include", [0, 0, 2, 2]), ("exclude", [1, 1, 2, 2])]
)
def test_units_that_share_a_place_after_rounding_share_the_grade_of_a_quota(tie, grades):
    scale = [{"grade": "a", "share": 0.25}, {"grade": "b", "share": 0.25}, {"grade": "c"}]
    quota = rule(scale, "quota").model_copy(update={"tie": tie})
    finals, ranking = np.array([80.2, 80.4, 70.0, 60.0]), RankRule(decimals=0)
    assert order(finals, ranking).tolist() == [1, 1, 3, 4]
    keys = graded_by(finals, quota, ranking)
    assert quota_levels(keys, quota, np.zeros(4, np.intp)).tolist() == grades


def test_a_threshold_is_held_against_the_score_itself():
    finals = np.array([79.6])
    steps = rule([{"grade": "a", "min": 80}, {"grade": "b"}])
    assert graded_by(finals, steps, RankRule(decimals=0)).tolist() == [79.6]


def rule(scale, kind="threshold"):
    named = [{**grade, "name": {"zh-Hans": "x", "en": "x"}} for grade in scale]
    return GradeRule.model_validate_json(json.dumps({"rule": kind, "scale": named}))
