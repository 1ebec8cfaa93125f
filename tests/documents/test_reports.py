"""The report of a round: what it says, what it keeps to itself, and how it is printed."""

import io
import re
from contextlib import closing
from datetime import date

import pytest
from docx import Document
from pypdfium2 import PdfDocument

from app.documents.reports.blocks import Facts, Grid, Heading, Picture, Words, numbered
from app.documents.reports.closing_chapters import Origin
from app.documents.reports.report import Edition, report_of
from app.documents.reports.report_docx import report_docx
from app.documents.reports.report_pdf import report_pdf
from app.documents.reports.result_chapters import ROWS_OF_A_CHART
from app.documents.results.result import read_result
from app.documents.word.standard_template import standard_template
from app.errors import DocumentFailed
from app.workflow.publication import public_view
from result_documents import county, figure, text

DAY = date(2026, 11, 23)
DIGEST = "cd" * 32


def report(document, language="zh-Hans", *, is_public=True):
    edition = Edition(Origin(7, {"结果 SHA-256": DIGEST}), DAY, is_public)
    return report_of(read_result(public_view(document), language), edition)


def blocks(found, kind):
    return [
        one for chapter in found.chapters for one in chapter.blocks if isinstance(one, kind)
    ]


def pages(pdf):
    with closing(PdfDocument(pdf)) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def words(pdf):
    return re.sub(r"\s+", "", "".join(pages(pdf)))


TWO = {"东区": {"value": 91.3}, "西区": {"value": 70.2, "size": 40.0}}


def test_no_number_stands_without_its_interval():
    for grid in blocks(report(county(TWO)), Grid):
        titles = [column.title for column in grid.columns]
        if "得分" in titles:
            at = titles.index("得分")
            assert "区间" in titles[at + 1], titles
            assert all(bool(row[at]) == bool(row[at + 1]) for row in grid.rows)


def test_units_stand_in_the_official_order_and_none_is_ranked():
    found = report(county({"低": {"value": 60.0}, "高": {"value": 95.0}}))
    grids = [one for one in blocks(found, Grid) if "n" in [c.title for c in one.columns]]
    assert [row[0] for row in grids[0].rows] == ["全体", "低", "高"]
    assert not any("第1名" in str(row) for grid in grids for row in grid.rows)


def test_what_is_withheld_is_a_reason_and_its_number_is_nowhere(fonts):
    secret = {"value": 12.34, "withheld": "too_few", "n": 17}
    found = report(county({"东区": {"value": 91.3}, "西区": secret}))
    for told in (str(found), words(report_pdf(found, fonts=fonts))):
        assert "12.3" not in told
    grids = blocks(found, Grid)
    row = next(row for grid in grids for row in grid.rows if row[0] == "西区")
    assert "回答不足 30 份，不公布" in row
    counted = next(grid for grid in grids if "个数" in [c.title for c in grid.columns])
    assert ("指标得分", "回答不足 30 份，不公布", "1") in counted.rows


def test_every_chart_says_its_sentence_and_fits_a_page():
    many = {f"第{n}镇": {"value": 70.0 + n % 20} for n in range(60)}
    pictures = blocks(report(county(many)), Picture)
    assert len(pictures) == 3
    for picture in pictures:
        assert picture.chart.sentence
        assert len(picture.chart.rows) <= ROWS_OF_A_CHART + 1
        assert picture.chart.rows[0].label == "全体"
    assert len({picture.chart.extent() for picture in pictures}) == 1
    assert sum(len(picture.chart.rows) - 1 for picture in pictures) == 60


def test_units_too_many_for_paper_are_counted_and_left_to_the_workbook():
    many = {f"第{n}镇": {"value": 70.0} for n in range(130)}
    found = report(county(many))
    assert "本轮有 130 个单位，报告不逐个列出" in str(found)
    assert "第7镇" not in str([one.rows for one in blocks(found, Grid)])


def test_the_appendix_says_what_the_numbers_rest_on_and_how_to_compute_them_again():
    last = report(county(TWO)).chapters[-1]
    facts = dict(pair for one in last.blocks if isinstance(one, Facts) for pair in one.pairs)
    assert facts["结果 SHA-256"] == DIGEST
    assert facts["方案 SHA-256"] == "a" * 64
    assert Words("minxin recompute 7", "formula") in last.blocks


def test_a_report_of_an_unpublished_run_says_so_on_every_page(fonts):
    found = report(county(TWO), is_public=False)
    pdf = report_pdf(found, fonts=fonts)
    assert all("结果尚未公布" in page for page in pages(pdf))
    public = report_pdf(report(county(TWO)), fonts=fonts)
    assert not any("尚未公布" in page for page in pages(public))


