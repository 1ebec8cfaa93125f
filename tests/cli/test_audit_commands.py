"""The audit trail at the terminal: anybody can compute the chain, with other means too."""

import hashlib

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.cli.worker import seal_due
from app.database.audit import newest_checkpoint, newest_number
from app.database.engine import make_engine, make_sessions
from app.database.rounds import record
from world import NOW


@pytest.fixture
def sessions(sqlite_url):
    engine = make_engine(sqlite_url)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        for number in range(3):
            record(session, "open", subject=f"r{number}", now=NOW, detail={"plan": "方案"})
    yield sessions
    engine.dispose()


@pytest.fixture
def minxin(sqlite_url, monkeypatch):
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)

    def run(*words):
        result = CliRunner().invoke(main.application, ["audit", *map(str, words)])
        refusal = "" if isinstance(result.exception, SystemExit | None) else result.exception
        return f"{result.output}{refusal}", result.exit_code

    return run


def test_the_lines_give_the_digest_by_any_other_means(sessions, minxin):
    lines, status = minxin("lines")
    digest = hashlib.sha256(b"minxin audit trail").hexdigest()
    for line in lines.splitlines():
        digest = hashlib.sha256(f"{digest}\n{line}".encode()).hexdigest()
    said, status = minxin("verify", "--line", 3, "--digest", digest)
    assert status == 0
    assert f"Line 3: {digest}" in said
    assert "Nothing speaks against the trail." in said


def test_a_digest_that_does_not_hold_ends_with_status_1(sessions, minxin):
    said, status = minxin("verify", "--line", 2, "--digest", "0" * 64)
    assert status == 1
    assert "Line 2 does not have the digest you kept." in said
    assert "compare" in said.lower()


def test_a_line_without_its_digest_is_refused(sessions, minxin):
    said, status = minxin("verify", "--line", 2)
    assert (status, "together" in said) == (1, True)


def test_sealing_writes_the_digest_down(sessions, minxin):
    said, status = minxin("seal")
    with sessions() as session:
        link = newest_checkpoint(session, through=newest_number(session))
    assert status == 0
    assert said == f"Line 3: {link.digest}\n"


def test_the_worker_seals_what_came(sessions):
    seal_due(sessions, clock=lambda: NOW)
    with sessions() as session:
        assert newest_checkpoint(session, through=newest_number(session)).number == 3
