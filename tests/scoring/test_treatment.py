"""Outliers: what is moved, what is logged, and what that does to the rest of a score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kurtosis, skew
from small_systems import read, score_table, small

from app.errors import InputRefused
from app.scoring.definition.treatments import PercentileClip, SkewKurtosis, Untreated
from app.scoring.index import score, work_out
from app.scoring.inputs import IndicatorValue, ScoredUnit
from app.scoring.steps.treatment import sample_kurtosis, sample_skewness, treat_column

RULE = SkewKurtosis(method="skew_kurt")
CLIP = PercentileClip(method="percentile", lower=0.1, upper=0.9)
columns = st.lists(st.integers(-50, 50) | st.integers(1000, 9000), min_size=4, max_size=30)
EVEN = [float(x) for x in range(1, 20)]


def treated(values, rule=RULE):
    return treat_column(rule, np.array(values, dtype=float))


@given(columns)
def test_skewness_and_kurtosis_are_those_of_samples(values):
    x = np.array(values, dtype=float)
    if np.ptp(x):
        assert sample_skewness(x) == pytest.approx(skew(x, bias=False), rel=1e-9, abs=1e-9)
        assert sample_kurtosis(x) == pytest.approx(kurtosis(x, bias=False), rel=1e-9, abs=1e-9)


def test_one_far_value_is_moved_to_the_next():
    values, constant = treated([*EVEN, 900.0])
    assert constant is None
    assert values.tolist() == [*EVEN, 19.0]
    low, _ = treated([*EVEN, -900.0])
    assert low.tolist() == [*EVEN, 1.0]


def test_values_tied_at_the_far_end_move_together():
    values, _ = treated([*EVEN * 4, 900.0, 900.0, 1500.0])
    assert values.tolist() == [*EVEN * 4, 19.0, 19.0, 19.0]


def test_where_too_many_would_have_to_move_the_raw_column_is_logged():
    far = [300.0, 400.0, 800.0, 2000.0, 9000.0, 90000.0]
    raw = np.array([*EVEN, *EVEN, *far])
    values, constant = treated(raw, SkewKurtosis(method="skew_kurt", max_points=2))
    assert constant == pytest.approx(0.01 * 89999 - 1)
    assert values == pytest.approx(np.log(raw + constant))


def test_no_point_may_move_where_none_is_allowed():
    none = SkewKurtosis(method="skew_kurt", max_points=0)
    assert treated([*EVEN, 900.0], none)[1] is not None


def test_a_column_is_never_made_all_equal():
    values, constant = treated([0.0] * 20 + [1.0])
    assert constant == pytest.approx(0.01)
    assert values[-1] > values[0]


@pytest.mark.parametrize("rule", [RULE, CLIP, Untreated(method="none")])
@pytest.mark.parametrize("values", [[], [5.0], [5.0] * 9, [1.0, 2.0, 900.0]])
def test_a_handful_of_values_or_equal_ones_pass(values, rule):
    result, constant = treated(values, rule)
    assert constant is None
    if rule is not CLIP or len(set(values)) < 2:
        assert result.tolist() == values


def test_quantiles_are_those_of_type_seven():
    values, _ = treated([float("nan"), *range(11)], CLIP)
    assert np.isnan(values[0])
    assert values[1:].tolist() == [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]


@given(columns, st.sampled_from([RULE, CLIP]), st.randoms(use_true_random=False))
def test_treatment_keeps_the_order_and_does_not_look_at_it(values, rule, shuffler):
    x = np.array([*values, np.nan], dtype=float)
    result, constant = treat_column(rule, x)
    known = np.argsort(x[:-1], kind="stable")
    assert (np.diff(result[:-1][known]) >= 0).all()
    assert np.isnan(result[-1])
    shuffled = list(range(x.size))
    shuffler.shuffle(shuffled)
    again, same = treat_column(rule, x[shuffled])
    assert again == pytest.approx(result[shuffled], nan_ok=True)
    assert same == pytest.approx(constant)


def passes(values):
    if len(set(values)) == 1:
        return None
    close, flat = abs(skew(values, bias=False)), kurtosis(values, bias=False)
    return bool(close < 2 - 1e-10 or flat < 3.5 - 1e-10)


def slowly_winsorised(values, max_points):
    """The loop of COINr's `winsorise`, value by value; None where it does not help."""
    now, at_max, at_min = list(values), 0, 0
    while passes(now) is False and at_max + at_min < max_points:
        if skew(now, bias=False) >= 0:
            end, inner = max(now), max([x for x in now if x < max(now)])
            at_max = now.count(end)
        else:
            end, inner = min(now), min([x for x in now if x > min(now)])
            at_min = now.count(end)
        now = [inner if x == end else x for x in now]
    return now if passes(now) else None


