import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reference_case import Case
from scipy.special import stdtrit

from app.stats.intervals import Share
from app.stats.quantiles import (
    PLACES,
    ordered,
    quantile,
    quantiles_under,
    value_at,
    woodruff,
)
from app.stats.variance import variance

RULES = ("math", "school", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9")
STEPS = RULES[:5]
TAYLOR_CASES = (
    "p02_stratified",
    "p04_two_stage_fpc",
    "p08_satisfaction_two_stage",
    "p14_quantile_rules",
)
REPLICATE_CASES = (
    "p07_jk1_given_weights",
    "p17_jkn_poststrat",
    "p18_bootstrap_given_weights",
)


@dataclass(frozen=True)
class Answers:
    """The answers that a row of a case is about, and the variance of a sum z over all rows."""

    case: Case
    request: dict
    row: dict

    @property
    def y(self) -> np.ndarray:
        return self.case.numbers(self.row["item"])

    @property
    def inside(self) -> np.ndarray:
        inside = ~np.isnan(self.y)
        for column, level in (self.row["domain"] or {}).items():
            inside &= self.case.columns[column] == level
        return inside


def quantile_rows(names: tuple[str, ...]) -> Iterator:
    for name in names:
        case = Case(name)
        requests = {request["id"]: request for request in case.specification["estimates"]}
        for entry in case.expected["estimates"]:
            request = requests[entry["id"]]
            if request["estimand"] == "quantile":
                for row in entry["rows"]:
                    label = (name, entry["id"], row["item"], row["domain"], row["p"])
                    rule = (row["qrule"], row["interval"])
                    yield pytest.param(
                        Answers(case, request, row), id=" ".join(map(str, label + rule))
                    )


def assert_agrees(got: tuple, answers: Answers) -> None:
    """The point, the ends and the standard error are those of R."""
    row = answers.row
    want = (row["estimate"], *row["ci"], row["se"])
    tolerance = answers.case.tolerance
    assert got == pytest.approx(want, rel=tolerance, abs=1e-9)


@pytest.mark.parametrize("answers", list(quantile_rows(TAYLOR_CASES)))
def test_quantiles_and_their_intervals_equal_those_of_r(answers: Answers):
    row, inside, y = answers.row, answers.inside, answers.y
    design = answers.case.design(answers.request)
    w = np.where(inside, design.weight, 0.0)
    in_order = ordered(y[inside], w[inside])
    q = value_at(in_order, row["p"], rule=row["qrule"])
    below = np.where(inside, y <= q, 0.0)
    p_hat = float(w @ below / w.sum())
    v = variance(design, w * (below - p_hat) / w.sum())
    share = Share(p_hat, v, design.df_of(inside), int(inside.sum()))
    assert (share.n, share.df) == (row["n"], row["df"])
    level = answers.request.get("level", 0.95)
    got = woodruff(in_order, share, rule=row["qrule"], method=row["interval"], confidence=level)
    assert_agrees((q, got.low, got.high, got.standard_error), answers)


def replicate_weights(case: Case) -> np.ndarray:
    design = case.specification["design"]
    w = case.numbers(design["weights"])
    if "replicate_columns" in design:
        return np.column_stack([case.numbers(name) for name in design["replicate_columns"]])
    with (case.folder / design["replicate_file"]).open(newline="") as file:
        rows = {row.pop(design["key"]): list(row.values()) for row in csv.DictReader(file)}
    columns = np.array([rows[key] for key in case.columns[design["key"]]], float)
    return columns if design["combined_weights"] else columns * w[:, None]


def replicate_variance(case: Case, values: np.ndarray) -> float:
    design = case.specification["design"]
    rscales = design["rscales"]
    if rscales == "rscales.csv":
        with (case.folder / rscales).open(newline="") as file:
            rscales = [float(list(row.values())[-1]) for row in csv.DictReader(file)]
    return design["scale"] * float(np.array(rscales) @ (values - values.mean()) ** 2)


@pytest.mark.parametrize("answers", list(quantile_rows(REPLICATE_CASES)))
def test_quantiles_under_replicate_weights_equal_those_of_r(answers: Answers):
    row, inside, y, case = answers.row, answers.inside, answers.y, answers.case
    w = case.numbers(case.specification["design"]["weights"])[inside]
    replicates = replicate_weights(case)
    df = int(np.linalg.matrix_rank(replicates)) - 1
    replicates, y, rule = replicates[inside], y[inside], row["qrule"]
    q = quantile(y, w, row["p"], rule=rule)
    assert df == row["df"]
    if row["interval"] == "quantile":
        values = quantiles_under(y, replicates, row["p"], rule=rule)
        error = math.sqrt(replicate_variance(case, values))
        reach = float(stdtrit(df, 0.975)) * error
        assert_agrees((q, q - reach, q + reach, error), answers)
        return
    shares = (y <= q) @ replicates / replicates.sum(0)
    share = Share(float((y <= q) @ w / w.sum()), replicate_variance(case, shares), df, len(y))
    got = woodruff(ordered(y, w), share, rule=rule, method=row["interval"])
    assert_agrees((q, got.low, got.high, got.standard_error), answers)


@pytest.mark.parametrize(("rule", "kind"), [(f"hf{i}", i) for i in range(1, 10)])
def test_without_weights_the_rules_are_those_of_hyndman_and_fan(rule: str, kind: int):
    names = [
        "inverted_cdf",
        "averaged_inverted_cdf",
        "closest_observation",
        "interpolated_inverted_cdf",
        "hazen",
        "weibull",
        "linear",
        "median_unbiased",
        "normal_unbiased",
    ]
    y = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.3])
    for p in (0.2, 0.37, 0.5, 0.81):
        if kind == 3:  # numpy rounds to the nearest answer, R survey steps up between them
            continue
        got = quantile(y, np.full(7, 2.5), p, rule=rule)
        assert got == pytest.approx(np.quantile(y, p, method=names[kind - 1]), rel=1e-12)


