"""A segment has the columns of its survey version, every row, and no order of arrival."""

import json

import duckdb
import numpy as np
import pytest

from app.documents.answer_files import codebook_table, write_answers
from app.documents.codebook import codebook, segment_columns
from app.documents.segments import (
    cells,
    count_rows,
    file_digest,
    read_codebook,
    read_rows,
    write_segment,
)
from app.errors import DocumentFailed, MinxinError, NotFound
from app.survey.definition import Survey
from app.survey.reading import read_definition
from world import registry

SURVEY = """\
schema: minxin-survey/1
code: odd
version: 3
title: {zh-Hans: 怪, en: Odd}
lead: {zh-Hans: 怪, en: Odd}
minutes: 1
source: test
scales:
  five:
    options:
      - {code: 2, label: {zh-Hans: 好, en: good}}
      - {code: -1, label: {zh-Hans: "=坏", en: "=bad"}}
    dont_know: {code: 98, label: {zh-Hans: 说不清, en: cannot say}}
  range: {lowest: 0, highest: 10}
sections:
  - code: s
    title: {zh-Hans: 部分, en: Section}
    items:
      - {code: q1, text: {zh-Hans: 甲, en: A}, scale: five}
      - {code: Q1, text: {zh-Hans: 乙, en: B}, scale: range, kind: number}
      - {code: unit, text: {zh-Hans: 丙, en: C}, scale: five}
      - {code: many, text: {zh-Hans: 丁, en: D}, scale: five, kind: multiple}
      - {code: words, text: {zh-Hans: 戊, en: E}, kind: text}
import:
  columns:
    - {column: place, role: unit}
    - {column: 年/龄~"组", role: background, name: {zh-Hans: 年龄, en: Age}}
"""


@pytest.fixture
def survey() -> Survey:
    return read_definition(Survey, SURVEY, source="odd.yaml")


def a_line(number, answers=None, *, weight=None, background=None, unit="east"):
    paradata = {"slot": "2026-11-22T08:30Z", "seconds": 40, "language": "zh-Hans"}
    documents = (paradata, answers or {}, background or {})
    texts = [json.dumps(document, ensure_ascii=False) for document in documents]
    return (f"{number:032x}", unit, "hall", "opt_in", "qr", "open", weight, *texts)


def written(path, survey, *chunks):
    result = write_segment(path, survey, chunks, survey_digest="d" * 64)
    names = [entry["name"] for entry in read_codebook(path)["columns"]]
    rows = [row for chunk in read_rows(path, 2) for row in chunk]
    return result, [dict(zip(names, row, strict=True)) for row in rows]


def test_names_that_a_program_would_confuse_are_told_apart(survey):
    names = [column.name for column in segment_columns(survey)]
    assert names[11:] == [
        "q1",
        "Q1_",
        "unit_",
        "many__2",
        "many__minus1",
        "many__98",
        'bg_年/龄~"组"',
    ]
    assert len({name.casefold() for name in names}) == len(names)


def test_answers_become_typed_columns_and_absence_stays_absence(tmp_path, survey):
    full = a_line(
        1,
        {"q1": 98, "Q1": 10, "unit": -1, "many": [-1]},
        weight=0.1,
        background={'年/龄~"组"': "𠮷=1"},
    )
    result, rows = written(tmp_path / "a.parquet", survey, [full, a_line(2)])
    assert result.rows == 2
    first, second = rows
    assert (first["q1"], first["Q1_"], first["unit_"], first["weight"]) == (98, 10, -1, 0.1)
    assert [first[f"many__{c}"] for c in ("2", "minus1", "98")] == [False, True, False]
    assert first['bg_年/龄~"组"'] == "𠮷=1"
    assert (first["seconds"], first["slot"]) == (40, "2026-11-22T08:30Z")
    nothing = [value for name, value in second.items() if name in list(second)[11:]]
    assert nothing == [None] * 7
    assert second["device"] is None


def test_the_columns_do_not_depend_on_what_was_answered(tmp_path, survey):
    written(tmp_path / "none.parquet", survey)
    written(tmp_path / "some.parquet", survey, [a_line(1, {"q1": 2})])
    shapes = [
        duckdb.execute("DESCRIBE FROM read_parquet(?)", [str(tmp_path / name)]).fetchall()
        for name in ("none.parquet", "some.parquet")
    ]
    assert shapes[0] == shapes[1]
    assert {row[1] for row in shapes[0]} == {"VARCHAR", "DOUBLE", "INTEGER", "BOOLEAN"}


def test_the_file_says_nothing_about_the_order_in_which_answers_came(tmp_path, survey):
    lines = [a_line(number, {"q1": 2}) for number in range(50)]
    forward = written(tmp_path / "a.parquet", survey, lines[:30], lines[30:])
    backward = written(tmp_path / "b.parquet", survey, lines[::-1])
    assert forward == backward
    ids = [row["id"] for row in forward[1]]
    assert ids == sorted(ids)


def test_words_are_in_no_column(survey):
    assert not any(column.key == "words" for column in segment_columns(survey))
    assert "words" not in json.dumps(codebook(survey, "d"))


