"""Four ways to trim: R's numbers, what they keep, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from weighted_case import WeightedCase

from app.errors import CannotEstimate
from app.stats.design import Design, Replicates, simple_design
from app.stats.statistic import mean_of, standard_error_of
from app.stats.weights.calibration import margin_targets
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import rake
from app.stats.weights.trimming import (
    trim_bounded,
    trim_limits,
    trim_once,
    trim_rerake,
    trim_strict,
)

CASE = WeightedCase("p10_rake_trim_rerake")
MARGINS = CASE.margins("county", "zone", "age", "sex", "edu")
RAKED = rake(CASE.base(), MARGINS)
LIMITS = trim_limits(RAKED, 0.3, 3)
WAYS = CASE.expected["trim_variants"]


def test_limits_are_multiples_of_the_mean_weight():
    want = CASE.expected["trim_limits"]
    assert pytest.approx((want["lower"], want["upper"])) == LIMITS
    assert (RAKED.weight < LIMITS[0]).sum() == want["n_below"]
    assert (RAKED.weight > LIMITS[1]).sum() == want["n_above"]


def test_clipping_and_raking_in_turns_ends_where_r_ends():
    design = trim_rerake(RAKED, MARGINS, *LIMITS)
    assert CASE.agrees(design.weight, WAYS["iterated"]["weights"])
    assert len(design.adjustments) == 2
    last = design.adjustments[-1]
    assert last.before * last.factor == pytest.approx(design.weight, rel=1e-14)
    assert standard_error_of(design, mean_of(design, CASE.numbers("q1"))) > 0


def test_one_bounded_problem_keeps_limits_and_margins_as_in_r():
    design = trim_bounded(CASE.base(), margin_targets(MARGINS), *LIMITS)
    want = WAYS["bounded_linear"]
    assert CASE.agrees(design.weight, want["weights"])
    assert (design.weight < LIMITS[0] * (1 + 1e-9)).sum() == want["n_at_lower"]
    assert (design.weight > LIMITS[1] * (1 - 1e-9)).sum() == want["n_at_upper"]
    assert not CASE.differences(design, want["estimates"])


@pytest.mark.parametrize(
    ("way", "trim"), [("r_trim_once", trim_once), ("r_trim_strict", trim_strict)]
)
def test_plain_trimming_spreads_what_is_clipped_as_in_r(way, trim):
    design = trim(RAKED, *LIMITS)
    assert CASE.agrees(design.weight, WAYS[way]["weights"])
    got = mean_of(design, CASE.numbers("q1")).value
    assert got == pytest.approx(WAYS[way]["weighted_mean_q1"], rel=1e-10)
    assert design.adjustments == RAKED.adjustments


def test_limits_that_the_margins_forbid_are_refused_with_the_totals_and_the_cure():
    with pytest.raises(CannotEstimate) as refusal:
        trim_bounded(CASE.base(), margin_targets(MARGINS), LIMITS[0] * 1.7, LIMITS[1] * 0.5)
    message = str(refusal.value)
    assert "margin age, level 65+: 2883 wanted" in message
    assert "Limits lower by 23.0141% and higher by 23.0141%" in message


def test_turns_that_never_meet_are_refused_before_they_are_taken():
    with pytest.raises(CannotEstimate, match=r"margin age, level 65\+: 2883 wanted"):
        trim_rerake(RAKED, MARGINS, LIMITS[0] * 1.7, LIMITS[1] * 0.5)


def test_limits_without_a_weight_inside_are_refused():
    with pytest.raises(CannotEstimate, match="no weight lies inside the limits"):
        trim_once(simple_design(np.array([1.0, 9.0])), 2, 3)


@pytest.mark.parametrize("trim", [trim_once, trim_strict])
def test_limits_that_take_all_from_those_inside_are_refused(trim):
    # Four are raised by 2 each, which is just what the last one has.
    with pytest.raises(CannotEstimate, match=r"Lower the limit|Widen them"):
        trim(simple_design(np.array([1.0, 1.0, 1.0, 1.0, 8.0])), 3, 10)


weights = st.lists(st.floats(0.1, 100), min_size=5, max_size=30).map(np.array)


@given(weights, st.floats(0.1, 0.8), st.floats(1.3, 5))
def test_strict_trimming_keeps_the_sum_and_all_limits(weight, lower, upper):
    design = simple_design(weight)
    limits = trim_limits(design, lower, upper)
    try:
        trimmed = trim_strict(design, *limits)
    except CannotEstimate:
        assume(False)
    assert trimmed.weight.sum() == pytest.approx(weight.sum(), rel=1e-9)
    assert (trimmed.weight >= limits[0]).all()
    assert (trimmed.weight <= limits[1]).all()


@pytest.mark.parametrize("trim", [trim_once, trim_strict])
@given(weights, st.lists(st.integers(1, 4), min_size=30, max_size=30))
def test_trimming_cells_is_trimming_their_rows(trim, weight, counts):
    count = np.array(counts[: len(weight)], float)
    cells = replace(simple_design(weight), count=count)
    rows = simple_design(np.repeat(weight, count.astype(int)))
    limits = trim_limits(cells, 0.5, 2)
    assert limits == pytest.approx(trim_limits(rows, 0.5, 2))
    try:
        got = trim(cells, *limits).weight
    except CannotEstimate:
        assume(False)
    want = trim(rows, *limits).weight
    assert np.repeat(got, count.astype(int)) == pytest.approx(want, rel=1e-9)


def jackknife(weight: np.ndarray) -> Design:
    """JK1 of single rows."""
    n = len(weight)
    factor = np.where(np.eye(n, dtype=bool), 0.0, n / (n - 1))
    replicates = Replicates(weight[:, None] * factor, (n - 1) / n, np.ones(n), n - 1)
    return replace(simple_design(weight), replicates=replicates)


@pytest.mark.parametrize("trim", [trim_once, trim_strict])
def test_replicates_are_trimmed_to_the_same_limits_and_what_is_left_out_stays_out(trim):
    design = jackknife(np.array([1.0, 2.0, 2.5, 3.0, 12.0, 4.0, 3.5, 2.2]))
    trimmed = trim(design, 1.5, 6.0)
    assert (np.diag(trimmed.replicates.weight) == 0).all()
    for before, after in zip(
        design.replicates.weight.T, trimmed.replicates.weight.T, strict=True
    ):
        kept = before > 0
        assert after[kept] == pytest.approx(
            trim(simple_design(before[kept]), 1.5, 6.0).weight, rel=1e-12
        )


def test_every_replicate_is_clipped_and_raked_in_turns():
    sex = np.array(list("ffffmmmm"))
    design = jackknife(np.array([1.0, 2.0, 2.5, 3.0, 9.0, 4.0, 3.5, 2.2]))
    margin = PopulationMargin("sex", sex, {"f": 12.0, "m": 15.0})
    trimmed = trim_rerake(rake(design, [margin]), [margin], 1.5, 6.5)
    weight = np.column_stack([trimmed.weight, trimmed.replicates.weight])
    assert weight[sex == "f"].sum(axis=0) == pytest.approx(np.full(9, 12.0), rel=1e-10)
    assert weight[sex == "m"].sum(axis=0) == pytest.approx(np.full(9, 15.0), rel=1e-10)
    assert (np.diag(trimmed.replicates.weight) == 0).all()
    positive = weight[weight > 0]
    assert positive.min() >= 1.5 * (1 - 1e-9)
    assert positive.max() <= 6.5 * (1 + 1e-9)
