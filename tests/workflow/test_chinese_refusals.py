"""Review, alarms and test ratings refuse in Chinese too, at the terminal and in the console."""

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.errors import InputRefused, NotFound, Problem, WrongState
from app.workflow.review.deciding import Ruling, confirm
from reviews import AN, UP, a_reviewed_round
from world import NOW, PROJECT

REFUSING = {"NotAllowed", "NotFound", "Problem", "WrongState"}
PLACES = (
    "app/workflow/review", "app/workflow/canaries", "app/workflow/alarms.py",
    "app/workflow/early_warning.py", "app/database/alarms.py", "app/database/campaigns.py",
    "app/database/canaries.py", "app/survey/alarm_files.py", "app/anomaly/ground_rules.py",
)  # fmt: skip


def refusals(place: str) -> Iterator[tuple[str, ast.Call]]:
    """Every refusal that is written in a file or a folder, and where."""
    path = PROJECT / place
    for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSING:
                yield f"{file.name}:{node.lineno}", node


@pytest.mark.parametrize("place", PLACES)
def test_every_refusal_is_written_in_chinese_too(place: str):
    found = dict(refusals(place))
    assert found
    silent = [
        where
        for where, call in found.items()
        if "chinese" not in {keyword.arg for keyword in call.keywords}
    ]
    assert silent == []


def test_a_refusal_without_chinese_is_told_in_english():
    assert NotFound("There is no run 3.").in_chinese == "There is no run 3."
    assert str(WrongState("No.", chinese="不行。")) == "No."
    assert WrongState("No.", chinese="不行。").in_chinese == "不行。"
    refused = InputRefused([Problem("note", "is empty", chinese="说明为空。")])
    assert "说明为空。" in refused.in_chinese


def test_who_may_not_confirm_is_told_so_in_chinese(engine: Engine):
    with Session(engine) as session:
        row, _ = a_reviewed_round(session)
        with pytest.raises(NotFound) as refused:
            confirm(session, row, AN, Ruling(7, "agreed"), now=NOW)
    assert refused.value.in_chinese == f"{row.code} 没有第 7 号决定。"
    assert UP not in refused.value.in_chinese


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh_CN.UTF-8", "没有第 5 号异常提示。"), ("C.UTF-8", "There is no alarm 5.")],
)
def test_a_terminal_is_refused_in_its_own_language(sqlite_url: str, language: str, told: str):
    finished = subprocess.run(
        [sys.executable, "-m", "app", "alarm", "seen", "5", "--author", "An"],
        cwd=PROJECT,
        env={"PATH": "", "MINXIN_DATABASE_URL": sqlite_url, "LC_ALL": language},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (1, f"{told}\n")
