"""Means of many domains at once are the means domain by domain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.design import Design, simple_design
from app.stats.estimation import mean
from app.stats.families import means_of
from app.stats.family_design import frame_of, is_family_design, sums_of
from app.stats.replication import jackknife_stratified, with_replicates
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import post_stratify, rake

DOMAINS = 5


def totals(sizes: dict[str, float]) -> dict[str, float]:
    return {level: 6000 * share / sum(sizes.values()) for level, share in sizes.items()}


def a_round(seed: int, *, steps: int, has_population: bool) -> tuple[Design, np.ndarray]:
    """300 answers in villages of three strata, after none, one or two calibrations."""
    dice = np.random.default_rng(seed)
    psu = np.concatenate([np.arange(24), dice.integers(0, 24, 276)])
    fpc = np.full(300, 30.0) if has_population else None
    design = simple_design(
        dice.uniform(1, 9, 300), stratum=(psu % 3).astype(str), psu=psu.astype(str), fpc=fpc
    )
    age, sex = dice.integers(0, 3, 300).astype(str), dice.integers(0, 2, 300).astype(str)
    edu = dice.integers(0, 3, 300).astype(str)
    if steps > 0:
        ages, sexes = totals({"0": 4, "1": 5, "2": 3}), totals({"0": 1, "1": 1})
        margins = [PopulationMargin("age", age, ages), PopulationMargin("sex", sex, sexes)]
        design = rake(design, margins)
    if steps > 1:
        shares = totals({"0": 2, "1": 5, "2": 3})
        design = post_stratify(design, PopulationMargin("edu", edu, shares))
    y = dice.integers(1, 6, 300).astype(float)
    y[dice.random(300) < 0.1] = np.nan
    return design, y


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 2]), st.booleans())
def test_a_family_has_the_means_and_errors_of_its_domains(seed, steps, has_population):
    design, y = a_round(seed, steps=steps, has_population=has_population)
    domain = np.random.default_rng(seed).integers(-1, DOMAINS - 1, len(y))
    found = means_of(frame_of(design), sums_of(design, y, domain, domains=DOMAINS))
    for d in range(DOMAINS - 1):
        wanted = mean(design, y, domain=domain == d)
        assert found.n[d] == wanted.n
        assert found.value[d] == pytest.approx(wanted.value, rel=1e-12)
        assert found.standard_error[d] == pytest.approx(wanted.standard_error, rel=1e-9)
        assert found.design_effect[d] == pytest.approx(wanted.design_effect, rel=1e-8)
        assert found.sum_of_weights[d] == pytest.approx(wanted.sum_of_weights, rel=1e-12)
    assert found.df == design.df
    assert np.isnan(found.value[-1])
    assert np.isnan(found.standard_error[-1])


def test_a_row_of_several_answers_is_that_many_answers():
    design, y = a_round(5, steps=0, has_population=False)
    count = np.random.default_rng(6).integers(1, 4, len(y)).astype(float)
    repeated = np.repeat(np.arange(len(y)), count.astype(int))
    stage = design.stages[0]
    rows = simple_design(
        design.weight[repeated],
        stratum=stage.stratum[repeated].astype(str),
        psu=stage.cluster[repeated].astype(str),
    )
    cells = Design(design.weight, design.stages, count=count)
    domain = np.arange(len(y)) % 2
    got = means_of(frame_of(cells), sums_of(cells, y, domain, domains=2))
    wanted = means_of(frame_of(rows), sums_of(rows, y[repeated], domain[repeated], domains=2))
    assert got.n.tolist() == wanted.n.tolist()
    assert got.standard_error == pytest.approx(wanted.standard_error, rel=1e-9)


def test_a_design_that_needs_the_general_way_is_not_taken():
    by_answer = simple_design(np.ones(6))
    alone = simple_design(
        np.ones(3), psu=np.array(["a", "a", "b"]), stratum=np.array(["1", "1", "2"])
    )
    design, _ = a_round(1, steps=0, has_population=False)
    replicated = with_replicates(design, jackknife_stratified(design))
    for other in (by_answer, alone, replicated):
        assert not is_family_design(other)
        with pytest.raises(CannotEstimate, match="domain by domain"):
            frame_of(other)
