"""A small survey with every kind of item, and the definition files of the project."""

from pathlib import Path

from app.survey.definition import Survey
from app.survey.reading import read_definition
from app.survey.score_maps import ScoreMap, ScoreMaps

DEFINITIONS = Path(__file__).parents[2] / "survey_defs"

SMALL_TEXT = """\
schema: minxin-survey/1
code: small
version: 1
title: {zh-Hans: 请您打分, en: Please rate}
lead: {zh-Hans: 每题选一个, en: Choose one each}
minutes: 1
source: made up for the tests
scales:
  satisfaction:
    options:
      - {code: 5, label: {zh-Hans: 很满意, en: Very satisfied}}
      - {code: 4, label: {zh-Hans: 比较满意, en: Fairly satisfied}}
      - {code: 3, label: {zh-Hans: 一般, en: Neither}}
      - {code: 2, label: {zh-Hans: 不太满意, en: Rather dissatisfied}}
      - {code: 1, label: {zh-Hans: 很不满意, en: Very dissatisfied}}
    dont_know: {code: 98, label: {zh-Hans: 说不清, en: Cannot say}}
    not_applicable: {code: 99, label: {zh-Hans: 没遇到, en: Did not use it}}
    score_map: even_5@1
    satisfied_strict: [5, 4]
    satisfied_broad: [5, 4, 3]
  life:
    lowest: 0
    highest: 10
    ends: [{zh-Hans: 不满意, en: Not at all}, {zh-Hans: 满意, en: Completely}]
    dont_know: {code: 98, label: {zh-Hans: 说不清, en: Cannot say}}
    score_map: even_11@1
  reasons:
    options:
      - {code: 21, label: {zh-Hans: 太慢, en: Too slow}}
      - {code: 22, label: {zh-Hans: 太远, en: Too far}}
      - {code: 23, label: {zh-Hans: 其他, en: Something else}, primary: false}
  gender:
    options:
      - {code: 1, label: {zh-Hans: 男, en: Man}}
      - {code: 2, label: {zh-Hans: 女, en: Woman}}
    dont_know: {code: 98, label: {zh-Hans: 不想说, en: Rather not say}}
sections:
  - code: main
    title: {zh-Hans: 服务, en: Service}
    items:
      - {code: speed, scale: satisfaction, text: {zh-Hans: 等候的时间, en: Waiting time}}
      - code: why
        kind: multiple
        scale: reasons
        optional: true
        ask_if: {item: speed, in: [1, 2]}
        text: {zh-Hans: 原因, en: Reasons}
      - {code: manner, scale: satisfaction, text: {zh-Hans: 态度, en: Manner}}
      - code: alone
        scale: satisfaction
        reversed: true
        text: {zh-Hans: 没有人帮忙, en: Nobody helps}
      - {code: life, kind: number, scale: life, text: {zh-Hans: 生活, en: Life}}
  - code: more
    title: {zh-Hans: 其他, en: More}
    items:
      - code: wish
        kind: text
        optional: true
        max_length: 20
        text: {zh-Hans: 愿望, en: Wish}
      - {code: gender, scale: gender, optional: true, text: {zh-Hans: 性别, en: Gender}}
      - code: child
        scale: gender
        optional: true
        ask_if: {item: gender, in: [2]}
        text: {zh-Hans: 孩子的性别, en: Gender of the child}
      - code: grown
        scale: gender
        optional: true
        ask_if: {item: child, in: [1]}
        text: {zh-Hans: 成年了吗, en: Grown up}
indicators:
  - code: service
    name: {zh-Hans: 服务, en: Service}
    items: [speed, manner, alone, life]
    min_share: 0.6
  - code: overall
    name: {zh-Hans: 总分, en: Overall}
    indicators: [service]
"""


def read_survey(text: str) -> Survey:
    return read_definition(Survey, text, source="survey.yaml")


def small_survey(old: str = "", new: str = "") -> Survey:
    """The small survey, with one piece of its text exchanged."""
    assert old in SMALL_TEXT
    return read_survey(SMALL_TEXT.replace(old, new, 1))


def project_survey(code: str) -> Survey:
    path = DEFINITIONS / "surveys" / f"{code}.yaml"
    return read_definition(Survey, path.read_text(encoding="utf-8"), source=path.name)


def score_maps_of(survey: Survey) -> dict[str, ScoreMap]:
    """The survey's own choice of map by the name of its scale."""
    text = (DEFINITIONS / "score_maps.yaml").read_text(encoding="utf-8")
    maps = read_definition(ScoreMaps, text, source="score_maps.yaml")
    found = {
        name: maps.find(scale.score_map)
        for name, scale in survey.scales.items()
        if scale.score_map is not None
    }
    return {name: score_map for name, score_map in found.items() if score_map is not None}
