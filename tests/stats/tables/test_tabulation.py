"""The table of a round's numbers: series kept apart, domains, what is withheld."""

from dataclasses import replace

import numpy as np
import pytest

from app.errors import CannotEstimate
from app.stats.comparison import covariance
from app.stats.design import simple_design
from app.stats.estimation import Estimate, mean
from app.stats.opt_in.bands import OptInEstimate
from app.stats.tables.distribution import distributions
from app.stats.tables.domains import list_domains
from app.stats.tables.tabulation import make_series, tabulate
from app.survey.plan import Plan
from app.survey.reading import read_definition
from app.survey.sample import RawResponse, Sample, build_sample
from world import TOWN_PLAN, registry

REGISTRY = registry()
SURVEY = REGISTRY.surveys["three_senses_short@1"][1]
MAPS = {
    name: REGISTRY.score_maps[1].find(scale.score_map)
    for name, scale in SURVEY.scales.items()
    if scale.score_map
}

LONG = REGISTRY.surveys["three_senses@1"][1]
LONG_MAPS = {
    name: REGISTRY.score_maps[1].find(scale.score_map)
    for name, scale in LONG.scales.items()
    if scale.score_map
}


def plan(text: str = TOWN_PLAN) -> Plan:
    return read_definition(Plan, text, source="town.yaml")


def people(*answers: tuple[str, str, int], background: dict | None = None) -> Sample:
    """One response for each (unit, evidence class, answer to Q1)."""
    raw = [
        RawResponse(f"{i:032x}", unit, "", evidence, "qr", {"Q1": code}, background or {})
        for i, (unit, evidence, code) in enumerate(answers)
    ]
    return build_sample(SURVEY, MAPS, raw)


def table(sample: Sample, of: Plan | None = None):
    of = of or plan()
    series, _ = make_series(sample, of, np.ones(len(sample)))
    entries = tabulate(series, SURVEY, of)
    return {
        (e.series, e.code, e.domain.kind, e.domain.code): e
        for e in entries
        if e.measure == "item"
    }


def test_each_evidence_class_is_a_series_of_its_own():
    sample = people(*[("east", "probability", 5)] * 4, *[("east", "opt_in", 1)] * 4)
    found = table(sample)
    assert found["probability", "Q1", "unit", "east"].estimate.value == 100
    assert found["opt_in", "Q1", "unit", "east"].estimate.value == 0
    assert isinstance(found["probability", "Q1", "unit", "east"].estimate, Estimate)
    assert isinstance(found["opt_in", "Q1", "unit", "east"].estimate, OptInEstimate)


def test_units_are_weighted_by_their_people_in_the_whole():
    sample = people(*[("east", "probability", 5)] * 3, *[("west", "probability", 1)] * 30)
    overall = table(sample)["probability", "Q1", "overall", ""].estimate
    assert overall.value == pytest.approx(100 * 900 / 1500)


def test_a_series_that_cannot_be_weighted_is_reported_and_the_others_stand():
    margin = "margins:\n  - {variable: Q1, totals: {'5': 1, '4': 1, '3': 1, '2': 1, '1': 1}}\n"
    text = TOWN_PLAN.replace(
        "- {kind: base}", "- {kind: base}\n  - {kind: post_stratify, margin: Q1}"
    )
    of = plan(text + margin)
    sample = people(
        *[("east", "probability", code) for code in (5, 4, 3, 2, 1)], ("east", "opt_in", 5)
    )
    sample = replace(sample, background={"Q1": sample.codes["Q1"].astype(int).astype(str)})
    series, impossible = make_series(sample, of, np.ones(len(sample)))
    assert [one.code for one in series] == ["probability"]
    assert [one.code for one in impossible] == ["opt_in"]
    assert "Q1" in impossible[0].reason
    with pytest.raises(CannotEstimate):
        make_series(sample.restrict(sample.evidence == "opt_in"), of, np.ones(1))


