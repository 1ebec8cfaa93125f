"""What is counted beside what is felt, in standard deviations of the region type."""

import pytest
from small_scorings import row, scoring_of_table
from small_systems import small, text

from app.scoring.explanation.perception import ADVICE, perception_gaps


def paired():
    found = small()
    pair = {"code": "order", "name": text("order"), "objective": "work", "subjective": "calm"}
    return found | {"perception_gaps": [pair]}


TABLE = {
    "a": row(80, 50, 20), "b": row(50, 50, 50), "c": row(20, 50, 80), "d": row(50, 50, None)
}  # fmt: skip


def test_gaps_are_differences_of_standard_scores_with_a_quadrant():
    (pair,) = perception_gaps(scoring_of_table(TABLE, found=paired()))
    a, b, c, d = pair.units
    spread = 600**0.5
    assert a.z_objective == pytest.approx(30 / spread)
    assert a.gap == pytest.approx(-30 / 30 - 30 / spread)
    assert (a.quadrant, c.quadrant, b.quadrant) == ("seen_low", "seen_high", "both_high")
    assert "群众为何没有感受到" in ADVICE[a.quadrant].zh
    assert (d.gap, d.because.en) == (None, "one of the two has no score")


def test_a_gap_the_survey_cannot_tell_from_nothing_is_marked():
    (pair,) = perception_gaps(scoring_of_table(TABLE, found=paired(), errors={"calm": 15.0}))
    a = pair.units[0]
    assert a.error == pytest.approx(15 / 30)
    assert a.within_survey_error is False
    assert pair.units[1].within_survey_error is True


def test_equal_scores_give_no_gap():
    table = {unit: row(50, 50, 50) for unit in "abc"}
    (pair,) = perception_gaps(scoring_of_table(table, found=paired()))
    assert {unit.because.en for unit in pair.units} == {
        "fewer than 3 units to compare, or all their scores are the same"
    }


def test_small_types_are_compared_among_all():
    types = {"a": "town", "b": "village", "c": "village", "d": "village"}
    (pair,) = perception_gaps(scoring_of_table(TABLE, found=paired(), types=types))
    assert pair.among == "all"
