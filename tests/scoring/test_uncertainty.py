"""A standard error where the score is linear, a band for opt-in values, else a reason."""

import math

import numpy as np
import pytest
from small_systems import read, small, text

from app.scoring.index import carry_out, score
from app.scoring.inputs import Covariance, IndicatorValue, ScoredUnit
from app.scoring.steps.sampling_error import joint_covariance
from app.survey.text import Text

UNIT = [ScoredUnit("a", "town")]


def scored(found, *values, covariances=(), units=UNIT):
    return score(read(found), units=units, values=values, covariances=covariances).units[0]


def value(indicator, given, error=None, **others):
    return IndicatorValue("a", indicator, given, standard_error=error, **others)


PLAIN = (value("clean", 50.0), value("calm", 50.0))


def test_errors_of_several_indicators_add_up_in_squares_by_weight_and_slope():
    found = small()
    found["indicators"][0]["normalise"] = {
        "method": "efficacy",
        "base": 60,
        "top": 100,
        "bounds": {"unacceptable": 0, "satisfactory": 80},
    }
    unit = scored(found, value("jobs", 50.0, 2.0), value("clean", 50.0, 3.0), PLAIN[1])
    # Weights 0.6 and 0.1, slopes 0.5 and 1.
    expected = math.hypot(0.6 * 0.5 * 2, 0.1 * 3)
    assert unit.standard_error.value == pytest.approx(expected, rel=1e-12)
    assert unit.standard_error.note.en == "the sampling errors are taken as independent"


def test_a_covariance_replaces_the_assumption_of_independence():
    values = (value("jobs", 50.0, 2.0), value("clean", 50.0, 3.0), PLAIN[1])
    unit = scored(small(), *values, covariances=[Covariance("a", "clean", "jobs", 4.5)])
    variance = (0.6 * 2) ** 2 + (0.1 * 3) ** 2 + 2 * 0.6 * 0.1 * 4.5
    assert unit.standard_error.value == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert unit.standard_error.note is None


def test_a_perfectly_opposite_pair_can_cancel_out():
    values = (value("jobs", 50.0, 1.0), value("clean", 50.0, 6.0), PLAIN[1])
    unit = scored(small(), *values, covariances=[Covariance("a", "clean", "jobs", -6.0)])
    assert unit.standard_error.value == pytest.approx(0, abs=1e-7)


def test_no_estimate_gives_no_standard_error_and_says_so():
    unit = scored(small(), value("jobs", 50.0), *PLAIN)
    assert unit.standard_error.value is None
    assert unit.standard_error.note.en == "no indicator carries a sampling standard error"
    assert unit.standard_error.note.zh == "没有任何指标带有抽样标准误"


def test_a_value_whose_error_reaches_a_bound_gives_a_reason_instead_of_a_number():
    unit = scored(small(), value("jobs", 98.0, 1.5), *PLAIN)
    assert unit.standard_error.value is None
    assert "the curve of jobs meets a bound" in unit.standard_error.note.en


def test_a_curve_that_bends_gives_a_reason():
    found = small()
    log = {"method": "goalposts", "lower": 1, "upper": 100, "log": True}
    found["indicators"][0]["normalise"] = log
    unit = scored(found, value("jobs", 5.0, 3.0), *PLAIN)
    assert "bends within its sampling error" in unit.standard_error.note.en


def test_bounds_from_the_data_give_a_reason_for_every_unit_that_uses_them():
    found = small()
    found["indicators"][0]["normalise"] = {"method": "minmax", "range": [0, 100]}
    other = [IndicatorValue("b", code, 9.0) for code in ("jobs", "clean", "calm")]
    units = [*UNIT, ScoredUnit("b", "town")]
    result = score(read(found), units=units, values=[value("jobs", 50.0, 2.0), *PLAIN, *other])
    for unit in result.units:
        assert "depends on the estimates of other units" in unit.standard_error.note.en
    (reference,) = result.references
    assert (reference.indicator, reference.lowest, reference.highest) == ("jobs", 9, 50)


