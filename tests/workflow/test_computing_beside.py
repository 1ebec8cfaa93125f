"""While a run is computed everything else goes on; what moved meanwhile is noticed."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.database.engine import make_engine, make_sessions
from app.database.fieldwork import count_responses
from app.database.results import find_run, request_run
from app.database.rounds import find_round
from app.errors import NotFound, WrongState
from app.workflow.admission import receive_response
from app.workflow.arrivals import Arrival
from app.workflow.collecting import keep_group
from app.workflow.demonstration import OPEN_ROUND, REAL_ROUND, make_rounds
from app.workflow.fieldwork import close_round
from app.workflow.processing import process_now, process_round, run_to_the_end
from app.workflow.publication import publish
from world import DEFINITIONS, NOW, TOWN_PLAN, a_place, a_round, a_submission

PATIENCE = 60
AT_ONCE = 10
"""Seconds; far less than a run is stopped for, far more than keeping one answer takes."""
OTHER_PLAN = TOWN_PLAN.replace("town-2026", "village-2026")


class Pause:
    """A place in a run's way to the database where it stops until it is let go on."""

    def __init__(self) -> None:
        self.reached, self.let_go = Event(), Event()

    def stop_here(self) -> None:
        if not self.reached.is_set():
            self.reached.set()
            assert self.let_go.wait(PATIENCE)


@pytest.fixture
def working(database_url: str) -> Iterator[Engine]:
    """The engine of the worker."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def requested(engine: Engine) -> int:
    """A run that is asked for; beside it stands a round that takes answers."""
    with make_sessions(engine).begin() as session:
        row = a_round(session)
        for key in "abc":
            receive_response(session, a_place(session, row), a_submission(key, {"Q1": 5}), NOW)
        close_round(session, row, now=NOW)
        a_round(session, OTHER_PLAN)
        return request_run(session, row, seed=1, now=NOW).id


def while_it_reads(engine: Engine) -> Pause:
    """Stop in the middle of what is read: when the responses are asked for."""
    pause = Pause()

    def look(*arguments: object) -> None:
        if "FROM response" in str(arguments[2]):
            pause.stop_here()

    event.listen(engine, "before_cursor_execute", look)
    return pause


def when_all_is_computed(engine: Engine) -> Pause:
    """Stop before the second transaction, the one that keeps what was computed."""
    pause, taken = Pause(), []

    def look(*_: object) -> None:
        taken.append(1)
        if len(taken) == 2:
            pause.stop_here()

    event.listen(engine, "checkout", look)
    return pause


def start(pool: ThreadPoolExecutor, engine: Engine, number: int) -> "Future[None]":
    return pool.submit(run_to_the_end, make_sessions(engine), number, now=NOW)


@pytest.mark.parametrize("stop", [while_it_reads, when_all_is_computed])
def test_an_answer_to_another_round_is_kept_at_once_while_a_run_is_computed(
    engine, working, requested, pool, stop
):
    with Session(engine) as session:
        place = a_place(session, find_round(session, "village-2026"))
    pause = stop(working)
    run = start(pool, working, requested)
    try:
        assert pause.reached.wait(PATIENCE)
        arrival = Arrival(place, a_submission("k", {"Q1": 4}))
        kept = pool.submit(keep_group, engine, [arrival], {}, NOW)
        assert kept.result(timeout=AT_ONCE)[0].outcome == "stored"
        assert not run.done()
    finally:
        pause.let_go.set()
    run.result(timeout=PATIENCE)
    with Session(engine) as session:
        assert find_run(session, requested).state == "finished"
        assert count_responses(session, place.round_id) == 1


def test_of_two_workers_with_one_run_the_first_result_stands(engine, working, requested, pool):
    pause = when_all_is_computed(working)
    second = start(pool, working, requested)
    try:
        assert pause.reached.wait(PATIENCE)
        run_to_the_end(make_sessions(engine), requested, now=NOW)
    finally:
        pause.let_go.set()
    second.result(timeout=PATIENCE)
    with Session(engine) as session:
        run = find_run(session, requested)
        assert (run.state, run.failure) == ("finished", None)
    with pytest.raises(WrongState, match="finished by another worker"):
        process_round(make_sessions(working), requested, now=NOW)


def test_a_run_is_refused_if_a_round_it_takes_was_published_anew(engine, working, pool):
    sessions = make_sessions(engine)
    make_rounds(sessions, DEFINITIONS, now=NOW, progress=lambda _: None)
    with sessions.begin() as session:
        row = find_round(session, OPEN_ROUND)
        close_round(session, row, now=NOW)
        number = request_run(session, row, seed=1, now=NOW).id
    pause = when_all_is_computed(working)
    run = start(pool, working, number)
    try:
        assert pause.reached.wait(PATIENCE)
        newer = process_now(sessions, REAL_ROUND, now=NOW).id
        with sessions.begin() as session:
            publish(session, find_run(session, newer), now=NOW)
    finally:
        pause.let_go.set()
    run.result(timeout=PATIENCE)
    with Session(engine) as session:
        refused = find_run(session, number)
        assert refused.state == "failed"
        assert "was published anew" in (refused.failure or "")


def test_a_round_that_takes_answers_is_refused_and_leaves_no_run(engine):
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        code = a_round(session).code
    with pytest.raises(WrongState, match="close it"):
        process_now(sessions, code, now=NOW)
    with Session(engine) as session, pytest.raises(NotFound, match="no run 1"):
        find_run(session, 1)
