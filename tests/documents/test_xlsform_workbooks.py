"""XLSForm workbooks: other programs accept ours; damaged ones are refused, no more."""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pyxform.xls2xform import convert

from app.documents.xlsform import MOST_ROWS, read_xlsform, write_xlsform
from app.errors import InputRefused
from app.survey.definition import Survey
from app.survey.reading import check_tree
from app.survey.yaml_tree import Tree, load_tree
from world import registry

KEYS = sorted(registry().surveys)


def body_of(key):
    return load_tree(registry().surveys[key][0]).value


@pytest.mark.parametrize("key", KEYS)
def test_pyxform_accepts_what_is_exported_without_a_warning(key):
    made = convert(io.BytesIO(write_xlsform(body_of(key))), file_type=".xlsx")
    assert made.warnings == []
    assert all(item in made.xform for item in registry().surveys[key][1].items)


@pytest.mark.parametrize("key", KEYS)
def test_a_workbook_comes_back_as_the_same_questionnaire(key):
    again = read_xlsform(write_xlsform(body_of(key)), source="form.xlsx")
    assert check_tree(Survey, Tree(again), source="") == registry().surveys[key][1]


def test_equal_questionnaires_give_equal_bytes():
    assert write_xlsform(body_of(KEYS[0])) == write_xlsform(body_of(KEYS[0]))


def test_nothing_written_runs_as_a_formula():
    body = body_of("three_senses_short@1")
    body["title"]["zh-Hans"] = "=1+1"
    body["sections"][0]["items"][0]["text"]["zh-Hans"] = "=cmd|' /C calc'!A0"
    book = load_workbook(io.BytesIO(write_xlsform(body)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


def test_numbers_typed_in_a_spreadsheet_are_codes():
    book = Workbook()
    book.active.title = "survey"
    for row in (["type", "name", "label"], ["select_one grade", "q1", "总体情况"]):
        book.active.append(row)
    choices = book.create_sheet("choices")
    for row in (["list_name", "name", "label"], ["grade", 2, "好"], ["grade", 1.0, "差"]):
        choices.append(row)
    written = io.BytesIO()
    book.save(written)
    body = read_xlsform(written.getvalue(), source="form.xlsx")
    assert [option["code"] for option in body["scales"]["grade"]["options"]] == [2, 1]


def zipped(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        zipped(empty=""),
        zipped(**{"xl/workbook.xml": "<a>" * 50}),
        zipped(bomb="0" * 50_000_000),
        zipped(**{f"m{n}": "" for n in range(400)}),
    ],
    ids=["nothing", "cut", "old Excel", "no workbook", "broken XML", "bomb", "crowd"],
)
def test_what_is_no_workbook_is_refused_with_a_cure(content):
    with pytest.raises(InputRefused) as refused:
        read_xlsform(content, source="form.xlsx")
    (problem,) = refused.value.problems
    assert problem.cure
    assert problem.chinese


def test_a_sheet_of_endless_rows_is_refused():
    book = Workbook()
    book.active.title = "survey"
    for _ in range(MOST_ROWS + 2):
        book.active.append(["x"])
    written = io.BytesIO()
    book.save(written)
    with pytest.raises(InputRefused, match="more than 5000 rows"):
        read_xlsform(written.getvalue(), source="form.xlsx")


SOUND = write_xlsform(body_of("three_senses_short@1"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), max_size=6))
def test_a_damaged_workbook_is_read_or_refused_and_never_worse(changes):
    content = bytearray(SOUND)
    for place, value in changes:
        content[place] = value
    try:
        read_xlsform(bytes(content), source="form.xlsx")
    except InputRefused:
        return