def test_one_gap_hides_a_second_unit_so_that_it_cannot_be_subtracted():
    sample = people(*[("east", "probability", 5)] * 9, ("west", "probability", 1))
    found = table(sample)
    assert found["probability", "Q1", "unit", "west"].withheld == "too_few"
    assert found["probability", "Q1", "unit", "east"].withheld == "complementary"
    assert found["probability", "Q1", "overall", ""].withheld is None


def test_a_unit_nobody_answered_for_hides_nothing():
    sample = people(*[("east", "probability", 5)] * 9)
    found = table(sample)
    assert found["probability", "Q1", "unit", "east"].withheld is None
    assert found["probability", "Q1", "unit", "west"].estimate.value is None


def test_a_region_is_listed_where_it_is_a_real_part():
    text = TOWN_PLAN.replace(
        "  - {code: town, name: {zh-Hans: 小镇, en: Town}}\n",
        "  - {code: town, name: {zh-Hans: 小镇, en: Town}}\n"
        "  - {code: old, name: {zh-Hans: 老城, en: Old}, parent: town}\n",
    ).replace(
        "region: town\n    region_type: urban_core\n    population: 900",
        ("region: old\n    region_type: urban_core\n    population: 900"),
    )
    text = text.replace(
        "points:",
        (
            "  - code: north\n    name: {zh-Hans: 北街, en: North}\n    region: old\n"
            "    region_type: urban_core\n    population: 500\npoints:"
        ),
    )
    domains = {(d.kind, d.code): d for d in list_domains(plan(text))}
    assert domains["region", "old"].units == ("east", "north")
    assert domains["region", "old"].population == 1400
    assert ("region", "town") not in domains, "it is everybody"


def test_influence_zero_keeps_the_row_and_takes_its_weight():
    sample = people(*[("east", "probability", 5)] * 4, ("east", "probability", 1))
    influence = np.where(sample.codes["Q1"] == 1, 0.0, 1.0)
    series, _ = make_series(sample, plan(), influence)
    assert len(series[0].sample) == 5
    entries = tabulate(series, SURVEY, plan())
    east = next(e for e in entries if e.domain.code == "east" and e.measure == "item")
    assert (east.estimate.n, east.estimate.value) == (4, 100)


def spread_of(answers: list[int]):
    release = plan().release.model_copy(update={"min_cell": 3})
    sample = people(*[("east", "probability", code) for code in answers])
    series, _ = make_series(sample, plan(), np.ones(len(sample)))
    return next(iter(distributions(series, SURVEY, list_domains(plan()), release)))


def test_a_choice_that_few_gave_hides_the_whole_spread():
    assert spread_of([5] * 8 + [4] * 4 + [1]).withheld == "small_cell"


def test_a_few_who_do_not_know_hide_the_whole_spread():
    assert spread_of([5] * 8 + [98] * 2).withheld == "small_cell"


def test_a_choice_nobody_gave_points_to_nobody():
    spread = spread_of([5] * 8 + [4] * 4)
    assert spread.withheld is None
    assert sum(c.share for c in spread.choices if c.share is not None) == pytest.approx(1)


def test_the_covariance_with_itself_is_the_variance():
    chance = np.random.default_rng(1)
    y, x = chance.normal(size=(2, 40))
    design = simple_design(chance.uniform(1, 3, 40))
    assert covariance(design, y, y) == pytest.approx(mean(design, y).standard_error ** 2)
    assert covariance(design, y, x) == pytest.approx(covariance(design, x, y))


def test_the_covariance_gives_the_error_of_a_sum():
    chance = np.random.default_rng(2)
    y, x = chance.normal(size=(2, 40))
    design = simple_design(chance.uniform(1, 3, 40))
    of_sum = mean(design, y + x).standard_error ** 2
    parts = mean(design, y).standard_error ** 2 + mean(design, x).standard_error ** 2
    assert parts + 2 * covariance(design, y, x) == pytest.approx(of_sum)


GROUPED = TOWN_PLAN.replace("weighting:", "groups: [gender]\nweighting:")


