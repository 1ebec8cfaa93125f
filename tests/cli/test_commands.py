"""The terminal door: one command is one act, and a refusal is one message and status 1."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.cli.serving import look_for_fonts
from app.settings import Settings
from app.survey.plan import Plan
from app.survey.schema import schema_text
from world import DEFINITIONS, PROJECT, TOWN_PLAN

BLOOMINGTON = DEFINITIONS / "plans" / "bloomington_2017.yaml"
ANSWERS = DEFINITIONS / "demo" / "bloomington_2017.csv"


@pytest.fixture
def minxin(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    """Run a command on a database of its own and give back what it said."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)

    def run(*words: str | Path, fails: bool = False) -> str:
        result = CliRunner().invoke(main.application, [str(word) for word in words])
        if fails:
            assert result.exception is not None
            return f"{result.output}{result.exception}"
        assert result.exception is None, result.output + repr(result.exception)
        return result.output

    return run


def test_the_whole_way_by_command(minxin, tmp_path):
    assert "is open. Its plan is frozen" in minxin("round", "open", BLOOMINGTON)
    assert "595 responses imported" in minxin("import", "bloomington-2017", ANSWERS)
    assert "closed with 595 responses" in minxin("round", "close", "bloomington-2017")
    assert "Run 1 of bloomington-2017" in minxin("process", "bloomington-2017")
    assert "the same bytes" in minxin("recompute", "1")
    assert "/p/bloomington-2017" in minxin("publish", "1")
    assert "published" in minxin("round", "list")
    for form in ("csv", "xlsx", "json"):
        file = tmp_path / f"result.{form}"
        minxin("export", "1", "--format", form, "--out", file)
        assert file.stat().st_size > 1000
    public = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    withheld = [entry for entry in public["estimates"] if entry["withheld"]]
    assert withheld
    assert all(entry["value"] is None for entry in withheld)


def test_a_second_processing_stands_beside_the_first(minxin):
    minxin("round", "open", BLOOMINGTON)
    minxin("import", "bloomington-2017", ANSWERS)
    minxin("round", "close", "bloomington-2017")
    minxin("process", "bloomington-2017")
    assert "Run 2 of" in minxin("process", "bloomington-2017", "--seed", "7")
    assert "the same bytes" in minxin("recompute", "1")


def test_opening_the_same_plan_again_is_said_and_a_changed_one_is_refused(minxin, tmp_path):
    plan = tmp_path / "town.yaml"
    plan.write_text(TOWN_PLAN, encoding="utf-8")
    minxin("round", "open", plan)
    assert "open already" in minxin("round", "open", plan)
    plan.write_text(TOWN_PLAN.replace("population: 900", "population: 90"), encoding="utf-8")
    refusal = minxin("round", "open", plan, fails=True)
    assert "units[0].population (frozen 900, now 90)" in refusal


def test_every_mistake_of_a_plan_is_reported_with_its_line(minxin, tmp_path):
    plan = tmp_path / "bad.yaml"
    text = TOWN_PLAN.replace("unit: west", "unit: wset").replace("seed: 1", "seed: one")
    plan.write_text(text, encoding="utf-8")
    refusal = minxin("round", "check", plan, fails=True)
    assert "points[1].unit" in refusal
    assert "Did you mean 'west'?" in refusal
    assert "seed" in refusal
    line = text[: text.index("unit: wset")].count("\n") + 1
    assert f"bad.yaml:{line}" in refusal


def test_codes_are_written_and_every_symbol_was_read_back(minxin, tmp_path):
    plan = tmp_path / "town.yaml"
    plan.write_text(TOWN_PLAN, encoding="utf-8")
    minxin("round", "open", plan)
    out = tmp_path / "codes"
    assert "read back" in minxin("codes", "town-2026", "--out", out)
    names = {file.suffix for file in out.iterdir()}
    assert names == {".pdf", ".csv", ".svg", ".png"}
    listed = (out / "codes.csv").read_text(encoding="utf-8-sig")
    assert "东街大厅" in listed


def test_a_round_without_points_has_nothing_to_print(minxin, tmp_path):
    minxin("round", "open", BLOOMINGTON)
    out = tmp_path / "codes"
    assert "no points" in minxin("codes", "bloomington-2017", "--out", out, fails=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("process", "nowhere"), "There is no round 'nowhere'. Rounds here: none yet."),
        (("publish", "9"), "There is no run 9."),
        (("recompute", "9"), "There is no run 9."),
        (("round", "open", "nowhere.yaml"), "There is no file nowhere.yaml."),
        (("import", "nowhere", "nowhere.csv"), "There is no file nowhere.csv."),
    ],
)
def test_what_does_not_exist_is_said_in_one_sentence(minxin, words, said):
    assert said in " ".join(minxin(*words, fails=True).split())


def test_the_program_ends_with_status_1_and_no_trace_when_it_refuses(sqlite_url):
    finished = subprocess.run(
        [sys.executable, "-m", "app", "process", "nowhere"],
        cwd=PROJECT,
        env={"MINXIN_DATABASE_URL": sqlite_url, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith("There is no round 'nowhere'.")
    assert "Traceback" not in finished.stderr


def test_schemas_are_written_as_the_repository_keeps_them(minxin, tmp_path):
    out = tmp_path / "schema"
    minxin("schema", "--out", out)
    written = {file.name for file in out.iterdir()}
    kept = {file.name for file in (DEFINITIONS / "schema").iterdir()}
    assert written == kept
    assert (out / "plan.json").read_text(encoding="utf-8") == schema_text(Plan)


def test_health_says_when_the_tables_are_of_another_version(tmp_path, monkeypatch):
    monkeypatch.setenv("MINXIN_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    result = CliRunner().invoke(main.application, ["health"])
    assert "run minxin migrate" in str(result.exception)
    CliRunner().invoke(main.application, ["migrate"])
    assert CliRunner().invoke(main.application, ["health"]).output == "ready\n"


def test_missing_fonts_are_said_at_the_start(tmp_path, capsys):
    look_for_fonts(Settings(font_directory=tmp_path))
    assert "Posters cannot be made yet" in capsys.readouterr().err


def test_a_result_cannot_be_written_into_a_missing_folder(minxin, tmp_path):
    minxin("round", "open", BLOOMINGTON)
    minxin("import", "bloomington-2017", ANSWERS)
    minxin("round", "close", "bloomington-2017")
    minxin("process", "bloomington-2017")
    refusal = minxin("export", "1", "--out", tmp_path / "nowhere" / "a.json", fails=True)
    assert "cannot be written: No such file or directory." in refusal
