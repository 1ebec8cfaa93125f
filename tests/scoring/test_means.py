"""Means below a node: their formulas, their limits, and what they have in common."""

from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_systems import read, score_table, small

from app.errors import InputRefused
from app.scoring.definition.cards import PowerMean
from app.scoring.index import score
from app.scoring.inputs import IndicatorValue, ScoredUnit
from app.scoring.steps.means import copeland, mean_of

NAMES = ("arithmetic", "geometric", "harmonic", "mpi_minus", "mpi_plus")
rows = st.lists(st.floats(0.5, 100), min_size=3, max_size=3)
powers = st.floats(-20, 20).filter(lambda p: p == 0 or abs(p) > 1e-12)


def of(aggregate, *scores, shares=None):
    n = len(scores)
    own = [1 / n] * n if shares is None else shares
    return float(mean_of(aggregate)(np.array([scores], dtype=float), np.array([own]))[0])


def power(p):
    return PowerMean(power=p)


def test_the_formulas_are_those_of_the_book():
    assert of("harmonic", 20, 80, shares=[0.25, 0.75]) == pytest.approx(
        1 / (0.25 / 20 + 0.75 / 80)
    )
    assert of(power(3), 1, 2, 4) == pytest.approx(((1 + 8 + 64) / 3) ** (1 / 3))
    assert of(power(-2), 1, 2, 4) == pytest.approx(((1 + 1 / 4 + 1 / 16) / 3) ** -0.5)
    # Mean 100, population variance 50.
    assert of("mpi_minus", 95, 105, 90, 110) == pytest.approx(100 - 62.5 / 100)
    assert of("mpi_plus", 95, 105, 90, 110) == pytest.approx(100 + 62.5 / 100)


def test_the_mazziotta_pareto_mean_takes_no_notice_of_weights_but_of_gaps():
    assert of("mpi_minus", 90, 110, 7, shares=[0.9, 0.1, 0]) == pytest.approx(99)


@given(rows)
def test_named_powers_are_the_means_of_that_name(row):
    for p, name in ((1, "arithmetic"), (0, "geometric"), (-1, "harmonic")):
        assert of(power(p), *row) == of(name, *row)
        assert of(power(p + 1e-11), *row) == pytest.approx(of(name, *row), rel=1e-9)


@given(rows, powers, powers)
def test_a_larger_power_never_gives_a_smaller_mean(row, p, q):
    low, high = sorted((p, q))
    assert of(power(low), *row) <= of(power(high), *row) * (1 + 1e-12)
    assert min(row) * (1 - 1e-12) <= of(power(p), *row) <= max(row) * (1 + 1e-12)


@given(st.floats(0.5, 100), powers)
def test_equal_scores_have_themselves_as_mean(x, p):
    for aggregate in (*NAMES, power(p)):
        assert of(aggregate, x, x, x) == pytest.approx(x)


def test_a_power_neither_overflows_nor_divides_by_zero():
    assert of(power(20), 1e300, 1e299) == pytest.approx(1e300 * 0.5 ** (1 / 20))
    assert of(power(-20), 1e-300, 1e-299) == pytest.approx(1e-300 * 0.5 ** (-1 / 20))
    assert of(power(0.5), 0, 4) == pytest.approx(1)
    assert of(power(2), 0, 0) == 0


@pytest.mark.parametrize("aggregate", ["geometric", "harmonic", power(-2), power(0)])
def test_a_mean_of_zero_or_less_is_not_defined(aggregate):
    for low in (0, -1):
        assert np.isnan(of(aggregate, low, 5))
        assert of(aggregate, low, 5, shares=[0, 1]) == pytest.approx(5)
    assert np.isnan(of(power(2), -1, 5))
    assert np.isnan(of("mpi_minus", -1, 1))


def test_copeland_counts_units_outranked_less_units_outranked_by():
    # Each of the first three wins in two of three children against the next: a circle.
    circle = np.array([[3, 1, 2], [2, 3, 1], [1, 2, 3], [0, 0, 0]], dtype=float)
    shares = np.full((4, 3), 1 / 3)
    assert copeland(circle, shares).tolist() == [1, 1, 1, -3]
    heavy = np.tile([0.6, 0.2, 0.2], (4, 1))
    assert copeland(circle, heavy).tolist() == [3, 1, -1, -3]


