"""Packages and scenarios by command: out of one installation, checked without any."""

import io
import json
import re
import zipfile

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.database.assessments import find_assessment, find_score_run
from app.database.engine import make_engine, make_sessions
from app.errors import MinxinError
from app.workflow.assessment.importing import import_values
from app.workflow.assessment.running import recompute_scores, run_scores
from streets import assessment, table
from world import NOW

CODE = "streets-2026"
VALUES = table("unit,jobs,jobs.se,air", "east,60,1,80", "west,70,1,50")
SCENARIO = """\
schema: minxin-scenario/1
name: west is late
events: [{unit: west, item: overdue, count: 2}]
"""
UNEVEN = "schema: minxin-scenario/1\nname: uneven\nweights: {jobs: 60, air: -1}\n"


@pytest.fixture
def minxin(sqlite_url, monkeypatch):
    """`minxin …` on a database that holds one run of an assessment."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)
    sessions = make_sessions(make_engine(sqlite_url))
    with sessions.begin() as session:
        import_values(session, assessment(session), VALUES, now=NOW)
    run_scores(sessions, CODE, now=NOW)
    return called


def called(*words, fails=False):
    result = CliRunner().invoke(main.application, [str(word) for word in words])
    if fails:
        assert isinstance(result.exception, MinxinError), result.output
        return str(result.exception)
    assert result.exception is None, result.output + repr(result.exception)
    return result.output


@pytest.fixture
def package(minxin, tmp_path):
    """The package of the run."""
    out = tmp_path / "scores.zip"
    assert "run 1 of streets-2026" in minxin("export-scores", CODE, 1, "--out", out)
    return out


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def kept_run(sqlite_url):
    """The run as it is kept: inputs, document, digests."""
    with make_sessions(make_engine(sqlite_url)).begin() as session:
        row = find_assessment(session, CODE)
        assert recompute_scores(session, row, 1)
        run = find_score_run(session, row, 1)
        return run.inputs, run.inputs_digest, run.document, run.document_digest


def test_a_package_is_checked_where_there_is_no_database(package, tmp_path, monkeypatch):
    monkeypatch.setenv("MINXIN_DATABASE_URL", f"sqlite:///{tmp_path}/nothing/none.sqlite")
    said = called("import-scores", package, "--out", tmp_path / "scores")
    assert "街道考核 2026 (streets-2026, run 1)" in said
    assert "system streets@1, 2 units" in said
    assert "computed again the same" in said
    assert not (tmp_path / "nothing").exists()
    listed = json.loads((tmp_path / "scores" / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in (tmp_path / "scores").iterdir()) == sorted(
        ["manifest.json", *(one["name"] for one in listed["files"])]
    )


def test_what_is_exported_is_what_was_kept(package, sqlite_url):
    inputs, _, document, _ = kept_run(sqlite_url)
    with zipfile.ZipFile(package) as archive:
        assert archive.read("inputs.json").decode() == inputs
        assert archive.read("result.json").decode() == document


def test_a_changed_package_is_refused_and_nothing_is_written(package, tmp_path):
    content = package.read_bytes()
    package.write_bytes(content.replace(b'"value":70.0', b'"value":71.0'))
    assert package.read_bytes() != content
    out = tmp_path / "scores"
    called("import-scores", package, "--out", out, fails=True)
    assert not out.exists()


def test_nothing_is_written_over(package, minxin, tmp_path):
    before = package.read_bytes()
    assert "exists already" in minxin("export-scores", CODE, 1, "--out", package, fails=True)
    assert package.read_bytes() == before
    assert "exists already" in minxin("import-scores", package, "--out", tmp_path, fails=True)


def test_a_title_that_would_steer_the_terminal_is_shown_without_that(package, sqlite_url):
    from app.workflow.assessment.package import Origin, export_package

    inputs, _, document, _ = kept_run(sqlite_url)
    origin = Origin(CODE, 1, "\x1b[2Jhidden", {})
    package.write_bytes(export_package(inputs, document, origin=origin, made_at=NOW))
    assert "�[2Jhidden" in called("import-scores", package)


def test_a_scenario_is_shown_kept_and_found_again_beside_an_untouched_run(
    minxin, scenario, sqlite_url
):
    before = kept_run(sqlite_url)
    tried = minxin("scenario", "try", CODE, 1, scenario)
    assert re.search(r"west +62\.00 → 58\.00 +-4\.00 +2", tried)
    assert re.search(r"east +68\.00 +\+0\.00 +1", tried)
    assert minxin("scenario", "list", CODE, 1) == ""
    assert "is kept beside run 1" in minxin("scenario", "save", CODE, 1, scenario)
    assert minxin("scenario", "show", CODE, 1, "west is late") == tried
    assert "west is late" in minxin("scenario", "list", CODE, 1)
    assert "already" in minxin("scenario", "save", CODE, 1, scenario, fails=True)
    assert "It has: west is late" in minxin("scenario", "show", CODE, 1, "x", fails=True)
    assert kept_run(sqlite_url) == before


def test_the_package_of_a_run_is_the_same_with_scenarios_kept_beside_it(
    minxin, package, scenario, tmp_path
):
    minxin("scenario", "save", CODE, 1, scenario)
    minxin("export-scores", CODE, 1, "--out", tmp_path / "again.zip")
    both = []
    for path in (package, tmp_path / "again.zip"):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            names = [name for name in archive.namelist() if name != "manifest.json"]
            both.append([archive.read(name) for name in names])
    assert both[0] == both[1]


def test_a_scenario_whose_weights_cannot_be_is_refused(minxin, scenario):
    scenario.write_text(UNEVEN, encoding="utf-8")
    assert "air" in minxin("scenario", "save", CODE, 1, scenario, fails=True)
    assert minxin("scenario", "list", CODE, 1) == ""


def test_a_run_that_is_not_there_is_named(minxin, scenario, tmp_path):
    for words, missing in (
        (("export-scores", CODE, 9, "--out", tmp_path / "x.zip"), "no run 9 of streets-2026"),
        (("scenario", "try", CODE, 9, scenario), "no run 9 of streets-2026"),
        (("scenario", "list", "nowhere", 1), "nowhere"),
    ):
        assert missing in minxin(*words, fails=True)
    assert not (tmp_path / "x.zip").exists()
