"""The doctor says what is wrong with an installation, with its cure, and ends accordingly."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.cli.doctor import examine_address, examine_proxies
from app.database.restore import verify_backup
from world import PROJECT, TOWN_PLAN


@pytest.fixture
def minxin(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    """Run a command on a database of its own; what it said, and its status."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)

    def run(*words: str | Path) -> tuple[str, int]:
        result = CliRunner().invoke(main.application, [str(word) for word in words])
        refusal = "" if isinstance(result.exception, SystemExit | None) else result.exception
        return f"{result.output}{refusal}", result.exit_code

    return run


def test_a_sound_installation_ends_with_status_0(minxin, monkeypatch):
    monkeypatch.setenv("MINXIN_PUBLIC_URL", "https://a.example")
    monkeypatch.setenv("MINXIN_PROXY_HOPS", "1")
    said, status = minxin("doctor")
    assert status == 0, said
    assert "\n0 wrong, " in said


def test_a_database_that_is_away_is_said_without_a_trace():
    finished = subprocess.run(
        [sys.executable, "-m", "app", "doctor"],
        cwd=PROJECT,
        env={"PATH": "", "MINXIN_DATABASE_URL": "postgresql://me:hidden@127.0.0.1:1/name"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr == ""
    assert "wrong    database: postgresql://me:***@127.0.0.1:1/name" in finished.stdout
    assert "\n1 wrong, " in finished.stdout


def test_missing_fonts_are_a_warning(minxin, monkeypatch, tmp_path):
    monkeypatch.setenv("MINXIN_FONT_DIRECTORY", str(tmp_path))
    said, status = minxin("doctor")
    assert status == 0
    assert "warning  fonts: Posters cannot be made." in said


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://minxin.example", "ok"),
        ("http://minxin.example", "warning"),
        ("http://127.0.0.1:8000", "warning"),
        ("https://localhost", "warning"),
        ("http://[::1]:8000", "warning"),
        ("http://[", "warning"),
        ("", "warning"),
    ],
)
def test_codes_must_lead_phones_here_unread(url, verdict):
    assert examine_address(url).verdict == verdict


def test_a_proxy_that_is_not_counted_is_said():
    assert examine_proxies(0, "https://minxin.example").verdict == "warning"
    assert examine_proxies(1, "https://minxin.example").verdict == "ok"
    assert examine_proxies(0, "http://127.0.0.1:8000").verdict == "ok"


def test_a_backup_by_command_is_verified_and_restored_elsewhere(minxin, monkeypatch, tmp_path):
    plan, out = tmp_path / "town.yaml", tmp_path / "out.zip"
    plan.write_text(TOWN_PLAN, encoding="utf-8")
    assert minxin("round", "open", plan)[1] == 0
    said, status = minxin("backup", out)
    assert status == 0
    assert "within 30 days" in said
    assert "keys" in said
    assert "words" in said
    said, status = minxin("verify-backup", out)
    assert status == 0
    assert "is whole" in said
    assert "This version of Minxin can restore it." in said
    assert "not empty" in minxin("restore", out)[0]
    assert "exists already" in minxin("backup", out)[0]

    monkeypatch.setenv("MINXIN_DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    said, status = minxin("restore", out)
    assert status == 0
    assert f"Restored {verify_backup(out).total} rows" in said
    assert "town-2026" in minxin("round", "list")[0]
    assert minxin("doctor")[1] == 0


def test_a_damaged_backup_is_refused_with_status_1(minxin, tmp_path):
    out = tmp_path / "out.zip"
    minxin("backup", out)
    out.write_bytes(out.read_bytes()[:-50])
    said, status = minxin("verify-backup", out)
    assert status == 1
    assert "is no whole ZIP file" in said
