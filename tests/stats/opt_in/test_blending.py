"""A composite pays for bias, a history corrects for it, and nothing is called a margin."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from app.errors import CannotEstimate
from app.stats.opt_in.bands import ModelStatement, SelfSelected, sensitivity_band
from app.stats.opt_in.bias_history import (
    BiasAdjusted,
    DefectCorrelation,
    DefectRecord,
    adjust_for_past_bias,
    defect_correlation,
    past_bias,
    usual_defect,
)
from app.stats.opt_in.blending import Combined, PairedEstimate, combine, squared_bias

STATEMENT = ModelStatement(
    method="doubly robust, propensities from a reference sample",
    n=900,
    effective_n_kish=310.0,
    largest_weight_ratio=12.0,
    covariates=("zone=urban", "sex=M"),
    overlap=0.95,
    reference_sample="household round",
    assumptions=("the covariates hold all that ties answering to opinion",),
)

estimates = st.floats(0, 100)
variances = st.floats(1e-4, 100)
pairs = st.builds(PairedEstimate, st.just("item"), estimates, variances, estimates, variances)


def pair(opt_in, v_a, probability, v_b, target="q1") -> PairedEstimate:
    return PairedEstimate(target, opt_in, v_a, probability, v_b)


def test_a_worked_composite():
    # b² = 36 − 1 − 4 = 31, L = 32/36, MSE = 32 · 4/36.
    (got,) = combine([pair(66, 1, 60, 4)], statement=STATEMENT)
    assert got.squared_bias == pytest.approx(31)
    assert got.probability_share == pytest.approx(32 / 36)
    assert got.value == pytest.approx(60 * 32 / 36 + 66 * 4 / 36)
    assert got.mean_squared_error == pytest.approx(128 / 36)
    assert got.label == "combined"


def test_the_bias_is_averaged_over_items_before_it_is_used():
    several = [pair(66, 1, 60, 4, "q1"), pair(60, 1, 60, 4, "q2")]
    got = combine(several, statement=STATEMENT)
    assert [one.squared_bias for one in got] == pytest.approx([15.5, 15.5])
    assert [one.target for one in got] == ["q1", "q2"]


@given(st.lists(pairs, min_size=1, max_size=6))
def test_a_composite_lies_between_its_parts_and_its_error_below_both(several):
    for got, one in zip(combine(several, statement=STATEMENT), several, strict=True):
        assert 0 <= got.probability_share <= 1
        low, high = sorted([one.opt_in, one.probability])
        assert low - 1e-9 <= got.value <= high + 1e-9
        v_a, v_b = one.opt_in_variance + got.squared_bias, one.probability_variance
        assert got.mean_squared_error <= min(v_a, v_b) * (1 + 1e-9)
        assert got.mean_squared_error == pytest.approx(v_a * v_b / (v_a + v_b))


@given(st.lists(pairs, min_size=1, max_size=6), st.floats(0.1, 10), st.floats(-50, 50))
def test_a_linear_map_of_the_scale_maps_the_composite(several, factor, shift):
    mapped = [
        PairedEstimate(
            one.target,
            shift + factor * one.opt_in,
            factor**2 * one.opt_in_variance,
            shift + factor * one.probability,
            factor**2 * one.probability_variance,
        )
        for one in several
    ]
    for before, after in zip(
        combine(several, statement=STATEMENT), combine(mapped, statement=STATEMENT), strict=True
    ):
        assert after.value == pytest.approx(shift + factor * before.value, rel=1e-6, abs=1e-5)


def test_two_certain_numbers_leave_the_probability_one():
    (got,) = combine([pair(60, 0, 60, 0)], statement=STATEMENT)
    assert (got.value, got.probability_share, got.mean_squared_error) == (60, 1, 0)


@pytest.mark.parametrize(
    ("overlap", "reason"), [(0.79, "only 79.0% of the population"), (None, "needs the overlap")]
)
def test_a_composite_is_refused_where_too_few_could_have_answered(overlap, reason):
    with pytest.raises(CannotEstimate, match=reason):
        combine([pair(66, 1, 60, 4)], statement=replace(STATEMENT, overlap=overlap))


def test_every_target_without_usable_numbers_is_named():
    several = [
        pair(66, -1, 60, 4, "q1"),
        pair(math.nan, 1, 60, 4, "q2"),
        pair(1, 1, 1, 1, "q3"),
    ]
    with pytest.raises(CannotEstimate) as refusal:
        squared_bias(several)
    assert "q1:" in str(refusal.value)
    assert "q2:" in str(refusal.value)
    assert "q3:" not in str(refusal.value)
    with pytest.raises(CannotEstimate, match="no target"):
        squared_bias([])


def test_past_bias_by_hand():
    # v = 2 everywhere: the mean of 2, 6, 4 is 4; Q = 8/2 = 4; τ² = (4 − 2)/(1.5 − 0.5) = 2.
    history = [pair(62, 1, 60, 1, "r1"), pair(66, 1, 60, 1, "r2"), pair(64, 1, 60, 1, "r3")]
    got = past_bias(history)
    assert got.mean == pytest.approx(4)
    assert got.between_rounds == pytest.approx(2)
    assert got.variance == pytest.approx(4 / 3)
    assert got.rounds == 3


def test_equal_biases_still_leave_what_the_rounds_cannot_show():
    got = past_bias([pair(64, 1, 60, 1, "r1"), pair(64, 1, 60, 1, "r2")])
    assert got.between_rounds == got.variance == pytest.approx(1)


def test_the_interval_takes_the_bias_off_and_its_spread_in():
    past = past_bias([pair(62, 1, 60, 1), pair(66, 1, 60, 1), pair(64, 1, 60, 1)])
    got = adjust_for_past_bias(70, 1.5, past, statement=STATEMENT)
    reach = student.ppf(0.975, 2) * math.sqrt(1.5 + 4 / 3 + 2)
    assert (got.value, got.df) == (66, 2)
    assert (got.low, got.high) == pytest.approx((66 - reach, 66 + reach))
    assert got.label == "bias_adjusted"
    assert got.statement is STATEMENT


@given(st.lists(pairs, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_past_rounds_does_not_matter(history, dice):
    shuffled = list(history)
    dice.shuffle(shuffled)
    want, got = past_bias(history), past_bias(shuffled)
    assert got.mean == pytest.approx(want.mean, rel=1e-7, abs=1e-7)
    assert got.between_rounds == pytest.approx(want.between_rounds, rel=1e-5, abs=1e-7)
    assert got.between_rounds >= got.variance > 0
    assert min(p.difference for p in history) - 1e-9 <= got.mean
    assert got.mean <= max(p.difference for p in history) + 1e-9


def test_one_past_round_or_a_certain_one_is_no_history():
    with pytest.raises(CannotEstimate, match="1 past rounds have both"):
        past_bias([pair(62, 1, 60, 1)])
    with pytest.raises(CannotEstimate, match="r2: both estimates have a variance of 0"):
        past_bias([pair(62, 1, 60, 1), pair(62, 0, 60, 0, "r2")])


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    dice = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        bias = dice.normal(5, 2, 9)
        m_a, m_b = 60 + bias + dice.normal(0, 1, 9), 60 + dice.normal(0, 1, 9)
        past = past_bias([pair(a, 1, b, 1) for a, b in zip(m_a[1:], m_b[1:], strict=True)])
        got = adjust_for_past_bias(m_a[0], 1, past, statement=STATEMENT)
        covered += got.low <= 60 <= got.high
    assert 0.92 <= covered / 400 <= 0.99


def selected(**changes) -> SelfSelected:
    usual = {"value": 80.0, "standard_deviation": 20.0, "n": 1000, "population": 10_000.0}
    return SelfSelected(**{**usual, "cv_squared": 0.5, **changes})


@given(st.floats(-0.2, 0.2))
def test_the_correlation_found_is_the_one_the_band_was_drawn_for(rho):
    (point,) = sensitivity_band(selected(), correlations=(rho,)).points
    got = defect_correlation(selected(), pair(80, 1, point.value, 3))
    assert got.rho == pytest.approx(rho, abs=1e-12)


def test_the_error_of_the_correlation_is_that_of_the_difference():
    got = defect_correlation(selected(), pair(80, 1, 78, 3))
    scale = 20 * math.sqrt((1 - 0.1 + 0.5) / 0.1)
    assert got.standard_error == pytest.approx(2 / scale)
    assert got.rho == pytest.approx(2 / scale)


def test_a_census_has_no_correlation():
    with pytest.raises(CannotEstimate, match="no correlation is defined"):
        defect_correlation(selected(n=10_000, cv_squared=0.0), pair(80, 1, 78, 3))


def test_a_history_tells_which_correlations_to_expect():
    history = [
        DefectRecord(item, channel, f"r{i}", DefectCorrelation(rho, 0.002))
        for item, channel in [("q1", "hall"), ("q1", "link")]
        for i, rho in enumerate([0.02, 0.03, 0.04] if channel == "hall" else [0.5, 0.6, 0.7])
    ]
    got = usual_defect(history, item="q1", channel="hall")
    assert got.mean == pytest.approx(0.03)
    assert got.spread == pytest.approx(math.sqrt(0.01**2 - 0.002**2))
    low, middle, high = got.correlations
    assert low == pytest.approx(0.03 - 2 * got.spread)
    assert (middle, got.rounds) == (pytest.approx(0.03), 3)
    assert -1 <= low <= high <= 1
    with pytest.raises(CannotEstimate, match="0 past rounds have both"):
        usual_defect(history, item="q2", channel="hall")


def test_no_result_is_called_a_margin_or_a_standard_error():
    names = {field.name for kind in (Combined, BiasAdjusted) for field in fields(kind)}
    assert not names & {"standard_error", "margin", "margin_of_error"}
    assert {"label", "statement"} <= names