@pytest.mark.parametrize(
    "line",
    [
        a_line(1, {"q9": 1}),
        a_line(1, {"words": "said"}),
        a_line(1, {"many": [2, 7]}),
        a_line(1, background={"other": "1"}),
        a_line(1, {"q1": "often"}),
    ],
)
def test_an_answer_that_would_be_missing_in_the_file_stops_it(tmp_path, survey, line):
    with pytest.raises(DocumentFailed) as refusal:
        written(tmp_path / "a.parquet", survey, [a_line(0), line])
    assert "said" not in str(refusal.value)
    assert "often" not in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_the_codebook_has_words_codes_and_labels_in_both_languages(tmp_path, survey):
    written(tmp_path / "a.parquet", survey)
    book = read_codebook(tmp_path / "a.parquet")
    assert (book["survey"], book["survey_digest"]) == ("odd@3", "d" * 64)
    entries = {entry["name"]: entry for entry in book["columns"]}
    assert entries["q1"]["text"] == {"zh-Hans": "甲", "en": "A"}
    assert [option["role"] for option in entries["q1"]["options"]] == [
        "scored",
        "scored",
        "dont_know",
    ]
    assert entries["Q1_"]["lowest"] == 0
    assert entries["many__minus1"]["option"]["label"]["en"] == "=bad"
    assert len(codebook_table(book).rows) == len(entries) + 3 + 3 + 3


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a,b\r\n1,2\r\n"])
def test_what_is_no_segment_is_refused_with_a_sentence(tmp_path, content):
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(DocumentFailed, match="is no segment"):
        count_rows(path)


def test_cells_are_what_numpy_counts(tmp_path):
    survey = registry().surveys["service_review@1"][1]
    dice = np.random.default_rng(3)
    n = 4000
    units = dice.choice(["a", "b", "c"], n)
    grades = dice.choice([1, 2, 3, 4, 5, 98, 0], n)  # 0 stands for not answered
    weights = dice.choice([np.nan, 0.5, 2.0], n)
    lines = [
        a_line(
            i,
            ({"grade": int(g)} if g else {}) | ({"why_5": [510]} if g == 5 and i % 2 else {}),
            unit=str(u),
            weight=None if np.isnan(w) else float(w),
        )
        for i, (u, g, w) in enumerate(zip(units, grades, weights, strict=True))
    ]
    path = tmp_path / "a.parquet"
    write_segment(path, survey, [lines[:1500], lines[1500:]], survey_digest="d")
    found = cells(path, by=["unit"], items=["grade", "why_5__510"])
    assert [cell.key for cell in found] == [("a",), ("b",), ("c",)]
    effective = np.where(np.isnan(weights), 1.0, weights)
    for cell in found:
        here = units == cell.key[0]
        scored = here & (grades >= 1) & (grades <= 5)
        grade = cell.sums["grade"]
        assert (cell.n, grade.n) == (here.sum(), scored.sum())
        assert cell.weight == pytest.approx(effective[here].sum(), rel=1e-12)
        assert grade.weight == pytest.approx(effective[scored].sum(), rel=1e-12)
        expected = (effective * grades)[scored].sum()
        assert grade.weighted == pytest.approx(expected, rel=1e-12)
        chosen = here & (grades == 5) & (np.arange(n) % 2 == 1)
        assert cell.sums["why_5__510"].n == chosen.sum()


def test_cells_of_everybody_and_of_nobody(tmp_path, survey):
    path = tmp_path / "a.parquet"
    written(path, survey, [a_line(1, {"q1": 2}), a_line(2, {"q1": 98})])
    (everybody,) = cells(path, by=[], items=["q1"])
    assert (everybody.key, everybody.n, everybody.sums["q1"].n) == ((), 2, 1)
    written(tmp_path / "b.parquet", survey)
    assert cells(tmp_path / "b.parquet", by=[], items=["q1"]) == []


@pytest.mark.parametrize("name", ["q7", "slot", 'x" FROM y'])
def test_a_column_that_cannot_be_summed_is_refused(tmp_path, survey, name):
    written(tmp_path / "a.parquet", survey)
    with pytest.raises(NotFound):
        cells(tmp_path / "a.parquet", by=["unit"], items=[name])


def test_answers_as_csv_keep_figures_and_disarm_formulas(tmp_path, survey):
    line = a_line(1, {"q1": -1, "many": [2]}, weight=1 / 3, background={'年/龄~"组"': "=1+1"})
    written(tmp_path / "a.parquet", survey, [line])
    assert write_answers(tmp_path / "a.parquet", tmp_path / "a.csv") == 1
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, row, end = content.decode("utf-8-sig").split("\r\n")
    assert header.startswith('"id","unit"')
    assert '"0.3333333333333333"' in row
    assert row.endswith('"-1","","","1","0","0","\'=1+1"')
    assert end == ""


def test_answers_as_a_workbook_are_typed_and_bring_their_codebook(tmp_path, survey):
    from openpyxl import load_workbook

    line = a_line(1, {"q1": -1}, weight=1 / 3, background={'年/龄~"组"': "=1+1"})
    written(tmp_path / "a.parquet", survey, [line])
    assert write_answers(tmp_path / "a.parquet", tmp_path / "a.xlsx") == 1
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["answers", "codebook"]
    row = [cell.value for cell in book["answers"][2]]
    assert (row[6], row[11], row[17]) == (1 / 3, -1, "=1+1")
    assert book["answers"]["R2"].data_type == "s"
    book.close()


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path, survey, monkeypatch):
    monkeypatch.setattr("app.documents.answer_files.MOST_ROWS", 1)
    written(tmp_path / "a.parquet", survey, [a_line(1), a_line(2)])
    with pytest.raises(DocumentFailed, match="Take CSV or Parquet"):
        write_answers(tmp_path / "a.parquet", tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()


def test_answers_as_parquet_are_the_segment_itself(tmp_path, survey):
    written(tmp_path / "a.parquet", survey, [a_line(1)])
    assert write_answers(tmp_path / "a.parquet", tmp_path / "b.PARQUET") == 1
    assert file_digest(tmp_path / "a.parquet") == file_digest(tmp_path / "b.PARQUET")
    with pytest.raises(MinxinError, match="end it in"):
        write_answers(tmp_path / "a.parquet", tmp_path / "b.sav")
