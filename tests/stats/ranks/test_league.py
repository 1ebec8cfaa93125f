"""Estimates become a league: what is refused, what is drawn, what moves as one."""

import math

import numpy as np
import pytest

from app.errors import CannotEstimate
from app.stats.ranks.league import JointEstimates, simulate

NAMES = ("Ash", "Birch", "Cedar")


def a_league(values, errors, **how):
    return simulate(JointEstimates(NAMES[: len(values)], values, errors), seed=1, **how)


def refusal(names, values, errors, **how) -> str:
    with pytest.raises(CannotEstimate) as refused:
        simulate(JointEstimates(names, values, errors), seed=1, **how)
    return str(refused.value)


def test_units_come_best_first_whichever_end_is_best():
    assert a_league([1, 3, 2], [1, 1, 1]).names == ("Birch", "Cedar", "Ash")
    assert a_league([1, 3, 2], [1, 1, 1], best="lowest").names == ("Ash", "Cedar", "Birch")


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_a_unit_without_a_value_is_named_and_not_ranked(nothing):
    league = a_league([1, nothing, 2], [1, math.nan, 1])
    assert league.names == ("Cedar", "Ash")
    assert league.without_rank == ("Birch",)
    assert league.given == NAMES


def test_draws_vary_and_move_together_as_the_covariance_says():
    covariance = np.array([[4.0, 1.5, 0.0], [1.5, 1.0, -0.3], [0.0, -0.3, 9.0]])
    league = a_league([3, 2, 1], covariance, draws=200_000)
    assert np.cov(league.draws) == pytest.approx(covariance, abs=0.06)
    assert league.spread[0, 1] == pytest.approx(math.sqrt(4 + 1 - 2 * 1.5))


def test_a_diagonal_covariance_is_the_same_as_standard_errors():
    by_errors, by_covariance = (
        a_league([3, 2, 1], [1, 2, 3]),
        a_league([3, 2, 1], np.diag([1, 4, 9])),
    )
    assert np.array_equal(by_errors.draws, by_covariance.draws)
    assert np.allclose(by_errors.spread, by_covariance.spread, rtol=1e-14)


def test_units_that_move_as_one_are_drawn_as_one_from_a_singular_matrix():
    covariance = np.array([[4.0, 4.0, 1.0], [4.0, 4.0, 1.0], [1.0, 1.0, 9.0]])
    league = a_league([3, 2, 1], covariance)
    assert league.spread[0, 1] == 0
    assert np.array_equal(league.draws[0], league.draws[1])
    assert league.differences[0, 1] == math.inf


def test_values_held_apart_by_arithmetic_alone_are_tied():
    assert a_league([0.1 + 0.2, 0.3], [0, 0]).ranks == (1, 1)


def test_a_generator_may_be_given_instead_of_a_seed():
    estimates = JointEstimates(NAMES, [1, 2, 3], [1, 1, 1])
    one, other = simulate(estimates, seed=7), simulate(estimates, seed=np.random.default_rng(7))
    assert np.array_equal(one.draws, other.draws)


def test_all_that_is_wrong_with_the_shapes_is_said_at_once():
    said = refusal(["Ash", "Ash"], [1, 2, 3], [1])
    assert "2 names but 3 values" in said
    assert "errors of shape (1,) for 2 units" in said
    assert "Ash named more than once" in said


def test_all_that_is_wrong_with_the_numbers_is_said_at_once():
    said = refusal(NAMES, [math.inf, 2, 3], [1, -1, math.nan], draws=0)
    assert "the value of Ash is infinite" in said
    assert "Birch, Cedar has a value without a standard error" in said
    assert "0 draws" in said


def test_nothing_can_be_ranked_where_no_unit_has_a_value():
    assert "none of 2 units has a value" in refusal(NAMES[:2], [None, math.nan], [1, 1])
    assert "none of 0 units has a value" in refusal([], [], [])


@pytest.mark.parametrize(
    ("covariance", "said"),
    [
        ([[1, 0.5, 0], [0.2, 1, 0], [0, 0, 1]], "Ash and Birch is given as 0.5 and as 0.2"),
        ([[1, math.nan, 0], [math.nan, 1, 0], [0, 0, 1]], "give one finite number for both"),
        ([[1, 3, 0], [3, 1, 0], [0, 0, 1]], "covariance 3 of Ash and Birch is larger"),
        ([[0, 0.1, 0], [0.1, 1, 0], [0, 0, 1]], "their standard errors 0 and 1 allow"),
        ([[1, -0.9, -0.9], [-0.9, 1, -0.9], [-0.9, -0.9, 1]], "have the eigenvalue -0.8"),
        ([[-1, 0, 0], [0, 1, 0], [0, 0, 1]], "Ash has a value without a standard error"),
    ],
)
def test_a_matrix_that_is_no_covariance_is_refused_with_the_units_named(covariance, said):
    assert said in refusal(NAMES, [1, 2, 3], np.array(covariance, float))


def test_the_errors_of_a_unit_without_a_value_are_not_looked_at():
    covariance = np.array(
        [[1, math.nan, 0.5], [math.nan, math.nan, math.nan], [0.5, math.nan, 1]]
    )
    assert a_league([1, None, 2], covariance).spread[0, 1] == pytest.approx(1.0)
