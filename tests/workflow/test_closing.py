"""An answer and the close of its round at the same moment: in it, or refused, never lost."""

import threading

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.fieldwork import count_responses
from app.database.rounds import find_round
from app.errors import WrongState
from app.workflow.admission import receive_response
from app.workflow.fieldwork import close_round
from world import NOW, a_place, a_round, a_submission


def test_a_round_waits_with_its_close_for_an_answer_that_is_on_its_way(engine: Engine):
    with Session(engine) as session:
        row = a_round(session)
        place = a_place(session, row)
        session.commit()

    closed = threading.Event()

    def close() -> None:
        with Session(engine) as session:
            row = find_round(session, "town-2026")
            close_round(session, row, now=NOW)
            counted.append(count_responses(session, row.id))
            session.commit()
        closed.set()

    counted: list[int] = []
    with Session(engine) as session:
        receipt = receive_response(session, place, a_submission("k", {"Q1": 5}), NOW)
        closing = threading.Thread(target=close)
        closing.start()
        assert not closed.wait(0.5), "the round was closed under an answer"
        session.commit()
    closing.join(20)
    assert receipt
    assert counted == [1]


def test_a_round_is_closed_once_however_many_try(engine: Engine):
    with Session(engine) as session:
        a_round(session)
        session.commit()
    outcomes: list[str] = []

    def close() -> None:
        with Session(engine) as session:
            try:
                close_round(session, find_round(session, "town-2026"), now=NOW)
                session.commit()
                outcomes.append("closed")
            except WrongState:
                outcomes.append("refused")

    closers = [threading.Thread(target=close) for _ in range(4)]
    for closer in closers:
        closer.start()
    for closer in closers:
        closer.join(20)
    assert sorted(outcomes) == ["closed", "refused", "refused", "refused"]
