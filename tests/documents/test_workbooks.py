"""Tables to take away: what a spreadsheet shows, keeps, and must never run."""

import csv
import json
from io import BytesIO, StringIO
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.workbooks import Column, Table, results_csv, results_json, results_xlsx
from app.errors import DocumentFailed

COLUMNS = (
    Column("unit", "地区"),
    Column("score", "得分", "number", 1),
    Column("n", "样本量", "count"),
    Column("satisfied", "满意率", "percent", 1),
)
TABLE = Table(
    "各乡镇得分",
    COLUMNS,
    (
        ("城关镇", 89.25, 1186, 0.7345),
        ("𠮷家湾乡 𬭸", -0.04, 613, 1.0),
        ("青山镇", "不公布：不足 30 份", 12, None),
    ),
)
DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠A",
    "\t=1",
    "\r=1",
    "\n=1",
]


def read_csv(content):
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def one_column(*cells):
    return Table("表", (Column("text", "文本"),), tuple((cell,) for cell in cells))


def test_csv_is_what_excel_and_wps_open_without_asking():
    content = results_csv(TABLE)
    assert content.startswith("\ufeff".encode())
    assert content.count(b"\r\n") == content.count(b"\n") == 4
    assert content.decode("utf-8-sig").splitlines()[0] == '"地区","得分","样本量","满意率"'


def test_csv_figures_are_rounded_as_on_the_page():
    assert read_csv(results_csv(TABLE))[1:] == [
        ["城关镇", "89.3", "1186", "73.5%"],
        ["𠮷家湾乡 𬭸", "0.0", "613", "100.0%"],
        ["青山镇", "不公布：不足 30 份", "12", ""],
    ]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_would_run_as_a_formula_is_disarmed_in_csv(text):
    assert read_csv(results_csv(one_column(text, f"  {text}", f"\ufeff{text}")))[1:] == [
        [f"'{text}"],
        [f"'  {text}"],
        [f"'\ufeff{text}"],
    ]


def test_a_label_that_would_run_as_a_formula_is_disarmed_too():
    table = Table("表", (Column("k", "=cmd()"),), ())
    assert read_csv(results_csv(table)) == [["'=cmd()"]]


def test_a_negative_number_stays_a_number_in_csv():
    table = Table("表", (Column("change", "变化", "number"),), ((-1.25,),))
    assert read_csv(results_csv(table))[1] == ["-1.3"]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_survives_csv_and_none_starts_a_formula(texts):
    cells = [row[0] for row in read_csv(results_csv(one_column(*texts)))[1:]]
    assert [
        cell if text == cell else cell[1:] for cell, text in zip(cells, texts, strict=True)
    ] == texts
    for cell in cells:
        assert cell.lstrip(" \u3000\u00a0\ufeff")[:1] not in set("=+-@＝＋－＠\t\r\n")


def test_a_workbook_keeps_figures_whole_and_shows_them_rounded():
    sheet = openpyxl.load_workbook(BytesIO(results_xlsx([TABLE]))).active
    assert sheet.title == "各乡镇得分"
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["城关镇", 89.25, 1186, 0.7345],
        ["𠮷家湾乡 𬭸", -0.04, 613, 1],
        ["青山镇", "不公布：不足 30 份", 12, None],
    ]
    assert [cell.number_format for cell in sheet[2]] == ["@", "0.0", "#,##0", "0.0%"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:D4"
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["D"].width
    assert sheet.column_dimensions["A"].width > 8


@pytest.mark.parametrize(
    "text", [*DANGEROUS, "{=1}", "http://example.cn", "0123", "mailto:a@b.cn"]
)
def test_a_workbook_holds_text_as_text(text):
    content = results_xlsx([one_column(text)])
    cell = openpyxl.load_workbook(BytesIO(content)).active["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    with ZipFile(BytesIO(content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_the_same_tables_give_the_same_bytes():
    assert results_xlsx([TABLE, TABLE]) == results_xlsx([TABLE, TABLE])
    with ZipFile(BytesIO(results_xlsx([TABLE]))) as parts:
        assert "2026-01-01T00:00:00Z" in parts.read("docProps/core.xml").decode()
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_any_titles_become_sheet_names_excel_accepts(titles):
    tables = [Table(title, (Column("a", "A"),), ()) for title in titles]
    names = openpyxl.load_workbook(BytesIO(results_xlsx(tables))).sheetnames
    assert len({name.casefold() for name in names}) == len(titles)
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in names)


def test_a_text_too_long_for_a_cell_is_not_cut_in_silence():
    with pytest.raises(DocumentFailed, match=r"Row 1, column 1 is longer"):
        results_xlsx([one_column("长" * 32_768)])
    assert results_xlsx([one_column("长" * 32_767)])


def test_a_workbook_without_sheets_is_refused():
    with pytest.raises(DocumentFailed, match="at least one table"):
        results_xlsx([])


@pytest.mark.parametrize("row", [("b",), dict.fromkeys("abcd")])
def test_a_row_of_the_wrong_shape_is_refused(row):
    with pytest.raises(ValueError, match="row 2 is no tuple of 4 cells"):
        Table("表", COLUMNS, (("a", 1.0, 2, 0.5), row))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_never_written(value):
    table = Table("表", (Column("score", "得分", "number"),), ((value,),))
    with pytest.raises(ValueError, match="not a number"):
        results_csv(table)
    with pytest.raises(ValueError, match="not a number"):
        results_xlsx([table])
    with pytest.raises(ValueError, match="not JSON compliant"):
        results_json({"score": value})


def test_json_is_canonical_and_keeps_every_character():
    content = results_json({"b": [1.5, None, "𠮷"], "a": {"d": 1, "c": 0.1}})
    assert content == '{"a":{"c":0.1,"d":1},"b":[1.5,null,"𠮷"]}\n'.encode()
    assert content == results_json({"a": {"c": 0.1, "d": 1}, "b": [1.5, None, "𠮷"]})


@given(
    st.recursive(
        st.none()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        st.lists,
    )
)
def test_json_reads_back_as_it_was(value):
    assert json.loads(results_json({"value": value})) == {"value": value}
