"""Nonresponse classes: respondents stand for their class, or the class is named."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from weighted_case import WeightedCase

from app.errors import CannotEstimate
from app.stats.design import Replicates, simple_design
from app.stats.statistic import mean_of, standard_error_of
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.nonresponse import nonresponse_classes
from app.stats.weights.steps import post_stratify, rake

CASE = WeightedCase("p11_nonresponse_zero_cells")


def responded() -> np.ndarray:
    return CASE.columns["respond"] == "1"


def test_nonresponse_then_post_stratification_gives_the_numbers_of_r():
    keep = responded()
    first, factors = nonresponse_classes(CASE.base(), keep, CASE.columns["class"])
    assert set(factors) == set(np.unique(CASE.columns["class"]).tolist())
    respondents = WeightedCase("p11_nonresponse_zero_cells")
    respondents.columns = {name: column[keep] for name, column in CASE.columns.items()}
    early = [e for e in CASE.expected["estimates"] if e["id"].startswith("nr_only")]
    late = [e for e in CASE.expected["estimates"] if not e["id"].startswith("nr_only")]
    assert not respondents.differences(first, early)

    ages = {"55-64": "55+", "65+": "55+"}
    totals: dict[str, float] = {}
    for row in CASE.table("margins.csv"):
        age, sex = row["level"].split("|")
        key = f"{ages.get(age, age)}|{sex}"
        totals[key] = totals.get(key, 0.0) + float(row["total"])
    pairs = zip(respondents.columns["age"], respondents.columns["sex"], strict=True)
    level = np.array([f"{ages.get(age, age)}|{sex}" for age, sex in pairs])
    final = post_stratify(first, PopulationMargin("age2*sex", level, totals))
    assert CASE.agrees(final.weight, CASE.expected["weights"])
    assert not respondents.differences(final, late)


def test_an_empty_cell_is_refused_with_the_level_beside_it_in_the_finer_part():
    keep = responded()
    design, _ = nonresponse_classes(CASE.base(), keep, CASE.columns["class"])
    (margin,) = CASE.margins("age*sex")
    margin = replace(margin, level=margin.level[keep])
    with pytest.raises(
        CannotEstimate, match=r"level 65\+\|M: .* no answer. Merge it with the level 55-64\|M"
    ):
        post_stratify(design, margin)


def test_a_class_without_respondents_is_refused_with_the_class_to_merge():
    design = simple_design(np.ones(5))
    with pytest.raises(
        CannotEstimate,
        match=r"class b: 2 sampled and nobody responded\. Merge it with the class c",
    ):
        nonresponse_classes(
            design, np.array([1, 0, 0, 0, 1], bool), np.array(["a", "a", "b", "b", "c"])
        )


def test_a_calibrated_design_cannot_lose_its_rows():
    margin = PopulationMargin("sex", np.array(["f", "m"]), {"f": 3.0, "m": 4.0})
    design = rake(simple_design(np.ones(2)), [margin])
    with pytest.raises(CannotEstimate, match="Adjust for nonresponse first"):
        nonresponse_classes(design, np.array([True, False]), np.array(["a", "a"]))


@given(
    st.lists(
        st.tuples(st.floats(0.5, 20), st.sampled_from("ab"), st.booleans()), min_size=1
    ).map(lambda rows: [*rows, (1.0, "a", True), (2.0, "b", True)])
)
def test_respondents_stand_for_everybody_in_their_class(rows):
    weight, classes, answered = (np.array(column) for column in zip(*rows, strict=True))
    design, factors = nonresponse_classes(simple_design(weight), answered, classes)
    for name, factor in factors.items():
        inside = classes == name
        sampled = weight[inside].sum()
        assert design.weight[classes[answered] == name].sum() == pytest.approx(sampled)
        assert factor >= 1


def test_each_set_of_replicate_weights_has_factors_of_its_own():
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    factor = np.where(np.eye(4, dtype=bool), 0.0, 4 / 3)
    replicates = Replicates(weight[:, None] * factor, 0.75, np.ones(4), 3)
    design = replace(simple_design(weight), replicates=replicates)
    answered = np.array([True, True, True, False])
    kept, _ = nonresponse_classes(design, answered, np.full(4, "all"))
    assert kept.weight.sum() == pytest.approx(10)
    sums = replicates.weight.sum(axis=0)
    assert kept.replicates.weight.sum(axis=0) == pytest.approx(sums)
    assert standard_error_of(kept, mean_of(kept, np.array([1.0, 5.0, 2.0]))) > 0


def test_a_replicate_without_respondents_is_named():
    weight = np.ones(3)
    factor = np.where(np.eye(3, dtype=bool), 0.0, 1.5)
    design = replace(simple_design(weight), replicates=Replicates(factor, 2 / 3, np.ones(3), 2))
    with pytest.raises(CannotEstimate, match=r"replicate 1: class a: .* nobody responded"):
        nonresponse_classes(design, np.array([True, False, True]), np.array(["a", "a", "b"]))
