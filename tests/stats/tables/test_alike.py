"""Responses that are alike as one row: the same numbers as the long way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stats.comparison import difference
from app.stats.design import simple_design
from app.stats.estimation import mean
from app.stats.opt_in.bands import opt_in_mean
from app.stats.tables.alike import condense, kinds_of
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import rake


def a_sample(seed, n=400):
    chance = np.random.default_rng(seed)
    unit = chance.choice(["east", "north", "west"], n, p=[0.6, 0.3, 0.1])
    gender, age = chance.choice(["1", "2"], n), chance.choice(["1", "2", "3"], n)
    weight = np.where(chance.random(n) < 0.2, 1.5, 3.0)
    y = chance.choice([100.0, 75.0, 50.0, 0.0, np.nan], n, p=[0.3, 0.3, 0.2, 0.1, 0.1])
    design = simple_design(weight, stratum=unit, lonely="adjust")
    margins = [
        PopulationMargin("gender", gender, {"1": 480, "2": 520}),
        PopulationMargin("age", age, {"1": 300, "2": 300, "3": 400}),
    ]
    return rake(design, margins), y, unit, gender


@given(st.integers(0, 10_000))
def test_means_errors_and_differences_are_those_of_the_single_responses(seed):
    design, y, unit, gender = a_sample(seed)
    condensed = condense(kinds_of(design, [unit, gender]), y)
    rows = condensed.rows
    assert len(rows) < len(y) / 2
    assert condensed.design.count.sum() == len(y)
    for domain in (unit == "east", unit == "west", gender == "1", np.ones(len(y), bool)):
        slow = mean(design, y, domain=domain)
        quick = mean(condensed.design, y[rows], domain=domain[rows])
        assert (quick.n, quick.df, quick.gap) == (slow.n, slow.df, slow.gap)
        for name in ("value", "standard_error", "low", "high", "effective_n", "design_effect"):
            assert getattr(quick, name) == pytest.approx(getattr(slow, name), rel=1e-11), name
        away = difference(design, y, domain=domain)
        near = difference(condensed.design, y[rows], domain=domain[rows])
        assert near.standard_error == pytest.approx(away.standard_error, rel=1e-9, abs=1e-9)


@given(st.integers(0, 10_000))
def test_a_sensitivity_band_is_that_of_the_single_responses(seed):
    design, y, unit, gender = a_sample(seed)
    condensed = condense(kinds_of(design, [unit, gender]), y)
    slow = opt_in_mean(design, y, population=2000)
    quick = opt_in_mean(condensed.design, y[condensed.rows], population=2000)
    assert (quick.band.low, quick.band.high) == pytest.approx((slow.band.low, slow.band.high))
    assert quick.largest_weight_ratio == pytest.approx(slow.largest_weight_ratio)


def test_labels_that_domains_need_stay_apart():
    design, y, unit, gender = a_sample(1)
    rows = condense(kinds_of(design, [unit, gender]), y).rows
    seen = set(zip(unit[rows], gender[rows], np.nan_to_num(y[rows], nan=-1.0), strict=True))
    assert seen == set(zip(unit, gender, np.nan_to_num(y, nan=-1.0), strict=True))


def test_a_design_of_clusters_is_left_as_it_is():
    design, y, unit, _ = a_sample(1)
    clusters = simple_design(design.weight, psu=np.repeat(np.arange(40), 10).astype(str))
    condensed = condense(kinds_of(clusters, [unit]), y)
    assert condensed.design is clusters
    assert len(condensed.rows) == len(y)


def test_nobody_is_condensed_to_nobody():
    nobody = simple_design(np.zeros(0))
    condensed = condense(kinds_of(nobody, [np.zeros(0, np.str_)]), np.zeros(0))
    assert len(condensed.rows) == 0
    assert mean(condensed.design, np.zeros(0)).gap == "no_answers"
