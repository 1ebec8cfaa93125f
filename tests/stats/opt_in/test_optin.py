"""Opt-in answers carry a band of what could be, and no margin of error."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.design import simple_design
from app.stats.opt_in.bands import OptInEstimate, SelfSelected, opt_in_mean, sensitivity_band
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import post_stratify


def answers(**changes) -> SelfSelected:
    usual = {"value": 80, "standard_deviation": 20, "n": 1000, "population": 10_000}
    return SelfSelected(**{**usual, "cv_squared": 0.0, **changes})


def test_a_hundred_thousand_volunteers_are_worth_a_thousand_random_people():
    # The worked figures of the published argument: f = 0.1, rho 0.01 and 0.05.
    band = sensitivity_band(answers(n=100_000, population=1_000_000), correlations=(0.01, 0.05))
    small, large = (point.effective_n for point in band.points)
    assert (round(small), round(large)) == (1111, 44)


def test_the_band_is_what_the_defect_identity_says():
    band = sensitivity_band(answers())
    assert band.high - 80 == pytest.approx(0.05 * np.sqrt(0.9 / 0.1) * 20)
    assert 80 - band.low == pytest.approx(band.high - 80)
    assert band.correlations == (-0.05, -0.02, 0, 0.02, 0.05)


def test_the_identity_holds_exactly_on_a_population_that_is_known():
    dice = np.random.default_rng(11)
    opinion = dice.normal(60, 15, 4000)
    takes_part = dice.random(4000) < 1 / (1 + np.exp(2 - opinion / 40))
    rho = np.corrcoef(takes_part, opinion)[0, 1]
    volunteers = SelfSelected(
        value=opinion[takes_part].mean(),
        standard_deviation=opinion.std(),
        n=int(takes_part.sum()),
        population=4000,
        cv_squared=0.0,
    )
    (point,) = sensitivity_band(volunteers, correlations=(rho,)).points
    assert point.value == pytest.approx(opinion.mean(), rel=1e-12)


def test_uneven_weights_widen_the_band():
    even, uneven = sensitivity_band(answers()), sensitivity_band(answers(cv_squared=1.0))
    assert uneven.high > even.high


def test_the_band_is_cut_at_the_ends_of_the_scale_only_where_they_are_given():
    wide = answers(value=99)
    assert sensitivity_band(wide).high > 100
    assert sensitivity_band(wide, bounds=(0, 100)).high == 100


def test_more_answers_than_people_are_refused():
    with pytest.raises(CannotEstimate, match="11 answers cannot come from 10 people"):
        sensitivity_band(answers(n=11, population=10))


def test_no_field_of_an_opt_in_estimate_is_an_error_or_an_interval():
    names = {field.name for field in fields(OptInEstimate)}
    assert not names & {"standard_error", "low", "high", "df", "confidence", "margin"}


def test_an_opt_in_mean_tells_what_uneven_weights_leave():
    weight, y = np.array([1, 1, 4.0]), np.array([100, 50, 0.0])
    got = opt_in_mean(simple_design(weight), y, population=600)
    assert got.value == pytest.approx(25)
    assert got.effective_n == pytest.approx(36 / 18)
    assert got.largest_weight_ratio == pytest.approx(2)
    assert got.band.cv_squared == pytest.approx(0.5)
    assert got.band.sampling_fraction == pytest.approx(3 / 600)


@pytest.mark.parametrize(
    ("y", "population", "reason"),
    [
        ([np.nan, np.nan], 100, "no_answers"),
        ([80, np.nan], 100, "one_answer"),
        ([80, 80], 100, "no_variation"),
        ([80, 90], None, "population_unknown"),
        ([80, 90], 1, "more_answers_than_people"),
    ],
)
def test_without_a_band_the_reason_is_said(y, population, reason):
    got = opt_in_mean(simple_design(np.ones(2)), np.array(y, float), population=population)
    assert (got.band, got.no_band) == (None, reason)


@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=30),
    st.floats(1, 1e6),
    st.floats(0.01, 100),
)
def test_the_mean_lies_in_its_band_and_the_band_on_the_scale(scores, population, weight):
    y = np.array(scores, float)
    got = opt_in_mean(simple_design(np.full(len(y), weight)), y, population=population)
    assert got.n == len(y)
    assert got.effective_n == pytest.approx(len(y))
    if got.band is not None:
        assert 0 <= got.band.low <= got.value + 1e-9
        assert got.value - 1e-9 <= got.band.high <= 100


@given(st.floats(0, 100), st.integers(1, 1000), st.floats(0, 5))
def test_without_a_correlation_the_value_stays_and_nothing_is_lost(value, n, cv_squared):
    told = answers(value=value, n=n, cv_squared=cv_squared)
    band = sensitivity_band(told, correlations=(0.0,))
    assert (band.low, band.high) == (value, value)
    assert band.points[0].effective_n is None
    assert band.label == "sensitivity_band"


@given(st.integers(1, 10_000), st.floats(0, 5), st.floats(0.001, 1))
def test_the_correlation_says_what_n_is_worth(n, cv_squared, rho):
    told = answers(n=n, cv_squared=cv_squared)
    if told.defect > 0:
        assert told.effective_n(rho) == pytest.approx(1 / (told.defect * rho**2))
        assert told.effective_n(-rho) == told.effective_n(rho)
    assert told.sampling_fraction == n / 10_000


def test_a_mean_says_whom_it_speaks_of():
    y, sex = np.array([80, 60, 40.0]), np.array(["f", "f", "m"])
    plain = simple_design(np.ones(3))
    assert opt_in_mean(plain, y, population=100).estimand == "those who answered"
    weighted = post_stratify(plain, PopulationMargin("sex", sex, {"f": 50, "m": 50}))
    got = opt_in_mean(weighted, y, population=100)
    assert got.estimand == "population under the named model"
