"""The definition files of the project: each reads cleanly and says what its source says."""

import re

import pytest
from pydantic import BaseModel
from survey_examples import DEFINITIONS, project_survey, read_survey

from app.scoring.definition.system import IndicatorSystem
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.reading import read_definition
from app.survey.schema import json_schema
from app.survey.score_maps import ScoreMaps
from app.survey.text import Text

MODELS = {"surveys": Survey, "plans": Plan, "systems": IndicatorSystem}
FILES = sorted(path for folder in MODELS for path in (DEFINITIONS / folder).glob("*.yaml"))
CHINESE = "[\u4e00-\u9fff，。；：、？！（）“”]"


def definition_of(path):
    text = path.read_text(encoding="utf-8")
    return read_definition(MODELS[path.parent.name], text, source=path.name)


def texts_in(value):
    if isinstance(value, Text):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts_in(getattr(value, name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from texts_in(inner)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_definition_file_reads_cleanly(path):
    definition = definition_of(path)
    assert definition.code.replace("-", "_") == path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_text_is_chinese_in_chinese_and_english_in_english(path):
    texts = list(texts_in(definition_of(path)))
    assert texts
    for text in texts:
        assert re.search(r"[\u4e00-\u9fff]|^%$", text.zh), text
        assert not re.search(r"[\u4e00-\u9fff]", text.en), text
        # A folded line would leave a space between two Chinese characters.
        assert not re.search(f"{CHINESE}\\s{CHINESE}", text.zh), text


def test_the_survey_in_the_guide_can_be_read():
    guide = (DEFINITIONS / "README.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(schema: minxin-survey.*?)```", guide, re.DOTALL)
    assert read_survey(example).indicators


def keys_of(schema) -> set[str]:
    nodes = [schema, *schema["$defs"].values()]
    return {key for node in nodes for key in node.get("properties", {})}


@pytest.mark.parametrize("model", [Survey, ScoreMaps, Plan])
def test_the_guide_explains_every_key(model):
    guide = (DEFINITIONS / "README.md").read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", guide, flags=re.DOTALL)
    named = re.findall(r"`([^`]+)`", prose)
    explained = {word for code in named for word in re.findall(r"[\w-]+", code)}
    assert keys_of(json_schema(model)) - explained == set()


# 好差评


FIRST_REASON = {5: 510, 4: 406, 3: 307, 2: 207, 1: 108}


def test_the_five_national_grades_stand_best_first_with_their_words():
    grade = project_survey("service_review").scales["grade"]
    assert [(option.code, option.label.zh) for option in grade.options] == [
        (5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意"),
    ]  # fmt: skip
    assert grade.satisfied_strict == (5, 4)
    assert grade.satisfied_broad == (5, 4, 3)


@pytest.mark.parametrize("grade", FIRST_REASON)
def test_each_grade_has_its_eight_national_reasons_three_of_them_shown_at_once(grade):
    survey = project_survey("service_review")
    item = survey.items[f"why_{grade}"]
    options = survey.scale_of(item).options
    first = FIRST_REASON[grade]
    assert [option.code for option in options] == list(range(first, first + 8))
    assert [option.primary for option in options] == [True] * 3 + [False] * 5
    assert (item.kind, item.optional, item.label_set) == (
        "multiple",
        True,
        "national_reasons@2020",
    )
    assert item.ask_if is not None
    assert (item.ask_if.item, item.ask_if.is_in) == ("grade", (grade,))


def test_reasons_are_worded_as_the_national_list_has_them():
    scales = project_survey("service_review").scales
    words = {
        o.code: o.label.zh for name in scales if name != "grade" for o in scales[name].options
    }
    assert len(words) == len(set(words.values())) == 40
    assert words[510] == "一窗受理一次办结"
    assert words[409] == "用告知承诺减免申报材料"
    assert words[314] == "服务态度一般"
    assert words[212] == "在线预约办理后到实体大厅重复取号排队"
    assert words[110] == "无理由超过法定办理时间"


# 三感


def test_the_three_senses_ask_eighteen_scored_items_overall_life_first_coaching_last():
    survey = project_survey("three_senses")
    scored = [code for code, item in survey.items.items() if survey.scale_of(item).score_map]
    assert scored[:2] == ["H1", "H2"]
    assert sorted(scored) == sorted(
        [f"G{i}" for i in range(1, 7)] + [f"H{i}" for i in range(1, 6)]
        + [f"S{i}" for i in range(1, 7)] + ["P1"]
    )  # fmt: skip
    assert list(survey.items)[-1] == "coached"
    assert len(survey.items) <= 40
    assert [code for code, item in survey.items.items() if item.reversed] == ["H5"]
    sensitive = {code for code, item in survey.items.items() if item.sensitive}
    assert sensitive == {"S4", "S5", "S6", "P1", "coached"}


def test_everything_that_is_not_scored_may_be_left_out():
    survey = project_survey("three_senses")
    for code, item in survey.items.items():
        assert item.optional == (survey.scale_of(item).score_map is None), code


def test_every_scored_item_of_ours_has_an_answer_that_is_never_scored():
    for name in ("service_review", "three_senses", "three_senses_short"):
        for scale in project_survey(name).scales.values():
            if scale.score_map is not None:
                assert scale.dont_know is not None
                assert scale.dont_know.code == 98


# Bloomington


def test_the_bloomington_indicators_are_those_of_the_published_battery():
    survey = project_survey("bloomington_2017")
    indicators = {indicator.code: indicator for indicator in survey.indicators}
    assert {code: len(i.items) for code, i in indicators.items()} == {
        "gain": 20, "happiness": 12, "security": 6, "senses": 0,
    }  # fmt: skip
    assert indicators["senses"].indicators == ("gain", "happiness", "security")
    assert [indicators[c].min_share for c in ("gain", "happiness", "security")] == [0.6] * 3
    assert indicators["security"].items == ("q2a", "q4a", "q4b", "q4c", "q4d", "q18d")


def test_the_bloomington_codes_stay_as_they_were_published():
    scales = project_survey("bloomington_2017").scales
    assert scales["quality"].codes == (1, 2, 3, 4)
    assert [option.code for option in scales["quality"].unscored] == [5]
    assert scales["safety"].codes == (1, 2, 3, 4, 5)
    assert [option.code for option in scales["safety"].unscored] == [6]


def test_every_map_a_survey_names_fits_its_scale():
    text = (DEFINITIONS / "score_maps.yaml").read_text(encoding="utf-8")
    maps = read_definition(ScoreMaps, text, source="score_maps.yaml")
    for path in (DEFINITIONS / "surveys").glob("*.yaml"):
        for name, scale in definition_of(path).scales.items():
            if scale.score_map is None:
                continue
            score_map = maps.find(scale.score_map)
            assert score_map is not None, (path.name, name)
            if score_map.kind == "line":
                assert {score_map.worst, score_map.best} == {scale.lowest, scale.highest}
            else:
                assert len(score_map.points) == len(scale.codes)


def test_the_demonstration_says_that_it_is_one():
    demo = definition_of(DEFINITIONS / "plans" / "demo_senses.yaml")
    assert demo.evidence_class == "opt_in"
    assert demo.note is not None
    assert "模拟" in demo.note.zh
    assert "invented" in demo.note.en
    assert demo.composite.opt_in_accepted is not None
    assert "虚构" in demo.composite.values_source.zh
    bloomington = definition_of(DEFINITIONS / "plans" / "bloomington_2017.yaml")
    assert {unit.code for unit in demo.units} == {unit.code for unit in bloomington.units}
    assert [len([p for p in demo.points if p.unit == u.code]) for u in demo.units] == [2] * 4


def test_the_bloomington_plan_reports_signals_without_changing_a_weight():
    plan = definition_of(DEFINITIONS / "plans" / "bloomington_2017.yaml")
    signals = [getattr(plan.screening, name) for name in type(plan.screening).model_fields]
    assert {signal.influence for signal in signals if signal is not None} == {1}
    assert [step.kind for step in plan.weighting] == ["given"]
    assert all("Illustrative" in event.evidence for event in plan.composite.events)
