"""Files of answers as spreadsheets really save them: one mistake, one place, one cure."""

import csv
import io
from functools import cache

import pytest

from app.errors import InputRefused, Problem
from app.survey.importing import read_answer_file
from world import DEFINITIONS, registry

CONTENT = (DEFINITIONS / "demo" / "bloomington_2017.csv").read_text(encoding="utf-8")


@cache
def survey():
    return registry().surveys["bloomington_2017@1"][1]


def refused(content: bytes) -> tuple[Problem, ...]:
    with pytest.raises(InputRefused) as refusal:
        read_answer_file(survey(), content, source="answers.csv")
    return refusal.value.problems


def lines(count: int = 4) -> list[str]:
    return CONTENT.splitlines(keepends=True)[:count]


def with_weight(weight: str) -> bytes:
    header, row = csv.reader(lines(2))
    row[header.index("wt")] = weight
    text = io.StringIO()
    csv.writer(text).writerows([header, row])
    return text.getvalue().encode()


def test_a_cell_without_end_is_named_by_its_row():
    (problem,) = refused(("".join(lines(3)) + "x" * 140_000 + "\n").encode())
    assert problem.place == "row 4"
    assert "131,072 characters" in problem.message


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_row():
    (problem,) = refused(("".join(lines(3)) + '"open,1,2\n').encode())
    assert (problem.place, problem.source) == ("row 4", "answers.csv")
    assert "never closed" in problem.message


NO_WEIGHTS = ("1_0", "\uff11", "1e400", "1e99", "nan", "0", "-1", "2e9", "inf")


@pytest.mark.parametrize("weight", NO_WEIGHTS)
def test_a_weight_is_written_in_plain_digits(weight):
    (problem,) = refused(with_weight(weight))
    assert problem.place == "row 2, wt"
    assert "plain digits" in problem.cure


@pytest.mark.parametrize(("weight", "value"), [("1", 1), (".5", 0.5), ("1e-05", 1e-5)])
def test_a_sound_weight_is_read(weight, value):
    assert read_answer_file(survey(), with_weight(weight), source="a").rows[0].weight == value


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_separator_is_one_problem_with_its_cure(separator, name):
    (problem,) = refused("".join(lines()).replace(",", separator).encode())
    assert name in problem.message
    assert "CSV UTF-8 (comma delimited)" in problem.cure


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_with_its_cure(encoding):
    (problem,) = refused("".join(lines()).encode(encoding))
    assert "UTF-16" in problem.message
    assert "CSV UTF-8 (comma delimited)" in problem.cure
