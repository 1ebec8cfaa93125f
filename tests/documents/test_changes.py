"""What is said of a round and the one before: rose, fell, or why nobody can say."""

import csv
import io

import pytest

from app.documents.method.sections import method
from app.documents.results.changes import (
    change_rows,
    indicator_change,
    item_change_rows,
    round_change,
)
from app.documents.results.result import read_result
from app.documents.results.tables import download
from result_documents import county, figure, text


def changed(value=None, *, half=1.0, reason=None):
    """What a document says of one number; a reason instead of a value."""
    verdict = None
    if value is not None:
        verdict = "rose" if value > half else "fell" if value < -half else "unclear"
    known = value is not None
    return {
        "reason": reason, "before": 78.0 if known else None, "verdict": verdict, "value": value,
        "standard_error": half / 2 if known else None, "df": 187.4 if known else None,
        "low": value - half if known else None, "high": value + half if known else None,
    }  # fmt: skip


def repeated(overall, units=(), item=None):
    document = county({name: {"value": 80.0, "change": change} for name, change in units})
    document["before"] = {"code": "county-2025", "title": text("去年的调查", "Last year's")}
    document["estimates"][0]["change"] = overall
    measured = figure(80.0, measure="item", code="q1", domain="overall", change=item)
    document["estimates"].append(measured)
    return document


def said(document, language="zh-Hans"):
    return indicator_change(read_result(document, language), "probability", "senses")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (2.0, "全体上升：+2.0 分，区间 1.0–3.0。"),
        (-2.0, "全体下降：−2.0 分，区间 −3.0 – −1.0。"),
        (0.5, "全体看不出变化：+0.5 分，区间 −0.5 – 1.5。"),
    ],
)
def test_everybody_rose_fell_or_cannot_be_said_to_have(change, words):
    assert said(repeated(changed(change))).endswith(words)


def test_the_sentence_is_complete_in_english():
    document = repeated(changed(2.0), [("East", changed(-3.0)), ("West", changed(0.1))])
    assert said(document, "en") == (
        "Compared with the round before (Last year's), everybody: rose, +2.0 points, "
        "interval 1.0–3.0. Compared with the round before, East fell."
    )


def test_an_incomparable_number_says_why_and_nothing_else():
    document = repeated(changed(reason="other_score_map"))
    assert said(document) == "与上一轮（去年的调查）：计分表不同，不可比。"
    result = read_result(document, "zh-Hans")
    (row,) = change_rows(
        result, result.figures("probability", measure="indicator", code="senses")
    )
    assert (row.change, row.before, row.is_move) == ("—", "—", False)


def test_the_round_as_a_whole_names_what_moved():
    assert "三感总分上升" in round_change(read_result(repeated(changed(2.0)), "zh-Hans"))
    still = round_change(read_result(repeated(changed(0.0)), "en"))
    assert still == "Compared with the round before, the samples show no change in any of them."


def test_a_first_round_speaks_of_no_change():
    result = read_result(county({"东": {"value": 80.0}}), "zh-Hans")
    assert round_change(result) == ""
    assert item_change_rows(result) == ()
    assert "change" not in {section.anchor for section in method(result)}
    assert "上一轮" not in download(county({}), "csv", language="zh-Hans").decode()


def test_the_method_page_says_how_rounds_are_compared():
    sections = {s.anchor: s for s in method(read_result(repeated(changed(2.0)), "en"))}
    assert "independent" in sections["change"].sentences[0]
    assert sections["change"].facts == (("Round before", "Last year's"),)


def test_the_files_carry_the_change_with_its_degrees_of_freedom():
    content = download(repeated(changed(2.0), item=changed(-3.0)), "csv", language="en")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert (rows[0]["Change"], rows[0]["change, df"]) == ("2.00", "187.4")
    assert rows[0]["since the round before"] == "rose"
    assert rows[-1]["since the round before"] == "fell"


def test_items_are_listed_with_their_change():
    (row,) = item_change_rows(read_result(repeated(changed(2.0), item=changed(-3.0)), "en"))
    assert (row.verdict, row.change, row.df) == ("fell", "−3.0", "187")
