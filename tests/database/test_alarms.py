"""Alarms in the tables: the newest of a place stands, and what was done about it stays."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.anomaly.warnings.alarm import Alarm
from app.database.alarms import count_open_alarms, find_alarm, list_alarms
from app.errors import NotFound
from app.survey.text import Text
from app.workflow.alarm_keeping import Called, keep_alarms
from app.workflow.alarms import Remark, mark_alarm
from world import NOW, a_round

CALLED = Called({"a": Text(zh="甲厅", en="Hall A")})


def an_alarm(n: float, place: str = "a") -> Alarm:
    return Alarm("REFUSAL_SURGE", place, n, 3.0, 1e-8, 7.0, {"received": 4 * n})


def test_an_alarm_is_raised_anew_when_its_figures_move_by_a_step(engine: Engine) -> None:
    with Session(engine) as session:
        row = a_round(session)
        first = keep_alarms(session, row, [an_alarm(41)], called=CALLED, now=NOW)
        same = keep_alarms(session, row, [an_alarm(43)], called=CALLED, now=NOW)
        session.flush()
        mark_alarm(session, list_alarms(session, row.id)[0].row.id, said(), now=NOW)
        later = NOW + timedelta(hours=1)
        moved = keep_alarms(session, row, [an_alarm(57)], called=CALLED, now=later)
        session.flush()
        kept = list_alarms(session, row.id)

        assert (first, same, moved) == (1, 0, 1)
        assert [(one.row.observed, one.state) for one in kept] == [(60, "raised")]
        assert count_open_alarms(session, row.id) == 1
        assert kept[0].row.telling["seen"]["en"].startswith("Hall A: about 60 of about 230")


def said() -> Remark:
    return Remark("answered", "audit", "an old poster")


def test_a_place_without_a_name_is_called_by_its_code(engine: Engine) -> None:
    with Session(engine) as session:
        row = a_round(session)
        keep_alarms(session, row, [an_alarm(41, "nowhere")], called=CALLED, now=NOW)
        session.flush()

        assert "nowhere" in list_alarms(session, row.id)[0].row.telling["seen"]["zh-Hans"]


def test_an_alarm_that_there_is_not_is_not_found(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(NotFound):
        find_alarm(session, 7)


def test_a_round_without_alarms_has_none(engine: Engine) -> None:
    with Session(engine) as session:
        row = a_round(session)

        assert list_alarms(session, row.id) == []
        assert count_open_alarms(session, row.id) == 0