def test_a_tie_goes_up_halfway_or_to_the_even_step():
    y, w = np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4)
    assert [quantile(y, w, 0.25, rule=rule) for rule in ("math", "school", "hf3")] == [
        1,
        1.5,
        2,
    ]
    assert [quantile(y, w, 0.5, rule=rule) for rule in ("math", "school", "hf3")] == [2, 2.5, 2]


def test_thirds_that_floating_sums_miss_are_ties_all_the_same():
    y, w = np.arange(1.0, 31.0), np.full(30, 0.1)
    assert quantile(y, w, 1 / 3, rule="math") == 10
    assert quantile(y, w, 1 / 3, rule="school") == 10.5


def test_the_fourth_rule_goes_on_along_its_first_line():
    y, w = np.array([10.0, 20.0, 30.0]), np.ones(3)
    assert quantile(y, w, 1 / 6, rule="hf4") == pytest.approx(5)
    assert quantile(np.array([10.0]), np.ones(1), 0.1, rule="hf4") == 10


def test_no_answers_have_no_quantile():
    none = np.zeros(0)
    for rule in RULES:
        assert quantile(none, none, 0.5, rule=rule) is None
        assert quantile(np.array([1.0]), np.zeros(1), 0.5, rule=rule) is None
    assert quantiles_under(np.array([1.0, 2.0]), np.eye(2) * [1, 0], 0.5, rule="math") is None


@pytest.mark.parametrize(
    ("values", "weights", "p"),
    [([1.0, math.nan], [1, 1], 0.5), ([1.0, 2.0], [1, -1], 0.5), ([1.0, 2.0], [1, 1], 1.1)],
)
def test_gaps_negative_weights_and_impossible_shares_are_refused(
    values: list, weights: list, p: float
):
    with pytest.raises(ValueError, match="quantile"):
        quantile(np.array(values), np.array(weights, float), p, rule="math")


def test_an_end_beyond_zero_or_one_is_missing_and_so_is_the_error():
    answers = ordered(np.arange(1.0, 11.0), np.ones(10))
    low = woodruff(answers, Share(0.1, 0.01, 9, 10), rule="math")
    assert (low.low, low.high, low.standard_error) == (None, 4, None)
    assert low.status == "beyond_scale"
    high = woodruff(answers, Share(0.9, 0.01, 9, 10), rule="math")
    assert (high.low, high.high, high.status) == (7, None, "beyond_scale")


def test_a_share_of_everybody_leaves_no_interval_but_the_plain_one():
    answers = ordered(np.arange(1.0, 6.0), np.ones(5))
    everybody = Share(1.0, 0.0, 4, 5)
    plain = woodruff(answers, everybody, rule="math")
    assert (plain.low, plain.high, plain.standard_error) == (5, 5, 0)
    assert plain.status == "degenerate"
    for method in ("beta", "xlogit", "asin"):
        got = woodruff(answers, everybody, rule="math", method=method)
        assert (got.low, got.high, got.standard_error) == (None, None, None)
        assert got.status == "degenerate"


