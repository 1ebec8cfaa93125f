"""The worst case of a mean: it holds whatever the dishonest wrote, and it is reached."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stats.opt_in.contamination import worst_case

scores = st.lists(st.sampled_from([0.0, 25.0, 50.0, 75.0, 100.0]), min_size=2, max_size=40)


def one_place(y, share, weight=None):
    y = np.array(y, float)
    weight = np.ones(len(y)) if weight is None else np.array(weight, float)
    return worst_case(y, weight, place=np.zeros(len(y), np.intp), share=np.array([share]))


def test_the_ends_are_the_means_without_the_best_and_without_the_worst():
    found = one_place([0, 25, 50, 75, 100], 0.2)
    assert (found.low, found.high) == (37.5, 62.5)


def test_a_share_that_cuts_through_an_answer_takes_a_part_of_it():
    found = one_place([0, 100], 0.25)
    assert found.low == pytest.approx(100 * 0.5 / 1.5)
    assert found.high == pytest.approx(100 * 1 / 1.5)


@given(honest=scores, fake=st.sampled_from([0.0, 100.0]), number=st.integers(0, 15))
def test_the_honest_mean_is_inside_whatever_was_stuffed(honest, fake, number):
    y = [*honest, *[fake] * number]
    found = one_place(y, number / len(y))
    assert found.low - 1e-9 <= np.mean(honest) <= found.high + 1e-9


@given(y=scores, shares=st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)))
def test_a_larger_share_never_narrows_the_interval(y, shares):
    small, large = (one_place(y, share) for share in sorted(shares))
    assert large.low <= small.low + 1e-9
    assert small.high <= large.high + 1e-9
    assert small.low - 1e-9 <= np.mean(y) <= small.high + 1e-9


@given(y=scores, weight=st.floats(0.1, 10), share=st.floats(0, 0.9))
def test_the_unit_of_the_weights_does_not_matter(y, weight, share):
    plain, scaled = one_place(y, share), one_place(y, share, [weight] * len(y))
    assert (scaled.low, scaled.high) == pytest.approx((plain.low, plain.high))


def test_places_are_bounded_apart_and_counted_by_their_weight():
    y = np.array([0.0, 100.0, 50.0, 50.0])
    place = np.array([0, 0, 1, 1])
    found = worst_case(
        y, np.array([1.0, 1.0, 3.0, 3.0]), place=place, share=np.array([0.5, 0.0])
    )
    assert (found.low, found.high) == (pytest.approx(37.5), pytest.approx(62.5))
    assert found.share == pytest.approx(0.125)


def test_without_an_answer_that_counts_there_is_no_interval():
    assert one_place([np.nan, 50], 0.1, [1, 0]) is None
