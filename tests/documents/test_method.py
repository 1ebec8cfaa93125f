"""The method page answers every point that its two lists ask for, from the result alone."""

import re

import pytest

from app.documents.method.sections import method
from app.documents.results.result import read_result
from result_documents import county, opt_in, text

UNIT = {"城关镇": {"value": 85.0}}


def sections(document, language="zh-Hans"):
    return {one.anchor: one for one in method(read_result(document, language))}


@pytest.mark.parametrize("document", [county(UNIT), opt_in()], ids=["sample", "opt-in"])
def test_all_eleven_points_of_the_checklist_are_answered(document):
    answered = {
        int(number)
        for section in method(read_result(document, "zh-Hans"))
        for part in re.findall(r"AAPOR ([\d、]+)", section.answers)
        for number in part.split("、")
    }
    assert answered == set(range(1, 12))


def test_article_27_is_answered_in_all_its_parts():
    answered = "".join(
        section.answers for section in method(read_result(county(UNIT), "zh-Hans"))
    )
    for part in ("指标含义", "范围", "方法", "计算方法", "样本量"):
        assert part in answered


def test_an_opt_in_round_has_no_section_on_errors_and_a_sample_none_on_bands():
    assert "precision" not in sections(opt_in())
    assert "−0.05，0.00，0.05" in str(sections(opt_in())["sensitivity"].facts)
    assert "sensitivity" not in sections(county(UNIT))


def test_a_poll_without_approval_claims_none():
    assert "不是依统计法批准" in sections(county(UNIT))["scope"].sentences[0]
    document = county(UNIT)
    document["round"]["organiser"]["approval"] = text("国统制〔2026〕1号")
    assert sections(document)["scope"].sentences == ("国统制〔2026〕1号",)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"kind": "given", "source": "file"}, "file"),
        ({"kind": "base"}, "单位人口除以单位回答数"),
        ({"kind": "post_stratify", "margin": "age"}, "事后分层：按 age"),
        ({"kind": "rake", "margins": ["age", "sex"]}, "age、sex"),
        (
            {
                "kind": "calibrate",
                "margins": ["age"],
                "distance": "logit",
                "bounds": [0.3, 3.0],
            },
            "新旧权数之比在 0.3 和 3 之间",
        ),
        (
            {"kind": "calibrate", "margins": ["age"], "distance": "linear", "bounds": None},
            "线性距离",
        ),
        (
            {"kind": "trim", "lowest": 0.2, "highest": 4.0, "distance": "linear"},
            "不低于平均的 0.2 倍、不高于 4 倍",
        ),
    ],
)
def test_every_weighting_step_is_told_in_words(step, words):
    document = county(UNIT)
    document["round"]["weighting"] = [step]
    assert words in sections(document)["weighting"].sentences[0]


def test_a_signal_says_how_often_it_fired_and_what_it_cost():
    document = county(UNIT)
    signal = {
        "signal": "speed", "version": 1, "name": text("答得过快"), "reason": text("也许熟悉"),
        "note": None, "influence": 0.5, "applicable": 2500, "fired": 12,
    }  # fmt: skip
    silent = signal | {"name": text("同一设备"), "applicable": 0, "note": text("没有设备记录")}
    document["screening"]["signals"] = [signal, silent]
    facts = sections(document)["screening"].facts
    assert facts == (("答得过快", "12 份 · 权数乘 0.5"), ("同一设备", "没有设备记录"))


def test_simulated_answers_are_named_among_the_limits():
    document = county(UNIT)
    assert not any("模拟" in s for s in sections(document)["limits"].sentences)
    document["responses"]["by_channel"] = {"simulated": 2500}
    assert any("模拟" in s for s in sections(document)["limits"].sentences)


def test_every_anchor_is_one_word_and_stands_once():
    anchors = [section.anchor for section in method(read_result(county(UNIT), "zh-Hans"))]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"[a-z-]+", anchor) for anchor in anchors)


def test_the_weights_are_told_after_every_step():
    document = county(UNIT)
    steps = [(1.0, 1.0), (6.25, 1.482), (3.0, 1.41)]
    names = ("largest_over_mean", "kish_design_effect")
    document["weights"] = [
        {
            "series": "probability", "n": 2500, "sum": 1.0, "smallest": 0.1, "largest": 3.0,
            "kish_effective_n": 1773.0,
            "steps": [dict(zip(names, step, strict=True)) for step in steps],
            "calibration": [
                {"margins": ["age"], "not_stated": {"age": 0.031}, "margin_error": 2e-12}
            ],
        }
    ]  # fmt: skip
    facts = dict(sections(document)["weighting"].facts)
    assert facts["抽样调查：第 2 步之后"] == "最大权数是平均的 6.25 倍，Kish 设计效应 1.482"
    assert "至多占权数的 3.1%" in facts["抽样调查：校准 age"]


def test_the_reliability_of_an_indicator_names_its_weakest_item():
    document = county(UNIT)
    items = [("q1", 0.61, 0.7), ("q2", 0.35, 0.8)]
    known = {"series": "probability", "indicator": "senses", "reason": None, "n": 2310}
    found = {
        "alpha": 0.789, "omega": None,
        "items": [
            dict(zip(("code", "item_rest", "alpha_without"), item, strict=True))
            for item in items
        ],
    }  # fmt: skip
    document["reliability"] = [known | found]
    facts = dict(sections(document)["reliability"].facts)
    assert facts["三感总分"] == "α 0.79，ω —，n 2,310（q2：0.35）"
    document["reliability"] = [known | {"alpha": None, "omega": None, "items": []}]
    assert "reliability" not in sections(document)


def test_the_source_of_a_score_map_is_named_once_for_all_its_scales():
    document = opt_in()
    document["round"]["score_maps"] = [
        {"scale": scale, "key": "even_5@1", "source": "A book.", "name": text("均分"),
         "points": {}, "options": []}
        for scale in ("agreement", "safety")
    ]  # fmt: skip
    told = sections(document)["score-maps"]
    assert told.sentences.count("even_5@1: A book.") == 1
    assert len(told.facts) == 2
