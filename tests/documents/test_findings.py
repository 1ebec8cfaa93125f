"""The generated sentences: what they claim, and above all what they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.method.sections import method
from app.documents.results.findings import (
    compare_units,
    group_finding,
    headline,
    indicator_finding,
    omissions,
)
from app.documents.results.result import read_result
from app.documents.results.result_page import indicator_blocks
from result_documents import compared, county, figure, opt_in, text


def said(document, language="zh-Hans"):
    return headline(read_result(document, language))


def test_units_whose_interval_leaves_everybody_outside_are_named():
    document = county(
        {"城关镇": {"value": 85.0}, "新安镇": {"value": 75.0}, "河口镇": {"value": 80.5}}
    )
    assert said(document) == (
        "与全体相比，城关镇的三感总分明显较高，新安镇的三感总分明显较低；其余差别多在误差以内。"
    )
    assert said(document, "en") == (
        "Compared with everybody, 城关镇 is clearly higher on Three senses, 新安镇 is clearly"
        " lower on Three senses; other differences are mostly within the margin of error."
    )


def test_a_unit_with_too_small_a_sample_is_never_called_above_or_below():
    document = county({"城关镇": {"value": 95.0, "size": 99.0}, "新安镇": {"value": 80.5}})
    result = read_result(document, "zh-Hans")
    comparison = compare_units(result, "probability", "senses")
    assert [f.domain_code for f in comparison.unsure] == ["u0"]
    assert not comparison.above
    assert "明显" not in said(document)
    assert "城关镇样本不足，不作比较" in indicator_finding(result, "probability", "senses")


def test_where_no_unit_can_be_compared_the_sentence_says_so():
    document = county({"城关镇": {"value": 95.0, "size": 50.0}})
    assert said(document) == "各单位的样本都不足以互相比较；三感总分全体 80.0 分。"


def test_where_all_are_alike_nobody_is_named():
    document = county({"城关镇": {"value": 81.0}, "新安镇": {"value": 79.0}})
    assert said(document) == "样本足以比较的单位，各项得分与全体的差别都在误差以内。"


def test_many_units_are_counted_and_not_listed():
    document = county({f"第{i}镇": {"value": 90.0} for i in range(5)})
    assert "5 个单位至少一项明显较高" in said(document)
    result = read_result(document, "zh-Hans")
    finding = indicator_finding(result, "probability", "senses")
    assert "第0镇、第1镇、第2镇 等 5 个明显高于全体" in finding


def test_a_withheld_unit_is_named_without_its_value():
    document = county(
        {"城关镇": {"value": None, "withheld": "too_few"}, "新安镇": {"value": 80.5}}
    )
    finding = indicator_finding(read_result(document, "zh-Hans"), "probability", "senses")
    assert finding.endswith("城关镇不公布。")


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_opt_in_answers_are_compared_with_nothing(language):
    document = opt_in()
    result = read_result(document, language)
    sentences = headline(result) + indicator_finding(result, "opt_in", "senses")
    for word in ("明显", "误差以内", "区间", "clearly", "interval", "margin"):
        assert word not in sentences
    assert "71.4" in sentences
    assert "一区" not in sentences


def test_opt_in_answers_too_few_to_publish_have_no_mean():
    assert said(opt_in(None)).endswith("数量太少，暂不公布平均分。")


def test_a_round_without_answers_says_so():
    assert said(county({}, series=[], estimates=[])) == "没有收到可以汇总的回答。"


@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, 30), st.floats(1, 500), st.booleans()),
        max_size=6,
    )
)
def test_every_unit_lands_on_exactly_one_side_and_the_side_is_right(drawn):
    units = {
        f"镇{i}": {"value": v, "half": h, "size": s, "withheld": "too_few" if w else None}
        for i, (v, h, s, w) in enumerate(drawn)
    }
    result = read_result(county(units), "zh-Hans")
    found = compare_units(result, "probability", "senses")
    sides = (found.above, found.below, found.alike, found.unsure, found.withheld)
    assert sum(map(len, sides)) == len(units)
    assert all(f.low > 80.0 and f.effective_n >= 100 for f in found.above)
    assert all(f.high < 80.0 and f.effective_n >= 100 for f in found.below)
    assert all(f.low <= 80.0 <= f.high for f in found.alike)
    assert all(f.withheld for f in found.withheld)


def test_a_series_without_weights_is_told_and_has_no_place_among_the_others():
    document = county({"城关镇": {"value": 81.0}})
    document["series"].append(
        {"code": "opt_in", "kind": "band", "n": 40, "impossible": "margin town: nobody"}
    )
    result = read_result(document, "zh-Hans")
    assert [one["code"] for one in result.series] == ["probability"]
    assert omissions(result) == ("自愿扫码有 40 份回答，无法按方案加权，因此没有得分。",)
    document["series"][-1]["n"] = 7
    assert omissions(read_result(document, "en")) == (
        "Opt-in: fewer than 30 answers could not be weighted by the plan,"
        " so there are no scores for them.",
    )


def test_units_without_a_single_answer_are_named():
    document = county({"城关镇": {"value": 81.0}, "新安镇": {"value": None, "n": 0}})
    assert omissions(read_result(document, "zh-Hans")) == ()
    del document["responses"]["by_unit"]["u1"]
    result = read_result(document, "zh-Hans")
    assert omissions(result) == ("新安镇没有收到回答；全体的数里不含这些单位。",)
    told = [sentence for section in method(result) for sentence in section.sentences]
    assert set(omissions(result)) <= set(told)


def test_a_document_without_differences_calls_no_unit_above_or_below():
    document = county({"城关镇": {"value": 99.0}})
    for entry in document["estimates"]:
        entry.pop("difference", None)
    comparison = compare_units(read_result(document, "zh-Hans"), "probability", "senses")
    assert [f.domain_code for f in comparison.unsure] == ["u0"]


def test_a_unit_is_compared_by_its_difference_and_not_by_its_own_interval():
    wide = {"value": 0.5, "standard_error": 1.0, "low": -1.5, "high": 2.5}
    document = county({"城关镇": {"value": 85.0, "difference": wide}})
    comparison = compare_units(read_result(document, "zh-Hans"), "probability", "senses")
    assert [f.domain_code for f in comparison.alike] == ["u0"]


def with_groups(**values):
    """A county whose indicator is given by gender: level → what differs in its figure."""
    document = county({})
    levels = {"1": text("男", "Man"), "2": text("女", "Woman")}
    document["round"]["groups"] = [
        {
            "code": "gender", "name": text("性别", "Gender"),
            "levels": [{"code": code, "label": label} for code, label in levels.items()],
        }
    ]  # fmt: skip
    document["estimates"] += [
        compared(figure(domain="group", domain_code=f"gender={code}", **values[f"g{code}"]), 80)
        for code in levels
    ]
    return document


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh-Hans", "性别：男明显低于全体。"), ("en", "Gender: Man clearly below everybody.")],
)
def test_a_group_that_differs_from_everybody_is_named(language, sentence):
    document = with_groups(g1={"value": 70.0}, g2={"value": 80.5})
    result = read_result(document, language)
    assert group_finding(result, "probability", measure="indicator", code="senses") == sentence


def test_groups_within_their_errors_or_too_small_are_not_said_to_differ():
    alike = read_result(with_groups(g1={"value": 80.2}, g2={"value": 79.8}), "en")
    small = read_result(
        with_groups(g1={"value": 70.0, "size": 50.0}, g2={"value": 90.0, "size": 50.0}), "en"
    )
    words = [
        group_finding(result, "probability", measure="indicator", code="senses")
        for result in (alike, small)
    ]
    assert "no more than their errors" in words[0]
    assert "No group has a sample large enough" in words[1]


def test_groups_stand_apart_from_the_units():
    result = read_result(with_groups(g1={"value": 70.0}, g2={"value": 80.5}), "en")
    (block,) = indicator_blocks(result)
    assert {figure.domain for figure in block.main.figures} == {"overall"}
    (table,) = block.main.groups
    assert (table.name, [f.value for f in table.figures]) == ("Gender", [70.0, 80.5])
