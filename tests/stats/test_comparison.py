"""A unit against everybody: one error for the difference, with what the two share."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stats.comparison import covariance, difference
from app.stats.design import simple_design
from app.stats.estimation import mean


def a_sample(seed: int, n: int = 60):
    rng = np.random.default_rng(seed)
    y = rng.choice([0.0, 25.0, 50.0, 75.0, 100.0], n)
    return simple_design(rng.uniform(0.5, 3.0, n)), y, np.arange(n) < rng.integers(5, n - 5)


def covariance_with_everybody(design, y, domain) -> float:
    """Independent of the function tested: from the sums of squares of a simple design."""
    w, n = design.weight, len(y)

    def linearised(inside):
        centre = np.average(y[inside], weights=w[inside])
        return np.where(inside, w * (y - centre), 0.0) / w[inside].sum()

    one, two = linearised(domain), linearised(np.full(n, True))
    return n / (n - 1) * float((one - one.mean()) @ (two - two.mean()))


@given(st.integers(0, 10_000))
def test_the_error_of_a_difference_counts_both_errors_and_what_they_share(seed):
    design, y, domain = a_sample(seed)
    found = difference(design, y, domain=domain)
    unit, everybody = mean(design, y, domain=domain), mean(design, y)
    shared = covariance_with_everybody(design, y, domain)
    expected = unit.standard_error**2 + everybody.standard_error**2 - 2 * shared
    assert found.value == pytest.approx(unit.value - everybody.value, abs=1e-9)
    assert found.standard_error == pytest.approx(math.sqrt(max(expected, 0)), rel=1e-6)
    assert found.low < found.value < found.high


def test_two_items_of_one_domain_move_together_by_the_same_variance():
    design, y, _ = a_sample(3)
    assert covariance(design, y, y) == pytest.approx(mean(design, y).standard_error ** 2)


def test_everybody_differs_from_everybody_by_nothing():
    design, y, _ = a_sample(1)
    found = difference(design, y, domain=np.full(len(y), True))
    assert (found.value, found.standard_error, found.low, found.high) == (0, 0, 0, 0)


def test_one_answer_cannot_be_compared():
    design, y, _ = a_sample(2)
    assert difference(design, y, domain=np.arange(len(y)) == 0) is None


def test_a_large_unit_among_small_ones_is_called_different_about_as_often_as_promised():
    """Where nothing differs, a 95 per cent interval misses zero in about 5 rounds of 100."""
    sizes = np.array([2000] + [30] * 49)
    unit = np.repeat(np.arange(50), sizes)
    design = simple_design(np.repeat(1000 / sizes, sizes))
    rng = np.random.default_rng(20260101)
    rounds, missed = 400, 0
    for _ in range(rounds):
        found = difference(design, rng.normal(70, 20, len(unit)), domain=unit == 0)
        missed += found.low > 0 or found.high < 0
    assert 0.01 < missed / rounds < 0.10
