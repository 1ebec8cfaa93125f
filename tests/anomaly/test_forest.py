"""The isolation forest: what it points at, how many, and that it says the same twice."""

import numpy as np
import pytest
from small_round import response, sample_of, varied_round

from app.anomaly.forest import isolation_forest, isolation_scores
from app.survey.recipe import IsolationForestSignal

FOREST = IsolationForestSignal(share=0.02, trees=100, influence=0.7)


def usual_round(n: int):
    """People who agree up to one option, and take about the same time."""
    dice = np.random.default_rng(3)
    return [
        response(
            i,
            {
                "a": int(dice.integers(4, 6)),
                "b": int(dice.integers(4, 6)),
                "c": 2,
                "d": 1,
                "h": 8,
            },
            seconds=int(dice.integers(150, 200)),
        )
        for i in range(n)
    ]


def test_the_odd_one_out_is_the_most_isolated():
    odd = response(500, {"a": 1, "b": 1, "c": 5, "d": 4, "h": 0}, seconds=9)
    found = isolation_forest(sample_of([*usual_round(199), odd]), FOREST, seed=1)
    assert found.fires[-1]
    assert found.observed.argmax() == 199
    assert found.observed[-1] > found.expected


def test_it_never_fires_on_more_than_its_share():
    found = isolation_forest(sample_of(varied_round(333)), FOREST, seed=1)
    assert 1 <= found.fires.sum() <= 6


def test_ties_at_the_limit_are_all_left_alone():
    twins = [response(900 + i, {"a": 1, "b": 1, "c": 5, "d": 4}) for i in range(20)]
    found = isolation_forest(sample_of([*usual_round(180), *twins]), FOREST, seed=1)
    assert not found.fires[-20:].any()
    assert found.fires.sum() <= 4


def test_the_same_seed_gives_the_same_scores_and_another_seed_others():
    sample = sample_of(varied_round(120))
    first, again, other = (isolation_forest(sample, FOREST, seed=s) for s in (5, 5, 6))
    assert np.array_equal(first.observed, again.observed)
    assert not np.array_equal(first.observed, other.observed)


def test_a_seed_may_be_as_large_as_a_plan_allows():
    found = isolation_forest(sample_of(varied_round(60)), FOREST, seed=2**80)
    assert found.judged.all()


def test_below_fifty_responses_nobody_is_judged_and_it_says_so():
    found = isolation_forest(sample_of(varied_round(49)), FOREST, seed=1)
    assert not found.judged.any()
    assert found.note is not None


def test_a_round_of_equal_answers_has_nothing_rare():
    same = [response(i, {"a": 5, "b": 5}, seconds=100) for i in range(80)]
    found = isolation_forest(sample_of(same), FOREST, seed=1)
    assert not found.judged.any()


def test_missing_answers_and_times_are_features_and_no_error():
    sparse = [response(500 + i, {}) for i in range(3)]
    found = isolation_forest(sample_of([*usual_round(197), *sparse]), FOREST, seed=1)
    assert np.isfinite(found.observed).all()
    assert (found.observed[-3:] > found.expected).all()


def test_scores_lie_between_zero_and_one_and_rise_with_rarity():
    features = np.concatenate([np.zeros((100, 2)), [[9.0, 9.0]]])
    scores = isolation_scores(features + np.arange(101)[:, None] * 1e-3, trees=50, seed=0)
    assert ((scores > 0) & (scores < 1)).all()
    assert scores.argmax() == 100
    assert scores[-1] == pytest.approx(scores.max())
