"""Writing a plan step by step: beginnings, edits, codes, lines, and mistakes in words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import InputRefused, Problem
from app.survey.planning.beginning import Start, new_plan, repeated_plan, usual_screening
from app.survey.planning.changes import changes_of
from app.survey.planning.codes import CodeMaker
from app.survey.planning.edits import (
    WAYS,
    Limits,
    Weights,
    composite_of,
    ways_of,
    with_answers,
    with_composite,
    with_weights,
)
from app.survey.planning.heading import heading_of
from app.survey.planning.listed import read_lines
from app.survey.planning.places_in_words import place_in_words
from app.survey.planning.rows import read_entries
from app.survey.planning.speech import said_in_english, told
from app.survey.planning.steps import STEPS, by_step, step_of
from app.survey.reading import SHAPE_WORDS
from app.survey.yaml_tree import load_tree
from world import DEFINITIONS, PROJECT, registry

START = Start(
    code="county-2026",
    title={"zh-Hans": "县调查", "en": "County survey"},
    survey="three_senses@1",
    organiser={"zh-Hans": "测评办", "en": "Survey office"},
    place={"zh-Hans": "青山县", "en": "Qingshan"},
    opens="2026-12-01T08:00:00",
    closes="2026-12-31T20:00:00",
)
SPEAKERS = (
    "app/survey/plan.py", "app/survey/recipe_steps.py", "app/survey/admission.py",
    "app/workflow/agreement.py",
)  # fmt: skip
OF_FILES = {
    "must be a mapping of keys", "must be a list", "is nested too deeply",
    "must be true or false", "is not a day",
}  # fmt: skip
"""Mistakes that a file can have and no form of a plan can make."""


def a_plan():
    plan = new_plan(START, registry().surveys["three_senses@1"][1])
    plan["units"] = read_lines("units", "东街, 900\n西街 6,000人", plan)
    return plan


def messages_of(file: Path) -> Iterator[str]:
    """Every message that a module can give a problem, with x for what is filled in."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "message":
            yield from _texts(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
            yield from _texts(node.args[1] if len(node.args) > 1 else None)


def _texts(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    if isinstance(node, ast.JoinedStr):
        yield "".join(v.value if isinstance(v, ast.Constant) else "7" for v in node.values)
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))


def spoken() -> list[str]:
    found = [text for name in SPEAKERS for text in messages_of(PROJECT / name)]
    unknown = [
        f"names no {what} on file"
        for what in ("survey version", "indicator system", "score map", "indicator",
                     "indicator of the survey", "adjustment item")
    ]  # fmt: skip
    shapes = [message for message, _ in SHAPE_WORDS.values()]
    return [
        text
        for text in (*found, *unknown, *shapes)
        if "names no 7" not in text and text not in OF_FILES
    ]


@pytest.mark.parametrize("message", sorted(set(spoken())))
def test_every_mistake_of_a_plan_is_told_in_chinese(message):
    (said,) = told([Problem("units[0].population", message, "Do it.")], a_plan())
    assert message not in said.in_chinese
    assert said.in_chinese.startswith("单位“东街”的人口：")


def test_a_place_is_told_by_its_name():
    plan = a_plan()
    assert place_in_words("units[1].region", plan).zh == "单位“西街”的所属地区"
    assert place_in_words("units[9].region", plan).zh == "第 10 个单位的所属地区"
    assert place_in_words("title.zh-Hans", plan).zh == "标题（中文）"
    assert place_in_words("nowhere", plan).zh == "nowhere"
    problem = Problem("units[0].population", "is required and absent", "Add it.")
    (said,) = told([problem], plan)
    assert said_in_english(said, plan) == (
        'Unit "东街" (unit-1), population: is required and absent. Fill it in.'
    )


@pytest.mark.parametrize(
    ("place", "step"),
    [
        ("units[3].population", "places"),
        ("regions", "places"),
        ("admission.quotas[0].code", "answering"),
        ("weighting[1].margins[0]", "weighting"),
        ("release.min_n", "screening"),
        ("composite.values[3]", "composite"),
        ("window.closes", "basics"),
        ("code", "basics"),
    ],
)
def test_a_place_belongs_to_a_step(place, step):
    assert step_of(place) == step
    assert [len(found) for found in by_step([Problem(place, "x")]).values()] == [
        int(one == step) for one in STEPS
    ]


def test_a_new_plan_is_complete_but_for_what_only_its_author_knows():
    plan = new_plan(START, registry().surveys["three_senses@1"][1])
    assert plan["units"] == []
    assert plan["population"]["zh-Hans"] == "青山县的成年居民"
    assert plan["seed"] == new_plan(START, None)["seed"]


def test_a_short_questionnaire_is_not_asked_for_twelve_items_alike():
    short = registry().surveys["service_review@1"][1]
    assert 5 <= usual_screening(short)["straight_lining"]["items"] <= 12
    assert usual_screening(None)["straight_lining"]["items"] == 12