def test_half_of_the_weight_is_no_majority_even_in_binary():
    scores = np.array([[2, 1, 1], [1, 2, 2]], dtype=float)
    assert copeland(scores, np.tile([0.5, 0.3, 0.2], (2, 1))).tolist() == [0, 0]
    noisy = np.array([[0.1 + 0.2, 1], [0.3, 2]])
    assert copeland(noisy, np.tile([0.9, 0.1], (2, 1))).tolist() == [-1, 1]


def test_two_units_are_compared_on_what_both_have():
    scores = np.array([[9, np.nan, 1], [1, 5, 2], [np.nan, 7, np.nan]])
    shares = np.array([[0.5, 0, 0.5], [0.2, 0.5, 0.3], [0, 1, 0]])
    # First and second share two children, of .7 and .8 in sum: the second is ahead.
    # First and third share nothing; third beats second on the one child they share.
    assert copeland(scores, shares).tolist() == [-1, 0, 1]


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3, *[st.integers(0, 3)] * 3), max_size=9))
def test_copeland_scores_sum_to_zero_and_do_not_depend_on_the_order(table):
    found = np.array(table, dtype=float).reshape(-1, 6)
    scores, weights = found[:, :3], found[:, 3:]
    shares = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1)
    result = copeland(scores, shares)
    assert result.sum() == 0
    assert copeland(scores[::-1], shares[::-1]).tolist() == result[::-1].tolist()


def test_three_thousand_units_are_compared_in_little_time_and_memory():
    chance = np.random.default_rng(1)
    scores, shares = chance.random((3000, 6)), np.full((3000, 6), 1 / 6)
    started = process_time()
    result = copeland(scores, shares)
    assert process_time() - started < 20
    assert result.sum() == 0


def test_a_class_above_zero_may_hold_a_zero_below_a_geometric_root():
    found = small()
    found["nodes"][0]["aggregate"] = "geometric"
    table = {"a": {"jobs": 50.0, "clean": 0.0, "calm": 40.0}}
    unit = score_table(found, table).unit("a")
    assert unit.gross == pytest.approx(50**0.6 * 30**0.4)


def test_a_class_of_zero_is_refused_below_a_geometric_root_with_its_unit():
    found = small()
    found["nodes"][0]["aggregate"] = "geometric"
    with pytest.raises(InputRefused) as refused:
        score_table(found, {"a": {"jobs": 50.0, "clean": 0.0, "calm": 0.0}})
    (problem,) = refused.value.problems
    assert str(problem) == (
        "unit a, class life, node all: E106 has a score the geometric mean cannot take "
        "(found 0.0). Use a normalisation with a base above 0, or the arithmetic mean."
    )
    assert problem.in_chinese == (
        "单位 a 的 life：E106 得分 0 不能进入节点 all 的几何平均。"
        "请改用下限大于 0 的归一方法，或改用算术平均。"
    )


def test_a_class_that_weighs_nothing_cannot_spoil_a_geometric_root():
    found = small()
    found["nodes"][0]["aggregate"] = "geometric"
    found["nodes"][1]["weight"]["town"] = 100
    found["nodes"][2]["weight"]["town"] = 0
    unit = score_table(found, {"a": {"jobs": 50.0, "clean": 0.0, "calm": 0.0}}).unit("a")
    assert (unit.gross, unit.level("life").score) == (pytest.approx(50), 0)


def test_a_penalty_cannot_be_divided_by_a_mean_of_zero():
    found = small()
    found["nodes"][2]["aggregate"] = "mpi_minus"
    with pytest.raises(InputRefused, match="unit a, node life: E106 has scores whose mean is"):
        score_table(found, {"a": {"jobs": 50.0, "clean": 0.0, "calm": 0.0}})


def test_a_band_is_not_carried_through_a_mean_that_compares_units():
    found = small()
    found["nodes"][2]["aggregate"] = "copeland"
    found["indicators"][1]["evidence"] = "opt_in"
    found["opt_in_accepted"] = {"reason": found["title"]}
    values = [
        IndicatorValue(unit, code, x, band=(x - 1, x + 1) if code == "clean" else None)
        for unit, x in (("a", 50.0), ("b", 60.0))
        for code in ("jobs", "clean", "calm")
    ]
    units = [ScoredUnit("a", "town"), ScoredUnit("b", "village")]
    band = score(read(found), units=units, values=values).units[0].band
    assert band.band is None
    assert band.note.en == (
        "a mean in the tree need not rise with its parts, so a band cannot be carried"
    )
