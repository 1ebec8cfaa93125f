import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_case import Case
from scipy.special import expit, stdtrit

from app.stats.intervals import Share, proportion_interval
from app.stats.likelihood import fitting_start, likelihood_interval
from app.stats.variance import variance

METHODS = ("logit", "xlogit", "asin", "beta", "mean", "wilson")
CASE = Case("p15_proportion_intervals")


def chosen_and_inside(request: dict, row: dict) -> tuple[np.ndarray, np.ndarray]:
    inside = CASE.columns[request["y"]] != ""
    for column, level in (row["domain"] or {}).items():
        inside &= CASE.columns[column] == level
    values = [str(value) for value in request["values"]]
    return np.isin(CASE.columns[request["y"]], values).astype(float), inside


def share_of(y: np.ndarray, inside: np.ndarray) -> Share:
    design = CASE.design({})
    w = np.where(inside, design.weight, 0.0)
    p = float(w @ y / w.sum())
    v = variance(design, w * (y - p) / w.sum())
    return Share(p, v, design.df_of(inside), int(inside.sum()))


def expected_rows() -> list:
    requests = {request["id"]: request for request in CASE.specification["estimates"]}
    return [
        pytest.param(requests[entry["id"]], row, id=f"{entry['id']} {row['domain']}")
        for entry in CASE.expected["estimates"]
        for row in entry["rows"]
    ]


@pytest.mark.parametrize(("request_", "row"), expected_rows())
def test_every_interval_equals_that_of_r(request_: dict, row: dict):
    y, inside = chosen_and_inside(request_, row)
    share = share_of(y, inside)
    confidence = request_.get("level", 0.95)
    assert (share.n, share.df) == (row["n"], row["df_domain"])
    assert share.p == pytest.approx(row["estimate"], rel=1e-9)
    for method, ends in row.get("ci", {}).items():
        if method == "likelihood":
            start = fitting_start(CASE.design({}).weight[inside], y[inside])
            got = likelihood_interval(share, start=start, confidence=confidence)
        else:
            got = proportion_interval(share, method=method, confidence=confidence)
        assert (got.low, got.high) == pytest.approx(tuple(ends), rel=1e-8, abs=1e-9), method
        assert got.status == "usual"
    if row.get("status") == "degenerate":
        assert proportion_interval(share, method="logit").status == "degenerate"


def test_the_likelihood_interval_needs_no_start_for_five_digits():
    for request, row in [parameter.values for parameter in expected_rows()]:
        if "likelihood" in row.get("ci", {}):
            got = likelihood_interval(share_of(*chosen_and_inside(request, row)))
            assert (got.low, got.high) == pytest.approx(row["ci"]["likelihood"], rel=1e-5)


@pytest.mark.parametrize("column", ["never", "always"])
@pytest.mark.parametrize("method", METHODS)
def test_a_share_of_none_or_all_has_the_exact_one_sided_interval(column: str, method: str):
    share = share_of(CASE.numbers(column), np.ones(len(CASE), bool))
    want = CASE.expected["degenerate"][column]
    assert (share.p, share.variance) == (want["estimate"], want["se"])
    for got in (proportion_interval(share, method=method), likelihood_interval(share)):
        assert (got.low, got.high) == pytest.approx(want["clopper_pearson_n"], rel=1e-10)
        assert got.status == "degenerate"


def test_nobody_of_three_hundred_still_leaves_more_than_one_in_a_hundred():
    got = proportion_interval(Share(0.0, 0.0, 40, 300), method="beta")
    assert got.high == pytest.approx(1 - 0.025 ** (1 / 300), rel=1e-12)


def test_a_share_without_error_gets_an_interval_of_its_n_on_both_sides():
    got = proportion_interval(Share(0.5, 0.0, 9, 20), method="mean")
    # R 4.2.2: binom.test(10, 20)
    assert (got.low, got.high) == pytest.approx((0.2719578, 0.7280422), abs=5e-8)
    assert got.status == "degenerate"


