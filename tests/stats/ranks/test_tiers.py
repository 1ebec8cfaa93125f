"""Pairs that cannot be told apart, and tiers: one sentence decides, and always alike."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from app.errors import CannotEstimate
from app.stats.ranks.league import JointEstimates, simulate
from app.stats.ranks.ranking import simultaneous_rank_sets
from app.stats.ranks.tiers import Tier, compare_pairs, tiers


def a_league(values, errors, *, draws=400, best="highest"):
    names = [f"unit {k}" for k in range(len(values))]
    return simulate(JointEstimates(names, values, errors), seed=1, draws=draws, best=best)


def a_random_league(seed: int):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 10))
    return a_league(np.round(rng.normal(80, 4, k), 1), rng.uniform(0.2, 2, k))


def test_of_two_units_the_p_value_is_the_usual_one():
    pairs = compare_pairs(a_league([2.0, 0.0], [0.6, 0.8], draws=100_000))
    assert pairs.p_value[0, 1] == pytest.approx(2 * ndtr(-2.0), abs=0.002)
    assert not pairs.cannot_be_told_apart("unit 0", "unit 1")


def test_the_more_pairs_are_compared_the_less_one_of_them_proves():
    alone = compare_pairs(a_league([2.2, 0.0], [0.6, 0.8], draws=2000))
    among = compare_pairs(a_league([2.2, 0.0, 1.0, 1.1, 1.2], [0.6, 0.8, 1, 1, 1], draws=2000))
    assert among.p_value[0, 1] > 2 * alone.p_value[0, 1]
    assert among.cannot_be_told_apart("unit 0", "unit 1")


@given(st.integers(0, 10_000), st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]))
def test_a_pair_is_told_apart_just_when_its_p_value_says_so(seed, confidence):
    pairs = compare_pairs(a_random_league(seed), confidence=confidence)
    assert np.array_equal(pairs.p_value, pairs.p_value.T)
    assert (np.diag(pairs.p_value) == 1).all()
    assert np.array_equal(pairs.told_apart, pairs.p_value <= 1 - confidence + 1e-9)


@given(st.integers(0, 10_000))
def test_the_pairs_say_what_the_sets_of_one_step_say(seed):
    league = a_random_league(seed)
    pairs = compare_pairs(league)
    for unit, ranks in simultaneous_rank_sets(league, steps="single_step").items():
        others = pairs.told_apart[pairs.names.index(unit)].sum()
        assert (ranks.low - 1) + (len(pairs.names) - ranks.high) == others


def test_a_false_difference_among_equals_is_as_rare_as_promised():
    """600 rounds of five equal units: three Monte-Carlo errors of 0.95 are 0.027."""
    rng, silent = np.random.default_rng(4), 0
    for seed in range(600):
        estimates = JointEstimates("ABCDE", rng.normal(80, 1, 5), np.ones(5))
        silent += not compare_pairs(simulate(estimates, seed=seed, draws=399)).told_apart.any()
    assert abs(silent / 600 - 0.95) <= 0.027


def test_a_unit_opens_a_tier_only_when_it_is_surely_below_the_best_of_the_tier_before():
    found = tiers(compare_pairs(a_league([90, 89, 85, 84, 60], [1, 1, 1, 1, 1])))
    assert found == (
        Tier(("unit 0", "unit 1"), 1, 2),
        Tier(("unit 2", "unit 3"), 3, 4),
        Tier(("unit 4",), 5, 5),
    )


def test_a_chain_of_small_steps_is_measured_from_its_best_unit():
    """No neighbours can be told apart, nor units two steps apart, yet the ends can."""
    found = tiers(compare_pairs(a_league([90, 88, 86, 84, 82, 80], np.ones(6))))
    assert [(t.first, t.last) for t in found] == [(1, 3), (4, 6)]


@given(st.integers(0, 10_000))
def test_every_unit_with_a_value_is_in_one_tier_and_every_tier_was_earned(seed):
    league = a_random_league(seed)
    pairs = compare_pairs(league)
    found = tiers(pairs)
    assert [name for tier in found for name in tier.names] == list(league.names)
    assert [tier.first for tier in found] == [1, *(tier.last + 1 for tier in found[:-1])]
    for tier in found:
        for name in tier.names:
            assert pairs.cannot_be_told_apart(tier.names[0], name)
    for tier, following in pairwise(found):
        assert not pairs.cannot_be_told_apart(tier.names[0], following.names[0])


def test_where_less_is_better_the_first_tier_holds_the_lowest():
    found = tiers(compare_pairs(a_league([10, 90], [1, 1], best="lowest")))
    assert [tier.names for tier in found] == [("unit 0",), ("unit 1",)]


def test_without_errors_every_value_is_a_tier_and_ties_share_one():
    pairs = compare_pairs(a_league([3, 2, 3, 1], np.zeros(4)))
    assert [tier.names for tier in tiers(pairs)] == [
        ("unit 0", "unit 2"),
        ("unit 1",),
        ("unit 3",),
    ]
    assert pairs.p_value[0, 1] == 0
    assert pairs.p_value[0, 2] == 1


def test_a_unit_without_a_value_is_in_no_tier_and_cannot_be_compared():
    pairs = compare_pairs(a_league([3, None, 1], [1, math.nan, 1]))
    assert [tier.names for tier in tiers(pairs)] == [("unit 0", "unit 2")]
    assert np.isnan(pairs.p_value[1]).all()
    with pytest.raises(CannotEstimate, match="unit 1 has no value"):
        pairs.cannot_be_told_apart("unit 0", "unit 1")
    with pytest.raises(CannotEstimate, match="unit 9 is none of the 3 units"):
        pairs.cannot_be_told_apart("unit 9", "unit 0")


def test_one_unit_alone_is_one_tier():
    assert tiers(compare_pairs(a_league([80], [2]))) == (Tier(("unit 0",), 1, 1),)
