"""What changed between two independent rounds: errors add up, the verdict follows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from app.stats.change import Measurement, change
from app.stats.design import simple_design
from app.stats.estimation import mean

numbers = st.floats(0, 100)
errors = st.floats(0.01, 50)
measurements = st.builds(Measurement, numbers, errors, st.integers(1, 5000))


def measured(y):
    found = mean(simple_design(np.ones(len(y))), np.asarray(y, float))
    return Measurement(found.value, found.standard_error, found.df)


def test_two_simple_samples_give_welch_s_test():
    chance = np.random.default_rng(1)
    before, after = chance.normal(50, 10, 23), chance.normal(56, 25, 11)
    welch = stats.ttest_ind(after, before, equal_var=False)
    interval = welch.confidence_interval(0.9)
    got = change(measured(before), measured(after), confidence=0.9)
    assert (got.df, got.low, got.high) == pytest.approx(
        (welch.df, interval.low, interval.high), rel=1e-12
    )


@given(measurements, measurements)
def test_the_degrees_of_freedom_lie_between_the_smaller_and_the_sum(before, after):
    got = change(before, after)
    assert min(before.df, after.df) * (1 - 1e-9) <= got.df
    assert got.df <= (before.df + after.df) * (1 + 1e-9)
    assert got.standard_error == pytest.approx(
        math.sqrt(before.standard_error**2 + after.standard_error**2)
    )


@given(measurements, measurements)
def test_turned_round_what_rose_fell(before, after):
    there, back = change(before, after), change(after, before)
    turned = {"rose": "fell", "fell": "rose", "unclear": "unclear"}
    assert back.verdict == turned[there.verdict]
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))


@pytest.mark.parametrize("error", [0.0, float("nan")])
def test_without_an_error_nothing_is_said_to_change(error):
    with pytest.raises(ValueError, match="standard error"):
        change(Measurement(50, error, 10), Measurement(60, 1.0, 10))


def test_of_a_hundred_rounds_without_change_about_five_are_said_to_have_one():
    chance = np.random.default_rng(7)
    said = 0
    for _ in range(600):
        before, after = chance.normal(60, 20, (2, 40))
        said += change(measured(before), measured(after)).verdict != "unclear"
    assert 12 <= said <= 50, "binomial(600, 0.05) lies there but once in 10,000"