def in_groups(*answers: tuple[str, str, int]):
    """The entries by group of one response for each (unit, gender or nothing, answer)."""
    raw = [
        RawResponse(
            f"{i:032x}", unit, "", "probability", "qr",
            {"G2": code} | ({"gender": int(gender)} if gender else {}),
        )
        for i, (unit, gender, code) in enumerate(answers)
    ]  # fmt: skip
    sample, of = build_sample(LONG, LONG_MAPS, raw), plan(GROUPED)
    series, _ = make_series(sample, of, np.ones(len(sample)))
    return [e for e in tabulate(series, LONG, of) if e.domain.kind == "group"]


def grouped(*answers: tuple[str, str, int]):
    found = in_groups(*answers)
    return {e.domain.level: e for e in found if (e.measure, e.code) == ("item", "G2")}


BOTH = [("east", "1", 5), ("east", "2", 1), ("west", "1", 4), ("west", "2", 2)] * 3


def test_a_group_is_a_domain_of_everybody_and_is_shown_with_its_error():
    found = grouped(*BOTH)
    assert [(level, e.withheld, e.estimate.n) for level, e in found.items()] == [
        ("1", None, 6),
        ("2", None, 6),
    ]
    assert found["1"].estimate.value == pytest.approx((900 * 100 + 600 * 75) / 1500)
    assert found["1"].estimate.df == 10, "clusters less strata of the whole design"
    assert found["1"].difference.value > 0


def test_few_who_stated_no_group_are_hidden_with_the_smallest_group():
    found = grouped(*BOTH, ("east", "2", 3), ("east", "", 3), ("west", "", 3))
    assert (found["1"].withheld, found["2"].withheld) == ("complementary", None)


def test_many_who_stated_no_group_hide_nothing():
    found = grouped(*BOTH, *[("east", "", 3)] * 3)
    assert {e.withheld for e in found.values()} == {None}


def test_one_small_group_hides_a_second_so_that_it_cannot_be_subtracted():
    found = grouped(*[("east", "1", 5), ("west", "1", 4)] * 3, ("east", "2", 1))
    assert (found["1"].withheld, found["2"].withheld) == ("complementary", "too_few")


def test_a_group_that_is_all_but_a_few_of_a_unit_is_not_shown():
    east = [("east", "1", 5)] * 9 + [("east", "2", 1)]
    found = grouped(*east, *[("west", "2", 3)] * 9)
    assert found["1"].withheld == "complementary", "east less the men is one woman"


def crossed(*people: tuple[int, int, int]):
    """What is withheld of gender and of age, for (gender, age, how many) in the east."""
    raw = [
        RawResponse(
            f"{i:032x}", "east" if i % 2 else "west", "", "probability", "qr",
            {"G2": 1 + i % 5, "gender": gender, "age": age},
        )
        for i, (gender, age) in enumerate(
            (gender, age) for gender, age, count in people for _ in range(count)
        )
    ]  # fmt: skip
    text = TOWN_PLAN.replace("weighting:", "groups: [gender, age]\nweighting:")
    sample, of = build_sample(LONG, LONG_MAPS, raw), plan(text)
    series, _ = make_series(sample, of, np.ones(len(sample)))
    return {
        (e.domain.variable, e.domain.level): e.withheld
        for e in tabulate(series, LONG, of)
        if e.domain.kind == "group" and (e.measure, e.code) == ("item", "G2")
    }


def test_groups_of_two_variables_that_differ_by_one_person_are_not_both_shown():
    found = crossed((1, 1, 20), (1, 2, 1), (2, 2, 20))
    assert found["gender", "1"] is None
    assert {found["age", "1"], found["age", "2"]} == {"complementary"}, "one man is old"


def test_groups_of_two_variables_that_cross_or_are_the_same_people_are_shown():
    for found in (crossed((1, 1, 20), (1, 2, 20), (2, 2, 20)), crossed((1, 1, 20), (2, 2, 20))):
        stated = [found[key, level] for key in ("gender", "age") for level in ("1", "2")]
        assert stated == [None] * 4


def test_rates_are_not_given_by_group():
    assert {e.measure for e in in_groups(*BOTH)} == {"indicator", "item"}
