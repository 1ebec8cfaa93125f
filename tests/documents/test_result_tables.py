"""Tables, bars and charts of a result: withheld numbers are in none of them."""

import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import pytest

from app.documents.charts.answer_bars import Segment, answer_bar_svg, tone
from app.documents.charts.layouts import interval_chart_svg
from app.documents.results.result import read_result
from app.documents.results.result_charts import figures_chart, spread_bar
from app.documents.results.result_page import indicator_blocks, item_sections
from app.documents.results.tables import download, estimates_table
from app.workflow.publication import public_view
from result_documents import county, figure, opt_in, spread

SECRET = 47.11
WITHHELD = {"value": SECRET, "half": 0.625, "size": 17.0, "n": 17, "withheld": "too_few"}


@pytest.fixture
def document():
    found = county({"城关镇": WITHHELD, "新安镇": {"value": 80.5}})
    found["estimates"].append(figure(81.0, measure="item", code="q1", domain="overall"))
    found["distributions"] = [
        spread({5: 100, 4: 60, 3: 40, 2: 3917, 1: 4123}, withheld="too_few")
    ]
    return public_view(found)


def rows_of(document):
    content = download(document, "csv", language="zh-Hans").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_withheld_number_is_in_no_text_file(document, kind):
    content = download(document, kind, language="zh-Hans").decode()
    for number in ("47.11", "46.485", "47.735", "3917", "4123"):
        assert number not in content


def test_a_withheld_number_is_in_no_cell_of_the_workbook(document):
    content = download(document, "xlsx", language="zh-Hans")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        texts = [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
    for number in ("47.11", "46.485", "47.735", "3917", "4123"):
        assert not any(number in one for one in texts)


def test_a_withheld_line_keeps_its_reason(document):
    line = next(row for row in rows_of(document) if row["单位"] == "城关镇")
    assert line["不公布的原因"] == "回答不足 30 份，不公布"
    assert (line["得分"], line["区间下限"], line["n"]) == ("", "", "")


def test_json_is_the_public_view_itself(document):
    assert json.loads(download(document, "json", language="en")) == document


def test_a_band_never_stands_in_the_columns_of_an_interval():
    rows = rows_of(public_view(opt_in()))
    assert all(row["区间下限"] == row["区间上限"] == row["标准误"] == "" for row in rows)
    assert rows[0]["敏感性范围下限（不是误差）"] == "70.40"


def test_every_figure_of_the_document_is_one_line(document):
    table = estimates_table(read_result(document, "zh-Hans"))
    assert len(table.rows) == len(document["estimates"])


def test_a_chart_draws_no_withheld_number_and_judges_no_small_sample():
    document = county({"城关镇": WITHHELD, "新安镇": {"value": 95.0, "size": 60.0}})
    result = read_result(document, "zh-Hans")
    chart = figures_chart(result, "probability", measure="indicator", code="senses")
    assert chart is not None
    assert [chart.mark(row) for row in chart.rows] == ["plain", "withheld", "unsure"]
    assert "47.1" not in interval_chart_svg(chart, "zh-Hans")


def test_a_chart_of_opt_in_answers_has_no_line_to_be_compared_with():
    result = read_result(opt_in(), "zh-Hans")
    chart = figures_chart(result, "opt_in", measure="indicator", code="senses")
    assert chart is not None
    assert chart.reference is None
    assert {chart.mark(row) for row in chart.rows} == {"band"}


def test_one_withheld_level_takes_the_whole_bar_with_it():
    result = read_result(county({}), "zh-Hans")
    drawn = read_result(
        county({}, distributions=[
            spread({5: 50, 4: 30, 3: 20, 2: None, 1: 10}),
            spread({5: 50, 4: 30, 3: 20, 2: None, 1: None}),
            spread({5: 50, 4: 30, 3: 20, 2: 10, 1: 10}),
        ]),
        "zh-Hans",
    ).spread("probability", "q1")  # fmt: skip
    single, several, whole = (spread_bar(result, one) for one in drawn)
    assert single == ""
    assert "不公布的各级" in several
    assert "不公布" not in whole


def test_a_bar_says_every_share_and_prints_only_what_fits():
    bar = answer_bar_svg(
        [Segment("很满意", 0.7, 0), Segment("满意", 0.27, 5), Segment("不满意", 0.03, 10)],
        label="全体",
    )
    picture = ElementTree.fromstring(bar)
    assert picture.get("aria-label") == "全体: 很满意 70.0%, 满意 27.0%, 不满意 3.0%"
    assert [node.text for node in picture.iter("text")] == ["70", "27"]
    assert [node.get("x") for node in picture.iter("rect")] == ["0%", "70%", "97%"]
    assert "style=" not in bar


def test_four_five_and_eleven_levels_span_the_same_tones():
    for levels in (2, 4, 5, 11):
        tones = [tone(position, levels) for position in range(levels)]
        assert (tones[0], tones[-1]) == (0, 10)
        assert tones == sorted(set(tones))


def test_the_blocks_of_a_page_put_intervals_before_bands():
    document = county({"城关镇": {"value": 85.0}})
    bands = opt_in()
    document["series"] = [*bands["series"], *document["series"]]
    document["estimates"] += bands["estimates"]
    (block,) = indicator_blocks(read_result(document, "zh-Hans"))
    assert (block.main.code, [other.code for other in block.others]) == (
        "probability",
        ["opt_in"],
    )


def test_an_item_without_rates_or_distribution_still_has_its_row():
    document = county({})
    document["estimates"].append(figure(81.0, measure="item", code="q1", domain="overall"))
    (section,) = item_sections(read_result(document, "zh-Hans"))
    assert (section.title, section.rows[0].rates, section.rows[0].answers) == (
        "办事",
        None,
        None,
    )
