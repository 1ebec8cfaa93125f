"""What must hold for every sample: invariances, cells as rows, replicates, coverage."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.comparison import contrast
from app.stats.design import Design, simple_design
from app.stats.estimation import mean
from app.stats.replication import (
    balanced,
    bootstrap,
    jackknife_one,
    jackknife_stratified,
    with_replicates,
)
from app.stats.statistic import (
    combination,
    covariances_of,
    mean_of,
    ratio_of,
    spread_of,
    standard_error_of,
    total_of,
)

ESTIMATORS = {"mean": mean_of, "total": total_of, "spread": spread_of}
NAMES = st.sampled_from(sorted(ESTIMATORS))


@st.composite
def samples(draw, *, at_least=2):
    """Strata of clusters of answers: design, answers and a domain of some of them."""
    seed = draw(st.integers(0, 2**32 - 1))
    dice = np.random.default_rng(seed)
    strata = draw(st.integers(1, 4))
    clusters = [draw(st.integers(at_least, 5)) for _ in range(strata)]
    psu = np.repeat(np.arange(sum(clusters)), dice.integers(1, 6, sum(clusters)))
    stratum = np.repeat(np.arange(strata), clusters)[psu]
    weight = dice.uniform(0.5, 20, len(psu))
    design = simple_design(weight, stratum=stratum.astype(str), psu=psu.astype(str))
    y = dice.integers(1, 6, len(psu)).astype(float)
    y[dice.random(len(psu)) < 0.1] = np.nan
    return design, y, dice.random(len(psu)) < 0.6


def both(design: Design, statistic) -> tuple[float, float]:
    return statistic.value, standard_error_of(design, statistic)


@given(samples(), NAMES, st.floats(1e-3, 1e3))
def test_the_unit_of_the_weights_does_not_matter(sample, name, times):
    design, y, domain = sample
    statistic = ESTIMATORS[name](design, y, domain)
    if not statistic.n > 1:
        return
    scaled = replace(design, weight=design.weight * times)
    got = ESTIMATORS[name](scaled, y, domain)
    growth = times if name == "total" else 1.0
    wanted = [number * growth for number in both(design, statistic)]
    assert both(scaled, got) == pytest.approx(wanted, rel=1e-9, abs=1e-9 * growth)


@given(samples(), NAMES, st.randoms())
def test_the_order_of_the_rows_does_not_matter(sample, name, random):
    design, y, domain = sample
    order = np.array(random.sample(range(len(y)), len(y)))
    stage = design.stages[0]
    mixed = simple_design(
        design.weight[order],
        stratum=stage.stratum[order].astype(str),
        psu=stage.cluster[order].astype(str),
    )
    statistic = ESTIMATORS[name](design, y, domain)
    got = ESTIMATORS[name](mixed, y[order], domain[order])
    if statistic.n > 1:
        assert both(mixed, got) == pytest.approx(both(design, statistic), rel=1e-9, abs=1e-12)


@given(samples(), NAMES)
def test_the_domain_of_everyone_is_the_whole(sample, name):
    design, y, _ = sample
    whole = ESTIMATORS[name](design, y)
    if whole.n > 1:
        everyone = ESTIMATORS[name](design, y, np.ones(len(y), bool))
        assert both(design, everyone) == both(design, whole)


@given(samples(), st.floats(-50, 50), st.floats(-10, 10))
def test_a_mean_follows_a_linear_map_of_its_answers(sample, shift, slope):
    design, y, domain = sample
    start = mean_of(design, y, domain)
    if start.n == 0:
        return
    mapped = mean_of(design, shift + slope * y, domain)
    value, error = both(design, start)
    assert mapped.value == pytest.approx(shift + slope * value, rel=1e-9, abs=1e-9)
    assert standard_error_of(design, mapped) == pytest.approx(abs(slope) * error, abs=1e-9)


@given(samples())
def test_totals_of_parts_add_up_with_their_covariance(sample):
    design, y, domain = sample
    parts = [total_of(design, y, which) for which in (domain, ~domain)]
    whole = total_of(design, y)
    summed = combination([(1.0, part) for part in parts])
    assert both(design, summed) == pytest.approx(both(design, whole), rel=1e-9, abs=1e-9)
    v = covariances_of(design, parts)
    assert v.sum() == pytest.approx(standard_error_of(design, whole) ** 2, rel=1e-9, abs=1e-9)


@given(samples())
def test_a_ratio_of_a_total_to_the_people_is_the_mean(sample):
    design, y, domain = sample
    start = mean_of(design, y, domain)
    if start.n:
        people = np.where(np.isnan(y), np.nan, 1.0)
        ratio = ratio_of(design, y, people, domain=domain)
        assert both(design, ratio) == pytest.approx(both(design, start), rel=1e-9, abs=1e-12)


@st.composite
def multiplied(draw):
    """Rows that stand for several answers each, and the same answers one by one."""
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(3, 25))
    count = dice.integers(1, 5, n).astype(float)
    stratum = dice.integers(0, 2, n).astype(str)
    cells = simple_design(dice.uniform(1, 9, n), stratum=stratum, lonely="adjust")
    cells = replace(cells, count=count)
    repeated = np.repeat(np.arange(n), count.astype(int))
    rows = simple_design(cells.weight[repeated], stratum=stratum[repeated], lonely="adjust")
    y = dice.integers(1, 6, n).astype(float)
    return cells, rows, y, repeated, dice.random(n) < 0.7


@given(multiplied(), NAMES)
def test_cells_give_what_their_answers_one_by_one_give(sample, name):
    cells, rows, y, repeated, domain = sample
    got = ESTIMATORS[name](cells, y, domain)
    wanted = ESTIMATORS[name](rows, y[repeated], domain[repeated])
    assert got.n == wanted.n
    assert cells.df == rows.df
    assert cells.df_of(domain) == rows.df_of(domain[repeated])
    if wanted.n > 1:
        assert both(cells, got) == pytest.approx(both(rows, wanted), rel=1e-9, abs=1e-9)
        ours, theirs = (
            mean(cells, y, domain=domain),
            mean(rows, y[repeated], domain=domain[repeated]),
        )
        assert ours.effective_n == pytest.approx(theirs.effective_n, rel=1e-9)


@given(samples())
def test_the_jackknife_of_a_total_is_its_taylor_variance(sample):
    # For a linear statistic the two are the same sum.
    design, y, domain = sample
    taylor = standard_error_of(design, total_of(design, y, domain))
    jackknifed = with_replicates(design, jackknife_stratified(design))
    error = standard_error_of(jackknifed, total_of(jackknifed, y, domain))
    assert error == pytest.approx(taylor, rel=1e-9, abs=1e-9)
    assert jackknifed.df == design.df


def clustered(seed: int, *, strata: int = 1, clusters: int = 40) -> tuple[Design, np.ndarray]:
    dice = np.random.default_rng(seed)
    psu = np.repeat(np.arange(strata * clusters), 6)
    level = dice.normal(60, 6, strata * clusters)[psu]
    y = level + dice.normal(0, 15, len(psu))
    design = simple_design(
        dice.uniform(1, 3, len(psu)), stratum=(psu // clusters).astype(str), psu=psu.astype(str)
    )
    return design, y


def test_the_jackknife_without_strata_is_near_the_taylor_variance():
    design, y = clustered(1)
    taylor = standard_error_of(design, mean_of(design, y))
    jackknifed = with_replicates(design, jackknife_one(design))
    assert standard_error_of(jackknifed, mean_of(jackknifed, y)) == pytest.approx(
        taylor, rel=0.03
    )


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_balanced_halves_of_a_total_give_its_taylor_variance(rho):
    # With two clusters a stratum and full balance the two are the same for a linear statistic.
    design, y = clustered(2, strata=9, clusters=2)
    taylor = standard_error_of(design, total_of(design, y))
    halved = with_replicates(design, balanced(design, rho=rho), centre="estimate")
    assert standard_error_of(halved, total_of(halved, y)) == pytest.approx(taylor, rel=1e-9)
    assert halved.df == design.df


def test_the_bootstrap_agrees_with_taylor_within_its_own_noise():
    design, y = clustered(3, strata=4, clusters=12)
    taylor = standard_error_of(design, mean_of(design, y))
    drawn = with_replicates(design, bootstrap(design, replicates=2000, seed=7))
    error = standard_error_of(drawn, mean_of(drawn, y))
    # A standard error from R draws has a relative error near 1/√(2R).
    assert error == pytest.approx(taylor, rel=5 / math.sqrt(2 * 2000))


def test_a_mistaken_variance_would_be_seen():
    # The control of the two before: weights taken as equal move the error by more.
    design, y = clustered(3, strata=4, clusters=12)
    ignored = simple_design(design.weight)
    clustered_error = standard_error_of(design, mean_of(design, y))
    assert standard_error_of(ignored, mean_of(ignored, y)) < 0.8 * clustered_error


def round_of(dice: np.random.Generator) -> tuple[Design, np.ndarray]:
    """A simulated round: three strata, eight villages drawn in each, uneven weights."""
    villages = np.repeat(np.arange(24), 10)
    stratum = villages // 8
    truth = np.array([55.0, 62.0, 70.0])[stratum]
    y = truth + dice.normal(0, 9, 24)[villages] + dice.normal(0, 18, 240)
    weight = np.array([3.0, 1.0, 2.0])[stratum]
    design = simple_design(weight, stratum=stratum.astype(str), psu=villages.astype(str))
    return design, y


def test_intervals_of_simulated_rounds_hold_the_truth_as_often_as_they_say():
    dice = np.random.default_rng(20261122)
    truth = (3 * 55 + 62 + 2 * 70) / 6
    rounds, held = 1500, 0
    for _ in range(rounds):
        design, y = round_of(dice)
        found = mean(design, y)
        held += found.low <= truth <= found.high
    noise = math.sqrt(0.95 * 0.05 / rounds)
    assert held / rounds == pytest.approx(0.95, abs=4 * noise)


def test_intervals_that_forget_the_villages_hold_the_truth_too_seldom():
    # The control: the check above can fail.
    dice = np.random.default_rng(20261122)
    truth = (3 * 55 + 62 + 2 * 70) / 6
    held = 0
    for _ in range(400):
        design, y = round_of(dice)
        found = mean(simple_design(design.weight), y)
        held += found.low <= truth <= found.high
    assert held / 400 < 0.9


@settings(max_examples=30)
@given(samples())
def test_a_difference_of_two_domains_knows_that_they_share_clusters(sample):
    design, y, domain = sample
    one, other = mean_of(design, y, domain), mean_of(design, y, ~domain)
    if one.n < 2 or other.n < 2:
        return
    found = contrast(design, [(1.0, one), (-1.0, other)])
    v = covariances_of(design, [one, other])
    wanted = math.sqrt(max(v[0, 0] + v[1, 1] - 2 * v[0, 1], 0.0))
    assert found.standard_error == pytest.approx(wanted, rel=1e-6, abs=1e-9)
