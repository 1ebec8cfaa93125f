"""Ranks and grades: ties, rounding, quotas, and who is not counted."""

import numpy as np
import pytest
from small_systems import score_table, small, text

from app.scoring.definition.rules import GradeRule, RankRule
from app.scoring.steps.grading import Veto, grades, ranks


def quota(tie="include", shares=(0.25, 0.5)):
    names = ("good", "fair", "poor")
    scale = [
        {"grade": name, "name": text(name), **({"share": share} if share else {})}
        for name, share in zip(names, (*shares, None), strict=True)
    ]
    return GradeRule.model_validate({"rule": "quota", "tie": tie, "scale": tuple(scale)})


def graded(scores, rule, vetoes=None):
    given = grades(np.array(scores, dtype=float), rule, vetoes or [None] * len(scores))
    return [grade and grade.grade for grade in given]


def test_a_half_rounds_up_even_where_binary_falls_short():
    # 1.005 is stored as 1.00499…, and 2.675 as 2.67499…
    rule = RankRule(decimals=2)
    assert ranks(np.array([1.005, 1.01, 2.675, 2.68]), rule) == [3, 3, 1, 1]


def test_a_difference_in_the_last_binary_digit_is_a_tie():
    assert ranks(np.array([0.1 + 0.2, 0.3, 0.29]), RankRule()) == [1, 1, 3]


def test_a_unit_without_a_score_is_not_counted():
    assert ranks(np.array([np.nan, 1.0, 2.0]), RankRule(ties="max")) == [None, 2, 1]


def test_a_quota_fills_places_from_the_top():
    assert graded([9, 8, 7, 6], quota()) == ["good", "fair", "fair", "poor"]


def test_places_are_counted_among_ranked_units_only():
    scores = [9, np.nan, 8, 7, 6]
    assert graded(scores, quota()) == ["good", None, "fair", "fair", "poor"]


def test_a_tie_at_the_last_place_is_taken_in_or_left_out_whole():
    scores = [9, 9, 7, 6]
    assert graded(scores, quota("include")) == ["good", "good", "fair", "poor"]
    assert graded(scores, quota("exclude")) == ["fair", "fair", "fair", "poor"]


def test_a_vetoed_unit_leaves_its_place_to_the_next():
    given = grades(
        np.array([9.0, 8.0, 7.0, 6.0]), quota(), [Veto("fair", "fraud"), None, None, None]
    )
    assert [grade.grade for grade in given] == ["fair", "good", "fair", "poor"]
    assert (given[0].without_veto, given[0].vetoed_by) == ("good", "fraud")
    assert given[0].reason.en == "number 1 of 1, but vetoed by fraud: fair at best"
    assert given[1].reason.en == "number 1 of 1"


def test_places_that_a_tie_leaves_free_pass_to_the_next_grade():
    # Of three places for "good" only one fits whole; fair has two of its own and these two.
    scores = [9, 8, 8, 8, 7, 6, 5, 4, 3, 2]
    rule = quota("exclude", shares=(0.3, 0.2))
    assert graded(scores, rule) == ["good"] + ["fair"] * 4 + ["poor"] * 5


def test_places_that_a_tie_took_beyond_the_quota_are_taken_from_the_next_grade():
    scores = [9, 9, 9, 8, 7, 6, 5, 4, 3, 2]
    assert graded(scores, quota(shares=(0.2, 0.2))) == ["good"] * 3 + ["fair"] + ["poor"] * 6


def test_each_grade_is_rounded_down_by_itself_and_binary_noise_takes_no_place():
    # 29 % of a hundred are 29, though the product falls short in binary.
    assert graded(range(100, 0, -1), quota(shares=(0.29, 0.3))).count("good") == 29
    # A quarter and a quarter of ten are two places and two: no grade exceeds its share.
    assert graded(range(10, 0, -1), quota(shares=(0.25, 0.25))).count("fair") == 2


def test_two_vetoed_units_take_no_place_above_and_compete_for_the_places_below():
    vetoes = [Veto("fair", "fraud"), Veto("poor", "fraud"), None, None, None]
    given = grades(np.array([9.0, 8.0, 7.0, 7.0, 6.0]), quota(shares=(0.2, 0.4)), vetoes)
    assert [grade.grade for grade in given] == ["fair", "poor", "good", "good", "poor"]
    assert [grade.without_veto for grade in given[:2]] == ["good", "fair"]


def test_equal_scores_of_which_one_is_vetoed_are_not_one_tie():
    rule = quota("exclude", shares=(0.34, 0.34))
    given = grades(np.array([9.0, 9.0, 5.0]), rule, [Veto("fair", "fraud"), None, None])
    assert [grade.grade for grade in given] == ["fair", "good", "poor"]


def test_ranks_stay_inside_the_type_unless_all_are_asked_for():
    table = {u: {"jobs": v, "clean": v, "calm": v} for u, v in (("a", 50.0), ("b", 60.0))}
    found = small()
    inside = score_table(found, table)
    assert [(u.rank_in_type, u.rank_overall) for u in inside.units] == [(2, None), (1, None)]
    found["rank"] = {"scope": "all"}
    assert [u.rank_overall for u in score_table(found, table).units] == [2, 1]


def test_a_unit_with_too_little_known_has_no_score_and_the_reason_names_the_class():
    found = small()
    found["nodes"][0]["min_coverage"] = 0.7
    unit = score_table(found, {"a": {"jobs": 50.0, "clean": None, "calm": None}}).units[0]
    assert (unit.gross, unit.final, unit.rank_in_type, unit.grade) == (None,) * 4
    assert unit.unranked_because.en == "too little is known for a score (nothing on life)"
    assert unit.unranked_because.zh == "数据不足，不计总分（缺：life）"
    assert unit.level("all").coverage == pytest.approx(0.6)
    assert unit.standard_error.note.en == "there is no score"
