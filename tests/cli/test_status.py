"""`minxin round status`: everything that came in, aligned, added up, and nothing else."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from app.cli import main
from app.cli.status import cells, lines, padded, standing_of
from app.database.engine import Sessions, make_engine, make_sessions
from app.database.rounds import find_round
from app.database.snapshots import snapshot
from app.workflow.admission import admit
from app.workflow.arrivals import Arrival
from app.workflow.fieldwork import close_round, report_pressure
from app.workflow.rights import TicketOrder, issue_tickets, revoke
from world import NOW, TOWN_PLAN, a_place, a_round, a_submission

PLAN = TOWN_PLAN + "admission: {rights: [open, ticket], most_per_point: 2}\n"
CODE = "town-2026"


def a_day(engine: Engine) -> Sessions:
    """Three came to the east hall, which takes two; one of the tickets is revoked."""
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        row = a_round(session, PLAN)
        place = a_place(session, row)
        for key in "abc":
            arrival = Arrival(place, a_submission(key, {"Q1": 1}))
            admit(session.connection(), [arrival], now=NOW)
        for _ in range(2):
            report_pressure(session, place, "secret words", NOW)
        for point, count, batch in (("east-hall", 3, "morning"), ("west-hall", 1, "wrong")):
            order = TicketOrder(point, count, batch, timedelta(hours=2))
            issue_tickets(session, row, order, now=NOW)
        revoke(session, row, batch="wrong", now=NOW)
    return sessions


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return a_day(engine)


def standing(sessions, day="", now=NOW):
    with snapshot(sessions) as session:
        return standing_of(session, CODE, day=day, now=now)


def shown(sessions, day=""):
    return "\n".join(lines(standing(sessions, day)))


def test_everything_that_is_counted_is_shown_and_adds_up(sessions):
    said = shown(sessions)
    for line in (
        "小镇三感调查 (town-2026)",
        "  state   open, opened 2026-11-22 16:33",
        "  window  2026-01-01 00:00 – 2027-01-01 00:00 Asia/Shanghai",
        "  day     2026-11-22",
        "refused: full 1",
        "Everything received is accounted for.",
        "  point:east-hall  2 of 2",
        "  ticket  4 issued, 0 spent, 1 revoked, 0 expired",
        "  2026-11-22 pressure_reported  point east-hall × 2",
        "  2026-11-22 allowance_used_up  allowance point:east-hall",
    ):
        assert line in said
    assert "secret" not in said
    assert "Segments" not in said, "there are none yet"


def test_the_columns_stand_under_each_other_beside_chinese_names(sessions):
    table = [line for line in shown(sessions).splitlines() if "hall" in line or "all p" in line]
    rows = [line for line in table if line.rstrip()[-1].isdigit() and "  " in line][:4]
    assert [line.split()[-4:] for line in rows[:2]] == [["3", "2", "0", "1"], ["0"] * 4]
    assert len({cells(line) for line in rows}) == 1
    assert cells("东街大厅 east-hall") == 18
    assert cells("e\N{COMBINING ACUTE ACCENT}") == 1
    assert padded("东", 4) == "东  "


def test_another_day_has_its_own_numbers_beside_those_of_all_days(sessions):
    found = standing(sessions, "2026-11-23")
    assert (found["total"], found["total_of_all_days"]["received"]) == ({}, 3)
    assert standing(sessions, "all")["total"] == found["total_of_all_days"]
    assert "all days together" in shown(sessions, "all")


def test_a_ticket_that_nobody_used_in_time_has_expired(sessions):
    found = standing(sessions, now=NOW + timedelta(hours=3))
    assert found["tokens"]["ticket"] == {"issued": 4, "spent": 0, "revoked": 1, "expired": 3}


def test_a_closed_round_shows_all_of_its_days(sessions):
    with sessions.begin() as session:
        close_round(session, find_round(session, CODE), now=NOW + timedelta(days=9))
    found = standing(sessions, now=NOW + timedelta(days=30))
    assert (found["day"], found["closed"]) == ("all", "2026-12-01 16:33")


def test_what_does_not_add_up_stands_below_the_table(sessions, engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE tally SET n = n + 1 WHERE counter = 'stored'"))
    said = shown(sessions)
    assert "Not everything is accounted for:" in said
    assert "  east-hall: 3 counted as stored, 2 there" in said


def test_the_command_speaks_to_people_and_to_programs(sqlite_url, monkeypatch):
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    expected = standing(a_day(engine), "2026-11-22")
    engine.dispose()

    def minxin(*words):
        return CliRunner().invoke(main.application, ["round", "status", CODE, *words])

    assert "Everything received is accounted for." in minxin("--day", "2026-11-22").output
    told = json.loads(minxin("--day", "2026-11-22", "--json").output)
    assert told == expected | {"tokens": told["tokens"]}
    for day in ("yesterday", "2026-02-30"):
        assert "write it as 2026-11-22, or all" in str(minxin("--day", day).exception)
