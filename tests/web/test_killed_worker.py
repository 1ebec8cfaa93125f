"""A worker that is killed in the middle of a document: another one makes the same document."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from app.cli.worker import make_once
from app.database.console_tables import JobFileRow, JobRow
from app.database.engine import make_engine, make_sessions
from app.database.jobs import LONGEST_SILENCE
from app.database.people import colleague_of, find_person
from app.workflow.jobs.ordering import JobWish, order_job
from colleagues import CHIEF
from world import NOW, PROJECT

PATIENCE = 60.0


@pytest.fixture
def sessions(database):
    engine = make_engine(f"sqlite:///{database}")
    yield make_sessions(engine)
    engine.dispose()


def order(sessions, language="zh-Hans"):
    with sessions.begin() as session:
        chief = colleague_of(session, find_person(session, CHIEF))
        wish = JobWish("report_pdf", "bloomington-2017/1", language)
        return order_job(session, chief, wish, now=NOW).id


def job(sessions, number):
    with sessions() as session:
        return session.get_one(JobRow, number)


def kill_at_work(database, sessions, number):
    """Start a real worker and kill it while it is at work on a job."""
    settings = {**os.environ, "MINXIN_DATABASE_URL": f"sqlite:///{database}"}
    settings["MINXIN_DATA_DIRECTORY"] = str(database.parent / "segments")
    command = [sys.executable, "-m", "app", "worker"]
    worker = subprocess.Popen(
        command, cwd=PROJECT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        give_up = time.monotonic() + PATIENCE
        while job(sessions, number).state == "requested" and time.monotonic() < give_up:
            time.sleep(0.002)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()


@pytest.mark.faults
def test_a_document_whose_worker_was_killed_is_made_again_byte_by_byte(database, sessions):
    number = order(sessions)
    kill_at_work(database, sessions, number)
    lost = job(sessions, number)
    assert lost.state == "running"
    with sessions() as session:
        assert session.query(JobFileRow).count() == 0
    assert not make_once(sessions)
    assert make_once(sessions, clock=lambda: datetime.now(UTC) + 2 * LONGEST_SILENCE)
    done = job(sessions, number)
    assert done.state == "finished"
    again = order(sessions)
    assert again != number
    assert make_once(sessions)
    assert job(sessions, again).manifest == done.manifest