@pytest.mark.parametrize(
    ("share", "status"),
    [
        (Share(math.nan, math.nan, 3, 0), "no_answers"),
        (Share(0.4, 0.01, 0, 20), "no_degrees_of_freedom"),
        (Share(0.4, math.nan, 0, 20), "no_degrees_of_freedom"),
    ],
)
def test_what_carries_no_interval_says_why(share: Share, status: str):
    for method in METHODS:
        got = proportion_interval(share, method=method)
        assert (got.low, got.high, got.status) == (None, None, status)
    assert likelihood_interval(share).status == status


def test_an_arc_mirrored_beyond_the_share_itself_is_no_interval():
    got = proportion_interval(Share(0.01, 0.0001, 1, 30), method="asin")
    assert (got.low, got.high, got.status) == (None, None, "beyond_scale")


shares = st.builds(
    lambda p, effect, df, n: Share(p, effect * p * (1 - p) / n, df, n),
    st.floats(0.01, 0.99),
    st.floats(0.2, 20),
    st.integers(1, 300),
    st.integers(10, 100_000),
)


@given(shares, st.sampled_from(METHODS))
def test_an_interval_holds_its_share(share: Share, method: str):
    got = proportion_interval(share, method=method)
    if got.status == "beyond_scale":
        assert method == "asin"
    else:
        assert got.low <= share.p <= got.high


@given(shares, st.sampled_from(("logit", "beta", "mean", "wilson")))
def test_more_confidence_never_makes_an_interval_shorter(share: Share, method: str):
    narrow = proportion_interval(share, method=method, confidence=0.9)
    wide = proportion_interval(share, method=method, confidence=0.99)
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


@given(shares, st.sampled_from(METHODS))
def test_the_share_of_the_others_has_the_mirrored_interval(share: Share, method: str):
    others = Share(1 - share.p, share.variance, share.df, share.n)
    got = proportion_interval(share, method=method)
    mirrored = proportion_interval(others, method=method)
    assert got.status == mirrored.status
    if got.low is not None:
        assert (got.low, got.high) == pytest.approx(
            (1 - mirrored.high, 1 - mirrored.low), abs=1e-9
        )


@given(shares)
def test_the_likelihood_interval_ends_where_the_deviance_says(share: Share):
    got = likelihood_interval(share)
    effect = share.n * share.variance / (share.p * (1 - share.p))
    most = stdtrit(share.df, 0.975) ** 2 * effect

    def deviance(b: float) -> float:
        p = share.p
        coins = p * (np.logaddexp(0, -b) + math.log(p)) + (1 - p) * (
            np.logaddexp(0, b) + math.log1p(-p)
        )
        return 2 * (share.n - 1) * coins

    assert 0 <= got.low <= share.p <= got.high <= 1
    length = got.high - got.low
    for end, outwards in ((got.low, -1), (got.high, 1)):
        for nudge, sign in ((2e-3, 1), (-2e-3, -1)):
            q = end + outwards * nudge * length
            if 1e-12 < q < 1 - 1e-12:
                assert sign * (deviance(math.log(q / (1 - q))) - most) > 0


def test_extreme_shares_have_a_likelihood_interval_too():
    grid = product((1e-3, 0.05, 0.5, 0.999), (0.01, 1, 30, 100), (1, 2, 200), (5, 30, 10**5))
    for p, effect, df, n in grid:
        got = likelihood_interval(Share(p, effect * p * (1 - p) / n, df, n))
        assert 0 <= got.low < p < got.high <= 1


@given(st.floats(-3, 3), st.integers(2, 50))
def test_a_fit_of_equal_weights_begins_at_a_multiple_of_twice_the_share_less_one(
    b: float, n: int
):
    y = (np.arange(n) < round(n * float(expit(b)))).astype(float)
    want = (math.log(3) + 4 / 3) * (2 * y.mean() - 1)
    assert fitting_start(np.full(n, 7.0), y) == pytest.approx(want, abs=1e-12)


def test_a_fit_begins_alike_for_rows_of_several_answers():
    weight, y, count = np.array([1.0, 2.5, 4.0]), np.array([1.0, 0.0, 1.0]), np.array([3, 1, 2])
    want = fitting_start(np.repeat(weight, count), np.repeat(y, count))
    assert fitting_start(weight, y, count.astype(float)) == pytest.approx(want, rel=1e-12)
