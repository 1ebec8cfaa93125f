"""Review by command: list, show, decide, confirm, revoke, rates, in Chinese and English."""

import json
import re

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import main
from app.database.engine import make_engine, make_sessions
from app.database.tables import AuditEventRow, CampaignRow, RunRow
from reviews import DOWN, UP, a_reviewed_round

ROUND = "town-2026"
AN = ("--author", "An", "--office", "audit-bureau", "--language", "en")
CUI = ("--author", "Cui", "--office", "statistics-bureau", "--language", "en")
EAST = ("--author", "Dong", "--office", "east", "--language", "en")
WHY = ("--note", "log of the hall")


@pytest.fixture
def minxin(sqlite_url, monkeypatch):
    """`minxin review …` on a round with three campaigns."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        a_reviewed_round(session)
    engine.dispose()

    def run(*words, fails=False):
        words = ["review", *(str(word) for word in words)]
        result = CliRunner().invoke(main.application, words)
        if fails:
            assert result.exception is not None
            return f"{result.output}{result.exception}"
        assert result.exception is None, result.output + repr(result.exception)
        return result.output

    return run


def decided(minxin, who, verdict="exclude", reason="HASTE", code=UP):
    given = ("--verdict", verdict, "--reason", reason)
    said = minxin("decide", ROUND, code, *given, *WHY, *who)
    return int(re.search(r"Row (\d+)", said)[1]), said


def test_the_whole_way_by_command(minxin):
    first = minxin("show", ROUND, UP, *AN)
    assert "First look" in first
    assert "12 responses: east-hall 12" in first
    assert "day 2 14:05 – day 2 16:00" in first
    assert "raises" not in first
    assert "CHANNEL_GAP" not in first
    assert "On the other hand" in first

    number, said = decided(minxin, AN)
    assert "Waiting for a second person from another office" in said
    assert f"then confirms: minxin review confirm town-2026 {number}." in said
    assert "minxin process town-2026" in said
    whole = minxin("show", ROUND, UP, *AN)
    assert "raises the score" in whole
    assert re.search(r"east-hall: 87.\d+ with it, 60.00 without|76.00 with it", whole)
    assert "CHANNEL_GAP" in whole
    assert "decides: exclude (first look)" in whole

    decided(minxin, CUI, "audit", "UNCLEAR")
    said = minxin("confirm", ROUND, number, "--note", "agreed", *CUI)
    assert re.search(rf"Row \d+ confirms {number} \(", said)
    assert f"In force: exclude (decision {number})." in said
    assert "exclude, raises the score" in minxin("list", ROUND, *AN)

    rates = minxin("rates", ROUND, "--language", "en")
    assert "exclude: 1 campaigns, 12 responses (100% / 100%)" in rates
    assert "undecided: 0 campaigns" in rates
    assert "Not decided: 2 campaigns" in rates
    said = minxin("revoke", ROUND, number, "--note", "found the event", *AN)
    assert re.search(rf"Row \d+ takes back {number} \(", said)
    assert "In force: no decision" in said
    assert "takes back" in minxin("show", ROUND, UP, *AN)


@pytest.mark.parametrize(
    ("last", "told"), [(960, "2026-11-22 14:05 – 16:00"), (2460, "14:05 – 2026-11-23 17:00")]
)
def test_a_reviewer_is_told_the_date_that_tickets_are_looked_up_by(
    minxin, sqlite_url, last, told
):
    company = {"campaigns": [{"code": UP, "first": "2026-11-22T14:05"}]}
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        run = session.scalars(select(RunRow)).one()
        run.document = json.dumps({"screening": {"company": company}})
        kept = session.scalars(select(CampaignRow).where(CampaignRow.code == UP)).one()
        kept.last_minute = 1440 + last
    engine.dispose()
    assert told in minxin("show", ROUND, UP, *AN)
    assert told in minxin("list", ROUND, *AN)


def test_the_list_is_recorded_and_blind_to_what_others_decided(minxin, sqlite_url):
    decided(minxin, AN)
    assert "waits for a second person" in minxin("list", ROUND, *AN)
    assert "waits for a second person" not in minxin("list", ROUND, *CUI)
    engine = make_engine(sqlite_url)
    with make_sessions(engine)() as session:
        acts = session.scalars(select(AuditEventRow.act)).all()
    engine.dispose()
    assert acts.count("list campaigns") == 2


def test_answers_are_seen_after_a_judgement_only(minxin):
    assert "first judgement" in minxin("answers", ROUND, UP, *AN, fails=True)
    decided(minxin, AN)
    said = minxin("answers", ROUND, UP, *AN)
    assert said.count("Q1=5") == 12
    assert "Q2=a+b" in said


def test_the_assessed_see_counts_by_command(minxin):
    said = minxin("show", ROUND, UP, *EAST)
    assert (
        said == "12 responses; it concerns your own scores, so that only the count is shown.\n"
    )
    assert "HASTE" not in minxin("list", ROUND, *EAST)
    assert "let another office" in minxin("answers", ROUND, UP, *EAST, fails=True)


def test_a_chinese_terminal_is_answered_in_chinese(minxin, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    who = ("--author", "安", "--office", "审计局")
    shown = minxin("show", ROUND, DOWN, *who)
    assert "初看：方向、得分、答案和他人的决定，在您记下第一次判断之后给出。" in shown
    assert "也可能是：" in shown
    given = ("--verdict", "exclude", "--reason", "COACHED", *WHY, *who)
    said = minxin("decide", ROUND, DOWN, *given, fails=True)
    assert "初看尚不知方向，不能以 COACHED 为由" in said
    said = minxin(
        "decide", ROUND, DOWN, "--verdict", "audit", "--reason", "UNCLEAR", *WHY, *who
    )
    assert "核查" in said
    assert "压低得分" in minxin("show", ROUND, DOWN, *who)
    assert "压低得分" in minxin("rates", ROUND)


def test_every_ground_is_listed_with_its_innocent_side(minxin):
    said = minxin("grounds", "--language", "en")
    assert said.count("On the other hand") == said.count("(") >= 10
    assert "也可能是" in minxin("grounds", "--language", "zh-Hans")


def test_an_unknown_round_campaign_or_verdict_is_said_so(minxin):
    assert "no round" in minxin("list", "nowhere", *AN, fails=True)
    assert "no campaign" in minxin("show", ROUND, "C-zzzz", *AN, fails=True)
    given = ("--verdict", "delete", "--reason", "HASTE", *WHY)
    assert "Write one of keep" in minxin("decide", ROUND, UP, *given, *AN, fails=True)
