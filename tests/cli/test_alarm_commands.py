"""Alarms by command: listed, seen and answered, in the language of the terminal."""

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.anomaly.warnings.alarm import Alarm
from app.cli import main
from app.database.engine import make_engine
from app.survey.text import Text
from app.workflow.alarm_keeping import Called, keep_alarms
from world import NOW, a_round

HALLS = {"east-hall": Text(zh="东厅", en="East hall")}
BURST = Alarm("BURST", "east-hall", 87, 6, 1e-7, 8.0, {"hours": 3.0, "start": 3180.0})


@pytest.fixture
def minxin(sqlite_url, monkeypatch):
    """A command on a round with one alarm; what it said."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    with Session(engine) as session, session.begin():
        keep_alarms(session, a_round(session), [BURST], called=Called(HALLS), now=NOW)
    engine.dispose()

    def run(*words):
        result = CliRunner().invoke(main.application, list(words))
        assert result.exception is None, result.output + repr(result.exception)
        return result.output

    return run


@pytest.mark.parametrize(
    ("terminal", "words"),
    [
        ("zh_CN.UTF-8", ("共 1 条", "等人看", "东厅：第 3 天 5 时起 3 小时里", "怎样查实：")),
        ("en_GB.UTF-8", ("town-2026: 1.", "raised", "East hall: about 90", "Or: ", "Look: ")),
    ],
)  # fmt: skip
def test_alarms_speak_the_language_of_the_terminal(minxin, monkeypatch, terminal, words):
    monkeypatch.setenv("LC_ALL", terminal)
    said = minxin("alarms", "--round", "town-2026")
    assert all(word in said for word in words)
    is_chinese = any("一" <= sign <= "鿿" for sign in said)
    assert is_chinese == terminal.startswith("zh")


def test_what_was_found_out_stands_under_the_alarm(minxin):
    assert minxin("alarm", "seen", "1", "--author", "Li", "--language", "zh-Hans") == (
        "第 1 条提示：Li在看。\n"
    )
    minxin("alarm", "answer", "1", "--author", "Li", "--note", "A fair.", "--language", "en")
    said = minxin("alarms", "--round", "town-2026", "--language", "en")
    assert "answered  Li  A fair." in said
    assert "seen  Li\n" in said
