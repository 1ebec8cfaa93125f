"""Replicate weights through every step: jackknife and bootstrap files, R's numbers."""

from dataclasses import replace

import numpy as np
import pytest
from weighted_case import WeightedCase

from app.errors import CannotEstimate
from app.stats.design import Replicates, simple_design
from app.stats.weights.calibration import calibrate, margin_targets
from app.stats.weights.distance import Distance
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import post_stratify, rake

JACKKNIFE = WeightedCase("p17_jkn_poststrat")
BOOTSTRAP = WeightedCase("p18_bootstrap_given_weights")


def of_variant(case: WeightedCase, name: str) -> list[dict]:
    """Expected estimates of one variant; quantiles have tests of their own."""
    ids = [
        request["id"]
        for request in case.specification["estimates"]
        if request.get("variant") == name and request["estimand"] != "quantile"
    ]
    return [entry for entry in case.expected["estimates"] if entry["id"] in ids]


def test_post_stratified_jackknife_replicates_give_the_errors_of_r():
    design = post_stratify(JACKKNIFE.base(), *JACKKNIFE.margins("sex"))
    expected = of_variant(JACKKNIFE, "ps")
    assert len(expected) > 3
    assert not JACKKNIFE.differences(design, expected)
    assert design.df == JACKKNIFE.base().df


@pytest.mark.parametrize("take", ["sweeps", "newton"])
def test_raked_jackknife_replicates_give_the_errors_of_r(take):
    margins = JACKKNIFE.margins("sex", "age", "zone")
    if take == "sweeps":
        design = rake(JACKKNIFE.base(), margins)
    else:
        design = calibrate(JACKKNIFE.base(), margin_targets(margins), Distance("raking"))
    expected = of_variant(JACKKNIFE, "rk")
    assert len(expected) > 3
    assert not JACKKNIFE.differences(design, expected)
    left_out = JACKKNIFE.base().replicates.weight == 0
    assert (design.replicates.weight[left_out] == 0).all()


def test_calibrated_bootstrap_replicates_give_the_errors_of_r():
    design = rake(BOOTSTRAP.base(), BOOTSTRAP.margins("zone"))
    expected = of_variant(BOOTSTRAP, "cal")
    assert len(expected) > 3
    assert not BOOTSTRAP.differences(design, expected)


def test_every_replicate_meets_every_margin():
    margins = JACKKNIFE.margins("sex", "age", "zone")
    design = rake(JACKKNIFE.base(), margins)
    for margin in margins:
        for level, total in margin.totals.items():
            sums = design.replicates.weight[margin.level == level].sum(axis=0)
            assert sums == pytest.approx(np.full(len(sums), total), rel=1e-10)


@pytest.mark.parametrize(
    "take",
    [
        lambda design, margin: rake(design, [margin]),
        lambda design, margin: calibrate(design, margin_targets([margin]), Distance("linear")),
    ],
)
def test_a_replicate_that_loses_a_level_is_named(take):
    weight = np.ones(4)
    factor = np.where(np.eye(4, dtype=bool), 0.0, 4 / 3)
    replicates = Replicates(factor, 0.75, np.ones(4), 3)
    design = replace(simple_design(weight), replicates=replicates)
    margin = PopulationMargin("sex", np.array(["f", "f", "m", "f"]), {"f": 5.0, "m": 5.0})
    with pytest.raises(CannotEstimate, match=r"replicate 3: margin sex, level m: 5 "):
        take(design, margin)
