"""Many domains at once give what they give one by one, responses alone in a unit included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.comparison import difference
from app.stats.design import Design, simple_design
from app.stats.estimation import mean
from app.stats.tables.alike import condense, kinds_of
from app.stats.tables.many_domains import knows, many_means
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import post_stratify, rake

UNITS = 9


def a_round(seed: int, steps: int, *, is_alone: bool) -> tuple[Design, np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    n = 300
    unit = np.concatenate([np.repeat(np.arange(UNITS - 1), 2), dice.integers(0, UNITS - 1, n)])
    unit = np.append(unit, [UNITS - 1] * (1 if is_alone else 2))
    n = len(unit)
    design = simple_design(
        dice.choice([1.0, 2.5], n), stratum=unit.astype(str), lonely="adjust"
    )
    age, sex, edu = (dice.integers(0, k, n).astype(str) for k in (3, 2, 2))
    if steps > 0:
        ages = PopulationMargin("age", age, {"0": 900, "1": 1200, "2": 900})
        design = rake(design, [ages, PopulationMargin("sex", sex, {"0": 1400, "1": 1600})])
    if steps > 1:
        design = post_stratify(design, PopulationMargin("edu", edu, {"0": 1000, "1": 2000}))
    y = dice.integers(1, 6, n) * 20.0
    y[dice.random(n) < 0.1] = np.nan
    return design, y, unit


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2), st.booleans(), st.booleans())
def test_means_errors_and_differences_are_those_of_the_single_domains(
    seed, steps, is_alone, is_condensed
):
    design, y, unit = a_round(seed, steps, is_alone=is_alone)
    if is_condensed:
        condensed = condense(kinds_of(design, [unit.astype(str)]), y)
        design, y, unit = condensed.design, y[condensed.rows], unit[condensed.rows]
    assert knows(design)
    code = np.where(unit == 2, -1, unit)
    found = many_means(design, y, code, domains=UNITS)
    assert found.n[2] == 0
    assert np.isnan(found.value[2])
    for d in set(range(UNITS)) - {2}:
        wanted = mean(design, y, domain=unit == d)
        assert found.n[d] == wanted.n
        if wanted.n < 2 or wanted.gap == "no_variation":
            assert found.spread[d] == found.standard_error[d] * found.spread[d] == 0
            continue
        assert found.value[d] == pytest.approx(wanted.value, rel=1e-12)
        assert found.standard_error[d] == pytest.approx(wanted.standard_error, rel=1e-9)
        assert found.n[d] / found.spread[d] * found.standard_error[d] ** 2 == pytest.approx(
            wanted.design_effect, rel=1e-9
        )
        between = difference(design, y, domain=unit == d)
        assert found.difference[d] == pytest.approx(between.value, abs=1e-10)
        assert found.difference_error[d] == pytest.approx(between.standard_error, rel=1e-8)


def test_clusters_and_lonely_strata_without_a_rule_go_the_general_way():
    unit = np.array(["a", "a", "b"])
    assert not knows(simple_design(np.ones(3), stratum=unit))
    assert not knows(simple_design(np.ones(3), psu=unit))