def test_a_gap_filled_with_the_lowest_estimate_depends_on_other_units():
    found = small()
    found["missing"] = {"rule": "min_observed"}
    units = [*UNIT, ScoredUnit("b", "town")]
    other = [IndicatorValue("b", c, 9.0, standard_error=1.0) for c in ("jobs", "clean", "calm")]
    unit = scored(found, *PLAIN, *other, units=units)
    assert "depends on the estimates of other units" in unit.standard_error.note.en


def test_a_geometric_tree_gives_no_standard_error_and_no_contributions():
    found = small()
    found["nodes"][0]["aggregate"] = "geometric"
    for i in range(3):
        found["indicators"][i]["normalise"]["lower"] = -1
    unit = scored(found, value("jobs", 50.0, 2.0), *PLAIN)
    assert unit.gross is not None
    assert "is not arithmetic" in unit.standard_error.note.en
    assert [step.contribution for step in unit.indicators] == [None, None, None]


def opt_in():
    found = small()
    found["indicators"][2]["evidence"] = "opt_in"
    found["opt_in_accepted"] = {"reason": text("a demonstration")}
    return found


def test_an_opt_in_band_becomes_a_band_of_the_score_and_never_a_standard_error():
    band = value("calm", 50.0, band=(40.0, 80.0))
    unit = scored(opt_in(), value("jobs", 50.0), PLAIN[0], band)
    assert unit.gross == pytest.approx(50)
    assert unit.band.band == pytest.approx((50 - 0.3 * 10, 50 + 0.3 * 30))
    assert unit.final_band == pytest.approx(unit.band.band)
    assert unit.standard_error.value is None


def test_a_score_that_rests_on_opt_in_answers_has_a_band_and_no_standard_error():
    band = value("calm", 50.0, band=(40.0, 80.0))
    unit = scored(opt_in(), value("jobs", 50.0, 1.0), PLAIN[0], band)
    assert unit.band.band == pytest.approx((47, 59))
    assert unit.standard_error.value is None
    assert "rests partly on opt-in answers" in unit.standard_error.note.en


def test_a_missing_opt_in_value_leaves_the_standard_error_to_the_samples():
    reason = Text(zh="没有答案", en="there are no answers")
    gap = value("calm", None, status="missing", missing_because=reason)
    unit = scored(opt_in(), value("jobs", 50.0, 1.0), PLAIN[0], gap)
    assert unit.standard_error.value == pytest.approx(0.6)
    assert unit.step("calm").missing_because == reason


def test_one_opt_in_value_without_a_band_leaves_the_score_without_one():
    found = opt_in()
    found["indicators"][1]["evidence"] = "opt_in"
    band = value("calm", 50.0, band=(40.0, 80.0))
    unit = scored(found, value("jobs", 50.0), PLAIN[0], band)
    assert (unit.band.band, unit.final_band) == (None, None)
    assert "clean rests on opt-in answers without a sensitivity band" in unit.band.note.en


def test_less_is_better_turns_the_band_round():
    found = opt_in()
    found["indicators"][2]["direction"] = -1
    band = value("calm", 50.0, band=(40.0, 80.0))
    unit = scored(found, value("jobs", 50.0), PLAIN[0], band)
    assert unit.band.band == pytest.approx((50 - 0.3 * 30, 50 + 0.3 * 10))


def test_a_band_reaches_the_peak_of_a_target_in_the_middle():
    found = opt_in()
    found["indicators"][2]["normalise"] = {
        "method": "piecewise",
        "points": [[0, 0], [50, 100], [100, 0]],
    }
    unit = scored(found, value("jobs", 50.0), PLAIN[0], value("calm", 40.0, band=(30.0, 60.0)))
    low, high = unit.band.band
    assert (low, high) == pytest.approx((35 + 0.3 * 60, 35 + 0.3 * 100))


