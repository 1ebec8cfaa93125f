"""What is counted beside what is felt, in standard deviations of the region type."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorings import row, scoring_of_table
from small_systems import small, text

from app.scoring.explanation.perception import ADVICE, perception_gaps
from app.scoring.inputs import Covariance


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
    assert (a.z_objective, a.z_subjective) == (pytest.approx(1), pytest.approx(-1))
    assert a.gap == pytest.approx(-2)
    assert (a.quadrant, c.quadrant, b.quadrant) == ("seen_low", "seen_high", "both_high")
    assert "群众为何没有感受到" in ADVICE[a.quadrant].zh
    assert (d.gap, d.because.en) == (None, "one of the two has no score")


@given(st.lists(st.tuples(*[st.integers(0, 100)] * 3), min_size=3, max_size=8))
@settings(max_examples=40, deadline=None)
def test_the_gaps_of_a_type_sum_to_nothing(rows):
    table = {f"u{i}": row(*map(float, one)) for i, one in enumerate(rows)}
    (pair,) = perception_gaps(scoring_of_table(table, found=paired()))
    gaps = [unit.gap for unit in pair.units]
    assert None not in gaps or set(gaps) == {None}
    assert sum(gap or 0.0 for gap in gaps) == pytest.approx(0, abs=1e-9)


def test_a_unit_with_one_score_only_does_not_move_the_yardstick():
    with_d = perception_gaps(scoring_of_table(TABLE | {"d": row(99, 1, None)}, found=paired()))
    without = {unit: TABLE[unit] for unit in "abc"}
    (pair,) = perception_gaps(scoring_of_table(without, found=paired()))
    assert with_d[0].units[0].gap == pytest.approx(pair.units[0].gap)


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


def test_only_small_types_are_compared_among_all():
    types = {"a": "village", "b": "village", "c": "village", "d": "town"}
    table = TABLE | {"d": row(50, 50, 65)}
    (pair,) = perception_gaps(scoring_of_table(table, found=paired(), types=types))
    a, _, _, d = pair.units
    assert (a.among, d.among) == ("type", "all")
    assert a.gap == pytest.approx(-2)
    assert (d.z_objective, d.z_subjective) == (0, pytest.approx(11.25 / np.std(FELT, ddof=1)))
    assert d.quadrant == "both_high"


FELT = [20, 50, 80, 65]


def nodes_paired():
    return paired() | {
        "perception_gaps": [
            {
                "code": "order",
                "name": text("order"),
                "objective": "work",
                "subjective": "life",
            }
        ]
    }


def test_the_error_of_a_class_comes_from_its_indicators_and_what_they_share():
    tied = [Covariance("a", "clean", "calm", 12.0)]
    (pair,) = perception_gaps(
        scoring_of_table(
            TABLE, found=nodes_paired(), errors={"clean": 4.0, "calm": 8.0}, covariances=tied
        )
    )
    a, _, c, _ = pair.units
    felt = [0.25 * 50 + 0.75 * calm for calm in (20, 50, 80)] + [50]
    spread = np.std(felt, ddof=1)
    assert a.error == pytest.approx(np.sqrt(1 + 36 + 2 * 0.25 * 0.75 * 12) / spread)
    assert c.error == pytest.approx(np.sqrt(1 + 36) / spread)


def test_both_parts_can_have_been_sampled():
    (pair,) = perception_gaps(
        scoring_of_table(TABLE, found=paired(), errors={"jobs": 6.0, "calm": 9.0})
    )
    assert pair.units[0].error == pytest.approx(np.hypot(6 / 30, 9 / 30))


def test_below_another_mean_nobody_knows_the_error_so_nothing_is_marked():
    found = nodes_paired()
    found["nodes"][2]["aggregate"] = {"power": 2}
    (pair,) = perception_gaps(
        scoring_of_table(TABLE, found=found, errors={"jobs": 3.0, "calm": 9.0})
    )
    sampled = pair.units[:3]
    assert {unit.error for unit in sampled} == {None}
    assert {unit.within_survey_error for unit in sampled} == {None}
    assert pair.units[3].error is not None, "of its class only a counted indicator is there"