def test_the_last_round_keeps_its_codes_and_loses_its_year():
    text = (DEFINITIONS / "plans" / "demo_senses.yaml").read_text()
    last = load_tree(text).value
    plan = repeated_plan(last, START)
    assert plan["units"] == last["units"]
    assert plan["repeats"] == "demo-senses"
    assert plan["seed"] != last["seed"]
    assert "note" not in plan
    assert "events" not in plan["composite"]
    assert all(
        v["status"] == "missing" and "value" not in v for v in plan["composite"]["values"]
    )
    assert last["composite"]["events"]


@pytest.mark.parametrize("ways", WAYS)
def test_who_answers_is_read_back_as_it_was_chosen(ways):
    plan = with_answers(a_plan(), ways, Limits(most=90))
    assert ways_of(plan) == ways
    assert plan["admission"]["most"] == 90
    expected = {"invitation": "probability", "ticket": "transaction", "imported": "probability"}
    assert plan["evidence_class"] == expected.get(ways, "opt_in")


def test_a_round_for_everybody_without_limits_says_nothing_about_admission():
    assert "admission" not in with_answers(a_plan(), "open", Limits())


def test_margins_make_the_steps_of_weighting():
    one = {"variable": "gender", "totals": {"1": 3, "2": 4}}
    two = {"variable": "age", "totals": {"1": 7}}
    kinds = [
        [step["kind"] for step in with_weights(a_plan(), weights, [])["weighting"]]
        for weights in (
            Weights(),
            Weights(margins=[one]),
            Weights(margins=[one, two], limit=5),
            Weights("given", "theirs", limit=5),
        )
    ]
    assert kinds == [["base"], ["base", "post_stratify"], ["base", "rake", "trim"], ["given"]]
    assert "margins" not in with_weights(a_plan(), Weights(), [])


def test_indicators_without_a_source_are_missing_for_every_unit():
    made = composite_of("s@1", {"a": "senses", "b": ""}, series="opt_in", units=["x", "y"])
    assert [v["unit"] for v in made["values"]] == ["x", "y"]
    plan = with_composite(a_plan(), made)
    assert "composite" not in with_composite(plan, None)


def test_codes_are_suggested_and_never_twice():
    maker = CodeMaker("unit", {"unit-1", "old-town"})
    names = ["东街", "Old Town", "New Town", "西街", "Old Town"]
    assert [maker.suggest(n) for n in names] == [
        "unit-2", "old-town-2", "new-town", "unit-3", "old-town-3",
    ]  # fmt: skip


def test_lines_are_names_with_people():
    units = a_plan()["units"]
    assert [(u["name"]["zh-Hans"], u["population"]) for u in units] == [
        ("东街", 900),
        ("西街", 6000),
    ]


def test_rows_find_their_region_by_code_or_name():
    plan = a_plan()
    plan["regions"] = read_lines("regions", "东区\n西区", plan)
    rows = [["名称", "所属地区", "人口"], ["甲", "东区", "5"], ["乙", "region-2", "6.0"]]
    units = read_entries("units", rows, plan)
    assert [unit["region"] for unit in units] == ["region-1", "region-2"]
    assert units[1]["population"] == 6
    with pytest.raises(InputRefused) as refused:
        read_entries("units", [*rows, ["丙", "北区", ""], ["丁", "", "x"]], plan)
    said = [problem.chinese for problem in refused.value.problems]
    assert said == [
        "第 4 行“所属地区”“北区”不是方案里的地区。现有：region-1、region-2。",
        "第 5 行“所属地区”没有填。现有：region-1、region-2。",
        "第 5 行“人口”“x”不是人数。请写 1 以上的整数。",
    ]


def test_a_name_keeps_the_code_it_had():
    plan = a_plan()
    rows = [["Name", "Population"], ["西街", "1"], ["新街", "2"], ["东街", "3"]]
    codes = [unit["code"] for unit in read_entries("units", rows, plan)]
    assert codes == ["unit-2", "unit-3", "unit-1"]


def test_changes_name_what_would_lose_its_place():
    plan = a_plan()
    plan["points"] = read_lines("points", "大厅", plan, holder="unit-2")
    kept = [plan["units"][0]]
    replaced = changes_of("units", plan, kept, mode="replace")
    assert [one["code"] for one in replaced.removed] == ["unit-2"]
    assert replaced.orphans == ("point-1",)
    added = changes_of("units", plan, kept, mode="add")
    assert (added.kept, added.removed, added.orphans) == (2, (), ())


@pytest.mark.parametrize("file", sorted((DEFINITIONS / "plans").glob("*.yaml")))
def test_a_heading_is_that_of_the_whole_plan(file):
    text = file.read_text()
    plan = load_tree(text).value
    heading = heading_of(text)
    assert heading.title.zh == plan["title"]["zh-Hans"]
    assert (heading.survey, heading.closes) == (plan["survey"], plan["window"]["closes"])
