"""Effective against nominal importance: curves, lines, and where there is nothing to say."""

import numpy as np
import pytest
from simulated_worlds import plain, scored

from app.scoring.simulation.importance import importance, linear_effect, main_effect

RNG = np.random.default_rng(20261122)


def test_a_straight_dependence_has_an_effect_of_one():
    x = RNG.normal(size=200)
    effect, fit = main_effect(x, 3 * x - 7)
    assert (effect, fit) == (pytest.approx(1), "spline")


def test_a_bent_dependence_is_seen_that_a_line_misses():
    x = np.linspace(-1, 1, 201)
    effect, _ = main_effect(x, x**2)
    assert effect > 0.98
    assert linear_effect(x, x**2) == pytest.approx(0, abs=1e-12)


def test_noise_has_next_to_no_effect():
    effects = [main_effect(RNG.normal(size=60), RNG.normal(size=60))[0] for _ in range(200)]
    assert np.mean(effects) < 0.03


def test_the_effect_of_a_part_of_a_sum_is_its_share_of_the_variance():
    one, other = RNG.normal(size=(2, 4000))
    assert main_effect(one, one + 2 * other)[0] == pytest.approx(0.2, abs=0.03)


def test_few_units_or_few_different_values_get_a_line_and_a_constant_nothing():
    few = np.arange(10.0)
    assert main_effect(few, few**2)[1] == "line"
    coarse = np.repeat([1.0, 2.0, 3.0], 50)
    assert main_effect(coarse, coarse)[1] == "line"
    assert main_effect(np.ones(50), np.arange(50.0)) == (0.0, "line")
    heaped = np.concatenate([np.zeros(300), np.linspace(1, 2, 40)])
    assert main_effect(heaped, heaped)[1] == "line"


def test_equal_weights_do_not_make_equal_importance():
    table = {
        f"u{i:02}": {"jobs": 50 + 10 * x, "clean": 50 + y}
        for i, (x, y) in enumerate(RNG.normal(size=(60, 2)))
    }
    (group,) = importance(scored(plain(("jobs", 1), ("clean", 1)), table))
    jobs, clean = group.part("jobs"), group.part("clean")
    assert (jobs.nominal, clean.nominal) == (0.5, 0.5)
    assert jobs.main_effect > 0.95
    assert clean.main_effect < 0.1
    assert jobs.effective_share + clean.effective_share == pytest.approx(1)
    assert jobs.nominal_share == 0.5


def test_what_weighs_nothing_is_not_listed_and_a_handful_of_units_says_nothing():
    table = {f"u{i}": {"jobs": float(i), "clean": 5.0} for i in range(5)}
    found = plain(("jobs", 1), ("clean", 0))
    (group,) = importance(scored(found, table))
    assert [part.part for part in group.parts] == ["jobs"]
    assert importance(scored(found, dict(list(table.items())[:4]))) == ()


def test_classes_stand_beside_indicators_and_gaps_are_left_out():
    table = {
        f"u{i}": {"jobs": float(i), "clean": None if i == 3 else float(i * i)} for i in range(8)
    }
    found = plain(("jobs", 1), ("clean", 1))
    found["nodes"].append({**found["nodes"][0], "code": "life", "parent": "all", "weight": 3})
    found["indicators"][1]["parent"] = "life"
    (group,) = importance(scored(found, table))
    assert {part.part: part.parent for part in group.parts} == {
        "jobs": "all",
        "life": "all",
        "clean": "life",
    }
    assert group.part("clean").effective_share == 1
