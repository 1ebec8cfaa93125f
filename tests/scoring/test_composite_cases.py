"""The reference cases: normalised scores, levels, scores, ranks and grades to 1e-9."""

import csv

import pytest
from composite_cases import CASES, answered, differences, load

COMPARED = (
    *("normalised", "levels", "score", "rank", "rank_in_type", "deduction", "bonus", "final"),
    *("grade", "effective_weight", "contribution", "unranked", "score_se"),
    *("vectors", "variants", "gain_to_best_of_type", "gain_to_full"),
    *("rank_if_gap_to_best_closed", "top3_shortfalls"),
)
"""What is the same on every machine; the rest is met within the cases' own tolerances."""
RUNNABLE = sorted(
    path.parent.name
    for path in CASES.glob("*/expected.json")
    if {"normalised", "vectors", "variants"} & set(load(path.parent.name, "expected.json"))
)


def test_thirteen_cases_have_numbers_that_every_machine_must_meet():
    assert len(RUNNABLE) == 13


@pytest.mark.parametrize("case", RUNNABLE)
def test_the_numbers_of_a_reference_case_are_met(case):
    expected = load(case, "expected.json")
    want = {key: expected[key] for key in COMPARED if key in expected}
    assert differences(want, answered(case)) == []


def test_all_191_published_human_development_indices_and_ranks_are_reproduced():
    got = answered("p04_hdi_2021")
    published = list(csv.DictReader(load("p04_hdi_2021", "published.csv").splitlines()))
    assert len(published) == 191
    for row in published:
        assert round(got["score"][row["unit"]], 3) == float(row["published"])
        assert got["rank"][row["unit"]] == float(row["published_rank"])
