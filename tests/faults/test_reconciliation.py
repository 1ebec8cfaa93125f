"""The reconciliation itself: each thing that can be wrong is found and named."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.database.engine import make_engine
from app.database.fieldwork import one_way, response_id
from app.database.tables import ResponseRow, ResponseTextRow, TallyRow
from tests.faults.clients import Records, coded_answers, written_answer
from tests.faults.reconciliation import Findings, reconcile
from tests.faults.town import Town, open_town

NUMBERS = range(1, 6)


@dataclass(frozen=True, slots=True)
class Kept:
    """A round with five answers, and what their people remember of them."""

    town: Town
    records: Records

    def after(self, act: Callable[[Session], object]) -> Findings:
        """What is found after somebody did something to the database."""
        engine = make_engine(self.town.url)
        with Session(engine) as session, session.begin():
            act(session)
        engine.dispose()
        return reconcile(self.town, self.records)


@pytest.fixture
def kept(database_url: str) -> Kept:
    """Five acknowledged answers that are all there."""
    kept = Kept(open_town(database_url), Records())
    for number in NUMBERS:
        kept.records.sent.add(number)
        kept.records.receipts[f"key {number}"] = (number, f"receipt {number}")
    found = kept.after(lambda session: [store(session, kept.town, n) for n in NUMBERS])
    assert (found.acknowledged, found.stored, found.problems()) == (5, 5, [])
    return kept


def named(number: int) -> str:
    """The identifier of a numbered answer in the first round of a database."""
    return response_id(1, f"receipt {number}")


def store(session: Session, town: Town, number: int, *, key: str = "") -> None:
    """Add a numbered answer to the rows and to the tally."""
    identifier = response_id(town.round_id, f"{key}receipt {number}")
    session.add(
        ResponseRow(
            id=identifier,
            round_id=town.round_id,
            unit="east",
            point="east-hall",
            evidence="opt_in",
            survey="three_senses_short@1",
            channel="qr",
            assurance="open",
            answers=coded_answers(number),
            background={},
            paradata={},
            submission_hash=one_way(key or f"key {number}"),
            body_digest="",
        )
    )
    session.flush()
    session.add(
        ResponseTextRow(response_id=identifier, item="why", text=written_answer(number))
    )
    tally = (town.round_id, "east-hall", "2026-11-22", "stored")
    row = session.get(TallyRow, tally) or TallyRow(
        round_id=town.round_id, point=tally[1], day=tally[2], counter=tally[3], n=0
    )
    row.n += 1
    session.add(row)
    session.flush()


def test_a_lost_answer_is_found(kept: Kept):
    def lose(session: Session) -> None:
        session.execute(delete(ResponseTextRow).where(ResponseTextRow.response_id == named(3)))
        session.execute(delete(ResponseRow).where(ResponseRow.id == named(3)))
        session.execute(update(TallyRow).values(n=4))

    assert kept.after(lose).problems() == ["1 of 5 acknowledged answers are lost: [3]"]


def test_an_answer_that_is_there_twice_is_found(kept: Kept):
    found = kept.after(lambda session: store(session, kept.town, 2, key="another"))
    assert found.problems() == ["1 answers are there more than once: [2]"]


@pytest.mark.parametrize(
    "change",
    [
        update(ResponseRow).where(ResponseRow.id == named(4)).values(answers={"Q1": 1}),
        update(ResponseTextRow)
        .where(ResponseTextRow.response_id == named(4))
        .values(text=written_answer(3)),
        delete(ResponseTextRow).where(ResponseTextRow.response_id == named(4)),
    ],
    ids=["answers", "other words", "no words"],
)
def test_an_answer_that_is_not_what_was_acknowledged_is_found(kept: Kept, change):
    assert kept.after(lambda session: session.execute(change)).altered == [4]


def test_a_response_that_nobody_sent_is_found(kept: Kept):
    found = kept.after(lambda session: store(session, kept.town, 99))
    assert found.problems() == ["1 responses were sent by nobody: ['answer 99']"]


def test_an_answer_that_was_kept_but_not_acknowledged_is_no_problem(kept: Kept):
    kept.records.sent.add(6)
    found = kept.after(lambda session: store(session, kept.town, 6))
    assert (found.stored, found.problems()) == (6, [])


def test_a_tally_that_does_not_fit_the_rows_is_found(kept: Kept):
    found = kept.after(lambda session: session.execute(update(TallyRow).values(n=7)))
    assert found.damage == ["the tally counts 7 stored, there are 5"]


def test_a_damaged_file_is_found_and_its_answers_count_as_lost(sqlite_url: str, tmp_path: Path):
    town = open_town(sqlite_url)
    records = Records(sent={1}, receipts={"key 1": (1, "receipt 1")})
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    found = reconcile(town, records)
    assert found.lost == [1]
    assert found.damage
