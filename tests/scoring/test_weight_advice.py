"""Weights as advice: against numbers of other programs, by hand, and where there are none."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.errors import InputRefused
from app.scoring.explanation.advice import (
    Names,
    communality_weights,
    critic_weights,
    entropy_weights,
    first_component_weights,
    gini_weights,
    variation_weights,
)
from app.scoring.explanation.judgements import ahp_weights, consistency_ratio

REFERENCE = Path(__file__).parents[1] / "reference" / "weight_advice" / "numbers.json"
NUMBERS = json.loads(REFERENCE.read_text())
MATRIX = np.array(NUMBERS["matrix"])
PLAIN = {
    "entropy": entropy_weights,
    "critic": critic_weights,
    "gini": gini_weights,
    "variation": variation_weights,
}
EVERY = [*PLAIN.values(), first_component_weights, communality_weights]
matrices = arrays(np.float64, (6, 3), elements=st.integers(0, 50).map(float))


def complaints(weigh, *given, **more):
    with pytest.raises(InputRefused) as refused:
        weigh(*given, **more)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("name", PLAIN)
def test_weights_are_those_of_pymcdm(name):
    assert PLAIN[name](MATRIX) == pytest.approx(NUMBERS[name], rel=1e-12)


def test_critic_weights_by_direction_are_those_of_scores_by_direction():
    found = critic_weights(MATRIX, NUMBERS["directions"])
    assert found == pytest.approx(NUMBERS["critic_by_direction"], rel=1e-12)


def test_entropy_by_direction_is_the_entropy_of_scores_from_zero_to_one():
    x = np.array([[1.0, 9.0], [2.0, 5.0], [5.0, 1.0]])
    scores = np.array([[0, 0], [0.25, 0.5], [1, 1]])
    p = scores / scores.sum(axis=0)
    e = -np.array([0.2 * np.log(0.2) + 0.8 * np.log(0.8), 1 / 3 * np.log(1 / 3) * 1 + 0])
    e[1] = -(p[1, 1] * np.log(p[1, 1]) + p[2, 1] * np.log(p[2, 1]))
    expected = (1 - e / np.log(3)) / (2 - e.sum() / np.log(3))
    assert entropy_weights(x, [1, -1]) == pytest.approx(expected, rel=1e-12)


def test_nothing_times_the_logarithm_of_nothing_is_nothing():
    # One column says who has everything, the other splits it in half: e = 0 and ln 2 / ln 4.
    x = np.array([[4.0, 1], [0, 1], [0, 0], [0, 0]])
    assert entropy_weights(x).tolist() == pytest.approx([2 / 3, 1 / 3], rel=1e-15)


def test_twelve_digits_stand_where_values_hardly_differ():
    x = np.array([[1 + 1e-6, 1 + 2e-6], [1 - 1e-6, 1 - 2e-6], [1.0, 1.0]])
    assert entropy_weights(x) == pytest.approx([0.2, 0.8], rel=1e-9)


@pytest.mark.parametrize("weigh", EVERY)
def test_a_constant_indicator_weighs_exactly_nothing(weigh):
    wider = np.column_stack([MATRIX[:, :2], np.full(14, 0.1 + 0.2), MATRIX[:, 2:]])
    weights = weigh(wider)
    assert weights[2] == 0
    assert np.delete(weights, 2) == pytest.approx(weigh(MATRIX), rel=1e-12)
    zeros = np.column_stack([MATRIX, np.zeros(14)])
    assert weigh(zeros)[-1] == 0


@pytest.mark.parametrize("weigh", EVERY)
@given(matrix=matrices, chance=st.randoms(use_true_random=False))
def test_weights_sum_to_one_and_follow_their_indicators(weigh, matrix, chance):
    try:
        weights = weigh(matrix)
    except InputRefused:
        return
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    order = [0, 1, 2]
    chance.shuffle(order)
    assert weigh(matrix[::-1][:, order]) == pytest.approx(weights[order], abs=1e-6)


@pytest.mark.parametrize("weigh", EVERY)
def test_a_gap_is_refused_with_its_unit_and_indicator(weigh):
    gap = MATRIX.copy()
    gap[3, 1], gap[5, 0] = np.nan, np.inf
    names = Names([f"county {i}" for i in range(14)], ["air", "water", "soil", "jobs", "care"])
    found = complaints(weigh, gap, names=names)
    assert found == [
        f"unit {unit}, indicator {indicator}: has no finite number. "
        "Leave the unit or the indicator out, or give the value."
        for unit, indicator in (("county 3", "water"), ("county 5", "air"))
    ]
    assert "unit 4, indicator 2: has no finite number." in complaints(weigh, gap)[0]


@pytest.mark.parametrize("weigh", [entropy_weights, gini_weights, variation_weights])
def test_a_negative_value_is_no_part_of_a_whole(weigh):
    assert (
        "unit 2, indicator 1: is negative, so it is no part of a whole (found -1.0)."
        in (complaints(weigh, np.array([[1.0], [-1.0]]))[0])
    )


@pytest.mark.parametrize("weigh", EVERY)
def test_values_that_tell_nobody_apart_give_no_weights(weigh):
    assert "matrix: tells no unit from another" in complaints(weigh, np.ones((4, 2)))[0]
    assert "matrix: needs two units" in complaints(weigh, np.ones((1, 2)))[0]


def test_indicators_that_repeat_each_other_give_no_critic_weights():
    x = np.arange(5.0)
    repeated = np.column_stack([x, 3 * x + 1])
    assert "repeats one indicator only" in complaints(critic_weights, repeated)[0]


def test_directions_must_fit():
    for wrong in ([1], [1, 1, 1, 1, 0]):
        assert "directions: must be 1 or -1" in complaints(critic_weights, MATRIX, wrong)[0]


def test_component_weights_follow_what_indicators_share():
    chance = np.random.default_rng(3)
    common = chance.normal(size=200)
    alone = chance.normal(size=200)
    noise = chance.normal(size=(200, 2))
    x = np.column_stack([common + 0.3 * noise[:, 0], -common + 0.3 * noise[:, 1], alone])
    first = first_component_weights(x)
    assert first[:2] == pytest.approx([0.5, 0.5], abs=0.01)
    assert first_component_weights(x * [1, -1, 1]) == pytest.approx(first)
    explained, vectors = np.linalg.eigh(np.corrcoef(x.T))
    kept = explained > 1
    parts = (vectors[:, kept] ** 2 * explained[kept]).sum(axis=1)
    assert communality_weights(x) == pytest.approx(parts / parts.sum())


def test_a_first_component_that_is_not_alone_is_refused():
    x = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    assert "two first components" in complaints(first_component_weights, x)[0]
    assert communality_weights(x).sum() == pytest.approx(1)


def test_judgements_give_the_principal_eigenvector():
    judgements = np.array(NUMBERS["judgements"])
    assert ahp_weights(judgements) == pytest.approx(NUMBERS["ahp"]["weights"], rel=1e-12)
    ratio = NUMBERS["ahp"]["index"] / 0.90
    assert consistency_ratio(judgements) == pytest.approx(ratio, rel=1e-9)


@given(st.lists(st.floats(0.2, 5), min_size=1, max_size=15))
def test_judgements_without_contradiction_give_back_their_weights(importance):
    w = np.array(importance)
    assert ahp_weights(w[:, None] / w[None, :]) == pytest.approx(w / w.sum(), rel=1e-6)


def test_judgements_that_contradict_each_other_are_refused():
    circle = np.array([[1, 3, 1 / 3], [1 / 3, 1, 3], [3, 1 / 3, 1]])
    assert complaints(ahp_weights, circle) == [
        "judgements: contradict each other: the consistency ratio is 1.149, and must be below "
        "0.1. Judge again the pairs that do not fit."
    ]
    assert consistency_ratio(circle) > 1


def test_a_matrix_that_holds_no_judgements_is_refused():
    assert (
        "row 1, column 2: must be positive, and 1 over"
        in (complaints(ahp_weights, np.array([[1.0, 3.0], [3.0, 1.0]]))[0])
    )
    assert "row 1, column 1" in complaints(ahp_weights, np.array([[2.0]]))[0]
    assert "must be square, for 15" in complaints(ahp_weights, np.ones((2, 3)))[0]
    assert len(complaints(ahp_weights, np.array([[1.0, np.nan], [0.0, 1.0]]))) == 1
    thirds = np.array([[1.0, 3.0], [0.333, 1.0]])
    assert ahp_weights(thirds) == pytest.approx([0.75, 0.25], abs=1e-3)