def test_a_band_is_not_carried_through_bounds_from_the_data():
    found = opt_in()
    found["indicators"][2]["normalise"] = {"method": "rank"}
    band = value("calm", 50.0, band=(40.0, 80.0))
    unit = scored(found, value("jobs", 50.0), PLAIN[0], band)
    assert unit.band.band is None
    assert "come from the data" in unit.band.note.en


def test_without_a_band_the_result_says_that_there_is_none():
    unit = scored(small(), value("jobs", 50.0), *PLAIN)
    assert unit.band.band is None
    assert unit.band.note.en == "no indicator carries a sensitivity band"


def test_accepted_opt_in_answers_give_a_grade_and_never_a_rank():
    unit = scored(opt_in(), value("jobs", 50.0), *PLAIN)
    assert unit.rank_in_type is None
    assert unit.grade is not None
    assert "no rank" in unit.unranked_because.en
    assert unit.opt_in.indicators == ("calm",)
    assert unit.opt_in.effective_weight == pytest.approx(0.3)
    assert unit.opt_in.accepted_because.en == "a demonstration"


def test_opt_in_answers_that_nobody_accepted_give_neither_rank_nor_grade():
    system = read(opt_in()).model_copy(update={"opt_in_accepted": None})
    values = [value("jobs", 50.0), *PLAIN]
    unit = score(system, units=UNIT, values=values).units[0]
    assert unit.final == pytest.approx(50)
    assert (unit.rank_in_type, unit.grade) == (None, None)
    assert "opt-in answers" in unit.unranked_because.en


def test_a_sample_too_small_for_a_place_leaves_the_grade():
    reason = Text(zh="样本不足", en="too few answers")
    units = [ScoredUnit("a", "town", reason)]
    unit = score(read(small()), units=units, values=[value("jobs", 50.0), *PLAIN]).units[0]
    assert (unit.rank_in_type, unit.unranked_because) == (None, reason)
    assert unit.grade is not None


def test_a_gap_filled_by_rule_rests_on_no_opt_in_answers():
    found = opt_in()
    found["missing"] = {"rule": "fixed", "value": 60}
    unit = scored(found, value("jobs", 50.0), PLAIN[0])
    assert unit.step("calm").filled
    assert unit.opt_in is None


def test_scores_of_two_units_err_together_by_what_their_estimates_share():
    units = [ScoredUnit("a", "town"), ScoredUnit("b", "village"), ScoredUnit("c", "town")]
    values = [
        IndicatorValue(unit, code, 50.0, standard_error=2.0 if code == "jobs" else None)
        for unit in "abc"
        for code in ("jobs", "clean", "calm")
        if (unit, code) != ("c", "jobs")
    ]
    scoring = carry_out(read(small()), units=units, values=values)
    shared = [Covariance("a", "jobs", "jobs", 3.0, other_unit="b")]
    joint = joint_covariance(
        scoring.system,
        scoring.workings,
        shared,
        errors=scoring.outcome.errors,
        rows=np.array([1, 0, 2]),
    )
    # Weights 0.6 in town and 0.45 in village; c has no estimate, so its score is known.
    expected = [[0.81, 0.6 * 0.45 * 3, 0], [0.6 * 0.45 * 3, 1.44, 0], [0, 0, 0]]
    assert joint == pytest.approx(np.array(expected))


def test_a_score_that_is_not_linear_has_no_covariances_and_spoils_no_other():
    units = [ScoredUnit("a", "town"), ScoredUnit("b", "town")]
    values = [
        IndicatorValue(unit, code, at, standard_error=2.0 if code == "jobs" else None)
        for unit, at in (("a", 99.0), ("b", 50.0))
        for code in ("jobs", "clean", "calm")
    ]
    scoring = carry_out(read(small()), units=units, values=values)
    joint = joint_covariance(
        scoring.system,
        scoring.workings,
        [Covariance("a", "jobs", "jobs", 3.0, other_unit="b")],
        errors=scoring.outcome.errors,
        rows=np.array([0, 1]),
    )
    assert np.isnan(joint).tolist() == [[True, True], [True, False]]
    assert joint[1, 1] == pytest.approx(1.44)