def test_the_printed_report_has_every_chapter_and_table_and_the_same_bytes_twice(fonts):
    found = report(county(TWO))
    pdf = report_pdf(found, fonts=fonts)
    assert report_pdf(found, fonts=fonts) == pdf
    told = words(pdf)
    for heading in (*[chapter.title for chapter in found.chapters],
                    *[one.text for one in blocks(found, Heading)]):  # fmt: skip
        assert re.sub(r"\s+", "", heading) in told, heading
    for cell in ("91.3", "89.3–93.3", "70.2"):
        assert cell in told
    with closing(PdfDocument(pdf)) as document:
        assert document.get_metadata_dict()["Title"].endswith("满意度测评报告")


def test_pdf_and_word_say_the_same(fonts):
    found = report(county(TWO))
    content = report_docx(found, standard_template(), fonts=fonts)
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    told = re.sub(r"\s+", "", "".join([*(one.text for one in document.paragraphs), *cells]))
    for one in blocks(found, Words):
        assert re.sub(r"\s+", "", one.text) in told
    for grid in blocks(found, Grid):
        for row in grid.rows:
            assert all(re.sub(r"\s+", "", cell) in told for cell in row)
    assert len(document.inline_shapes) == len(blocks(found, Picture))


def test_no_table_of_a_word_report_is_wider_than_its_text(fonts):
    content = report_docx(report(county(TWO)), standard_template(), fonts=fonts)
    document = Document(io.BytesIO(content))
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    for table in document.tables:
        assert sum(cell.width for cell in table.rows[0].cells) <= room * 1.03
        grid = [int(column.width) for column in table.columns]
        assert sum(grid) <= room * 1.03
        assert len(grid) == len(table.rows[0].cells)


def test_what_people_wrote_is_text_in_word_and_in_print(fonts):
    name = "东区 {{ title }} <b>&#35; $x$ #let *粗* \x0b"
    found = report(county({name: {"value": 80.0}, "西区": {"value": 79.0}}))
    content = report_docx(found, standard_template(), fonts=fonts)
    cells = [
        cell.text
        for table in Document(io.BytesIO(content)).tables
        for row in table.rows
        for cell in row.cells
    ]
    assert "东区 {{ title }} <b>&#35; $x$ #let *粗* " in cells
    plain = name.replace("\x0b", "")
    printed = report(county({plain: {"value": 80.0}, "西区": {"value": 79.0}}))
    assert re.sub(r"\s+", "", plain) in words(report_pdf(printed, fonts=fonts))


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_report_is_complete_in_its_language(language):
    document = county({"East": {"value": 91.3}}, overall=80.0)
    document["before"] = {"code": "county-2025", "title": text("去年", "Last year's")}
    change = {
        "reason": None, "before": 78.0, "verdict": "rose", "value": 2.0, "df": 100.0,
        "standard_error": 0.5, "low": 1.0, "high": 3.0,
    }  # fmt: skip
    document["estimates"][0]["change"] = change
    found = report(document, language)
    titles = [chapter.title for chapter in found.chapters]
    assert ("与上一轮相比" in titles) == (language == "zh-Hans")
    assert len(titles) == len(set(titles)) >= 9
    if language == "en":
        told = str([chapter for chapter in found.chapters if chapter.title != titles[-1]])
        assert set(re.findall(r"[\u4e00-\u9fff]+", told)) <= set(
            re.findall(r"[\u4e00-\u9fff]+", str(document))
        )


def test_chapters_are_numbered_as_people_do():
    assert numbered(["总", "分"], "zh-Hans") == ["一、总", "二、分"]
    many = numbered([str(n) for n in range(1, 24)], "zh-Hans")
    assert [one.partition("、")[0] for one in many[8:12]] == ["九", "十", "十一", "十二"]
    assert many[19].startswith("二十、")
    assert many[22].startswith("二十三、")
    assert numbered(["All"], "en") == ["1 All"]


def test_an_opt_in_series_keeps_its_caution_in_the_report():
    document = county(TWO)
    document["series"].append({**document["series"][0], "code": "opt_in", "kind": "band"})
    document["estimates"].append(
        figure(71.0, series="opt_in", kind="band", domain="overall", n=97)
    )
    cautions = [one.text for one in blocks(report(document), Words) if one.weight == "caution"]
    assert any("自愿扫码" in one for one in cautions)


def test_a_character_that_no_font_has_is_named_in_both_languages(fonts):
    found = report(county({"东区 \U0001f9ff": {"value": 80.0}, "西区": {"value": 79.0}}))
    with pytest.raises(DocumentFailed, match="could not be displayed") as refused:
        report_pdf(found, fonts=fonts)
    assert "字体里没有字符" in refused.value.in_chinese
