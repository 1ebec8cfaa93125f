"""What changed since the round before, as it is laid out: sentence, slope, table."""

from test_changes import changed, repeated

from app.documents.results.change_page import change_blocks
from app.documents.results.result import read_result
from result_documents import county


def test_an_indicator_that_was_compared_has_a_slope_and_a_table():
    document = repeated(changed(2.0), [("甲", changed(3.0)), ("乙", changed(0.2))])
    (block,) = change_blocks(read_result(document, "zh-Hans"))
    assert "上升" in block.sentence
    assert block.chart.count("<svg") == 2
    assert [row.name for row in block.rows] == ["全体", "甲", "乙"]
    assert [row.is_move for row in block.rows] == [True, True, False]


def test_where_nothing_stands_in_both_rounds_there_is_a_table_of_reasons_alone():
    document = repeated(changed(reason="other_questionnaire"))
    (block,) = change_blocks(read_result(document, "zh-Hans"))
    assert block.chart == ""
    assert block.rows[0].verdict == "问卷版本不同，不可比"


def test_a_round_that_repeats_none_has_nothing_to_compare():
    assert change_blocks(read_result(county({"甲": {"value": 80.0}}), "zh-Hans")) == ()
