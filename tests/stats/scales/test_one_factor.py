"""One factor by maximum likelihood: known factors are found, other programs agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import FactorAnalysis

from app.stats.scales.one_factor import LEAST_UNIQUENESS, is_singular, one_factor

loadings = st.lists(st.floats(0.2, 0.95), min_size=3, max_size=8)


def correlated(loading: np.ndarray) -> np.ndarray:
    correlation = np.outer(loading, loading)
    np.fill_diagonal(correlation, 1.0)
    return correlation


@given(loadings, st.integers(0, 7))
def test_the_loadings_behind_a_correlation_matrix_are_found(values, negative):
    loading = np.array(values)
    loading[negative % len(loading)] *= -1
    loading = loading if loading.sum() >= 0 else -loading
    got = one_factor(correlated(loading))
    assert got.discrepancy < 1e-9
    assert np.abs(got.loadings) == pytest.approx(np.abs(loading), abs=5e-4)
    if abs(loading.sum()) > 0.01:
        assert got.loadings == pytest.approx(loading, abs=5e-4)


def sampled(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    items = int(rng.integers(4, 9))
    common = rng.normal(size=(200, 1)) * rng.uniform(0.3, 1.5, items)
    return common + rng.normal(size=(200, items))


@given(st.integers(0, 10_000))
def test_no_slope_is_left_and_the_order_of_items_does_not_matter(seed):
    correlation = np.corrcoef(sampled(seed).T)
    got = one_factor(correlation)
    assert got.gradient < 1e-6
    backwards = one_factor(correlation[::-1, ::-1])
    assert backwards.loadings[::-1] == pytest.approx(got.loadings, abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_em_algorithm_ends_at_the_same_loadings(seed):
    x = sampled(seed)
    standardised = (x - x.mean(axis=0)) / x.std(axis=0)
    em = FactorAnalysis(1, tol=1e-12, max_iter=20_000, svd_method="lapack").fit(standardised)
    other = em.components_[0] * np.sign(em.components_[0].sum())
    assert one_factor(np.corrcoef(x.T)).loadings == pytest.approx(other, abs=1e-4)


def test_three_items_have_loadings_in_closed_form():
    r12, r13, r23 = 0.3, 0.5, 0.4
    got = one_factor(np.array([[1, r12, r13], [r12, 1, r23], [r13, r23, 1]]))
    want = np.sqrt([r12 * r13 / r23, r12 * r23 / r13, r13 * r23 / r12])
    assert got.loadings == pytest.approx(want, abs=1e-6)


def test_an_item_without_variance_of_its_own_is_held_at_the_bound():
    got = one_factor(np.array([[1, 0.8, 0.8], [0.8, 1, 0.3], [0.8, 0.3, 1]]))
    assert got.at_bound.tolist() == [True, False, False]
    assert got.uniquenesses[0] == pytest.approx(LEAST_UNIQUENESS)
    assert got.gradient < 1e-6


def test_items_that_repeat_one_another_are_singular():
    assert is_singular(np.array([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]]))
    assert not is_singular(correlated(np.array([0.5, 0.6, 0.7])))