@given(columns.filter(lambda values: len(set(values)) > 1), st.integers(0, 8))
def test_winsorising_is_the_loop_of_coinr(values, max_points):
    rule = SkewKurtosis(method="skew_kurt", max_points=max_points)
    result, constant = treated(values, rule)
    slow = slowly_winsorised(values, max_points)
    assert (constant is not None) == (slow is None)
    if slow is not None:
        assert result.tolist() == slow


@given(columns)
def test_winsorised_values_pass_and_the_rest_stays(values):
    x = np.array(values, dtype=float)
    result, constant = treat_column(RULE, x)
    if constant is None and np.ptp(x):
        moved = result != x
        assert moved.sum() <= 5 + max(np.count_nonzero(x == v) for v in x)
        assert abs(sample_skewness(result)) < 2 or sample_kurtosis(result) < 3.5


def outlying(**jobs):
    found = small()
    found["indicators"][0]["normalise"] = {"method": "minmax", "range": [0, 100]}
    found["indicators"][0]["plausible"] = {"from": 0, "to": 1000}
    found["indicators"][0]["treat"] = {"method": "skew_kurt"}
    found["indicators"][0] |= jobs
    table = {
        f"u{i}": {"jobs": value, "clean": 50.0, "calm": 50.0}
        for i, value in enumerate([*EVEN, 900.0])
    }
    return found, table


def test_a_result_shows_the_raw_value_and_what_was_made_of_it():
    found, table = outlying()
    result = score_table(found, table)
    step = result.unit("u19").step("jobs")
    assert (step.raw, step.treated, step.normalised) == (900, 19, 100)
    same = result.unit("u3").step("jobs")
    assert (same.raw, same.treated, same.normalised) == (4, 4, pytest.approx(50 / 3))


def test_the_workings_say_which_unit_was_moved_from_what_to_what():
    found, table = outlying()
    units = [ScoredUnit(unit, "town") for unit in table]
    values = [IndicatorValue(u, c, x) for u, row in table.items() for c, x in row.items()]
    jobs, clean, _ = work_out(read(found), units, values).treated.columns
    (moved,) = jobs.moved
    assert (moved.unit, moved.before, moved.after) == ("u19", 900, 19)
    assert jobs.touched
    assert not clean.touched


def test_a_logged_column_cannot_meet_fixed_bounds():
    fixed = {"method": "goalposts", "lower": 0, "upper": 1000}
    found, table = outlying(normalise=fixed, treat={"method": "skew_kurt", "max_points": 0})
    with pytest.raises(InputRefused) as refused:
        score_table(found, table)
    assert str(refused.value.problems[0]) == (
        "indicator jobs: E201 had to be logged for its outliers, and its method has fixed "
        "bounds, which are not bounds of logarithms. Treat it by `percentile`, or take its "
        "bounds from the data."
    )
    assert refused.value.problems[0].in_chinese.startswith("指标 jobs：E201 因离群值须取对数")


def test_a_treated_column_has_neither_a_linear_error_nor_a_band():
    clip = {"method": "percentile", "lower": 0.1, "upper": 0.9}
    found, table = outlying(normalise={"method": "goalposts", "lower": 0, "upper": 50})
    found["indicators"][0]["treat"] = clip
    found["indicators"][0]["evidence"] = "probability"
    units = [ScoredUnit(unit, "town") for unit in table]
    values = [
        IndicatorValue(unit, code, x, standard_error=0.1 if code == "jobs" else None)
        for unit, row in table.items()
        for code, x in row.items()
    ]
    errors = [u.standard_error for u in score(read(found), units=units, values=values).units]
    assert {error.value for error in errors} == {None}
    assert errors[0].note.en == (
        "outliers of jobs were treated, so its errors do not add up linearly"
    )
    found["indicators"][0]["evidence"] = "opt_in"
    found["opt_in_accepted"] = {"reason": found["title"]}
    values = [
        IndicatorValue(u, c, x, band=(x - 0.5, x + 0.5) if c == "jobs" else None)
        for u, row in table.items()
        for c, x in row.items()
    ]
    bands = [u.band for u in score(read(found), units=units, values=values).units]
    assert {band.band for band in bands} == {None}
    assert bands[0].note.zh == "指标“jobs”作过离群值处理，敏感性区间不能传递"
