"""What an operator may get wrong at the terminal: one sentence, status 1, no trace."""

import subprocess
import sys

import pytest

from world import PROJECT


def said(*words: str, **variables: str) -> str:
    """What the program says when it refuses; its status must be 1."""
    finished = subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=PROJECT,
        env={"PATH": "", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1, finished.stderr
    assert "Traceback" not in finished.stderr
    assert finished.stderr.count("\n") == 1
    return finished.stderr


def test_a_folder_is_no_plan(sqlite_url, tmp_path):
    for act in ("check", "open"):
        text = said("round", act, str(tmp_path), MINXIN_DATABASE_URL=sqlite_url)
        assert "cannot be read: Is a directory." in text


def test_a_number_beyond_the_database_is_no_run(sqlite_url):
    text = said("recompute", "9" * 30, MINXIN_DATABASE_URL=sqlite_url)
    assert text == f"There is no run {'9' * 30}.\n"


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://me:secret@host/name", "postgresql://a:b:c"]
)
def test_a_faulty_address_of_a_database_is_said_without_repeating_it(url):
    text = said("round", "list", MINXIN_DATABASE_URL=url)
    assert text.startswith("MINXIN_DATABASE_URL is no address of a database")
    assert "secret" not in text


def test_a_database_that_cannot_be_reached_is_said_without_its_password():
    text = said("round", "list", MINXIN_DATABASE_URL="postgresql://me:secret@127.0.0.1:1/name")
    assert "postgresql://me:***@127.0.0.1:1/name cannot be reached" in text
    assert "secret" not in text


def test_an_unknown_log_level_names_the_variable_the_value_and_the_choices(sqlite_url):
    text = said("round", "list", MINXIN_DATABASE_URL=sqlite_url, MINXIN_LOG_LEVEL="loud")
    expected = "choose 'debug', 'info', 'warning' or 'error'."
    assert text == f"MINXIN_LOG_LEVEL is 'loud': {expected}\n"
