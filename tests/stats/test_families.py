"""Many domains at once have the means, totals and errors that they have one by one."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.design import Design, next_stage, simple_design
from app.stats.estimation import mean, total
from app.stats.families import Family, means_of, totals_of
from app.stats.family_design import frame_of, sums_of, why_not
from app.stats.replication import jackknife_stratified, with_replicates
from app.stats.statistic import mean_of, standard_error_of, total_of
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import post_stratify, rake

DOMAINS = 6
CASE = Path(__file__).parents[1] / "reference" / "refcases" / "p20_cells_60000"


def totals(sizes: dict[str, float]) -> dict[str, float]:
    return {level: 6000 * share / sum(sizes.values()) for level, share in sizes.items()}


def a_round(
    seed: int, *, steps: int = 0, has_population: bool = False, kind: str = "clusters"
) -> tuple[Design, np.ndarray, np.ndarray]:
    """300 answers in three strata after some calibrations: design, answers, domains.

    Drawn as villages, one by one, or one by one in rows of several.
    """
    dice = np.random.default_rng(seed)
    psu = np.concatenate([np.arange(24), dice.integers(0, 24, 276)])
    count = dice.integers(1, 4, 300).astype(float) if kind == "cells" else None
    stratum, weight = (psu % 3).astype(str), dice.uniform(1, 9, 300)
    weight[dice.random(300) < 0.02] = 0.0
    fpc = np.full(300, 30.0 if kind == "clusters" else 900.0) if has_population else None
    villages = psu.astype(str) if kind == "clusters" else None
    design = replace(simple_design(weight, stratum=stratum, psu=villages, fpc=fpc), count=count)
    age, sex, edu = (dice.integers(0, k, 300).astype(str) for k in (3, 2, 3))
    if steps > 0:
        ages, sexes = totals({"0": 4, "1": 5, "2": 3}), totals({"0": 1, "1": 1})
        margins = [PopulationMargin("age", age, ages), PopulationMargin("sex", sex, sexes)]
        design = rake(design, margins)
    if steps > 1:
        shares = totals({"0": 2, "1": 5, "2": 3})
        design = post_stratify(design, PopulationMargin("edu", edu, shares))
    y = dice.integers(1, 6, 300).astype(float)
    y[dice.random(300) < 0.1] = np.nan
    domain = dice.integers(-1, DOMAINS - 2, 300)
    # Everybody in the last but one says the same, and nobody is in the last.
    same = dice.choice(300, 12, replace=False)
    domain[same], y[same] = DOMAINS - 2, 4.0
    return design, y, domain


def every_domain(design: Design, y: np.ndarray, domain: np.ndarray) -> tuple[Family, Family]:
    frame, sums = frame_of(design), sums_of(design, y, domain, domains=DOMAINS)
    return means_of(frame, sums), totals_of(frame, sums)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 2),
    st.booleans(),
    st.sampled_from(["clusters", "responses", "cells"]),
)
def test_a_family_has_the_numbers_of_its_domains(seed, steps, has_population, kind):
    design, y, domain = a_round(seed, steps=steps, has_population=has_population, kind=kind)
    means, sums = every_domain(design, y, domain)
    for found, one_by_one, published in ((means, mean_of, mean), (sums, total_of, total)):
        assert found.df == design.df
        for d in range(DOMAINS):
            wanted = one_by_one(design, y, domain == d)
            assert found.n[d] == wanted.n
            assert found.sum_of_weights[d] == pytest.approx(wanted.sum_of_weights, rel=1e-12)
            assert found.value[d] == pytest.approx(wanted.value, rel=1e-12, nan_ok=True)
            if wanted.n == 0:
                continue
            error = standard_error_of(design, wanted)
            assert found.standard_error[d] == pytest.approx(error, rel=1e-10)
            effect = published(design, y, domain=domain == d).design_effect
            effect = np.nan if effect is None else effect
            assert found.design_effect[d] == pytest.approx(effect, rel=1e-9, nan_ok=True)


def test_nobody_has_no_mean_and_a_total_of_nothing():
    design, y, domain = a_round(1)
    means, sums = every_domain(design, y, domain)
    assert np.isnan([means.value[-1], means.standard_error[-1], means.design_effect[-1]]).all()
    assert (sums.value[-1], sums.standard_error[-1], sums.n[-1]) == (0.0, 0.0, 0)


def test_where_all_say_the_same_the_error_is_nothing():
    design, y, domain = a_round(2, steps=2)
    means, _ = every_domain(design, y, domain)
    assert means.value[-2] == pytest.approx(4.0, rel=1e-14)
    assert means.standard_error[-2] == 0.0
    assert np.isnan(means.design_effect[-2])


@pytest.mark.parametrize("rule", ["remove", "certainty", "average"])
def test_units_alone_follow_their_rule(rule):
    design, y, domain = a_round(3, steps=1)
    stage = design.stages[0]
    stratum = np.where(stage.cluster == 0, 3, stage.stratum)
    names = np.array(["0", "1", "2", "alone"])
    alone = replace(stage, stratum=stratum, names=names)
    design = replace(design, stages=(alone,), lonely=rule)
    means, _ = every_domain(design, y, domain)
    for d in range(DOMAINS - 2):
        error = standard_error_of(design, mean_of(design, y, domain == d))
        assert means.standard_error[d] == pytest.approx(error, rel=1e-10)


def test_a_design_that_needs_the_general_way_is_not_taken_and_says_why():
    design, _, _ = a_round(1)
    stage, inner = (
        simple_design(np.ones(6), psu=np.array(list("aabbcc")), fpc=np.full(6, 9.0)).stages[0],
        np.arange(6),
    )
    later = next_stage(stage.cluster, stratum=None, cluster=inner.astype(str))
    alone = simple_design(
        np.ones(3), psu=np.array(["a", "a", "b"]), stratum=np.array(["1", "1", "2"])
    )
    reasons = {
        "replicate weights": with_replicates(design, jackknife_stratified(design)),
        "after its first stage": Design(np.ones(6), (stage, later)),
        "'fail'": alone,
        "'adjust'": replace(alone, lonely="adjust"),
        "each domain by itself": replace(design, lonely="adjust_domains"),
        "every stratum": replace(
            simple_design(np.ones(2), stratum=np.array(["1", "2"])), lonely="average"
        ),
    }
    for reason, other in reasons.items():
        assert reason in why_not(other)
        with pytest.raises(CannotEstimate, match="domain by domain"):
            frame_of(other)


@pytest.fixture(scope="module")
def sixty_thousand() -> tuple[Design, dict[str, np.ndarray]]:
    """Case p20: 82,992 responses as 6,845 cells, and its columns."""
    with (CASE / "data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    columns["y"] = np.array([float(q or "nan") for q in columns["q1"]])
    design = simple_design(
        columns["w"].astype(float),
        stratum=columns["stratum"],
        fpc=columns["N_st"].astype(float),
    )
    return replace(design, count=columns["count"].astype(float)), columns


def raked(design: Design, columns: dict[str, np.ndarray]) -> Design:
    margins: dict[str, dict[str, float]] = {}
    with (CASE / "margins.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            margins.setdefault(row["margin"], {})[row["level"]] = float(row["total"])
    known = [PopulationMargin(name, columns[name], levels) for name, levels in margins.items()]
    return rake(design, known)


def family_of(columns: dict[str, np.ndarray], *by: str) -> tuple[np.ndarray, list[tuple]]:
    joint = list(zip(*(columns[name].tolist() for name in by), strict=True))
    names = sorted(set(joint))
    return np.array([names.index(one) for one in joint]), names


@pytest.mark.parametrize(
    ("request_id", "by", "values", "is_raked"),
    [
        ("base_mean_by_county_channel", ("county", "channel"), None, False),
        ("mean_by_county_channel", ("county", "channel"), None, True),
        ("top2_by_age_sex", ("age", "sex"), (4, 5), True),
    ],
)
def test_a_hundred_thousand_responses_as_cells_are_what_r_says(
    sixty_thousand, request_id, by, values, is_raked
):
    design, columns = sixty_thousand
    y = columns["y"]
    if values:
        y = np.where(np.isnan(y), np.nan, np.isin(y, values))
    design = raked(design, columns) if is_raked else design
    domain, names = family_of(columns, *by)
    found = means_of(frame_of(design), sums_of(design, y, domain, domains=len(names)))
    expected = json.loads((CASE / "expected.json").read_text(encoding="utf-8"))
    (wanted,) = [one["rows"] for one in expected["estimates"] if one["id"] == request_id]
    assert len(wanted) == len(names)
    for row in wanted:
        d = names.index(tuple(row["domain"][name] for name in by))
        assert found.n[d] == row["n"]
        assert found.df == row["df"]
        assert found.value[d] == pytest.approx(row["estimate"], rel=1e-10)
        assert found.standard_error[d] == pytest.approx(row["se"], rel=1e-8)
        assert found.sum_of_weights[d] == pytest.approx(row["sum_w"], rel=1e-10)
