"""The systems that come with the software: sound, complete in both languages, and scored."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import InputRefused
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import score
from app.scoring.inputs import Event, IndicatorValue, ScoredUnit
from app.survey.reading import read_definition

SYSTEMS = Path(__file__).parents[2] / "survey_defs" / "systems"
FILES = sorted(SYSTEMS.glob("*.yaml"))


def load(name):
    path = SYSTEMS / f"{name}.yaml"
    return read_definition(IndicatorSystem, path.read_text(), source=path.name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_system_is_sound_and_named_like_its_file(path):
    assert load(path.stem).code == path.stem


def test_the_demonstration_says_that_it_is_no_official_system():
    system = load("demo_hqd")
    assert "不是任何机关的考核办法" in system.note.zh
    assert "not official" in system.note.en


def test_class_weights_of_every_region_type_follow_the_preset_and_sum_to_100():
    system = load("demo_hqd")
    classes = [node.code for node in system.nodes if node.parent]
    base = {code: system.weight(code, "urban_core") for code in classes}
    assert list(base.values()) == [20, 13, 12, 15, 10, 20, 10]
    moved = {
        "key_development": {"innovation": 3, "green": -3},
        "agricultural": {"coordination": 3, "opening": -3},
        "ecological": {"green": 6, "quality": -6},
    }
    for region_type, changes in moved.items():
        for code in classes:
            expected = base[code] + changes.get(code, 0)
            assert system.weight(code, region_type) == expected
        assert sum(system.weight(code, region_type) for code in classes) == 100


def test_four_deduction_families_have_their_caps_and_two_items_a_veto():
    rules = load("demo_hqd").adjustments
    assert [family.cap for family in rules.families] == [5, 5, 5, 5]
    assert rules.total_cap.deduct == 20
    assert [item.code for item in rules.items if item.veto_max_grade] == [
        "false_data",
        "major_accident",
    ]


def middle(system, unit):
    """Every indicator half way between its two bounds; the opt-in one with a band."""
    for card in system.indicators:
        bounds = card.normalise.bounds
        yield IndicatorValue(
            unit,
            card.code,
            (bounds.unacceptable + bounds.satisfactory) / 2,
            standard_error=1.0 if card.evidence == "probability" else None,
            band=(55.0, 75.0) if card.evidence == "opt_in" else None,
            effective_n=250.0 if card.min_effective_n else None,
        )


@pytest.mark.parametrize(
    "region_type", ["urban_core", "key_development", "agricultural", "ecological"]
)
def test_a_unit_half_way_everywhere_scores_80_in_every_region_type(region_type):
    system = load("demo_hqd")
    result = score(system, units=[ScoredUnit("a", region_type)], values=[*middle(system, "a")])
    unit = result.units[0]
    assert unit.gross == pytest.approx(80)
    assert unit.grade.grade == "good"
    # Four points of 100, and 40 points of score on 50 of the senses.
    assert unit.standard_error.value == pytest.approx(0.04 * 0.8)
    assert unit.rank_in_type == 1


def test_what_open_codes_say_is_shown_and_moves_no_score():
    system = load("demo_hqd")
    values = {value.indicator: value for value in middle(system, "a")}
    before = score(system, units=[ScoredUnit("a", "urban_core")], values=[*values.values()])
    values["senses_opt_in"] = IndicatorValue("a", "senses_opt_in", 90.0, band=(80.0, 95.0))
    after = score(system, units=[ScoredUnit("a", "urban_core")], values=[*values.values()])
    assert after.units[0].gross == before.units[0].gross
    assert after.units[0].step("senses_opt_in").normalised == 100
    assert after.units[0].opt_in is None


def test_no_system_but_that_of_the_open_round_lets_open_codes_weigh():
    accepting = [path.stem for path in FILES if load(path.stem).opt_in_accepted is not None]
    assert accepting == ["demo_open_round"]
    note = load("demo_open_round").note
    assert "不应照搬" in note.zh
    assert "not to be copied" in note.en


def test_the_plan_of_the_open_round_names_the_system_made_for_it():
    plan = (SYSTEMS.parent / "plans" / "demo_senses.yaml").read_text()
    assert f"system: {load('demo_open_round').key}\n" in plan


@pytest.mark.parametrize("region_type", ["key_development", "ecological"])
def test_one_more_scanned_answer_moves_the_score_of_the_open_round(region_type):
    system = load("demo_open_round")
    values = {value.indicator: value for value in middle(system, "a")}
    units = [ScoredUnit("a", region_type)]
    before = score(system, units=units, values=[*values.values()]).units[0]
    # Two points of 100, and 40 points of score on 50 of the senses.
    assert before.gross == pytest.approx(80)
    assert before.band.band == pytest.approx((80 - 0.02 * 8, 80 + 0.02 * 8))
    assert before.standard_error.value is None
    assert before.opt_in.effective_weight == pytest.approx(0.02)
    assert before.rank_in_type is None
    values["senses_opt_in"] = IndicatorValue("a", "senses_opt_in", 66.0, band=(56.0, 76.0))
    after = score(system, units=units, values=[*values.values()]).units[0]
    assert after.gross - before.gross == pytest.approx(0.02 * 0.8)


def test_a_sample_too_small_is_refused_where_it_weighs():
    system = load("demo_hqd")
    values = {value.indicator: value for value in middle(system, "a")}
    small = replace(values["senses_probability"], effective_n=64.0)
    values["senses_probability"] = small
    with pytest.raises(InputRefused, match=r"E204.*64"):
        score(system, units=[ScoredUnit("a", "urban_core")], values=[*values.values()])


def test_what_is_counted_and_what_residents_say_stand_in_pairs():
    gaps = load("demo_hqd").perception_gaps
    assert [(gap.objective, gap.subjective) for gap in gaps] == [
        ("green", "ecology_satisfaction"),
        ("sharing", "public_service_satisfaction"),
    ]


def test_every_item_of_the_ledger_says_what_paper_it_rests_on():
    for name in ("demo_hqd", "demo_open_round"):
        for item in load(name).adjustments.items:
            assert item.evidence is not None


def test_the_bloomington_areas_are_scored_ranked_in_their_type_and_deducted():
    system = load("bloomington_senses")
    senses = {"area-1": 70.0, "area-2": 72.0, "area-3": 66.0, "area-4": 64.0}
    types = {"area-1": "core", "area-2": "core", "area-3": "outer", "area-4": "outer"}
    values = [
        IndicatorValue(area, code, senses[area] + shift, standard_error=1.5)
        for area in senses
        for code, shift in (("gain", -6.0), ("happiness", 0.0), ("security", 6.0))
    ]
    result = score(
        system,
        units=[ScoredUnit(*pair) for pair in types.items()],
        values=values,
        events=[Event("area-2", "overdue_replies", 9, "upheld", "call list")],
    )
    assert [unit.gross for unit in result.units] == pytest.approx([70, 72, 67, 65])
    assert [unit.final for unit in result.units] == pytest.approx([70, 70, 67, 65])
    assert [unit.rank_in_type for unit in result.units] == [1, 1, 1, 2]
    assert result.unit("area-2").ledger.items[0].total.swallowed == 2.5
    assert result.unit("area-1").standard_error.value == pytest.approx(1.5 / 3**0.5)
