"""Reliability of a scale: R's numbers, the identities of alpha, and what is refused."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reference_case import Case

from app.errors import CannotEstimate
from app.stats.scales.reliability import Reliability, alpha_under, reliability

CASE = Case("p16_scale_reliability")
REQUESTS = {e["id"]: e for e in CASE.specification["estimates"] if e["estimand"] == "alpha"}
EXPECTED = {entry["id"]: entry["rows"][0] for entry in CASE.expected["estimates"]}
WEIGHT = CASE.numbers("w")
LOOSE = CASE.specification["tolerances"]


def asked(request: dict) -> dict:
    """The arguments of `reliability` that a request of the case stands for."""
    ends = (request["scale_min"], request["scale_max"]) if "scale_min" in request else None
    items = {name: CASE.numbers(name) for name in request["items"]}
    return {"items": items, "reverse": request.get("reverse", ()), "ends": ends}


def jackknife() -> tuple[np.ndarray, np.ndarray]:
    """JKn: drop one village, scale the others of its stratum; the weights and rscales."""
    stratum, village = CASE.columns["stratum"], CASE.columns["village"]
    columns, rscales = [], []
    for dropped in sorted(set(zip(stratum, village, strict=True))):
        inside = stratum == dropped[0]
        n = len(set(village[inside]))
        factor = np.where(inside, n / (n - 1), 1.0)
        columns.append(WEIGHT * np.where(inside & (village == dropped[1]), 0.0, factor))
        rscales.append((n - 1) / n)
    return np.column_stack(columns), np.array(rscales)


@pytest.mark.parametrize("name", REQUESTS)
def test_every_number_agrees_with_r(name):
    got, want = reliability(weight=WEIGHT, **asked(REQUESTS[name])), EXPECTED[name]
    assert got.no_omega is None
    assert got.heywood == ()
    for field, value in want.items():
        if field != "item" and not field.startswith("alpha_replicate"):
            tolerance = LOOSE.get(field, CASE.tolerance)
            assert getattr(got, field) == pytest.approx(np.array(value), rel=tolerance), field


def test_the_loadings_agree_with_r_to_its_last_printed_digit():
    for name, request in REQUESTS.items():
        got = reliability(weight=WEIGHT, **asked(request))
        want = np.array(EXPECTED[name]["loadings_standardized"])
        assert got.loadings_standardized == pytest.approx(want, abs=6e-7)
        assert got.omega_standardized == pytest.approx(
            EXPECTED[name]["omega_standardized"], abs=6e-7
        )


def test_the_jackknife_standard_error_agrees_with_r():
    weights, rscales = jackknife()
    alphas = alpha_under(weights=weights, **asked(REQUESTS["six_items_jkn"]))
    se = np.sqrt(rscales @ (alphas - alphas.mean()) ** 2)
    assert se == pytest.approx(EXPECTED["six_items_jkn"]["alpha_replicate_se"], rel=1e-9)


answers = st.integers(3, 6).flatmap(
    lambda k: st.lists(
        st.tuples(*[st.integers(1, 5)] * k, st.integers(1, 9)), min_size=8, max_size=40
    )
)


def drawn(rows: list) -> tuple[dict, np.ndarray]:
    table = np.array(rows, float)
    items = {f"q{j + 1}": table[:, j] for j in range(table.shape[1] - 1)}
    spread = sum(items.values()).std()
    assume(all(column.std() > 0 for column in items.values()) and spread > 1e-6)
    return items, table[:, -1]


def same(a: Reliability, b: Reliability) -> None:
    assert a.n == b.n
    assert a.no_omega == b.no_omega
    for field in ("alpha", "alpha_standardized", "total_variance", "covariance"):
        assert getattr(a, field) == pytest.approx(getattr(b, field), rel=1e-9, abs=1e-9)
    for field in ("alpha_if_item_dropped", "item_rest_correlations"):
        assert getattr(a, field) == pytest.approx(getattr(b, field), abs=1e-7, nan_ok=True)


@given(answers, st.floats(1e-3, 1e3))
def test_the_scale_of_the_weights_does_not_matter(rows, factor):
    items, weight = drawn(rows)
    same(reliability(items, weight), reliability(items, weight * factor))


@given(answers, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows, random):
    items, weight = drawn(rows)
    order = random.sample(range(len(weight)), len(weight))
    shuffled = {name: column[order] for name, column in items.items()}
    same(reliability(items, weight), reliability(shuffled, weight[order]))


@given(answers, st.lists(st.integers(1, 4), min_size=40, max_size=40))
def test_rows_that_stand_for_several_equal_answers_are_those_answers(rows, counts):
    items, weight = drawn(rows)
    count = np.array(counts[: len(weight)])
    each = {name: np.repeat(column, count) for name, column in items.items()}
    same(reliability(items, weight, count=count), reliability(each, np.repeat(weight, count)))
    weights = np.column_stack([weight, np.ones(len(weight))])
    assert alpha_under(items, weights, count=count) == pytest.approx(
        alpha_under(each, np.repeat(weights, count, axis=0)), abs=1e-9
    )


@given(answers)
def test_incomplete_answers_and_those_without_weight_do_not_count(rows):
    items, weight = drawn(rows)
    longer = {name: np.append(column, [3.0, 5.0]) for name, column in items.items()}
    longer["q1"][-2] = np.nan
    same(reliability(items, weight), reliability(longer, np.append(weight, [7.0, 0.0])))


@given(answers)
def test_reversing_an_item_twice_changes_nothing(rows):
    items, weight = drawn(rows)
    turned = {**items, "q2": 6 - items["q2"]}
    same(reliability(items, weight), reliability(turned, weight, reverse=["q2"], ends=(1, 5)))


@given(answers)
def test_alpha_under_the_weights_themselves_is_alpha(rows):
    items, weight = drawn(rows)
    got = alpha_under(items, np.column_stack([weight, 3 * weight]))
    assert got == pytest.approx(reliability(items, weight).alpha, rel=1e-9, abs=1e-9)


@given(answers)
def test_dropping_an_item_gives_the_alpha_of_the_shorter_scale(rows):
    items, weight = drawn(rows)
    got = reliability(items, weight)
    for j, name in enumerate(items):
        rest = {other: column for other, column in items.items() if other != name}
        if sum(rest.values()).std() < 1e-6:
            assert np.isnan(got.alpha_if_item_dropped[j])
            continue
        assert got.alpha_if_item_dropped[j] == pytest.approx(
            reliability(rest, weight).alpha, rel=1e-7, abs=1e-7
        )


@given(answers)
def test_an_item_is_correlated_with_the_sum_of_the_others(rows):
    items, weight = drawn(rows)
    got = reliability(items, weight).item_rest_correlations
    for j, name in enumerate(items):
        rest = sum(column for other, column in items.items() if other != name)
        if rest.std() < 1e-6:
            assert np.isnan(got[j])
        else:
            v = np.cov(items[name], rest, aweights=weight)
            assert got[j] == pytest.approx(v[0, 1] / np.sqrt(v[0, 0] * v[1, 1]), abs=1e-7)


def test_equal_items_have_an_alpha_of_one_and_no_omega():
    answers = np.array([1.0, 2, 4, 5])
    got = reliability({"a": answers, "b": answers, "c": answers}, np.ones(4))
    assert got.alpha == pytest.approx(1)
    assert got.omega_standardized is None
    assert got.no_omega == "items_repeat_one_another"


def test_two_items_have_an_alpha_and_no_omega():
    got = reliability({"a": np.array([1.0, 2, 4]), "b": np.array([2.0, 1, 5])}, np.ones(3))
    assert got.no_omega == "fewer_than_three_items"
    assert got.loadings_standardized is None
    assert np.isnan(got.alpha_if_item_dropped).all()


REFUSED = {
    "an item does not vary": ({"a": [1, 2, 3], "b": [4, 4, 4]}, {}, "item b: all 3"),
    "two items do not vary": ({"a": [2, 2, 2], "b": [4, 4, 4]}, {}, "item a.*\nitem b"),
    "nobody is complete": ({"a": [1, np.nan], "b": [np.nan, 2]}, {}, "0 of the answers"),
    "one item": ({"a": [1, 2, 3]}, {}, "two items or more; given: a"),
    "an unknown reversed item": (
        {"a": [1, 2], "b": [2, 1]},
        {"reverse": ["z"]},
        "item z is to be reversed.*\nitems z are to be reversed: state the lowest",
    ),
    "answers beyond the scale": (
        {"a": [1, 6], "b": [2, 1]},
        {"ends": (1, 5)},
        "item a has answers from 1 to 6",
    ),
    "opposite items": ({"a": [1, 2, 5], "b": [5, 4, 1]}, {}, "sum to the same"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_scale_is_refused_by_name(what):
    columns, more, message = REFUSED[what]
    items = {name: np.array(column, float) for name, column in columns.items()}
    with pytest.raises(CannotEstimate, match=f"(?s){message}"):
        reliability(items, np.ones(len(items["a"])), **more)


def test_a_replicate_without_variation_is_named():
    items = {"a": np.array([1.0, 2, 3]), "b": np.array([2.0, 2, 5])}
    weights = np.array([[1.0, 1, 0], [1, 0, 0], [1, 0, 0]])
    with pytest.raises(CannotEstimate, match="replicates 2, 3"):
        alpha_under(items, weights)
