"""Sizes for margins and margins of sizes: textbook numbers, inverses, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from app.errors import CannotEstimate
from app.stats.precision import (
    Assumptions,
    Rounds,
    detectable_change,
    margin_of_mean,
    margin_of_share,
    size_for_mean,
    size_for_share,
)

PLAIN = Assumptions()
TWO_SIGMA = Assumptions(confidence=float(2 * norm.cdf(2) - 1))


def test_a_share_within_three_points_needs_1068_answers():
    size = size_for_share(0.03, assumptions=PLAIN)
    assert size.simple == pytest.approx(1067.0719, abs=1e-3)
    assert size.answers == size.invitations == 1068


def test_cochrans_island_needs_356_of_3200_people():
    """Cochran (1977, § 4.4): t = 2, d = 0.05, p = 0.5: 400, and 356 of N = 3200."""
    assert size_for_share(0.05, assumptions=TWO_SIGMA).answers == 400
    island = replace(TWO_SIGMA, population=3200)
    assert size_for_share(0.05, assumptions=island).answers == 356


def test_design_effect_and_response_rate_raise_what_must_be_asked():
    size = size_for_share(0.05, assumptions=Assumptions(design_effect=2, response_rate=0.4))
    assert size.answers == 769
    assert size.invitations == 1923


assumed = st.builds(
    Assumptions,
    confidence=st.floats(0.5, 0.999),
    design_effect=st.floats(0.2, 10),
    response_rate=st.just(1.0),
    population=st.none() | st.integers(2, 1_000_000),
)


@given(assumed, st.floats(0.01, 10), st.floats(0.1, 50))
def test_the_size_is_the_smallest_that_reaches_the_margin(assumptions, margin, spread):
    size = size_for_mean(margin, standard_deviation=spread, assumptions=assumptions)
    assert size.margin <= margin * (1 + 1e-6)
    if size.answers > 1:
        fewer = margin_of_mean(
            size.answers - 1, standard_deviation=spread, assumptions=assumptions
        )
        assert fewer > margin * (1 - 1e-6)


@given(assumed, st.floats(0.01, 0.5), st.floats(0, 1))
def test_a_share_never_needs_more_than_one_of_a_half(assumptions, margin, share):
    size = size_for_share(margin, share=share, assumptions=assumptions)
    assert size.answers <= size_for_share(margin, assumptions=assumptions).answers
    assert margin_of_share(size.answers, share=share, assumptions=assumptions) <= (
        margin * (1 + 1e-6)
    )


def test_a_census_has_no_margin():
    everybody = Assumptions(population=500)
    assert margin_of_mean(500, standard_deviation=12, assumptions=everybody) == 0


def test_the_detectable_change_is_that_of_cohens_table():
    """Cohen (1988, ch. 2): by the t test 64 in each group see d = 0.5 with power 0.8."""
    rounds = Rounds(63, 63)
    change = detectable_change(rounds, standard_deviation=1, assumptions=PLAIN)
    assert change.value == pytest.approx(0.5, abs=0.002)


@given(st.integers(2, 500), st.floats(0, 0.95), st.floats(0.1, 30))
def test_a_panel_sees_smaller_changes_than_independent_rounds(n, correlation, spread):
    apart = detectable_change(Rounds(n, n), standard_deviation=spread, assumptions=PLAIN)
    panel = Rounds(n, n, overlap=n, correlation=correlation)
    together = detectable_change(panel, standard_deviation=spread, assumptions=PLAIN)
    assert together.value == pytest.approx(apart.value * np.sqrt(1 - correlation))


def test_overlap_in_a_small_population_has_the_covariance_of_drawn_samples():
    """Of N = 12 people 6 answer each time and 4 twice: simulated over drawings."""
    rng = np.random.default_rng(7)
    first = rng.normal(size=12)
    second = first + rng.normal(size=12)
    a, b = ((x - x.mean()) / x.std(ddof=1) for x in (first, second))
    differences = []
    for _ in range(40_000):
        order = rng.permutation(12)
        differences.append(b[order[2:8]].mean() - a[order[:6]].mean())
    rounds = Rounds(6, 6, overlap=4, correlation=float(np.corrcoef(a, b)[0, 1]))
    change = detectable_change(
        rounds, standard_deviation=1, assumptions=Assumptions(population=12)
    )
    assert change.standard_error == pytest.approx(np.std(differences), rel=0.02)


def test_all_wrong_inputs_are_named_at_once():
    wrong = Assumptions(confidence=1, design_effect=0, response_rate=1.2, population=0)
    with pytest.raises(CannotEstimate) as refusal:
        size_for_mean(0, standard_deviation=-1, assumptions=wrong)
    assert str(refusal.value).splitlines() == [
        "confidence is 1; it must be between 0 and 1",
        "design_effect is 0; it must be above 0",
        "response_rate is 1.2; it must be between 0 and 1",
        "population is 0; it must be 1 or more, or left out",
        "margin is 0; it must be above 0",
        "standard_deviation is -1; it must be 0 or more",
    ]
    with pytest.raises(CannotEstimate, match=r"answers is 0.*\nshare is 2"):
        margin_of_share(0, share=2, assumptions=PLAIN)
    rounds, few = Rounds(0, 20, overlap=3), Assumptions(population=10)
    with pytest.raises(CannotEstimate, match=r"(?s)first is 0.*overlap is 3.*more than the"):
        detectable_change(rounds, standard_deviation=1, assumptions=few)
    with pytest.raises(CannotEstimate, match="confidence is nan"):
        margin_of_mean(5, standard_deviation=1, assumptions=Assumptions(confidence=np.nan))


def test_more_invitations_than_people_are_refused_with_the_cure():
    few = Assumptions(population=400, response_rate=0.3)
    with pytest.raises(CannotEstimate, match=r"197 answers need 657 people.*is 400"):
        size_for_share(0.05, assumptions=few)
