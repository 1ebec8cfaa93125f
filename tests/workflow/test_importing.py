"""Files of answers come in whole or not at all."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.fieldwork import count_responses, load_responses
from app.errors import AlreadyImported, InputRefused, WrongState
from app.workflow.fieldwork import close_round
from app.workflow.importing import import_answers
from world import DEFINITIONS, NOW, a_round

ANSWERS = DEFINITIONS / "demo" / "bloomington_2017.csv"


@pytest.fixture
def session(engine: Engine):
    with Session(engine) as session:
        yield session


@pytest.fixture
def bloomington(session):
    plan = (DEFINITIONS / "plans" / "bloomington_2017.yaml").read_text(encoding="utf-8")
    return a_round(session, plan)


def load(session, row, content: bytes, name="answers.csv"):
    return import_answers(session, row, content, name=name, now=NOW)


def test_the_real_answers_come_in_with_their_evidence_class_and_weight(session, bloomington):
    imported = load(session, bloomington, ANSWERS.read_bytes())
    assert len(imported.rows) == count_responses(session, bloomington.id) == 595
    responses = load_responses(session, bloomington.id)
    assert {r.evidence for r in responses} == {"probability", "opt_in"}
    assert sum(r.weight or 0 for r in responses) == pytest.approx(595.19)


def test_the_same_file_a_second_time_is_recognised(session, bloomington):
    load(session, bloomington, ANSWERS.read_bytes())
    with pytest.raises(AlreadyImported, match=r"595 rows.*Nothing was added"):
        load(session, bloomington, ANSWERS.read_bytes(), name="copy.csv")
    assert count_responses(session, bloomington.id) == 595


def test_a_respondent_is_counted_once_even_from_another_file(session, bloomington):
    lines = ANSWERS.read_text(encoding="utf-8").splitlines(keepends=True)
    load(session, bloomington, "".join(lines[:11]).encode())
    with pytest.raises(InputRefused, match="was imported before") as refused:
        load(session, bloomington, "".join(lines[:1] + lines[10:13]).encode())
    assert len(refused.value.problems) == 1
    assert count_responses(session, bloomington.id) == 10


def test_every_mistake_is_reported_at_once_by_row_and_column_and_nothing_is_kept(
    session, bloomington
):
    header, first, second, third, *_ = ANSWERS.read_text(encoding="utf-8").splitlines()
    names = header.replace('"', "").split(",")

    def with_cell(line, name, value):
        cells = line.split(",")
        cells[names.index(name)] = value
        return ",".join(cells)

    content = "\n".join(
        [
            header,
            with_cell(first, "q12a", "7"),
            with_cell(with_cell(second, "area", "9"), "wt", "-1"),
            with_cell(third, "id", first.split(",")[0]),
            "1,2,3",
        ]
    )
    with pytest.raises(InputRefused) as refused:
        load(session, bloomington, content.encode(), name="bad.csv")
    assert {problem.place for problem in refused.value.problems} == {
        "row 2, q12a",
        "row 3, area",
        "row 3, wt",
        "row 4, id",
        "row 5",
    }
    assert "bad.csv" in str(refused.value)
    assert count_responses(session, bloomington.id) == 0


def test_an_undescribed_column_is_refused_rather_than_dropped(session, bloomington):
    header, *lines = ANSWERS.read_text(encoding="utf-8").splitlines()
    content = "\n".join([f"{header},phone", *(f"{line},5551234" for line in lines)])
    with pytest.raises(InputRefused, match="is not described"):
        load(session, bloomington, content.encode())


def test_a_file_in_the_national_encoding_is_read(session, bloomington):
    text = ANSWERS.read_text(encoding="utf-8")
    imported = load(session, bloomington, text.encode("gb18030"))
    assert len(imported.rows) == 595


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\xff", b"id,mode\n"])
def test_what_is_no_table_of_answers_is_refused_kindly(session, bloomington, content):
    with pytest.raises(InputRefused):
        load(session, bloomington, content)


def test_answers_go_into_open_rounds_only(session, bloomington):
    close_round(session, bloomington, now=NOW)
    with pytest.raises(WrongState, match="open round"):
        load(session, bloomington, Path(ANSWERS).read_bytes())