def test_no_degrees_of_freedom_leave_no_interval():
    got = woodruff(ordered(np.arange(1.0, 6.0), np.ones(5)), Share(0.4, 0.01, 0, 5), rule="hf7")
    assert (got.low, got.high, got.status) == (None, None, "no_degrees_of_freedom")


numbers = st.integers(-1000, 1000).map(float)
weight = st.integers(1, 20).map(lambda k: k / 4)
rows = st.lists(st.tuples(numbers, weight), min_size=1, max_size=30)
rules = st.sampled_from(RULES)
share = st.floats(0, 1)


def columns(drawn: list) -> tuple[np.ndarray, ...]:
    return tuple(np.array(column, float) for column in zip(*drawn, strict=True))


@given(rows, rules, share, share)
def test_a_higher_share_never_has_a_lower_quantile(drawn: list, rule: str, a: float, b: float):
    y, w = columns(drawn)
    low, high = sorted((a, b))
    got = [quantile(y, w, p, rule=rule) for p in (low, high)]
    assert got[0] <= got[1] + 1e-9 * max(map(abs, got))


@given(rows, rules, share)
def test_a_quantile_lies_among_the_answers(drawn: list, rule: str, p: float):
    assume(rule != "hf4")
    y, w = columns(drawn)
    assert y.min() - 1e-9 <= quantile(y, w, p, rule=rule) <= y.max() + 1e-9


@given(rows, rules, share, st.sampled_from((0.25, 2.0, 8.0)), st.sampled_from((-64.0, 16.0)))
def test_other_units_of_the_answers_and_weights_move_a_quantile_along(
    drawn: list, rule: str, p: float, factor: float, shift: float
):
    y, w = columns(drawn)
    got = quantile(y * factor + shift, w * 4, p, rule=rule)
    want = quantile(y, w, p, rule=rule) * factor + shift
    assert got == pytest.approx(want, rel=1e-9, abs=1e-9)


@given(rows, st.sampled_from(STEPS), share, st.randoms())
def test_the_order_of_rows_does_not_matter_to_steps(drawn: list, rule: str, p: float, dice):
    shuffled = list(drawn)
    dice.shuffle(shuffled)
    assert quantile(*columns(shuffled), p, rule=rule) == quantile(*columns(drawn), p, rule=rule)


@given(rows, st.sampled_from(tuple(PLACES)), share, st.randoms())
def test_the_order_of_different_answers_does_not_matter(drawn: list, rule: str, p: float, dice):
    distinct = list({value: (value, w) for value, w in drawn}.values())
    shuffled = list(distinct)
    dice.shuffle(shuffled)
    got, want = (quantile(*columns(each), p, rule=rule) for each in (shuffled, distinct))
    assert got == want


@given(
    st.lists(st.tuples(numbers, weight, st.integers(1, 5)), min_size=1, max_size=20),
    rules,
    share,
)
def test_a_row_of_several_answers_is_that_many_rows(drawn: list, rule: str, p: float):
    y, w, count = columns(drawn)
    times = count.astype(int)
    expanded = np.repeat(y, times), np.repeat(w, times)
    got = quantile(y, w * count, p, rule=rule, count=count)
    assert got == pytest.approx(quantile(*expanded, p, rule=rule), rel=1e-9, abs=1e-9)
    under = quantiles_under(y, (w * count)[:, None], p, rule=rule, count=count)
    assert under.tolist() == [got]


@given(rows, rules, share, st.integers(1, 4))
def test_columns_of_weights_give_what_each_alone_gives(
    drawn: list, rule: str, p: float, repeats: int
):
    y, w = columns(drawn)
    together = np.column_stack([np.roll(w, k) for k in range(repeats)])
    got = quantiles_under(y, together, p, rule=rule)
    assert got.tolist() == [quantile(y, column, p, rule=rule) for column in together.T]


@given(rows, rules, share)
def test_rows_without_weight_are_as_if_they_were_not_there(drawn: list, rule: str, p: float):
    y, w = columns(drawn)
    more = np.append(y, [-5000.0, 0.0, 5000.0]), np.append(w, [0.0, 0.0, 0.0])
    assert quantile(*more, p, rule=rule) == quantile(y, w, p, rule=rule)
