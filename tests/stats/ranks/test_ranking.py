"""Ranks: sets that cover, the numbers of another program, and what must not matter."""

import csv
import json
import math
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.ranks.league import JointEstimates, simulate
from app.stats.ranks.ranking import (
    RankRange,
    marginal_rank_sets,
    probability_of_top,
    rank_intervals,
    simultaneous_rank_sets,
)

CASES = Path(__file__).parents[2] / "reference" / "compcases"
SETS = {
    "marginal_stepdown": (marginal_rank_sets, "stepdown"),
    "marginal_single_step": (marginal_rank_sets, "single_step"),
    "simultaneous_stepdown": (simultaneous_rank_sets, "stepdown"),
    "simultaneous_single_step": (simultaneous_rank_sets, "single_step"),
}
QUESTIONS = [rank_intervals, marginal_rank_sets, simultaneous_rank_sets]


def a_league(values, errors, *, seed=1, draws=400, best="highest"):
    names = [f"unit {k}" for k in range(len(values))]
    return simulate(JointEstimates(names, values, errors), seed=seed, draws=draws, best=best)


def some_estimates(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Values with ties and near ties, and a covariance matrix, of up to nine units."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 10))
    loads = rng.normal(0, 1, (k, 2))
    covariance = loads @ loads.T + np.diag(rng.uniform(0.1, 2, k))
    return np.round(rng.normal(80, 4, k), int(rng.integers(0, 3))), covariance


def ends(sets) -> list[tuple[int, int] | None]:
    return [None if s is None else (s.low, s.high) for s in sets.values()]


# Another program


@pytest.fixture(scope="module")
def pisa():
    with (CASES / "p14_pisa_rank_sets" / "values.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [[float(row[key]) for row in rows] for key in ("value", "se")]
    names = [row["unit"] for row in rows]
    return simulate(JointEstimates(names, *columns), seed=1, draws=20_000)


@pytest.fixture(scope="module")
def by_csranks():
    return json.loads((CASES / "p14_pisa_rank_sets" / "expected.json").read_text())


def outside(found, expected) -> list[str]:
    """Bounds that lie more than the case's tolerance, one rank, outside those expected."""
    return [
        f"{unit} {end} {value}"
        for unit, ranks in found.items()
        for end, value in (("low", ranks.low), ("high", ranks.high))
        if not expected[unit][end][0] - 1 <= value <= expected[unit][end][1] + 1
    ]


@pytest.mark.parametrize("kind", SETS)
def test_rank_sets_of_38_countries_are_those_of_csranks(pisa, by_csranks, kind):
    rank_sets, steps = SETS[kind]
    found = rank_sets(pisa, steps=steps)
    assert {name: ranks.rank for name, ranks in found.items()} == by_csranks["rank"]
    assert outside(found, by_csranks[kind]) == []


def test_the_analytic_rank_probabilities_of_five_units_are_met():
    expected = json.loads((CASES / "p09_se_analytic_rank" / "expected.json").read_text())
    units = list(expected["score"])
    values = [expected["score"][unit] for unit in units]
    errors = [expected["score_se"][unit] for unit in units]
    league = simulate(JointEstimates(units, values, errors), seed=1, draws=10_000)
    intervals = rank_intervals(league, confidence=0.9)
    below = dict.fromkeys(units, 0.0)
    for k in range(1, 6):
        found = probability_of_top(league, k)
        for unit in units:
            below[unit] += expected["rank_probability"][f"rank{k}"][unit]
            assert found[unit] == pytest.approx(below[unit], abs=0.02)
            if min(abs(below[unit] - cut) for cut in (0.05, 0.95)) < 0.01:
                del expected["rank_interval90"][unit]  # the draws may fall on either side
    assert set(expected["rank_interval90"]) >= {"U1", "U3", "U5"}
    for unit, (low, high) in expected["rank_interval90"].items():
        assert (intervals[unit].low, intervals[unit].high) == (low, high)


# The steps


def rejected_by_the_book(league, family, *, opposite_stays: bool) -> set[tuple[int, int]]:
    """The pairs (j, k) whose "j is not above k" is rejected, one hypothesis at a time."""
    remaining, rejected = list(family), set()
    while remaining:
        errors = [
            (league.draws[j] - league.draws[k]) / league.spread[j, k] for j, k in remaining
        ]
        largest = np.sort(np.maximum(np.max(errors, axis=0), 0))
        critical = largest[math.ceil(0.95 * (largest.size + 1) - 1e-9) - 1]
        new = {(j, k) for j, k in remaining if league.differences[j, k] > critical}
        if not new:
            break
        rejected |= new
        gone = rejected if opposite_stays else rejected | {(k, j) for j, k in rejected}
        remaining = [pair for pair in remaining if pair not in gone]
    return rejected


def marginal_by_the_book(league, *, opposite_stays: bool) -> dict[str, RankRange]:
    """Marginal sets of units that all have values, and differ by something uncertain."""
    n, sets = len(league.names), {}
    for i, name in enumerate(league.names):
        others = [k for k in range(n) if k != i]
        family = [(i, k) for k in others] + [(k, i) for k in others]
        rejected = rejected_by_the_book(league, family, opposite_stays=opposite_stays)
        above = sum(pair[1] == i for pair in rejected)
        below = sum(pair[0] == i for pair in rejected)
        sets[name] = RankRange(league.ranks[i], 1 + above, n - below)
    return {name: sets[name] for name in league.given}


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_the_sets_are_those_found_hypothesis_by_hypothesis(seed):
    league = a_league(*some_estimates(seed), seed=seed, draws=200)
    assert marginal_rank_sets(league) == marginal_by_the_book(league, opposite_stays=True)
    units = range(len(league.names))
    family = [(j, k) for j in units for k in units if j != k]
    surely = rejected_by_the_book(league, family, opposite_stays=True)
    for i, name in enumerate(league.names):
        found = simultaneous_rank_sets(league)[name]
        assert found.low == 1 + sum(pair[1] == i for pair in surely)
        assert found.high == len(units) - sum(pair[0] == i for pair in surely)


def test_sets_that_drop_the_opposite_direction_too_are_tighter_than_those_of_csranks(
    pisa, by_csranks
):
    dropping = marginal_by_the_book(pisa, opposite_stays=False)
    assert len(outside(dropping, by_csranks["marginal_stepdown"])) >= 3


def test_the_opposite_direction_of_a_rejected_hypothesis_still_counts():
    """Of three units the third is far below; the first two lie between the two bounds.

    With one pair left and both directions the bound is 1.96. With the opposite directions
    of the two rejections it is 2.2 or so, and a difference of 2.1 proves nothing.
    """
    league = a_league([2.1 * math.sqrt(2), 0.0, -50.0], [1.0, 1.0, 1.0], draws=20_000)
    family = [(j, k) for j in range(3) for k in range(3) if j != k]
    assert (0, 1) in rejected_by_the_book(league, family, opposite_stays=False)
    assert ends(simultaneous_rank_sets(league)) == [(1, 2), (1, 2), (3, 3)]


# Coverage

TRUTHS = {
    "all tied": [80.0] * 6,
    "two groups that are tied within": [80.0] * 3 + [74.0] * 3,
    "near ties": [80.0, 79.9, 79.8, 79.7, 79.6, 79.5],
    "some just within reach": [80.0, 80.0, 76.5, 76.5, 73.0, 60.0],
}


@pytest.mark.parametrize("moving", ["alone", "together"])
@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS)
def test_sets_cover_the_true_ranks_as_often_as_they_say(truth, moving):
    """600 rounds: three Monte-Carlo errors of a share of 0.95 are 0.027."""
    rng, theta, rounds = np.random.default_rng(20), np.array(truth), 600
    shared = 0.6 if moving == "together" else 0.0
    deviation = np.array([0.8, 1.0, 1.2, 0.5, 1.0, 2.0])
    covariance = np.outer(deviation, deviation) * (shared + (1 - shared) * np.eye(6))
    best = 1 + (theta[:, None] < theta).sum(axis=1)
    worst = 6 - (theta[:, None] > theta).sum(axis=1)
    all_covered, each_covered = 0, np.zeros(6)
    for seed in range(rounds):
        values = rng.multivariate_normal(theta, covariance)
        league = a_league(values, covariance, seed=seed, draws=399)
        together, each = (
            np.array(
                [s.low <= b and w <= s.high for s, b, w in zip(sets, best, worst, strict=True)]
            )
            for sets in (
                simultaneous_rank_sets(league).values(),
                marginal_rank_sets(league).values(),
            )
        )
        all_covered += together.all()
        each_covered += each
    assert all_covered / rounds >= 0.95 - 0.027
    assert each_covered.min() / rounds >= 0.95 - 0.027


# Properties


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_the_units_changes_nothing(seed, shuffler):
    values, covariance = some_estimates(seed)
    names = [f"unit {k}" for k in range(len(values))]
    order = list(range(len(values)))
    shuffler.shuffle(order)
    one = simulate(JointEstimates(names, values, covariance), seed=seed, draws=200)
    other = simulate(
        JointEstimates(
            [names[k] for k in order], values[order], covariance[np.ix_(order, order)]
        ),
        seed=seed,
        draws=200,
    )
    for question in QUESTIONS:
        assert question(one) == question(other)
        assert list(question(other)) == [names[k] for k in order]


@given(st.integers(0, 10_000), st.floats(-50, 50), st.floats(0.01, 100))
def test_neither_the_zero_nor_the_unit_of_the_scale_matters(seed, shift, scale):
    values, covariance = some_estimates(seed)
    one = a_league(values, covariance)
    other = a_league(values * scale + shift, covariance * scale**2)
    for question in QUESTIONS:
        assert question(one) == question(other)


@given(st.integers(0, 10_000))
def test_where_less_is_better_the_same_values_with_the_other_sign_rank_alike(seed):
    values, covariance = some_estimates(seed)
    for question in QUESTIONS:
        assert question(a_league(values, covariance)) == question(
            a_league(-values, covariance, best="lowest")
        )


@given(st.integers(0, 10_000), st.sampled_from(sorted(SETS)))
def test_a_set_contains_the_rank_of_the_value(seed, kind):
    rank_sets, steps = SETS[kind]
    for ranks in rank_sets(a_league(*some_estimates(seed)), steps=steps).values():
        assert 1 <= ranks.low <= ranks.rank <= ranks.high


@given(st.integers(0, 10_000))
def test_wider_claims_have_wider_sets(seed):
    """All at once than each alone; in one step than in several; at more confidence."""
    league = a_league(*some_estimates(seed))
    each, together = marginal_rank_sets(league), simultaneous_rank_sets(league)
    assert_within(each, together)
    assert_within(each, marginal_rank_sets(league, steps="single_step"))
    assert_within(together, simultaneous_rank_sets(league, steps="single_step"))
    for question in QUESTIONS:
        assert_within(question(league, confidence=0.8), question(league, confidence=0.95))


@given(st.integers(0, 10_000), st.floats(0.05, 1), st.sampled_from(sorted(SETS)))
def test_smaller_errors_never_widen_a_set(seed, shrink, kind):
    rank_sets, steps = SETS[kind]
    values, covariance = some_estimates(seed)
    sharper = a_league(values, covariance * shrink**2)
    assert_within(
        rank_sets(sharper, steps=steps), rank_sets(a_league(values, covariance), steps=steps)
    )


def assert_within(inner, outer) -> None:
    for name, ranks in inner.items():
        assert outer[name].low <= ranks.low <= ranks.high <= outer[name].high


# Ends of what is possible


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_errors_only_the_ranks_themselves_are_left(question):
    found = question(a_league([3, 1, 3, 2], [0, 0, 0, 0]))
    assert [s.rank for s in found.values()] == [1, 4, 1, 3]
    tied = (1, 1) if question is rank_intervals else (1, 2)
    assert ends(found) == [tied, (4, 4), tied, (3, 3)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_one_unit_alone_is_the_first(question):
    assert ends(question(a_league([80.0], [2.0]))) == [(1, 1)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_unit_without_a_value_has_no_range_and_takes_no_place(question):
    found = question(a_league([3.0, None, 1.0], [0.1, math.nan, 0.1]))
    assert ends(found) == [(1, 1), None, (2, 2)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_two_units_that_err_as_one_are_told_apart_by_their_values(question):
    one = np.array([[4.0, 4.0, 0.0], [4.0, 4.0, 0.0], [0.0, 0.0, 4.0]])
    found = question(a_league([80.2, 80.1, 40.0], one))
    assert ends(found) == [(1, 1), (2, 2), (3, 3)]


def test_ranks_that_everybody_may_have_are_left_to_everybody():
    assert ends(simultaneous_rank_sets(a_league([3, 2, 1], [90, 90, 90]))) == [(1, 3)] * 3


def test_the_chance_to_be_among_the_best_sums_to_their_number():
    league = a_league([3, 2.5, None, 1], [1, 1, math.nan, 1], draws=2000)
    for k in (1, 2, 3):
        found = probability_of_top(league, k)
        assert found["unit 2"] is None
        assert sum(p for p in found.values() if p is not None) == pytest.approx(k)


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95, math.nan])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_confidence_that_is_none_is_refused(question, confidence):
    with pytest.raises(CannotEstimate, match="is not between 0 and 1"):
        question(a_league([1, 2], [1, 1]), confidence=confidence)


def test_too_few_draws_for_a_confidence_are_refused_with_the_number_it_takes():
    with pytest.raises(CannotEstimate, match=r"draw at least 99$"):
        simultaneous_rank_sets(a_league([1, 2], [1, 1], draws=98), confidence=0.99)
    assert simultaneous_rank_sets(a_league([1, 2], [1, 1], draws=99), confidence=0.99)


def test_all_prefectures_of_a_country_take_seconds_and_little_memory():
    rng = np.random.default_rng(3)
    loads = rng.normal(0, 1, (340, 20))
    covariance = loads @ loads.T + np.diag(rng.uniform(0.5, 2, 340))
    values = rng.normal(80, 5, 340)
    began = time.process_time()
    league = a_league(values, covariance, draws=2000)
    for question in QUESTIONS:
        question(league)
    assert time.process_time() - began < 20
    tracemalloc.start()
    simultaneous_rank_sets(league)
    rank_intervals(league)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6
