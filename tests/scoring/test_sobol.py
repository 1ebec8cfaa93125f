"""Sobol indices against the two cases with known answers, and models nobody can mistake."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.scoring.simulation.sobol import saltelli_sample, sobol, sobol_of_each

CASE = Path(__file__).parents[1] / "reference/compcases/p15_sobol_additive_and_interaction"


def additive(x):
    return x @ np.array([40.0, 30.0, 20.0, 10.0])


def ishigami(x):
    x = np.pi * (2 * x - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


@pytest.mark.parametrize(
    ("name", "model", "inputs"), [("additive", additive, 4), ("ishigami", ishigami, 3)]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_indices_of_the_reference_case_are_met(name, model, inputs, seed):
    expected = json.loads((CASE / "expected.json").read_text())
    found = sobol(model, inputs, base=8192, seed=seed)
    allowed = expected["tolerance"]["estimator_N_8192"]
    for kind in ("first", "total"):
        values = [index.value for index in getattr(found, kind)]
        assert values == pytest.approx(expected[name][kind], abs=allowed)
    assert found.variance == pytest.approx(expected[name]["variance"], rel=0.02)


def test_an_estimate_below_zero_is_shown_as_zero_and_its_range_is_kept():
    found = [sobol(ishigami, 3, base=256, seed=seed).first[2] for seed in range(8)]
    assert min(index.value for index in found) == 0
    assert min(index.low for index in found) < 0
    assert all(index.low < index.high for index in found)


def test_an_input_that_does_nothing_has_no_part():
    found = sobol(lambda x: x[:, 0], 2, base=512, seed=3)
    assert found.first[0].value == pytest.approx(1, abs=1e-3)
    assert found.total[1].value == 0
    assert found.first[1] == found.total[1]


def test_a_result_that_does_not_vary_has_indices_of_zero():
    found = sobol(lambda x: np.full(len(x), 7.0), 2, base=64, seed=3)
    assert found.variance == 0
    assert [index.value for index in (*found.first, *found.total)] == [0, 0, 0, 0]


def test_a_large_mean_does_not_drown_the_indices():
    plain = sobol(additive, 4, base=1024, seed=5)
    lifted = sobol(lambda x: 1e6 + additive(x), 4, base=1024, seed=5)
    for one, other in zip(plain.first, lifted.first, strict=True):
        assert other.value == pytest.approx(one.value, abs=1e-6)


def test_several_results_are_taken_apart_from_the_same_runs():
    both = sobol_of_each(lambda x: x[:, :2], 2, base=256, seed=5)
    assert [one.first[0].value > 0.9 for one in both] == [True, False]
    assert both[0] == sobol(lambda x: x[:, 0], 2, base=256, seed=5)


def test_each_mixed_sample_differs_from_a_in_one_column():
    a, b, *mixed = saltelli_sample(3, base=100, seed=1)
    assert a.shape == (100, 3)
    for i, one in enumerate(mixed):
        assert (one[:, i] == b[:, i]).all()
        assert (np.delete(one, i, axis=1) == np.delete(a, i, axis=1)).all()


def test_the_same_seed_gives_the_same_indices_and_another_one_others():
    first, again, other = (sobol(ishigami, 3, base=128, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
