"""An assessment by command: draft, import, event, run, show, publish, recompute."""

import re
import shutil

import pytest
from typer.testing import CliRunner

from app.cli import main
from streets import PLAN, SYSTEM
from world import DEFINITIONS

CODE = "streets-2026"


@pytest.fixture
def minxin(sqlite_url, monkeypatch):
    """`minxin assessment …` on a database of its own."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)

    def run(*words, fails=False):
        words = ["assessment", *(str(word) for word in words)]
        result = CliRunner().invoke(main.application, words)
        if fails:
            assert result.exception is not None
            return f"{result.output}{result.exception}"
        assert result.exception is None, result.output + repr(result.exception)
        return result.output

    return run


@pytest.fixture
def files(tmp_path):
    """A folder of definitions, a plan, two files of values and a file of evidence."""
    definitions = tmp_path / "defs"
    (definitions / "systems").mkdir(parents=True)
    shutil.copy(DEFINITIONS / "score_maps.yaml", definitions)
    (definitions / "systems" / "streets.yaml").write_text(SYSTEM, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "jobs.csv").write_text("县,jobs,jobs.se\neast,60,1\nwest,70,1\n")
    (tmp_path / "air.csv").write_text("unit,air\neast,80\nwest,50\n")
    (tmp_path / "notice.pdf").write_bytes(b"the notice")
    return tmp_path


@pytest.fixture
def drafted(minxin, files):
    said = minxin("draft", files / "plan.yaml", "--definitions", files / "defs")
    assert "2 units under streets@1" in said
    return minxin


@pytest.fixture
def filled(drafted, files):
    drafted("import", CODE, files / "jobs.csv", "--map", "县=unit")
    drafted("import", CODE, files / "air.csv")
    return drafted


def test_the_whole_way_by_command(filled, files):
    said = filled(
        "event", CODE, "--unit", "east", "--item", "overdue", "--count", 2,
        "--evidence", "Notice 7", "--file", files / "notice.pdf",
    )  # fmt: skip
    assert "Event 1 of streets-2026 is pending: east, overdue × 2." in said
    assert "is upheld" in filled("uphold", CODE, 1, "--note", "found so")
    said = filled("run", CODE)
    assert "minxin assessment publish streets-2026 1" in said
    digest = re.search(r"result (\w{64})", said)[1]
    shown = filled("show", CODE)
    assert "街道考核 2026" in shown
    assert re.search(r"east +东街 +64 +4 +1", shown)
    assert re.search(r"west +西街 +62 +0 +2", shown)
    assert "is public" in filled("publish", CODE, 1)
    assert f"the same bytes: {digest}" in filled("recompute", CODE, 1)
    english = filled("show", CODE, 1, "--language", "en")
    assert "public since" in english
    assert re.search(r"east +East street +64", english)
    assert "run 1 is public" in filled("list")


def test_a_dry_run_says_what_would_change_and_keeps_nothing(drafted, files):
    said = drafted("import", CODE, files / "air.csv", "--dry-run")
    assert "nothing was kept" in said
    assert "2 added, 0 changed, 0 removed, 0 unchanged" in said
    assert "added    east, air: nothing → 80" in said
    assert drafted("imports", CODE) == ""


def test_imports_are_listed_and_taken_back(filled):
    assert len(filled("imports", CODE).splitlines()) == 2
    said = filled("undo", CODE, 1)
    assert "Import 1 of streets-2026 is taken back." in said
    assert "removed  east, jobs: 60 (se 1) → nothing" in said
    assert "taken back on" in filled("imports", CODE).splitlines()[0]


def test_events_are_listed_with_every_decision(filled, files):
    filled(
        "event", CODE, "--unit", "west", "--item", "overdue",
        "--evidence", "Notice 8", "--file", files / "notice.pdf",
    )  # fmt: skip
    filled("uphold", CODE, 1, "--note", "found so")
    filled("overturn", CODE, 1, "--note", "on appeal")
    listed = filled("events", CODE)
    assert "overturned" in listed.splitlines()[0]
    assert "upheld: found so" in listed
    assert "overturned: on appeal" in listed


def test_what_moved_since_a_run_is_said_beside_it(filled):
    filled("run", CODE)
    filled("undo", CODE, 1)
    assert "since then moved: imports" in filled("show", CODE)
    assert "moved. Score it again" in filled("publish", CODE, 1, fails=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "nowhere"], "There is no assessment 'nowhere'"),
        (["show", CODE], "has not been run"),
        (["publish", CODE, "3"], "There is no run 3"),
        (["undo", CODE, "3"], "There is no import 3"),
        (["uphold", CODE, "3", "--note", "so"], "There is no event 3"),
        (["import", CODE, "gone.csv"], "There is no file gone.csv"),
        (["run", CODE], "has no value of any unit"),
    ],
)
def test_a_refusal_is_one_message(drafted, words, said):
    assert said in drafted(*words, fails=True)


def test_a_mapping_without_a_meaning_is_refused(drafted, files):
    said = drafted("import", CODE, files / "jobs.csv", "--map", "县", fails=True)
    assert "Write HEADING=MEANING." in said
