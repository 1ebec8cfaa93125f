"""The worker computes what is requested, once, and outlives what breaks."""

import json
import logging
import sys

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.cli.logs import JsonLines
from app.cli.worker import work_once
from app.database.engine import make_sessions
from app.database.results import LONGEST_RUN, claim_run, find_run, request_run
from app.database.tables import RoundRow
from app.workflow.admission import receive_response
from app.workflow.fieldwork import close_round
from world import NOW, a_place, a_round, a_submission


@pytest.fixture
def requested(engine: Engine) -> int:
    with Session(engine) as session:
        row = a_round(session)
        receive_response(session, a_place(session, row), a_submission("k", {"Q1": 5}), NOW)
        close_round(session, row, now=NOW)
        run = request_run(session, row, seed=1, now=NOW)
        session.commit()
        return run.id


def state(engine, number):
    with Session(engine) as session:
        return find_run(session, number).state


def test_a_requested_run_is_computed_once(engine, requested):
    assert work_once(make_sessions(engine))
    assert state(engine, requested) == "finished"
    assert not work_once(make_sessions(engine))


def test_two_workers_never_take_the_same_run(engine, requested):
    with Session(engine) as session:
        assert claim_run(session, now=NOW).id == requested
        session.commit()
    with Session(engine) as session:
        assert claim_run(session, now=NOW) is None


def test_a_run_whose_worker_died_is_taken_again(engine, requested):
    with Session(engine) as session:
        claim_run(session, now=NOW)
        session.commit()
    with Session(engine) as session:
        assert claim_run(session, now=NOW + 2 * LONGEST_RUN).id == requested


def test_a_run_that_breaks_is_marked_and_does_not_stop_the_worker(engine, requested):
    with Session(engine) as session:
        row = session.get_one(RoundRow, find_run(session, requested).round_id)
        row.plan = "schema: nonsense"
        session.commit()
    assert work_once(make_sessions(engine))
    with Session(engine) as session:
        run = find_run(session, requested)
        assert run.state == "failed"
        assert run.failure


def test_a_log_line_is_one_json_object_with_the_known_extras_only():
    record = logging.LogRecord("app", logging.INFO, "", 0, "request", None, None)
    record.route, record.status, record.client = "/s/{code}", 200, "192.0.2.7"
    line = json.loads(JsonLines().format(record))
    assert line["route"] == "/s/{code}"
    assert "192.0.2.7" not in json.dumps(line)


def test_the_log_of_a_failure_has_its_kind_and_place_and_never_its_message():
    try:
        raise ValueError("the neighbour wrote that the road is bad")
    except ValueError:
        record = logging.LogRecord("app", logging.ERROR, "", 0, "broke", None, sys.exc_info())
    line = json.loads(JsonLines().format(record))
    assert line["error"] == "ValueError"
    assert "test_worker.py" in line["trace"][0]
    assert "neighbour" not in json.dumps(line)
