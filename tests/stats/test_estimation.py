"""What must hold for every mean, and what a mean says when there is too little to say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from app.errors import CannotEstimate
from app.stats.design import simple_design
from app.stats.estimation import mean, proportion, total

FIELDS = ("value", "standard_error", "low", "high", "df", "n", "effective_n", "design_effect")

# Scores on a grid, so that two answers are either equal or clearly not.
scores = st.integers(0, 1000).map(lambda tenth: tenth / 10)


@st.composite
def answered(draw, least: int = 3):
    """Scores with weights; at least two different scores."""
    n = draw(st.integers(least, 25))
    y = draw(nps.arrays(float, n, elements=scores))
    y[:2] = [20.0, 70.0]
    weight = draw(nps.arrays(float, n, elements=st.floats(0.1, 10)))
    return weight, y


def numbers(estimate, fields=FIELDS):
    return [getattr(estimate, name) for name in fields]


@given(answered(), st.floats(1e-6, 1e6))
def test_multiplying_all_weights_by_a_constant_changes_nothing(given_answers, constant):
    weight, y = given_answers
    before, after = mean(simple_design(weight), y), mean(simple_design(weight * constant), y)
    assert numbers(after) == pytest.approx(numbers(before), rel=1e-7)


@given(answered(), st.floats(0.1, 10))
def test_equal_weights_give_the_textbook_standard_error_and_design_effect_one(answers, weight):
    _, y = answers
    got = mean(simple_design(np.full(len(y), weight)), y)
    assert got.value == pytest.approx(y.mean())
    assert got.standard_error == pytest.approx(y.std(ddof=1) / np.sqrt(len(y)))
    assert got.design_effect == pytest.approx(1)
    assert got.effective_n == pytest.approx(len(y))


@given(answered())
def test_a_domain_of_everybody_is_the_whole(answers):
    weight, y = answers
    design = simple_design(weight)
    assert mean(design, y, domain=np.ones(len(y), bool)) == mean(design, y)


@given(answered(), st.randoms(use_true_random=False))
def test_the_order_of_responses_does_not_matter(answers, dice):
    weight, y = answers
    order = list(range(len(y)))
    dice.shuffle(order)
    shuffled = mean(simple_design(weight[order]), y[order])
    assert numbers(shuffled) == pytest.approx(numbers(mean(simple_design(weight), y)), rel=1e-9)


@given(answered(), st.floats(-100, 100), st.floats(0.5, 20))
def test_a_straight_line_through_the_scores_maps_the_estimate(answers, shift, slope):
    weight, y = answers
    design = simple_design(weight)
    before, after = mean(design, y), mean(design, shift + slope * y)
    assert after.value == pytest.approx(shift + slope * before.value, abs=1e-7)
    assert after.standard_error == pytest.approx(slope * before.standard_error, rel=1e-7)
    assert after.design_effect == pytest.approx(before.design_effect, rel=1e-6)


@given(answered())
def test_every_cluster_of_one_is_no_clustering(answers):
    weight, y = answers
    names = np.array([f"person {i}" for i in range(len(y))])
    clustered = mean(simple_design(weight, psu=names), y)
    assert numbers(clustered) == pytest.approx(numbers(mean(simple_design(weight), y)))


@given(answered())
def test_an_unanswered_response_is_the_same_as_one_outside_the_domain(answers):
    weight, y = answers
    design = simple_design(weight)
    inside = np.arange(len(y)) != len(y) - 1
    blank = np.where(inside, y, np.nan)
    assert mean(design, blank) == mean(design, y, domain=inside)


@given(answered())
def test_a_census_has_no_error(answers):
    weight, y = answers
    design = simple_design(weight, fpc=np.full(len(y), float(len(y))))
    assert mean(design, y).standard_error == 0


@given(answered())
def test_the_mean_of_a_share_is_the_proportion(answers):
    weight, y = answers
    design = simple_design(weight)
    share = proportion(design, y, values={70.0, 20.0})
    by_hand = mean(design, np.isin(y, [20, 70]).astype(float))
    assert share == by_hand
    assert 0 < share.value <= 1 + 1e-12


def test_nobody_answered_gives_no_value_and_says_so():
    design = simple_design(np.ones(4))
    for got in (
        mean(design, np.full(4, np.nan)),
        total(design, np.ones(4), domain=np.zeros(4, bool)),
    ):
        assert numbers(got, ("value", "standard_error", "low", "high", "n")) == [None] * 4 + [0]
        assert got.gap == "no_answers"


def test_an_empty_design_gives_no_value_and_says_so():
    assert mean(simple_design(np.zeros(0)), np.zeros(0)).gap == "no_answers"


def test_one_answer_has_a_value_and_no_error():
    got = mean(simple_design(np.ones(3)), np.array([40, np.nan, np.nan]))
    assert (got.value, got.n, got.gap) == (40, 1, "one_answer")
    assert (got.standard_error, got.low, got.design_effect) == (None, None, None)
    assert got.effective_n == 1


def test_a_response_of_weight_zero_is_not_counted():
    got = mean(simple_design(np.array([1, 1, 0.0])), np.array([10, 20, 90.0]))
    assert (got.value, got.n) == (15, 2)


def test_a_single_cluster_leaves_no_degree_of_freedom():
    got = mean(simple_design(np.ones(3), psu=np.array(["v"] * 3)), np.array([1, 2, 3.0]))
    assert (got.df, got.gap, got.standard_error) == (0, "no_degrees_of_freedom", None)


def test_equal_answers_have_an_error_of_exactly_zero_that_is_marked():
    weight = np.array([0.1, 0.7, 1.3, 2.9])
    got = mean(simple_design(weight), np.full(4, 200 / 3))
    assert (got.standard_error, got.gap, got.design_effect) == (0, "no_variation", None)
    assert got.effective_n == pytest.approx(weight.sum() ** 2 / (weight @ weight))


def test_a_total_of_equal_answers_still_has_an_error():
    design = simple_design(np.array([1, 2, 3, 4.0]))
    got = total(design, np.ones(4), domain=np.array([True, True, False, False]))
    assert got.value == 3
    assert got.standard_error > 0


def test_the_interval_is_students_with_the_degrees_of_freedom_it_states():
    got = mean(simple_design(np.ones(3)), np.array([10, 20, 60.0]), confidence=0.9)
    assert (got.df, got.confidence) == (2, 0.9)
    # 2.91998558 is the 95 % point of Student's t with 2 degrees of freedom.
    assert got.high - got.value == pytest.approx(2.919985580353726 * got.standard_error)


def test_values_of_another_length_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="3 values for a design of 4"):
        mean(simple_design(np.ones(4)), np.ones(3))


def test_a_negative_or_infinite_weight_is_no_design():
    for weight in ([-1, 1], [np.inf, 1], [np.nan, 1]):
        with pytest.raises(ValueError, match="weight"):
            simple_design(np.array(weight, float))


def test_a_lonely_stratum_is_named():
    stratum = np.array(["north", "south", "south"])
    with pytest.raises(CannotEstimate, match="stratum north"):
        mean(simple_design(np.ones(3), stratum=stratum), np.array([1, 2, 4.0]))
