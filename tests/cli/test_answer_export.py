"""Rows by command: a segment now, a file for analysts, and the worker that keeps both fresh."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.cli.worker import compact_due
from app.database.engine import make_engine, make_sessions
from app.database.rounds import find_round
from world import DEFINITIONS, PROJECT, a_round

BLOOMINGTON = DEFINITIONS / "plans" / "bloomington_2017.yaml"
ANSWERS = DEFINITIONS / "demo" / "bloomington_2017.csv"
CODE = "bloomington-2017"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "segments"


@pytest.fixture
def minxin(sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command on a database and a folder of its own and give back what it said."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("MINXIN_DATA_DIRECTORY", str(folder))

    def run(*words: str | Path, fails: bool = False) -> str:
        result = CliRunner().invoke(main.application, [str(word) for word in words])
        assert (result.exception is not None) == fails, result.output
        return f"{result.output}{result.exception or ''}"

    return run


@pytest.fixture
def collected(minxin):
    """The commands, on an open round with 595 responses."""
    minxin("round", "open", BLOOMINGTON)
    minxin("import", CODE, ANSWERS)
    return minxin


def test_a_segment_is_made_now_or_it_is_said_why_not(collected, folder):
    assert "595 responses in" in collected("segments", CODE)
    assert "fewer than 20 new responses" in collected("segments", CODE)
    assert len(list(folder.rglob("*.parquet"))) == 1


def test_rows_are_handed_out_after_the_close_and_not_before(collected, tmp_path):
    out = tmp_path / "answers.csv"
    refusal = collected("answers", CODE, "--out", out, fails=True)
    assert "handed out once it is closed" in refusal
    assert not out.exists()
    collected("round", "close", CODE)
    assert "595 responses of bloomington-2017" in collected("answers", CODE, "--out", out)
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 596
    assert '"bg_d14"' in lines[0]
    manifest = json.loads((tmp_path / "answers.csv.manifest.json").read_text(encoding="utf-8"))
    assert manifest["rows"] == 595


def test_a_file_of_another_kind_is_refused_before_anything_is_done(collected, tmp_path):
    collected("round", "close", CODE)
    refusal = collected("answers", CODE, "--out", tmp_path / "answers.sav", fails=True)
    assert "end it in .parquet, .csv or .xlsx" in refusal


def test_the_worker_keeps_segments_and_outlives_a_round_that_breaks(
    collected, folder, sqlite_url
):
    sessions = make_sessions(make_engine(sqlite_url))
    with sessions.begin() as session:
        a_round(session).plan = "schema: nonsense"
        later = find_round(session, CODE)
        session.flush()
        assert later.id < find_round(session, "town-2026").id
    compact_due(sessions, folder)
    compact_due(sessions, folder)
    assert len(list(folder.rglob("*.parquet"))) == 1


def test_the_process_that_serves_never_loads_duckdb():
    program = "import sys, app.cli.main, app.web.application\nsys.exit('duckdb' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=PROJECT)
