"""The reference cases: normalised scores, levels, scores, ranks and grades to 1e-9."""

import csv

import pytest
from composite_cases import as_expected, definition, differences, load, run, with_variant

PLAIN = [
    "p01_asem_winsor_minmax_arith",
    "p02_asem_zscore_arith",
    "p03_asem_winsor_minmax_geom",
    "p04_hdi_2021",
    "p06_region_types_zero_weight",
    "p07_green_efficacy_missing60",
    "p08_deduction_caps_veto",
    "p09_se_analytic_rank",
    "p12_normalisation_methods",
    "p13_contribution_shortfall",
]


def compared(expected, got):
    return {key: value for key, value in expected.items() if key in got}


@pytest.mark.parametrize("case", PLAIN)
def test_the_numbers_of_a_reference_case_are_met(case):
    _, result = run(case)
    got = as_expected(result)
    want = compared(load(case, "expected.json"), got)
    assert {"normalised"} <= set(want)
    assert differences(want, got) == []


@pytest.mark.parametrize("vector", ["target", "effect"])
def test_two_weight_vectors_of_one_system_give_their_own_scores(vector):
    case = "p05_wanjiang_two_vectors"
    got = as_expected(run(case, vector=vector)[1])
    want = load(case, "expected.json")["vectors"][vector]
    assert differences(compared(want, got), got) == []


VARIANTS = [
    (case, name)
    for case in ("p10_ties_zero_range", "p11_missing_category")
    for name in definition(case)["variants"]
]


@pytest.mark.parametrize(("case", "name"), VARIANTS)
def test_every_variant_of_a_rule_gives_its_own_numbers(case, name):
    found = definition(case)
    got = as_expected(run(case, with_variant(found, found["variants"][name]))[1])
    want = load(case, "expected.json")["variants"][name]
    assert differences(compared(want, got), got) == []


def test_all_191_published_human_development_indices_and_ranks_are_reproduced():
    _, result = run("p04_hdi_2021")
    published = list(csv.DictReader(load("p04_hdi_2021", "published.csv").splitlines()))
    assert len(published) == 191
    for row in published:
        unit = result.unit(row["unit"])
        assert round(unit.gross, 3) == float(row["published"])
        assert unit.rank_overall == float(row["published_rank"])
