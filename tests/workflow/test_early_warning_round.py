"""The warnings over a round in the database: kept once, told in steps, and moving nothing."""

import ast
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.cli.worker import warn_due
from app.database.admission import count_up
from app.database.alarms import count_open_alarms, list_alarms
from app.database.engine import make_engine, make_sessions
from app.database.rounds import active_codes, find_round
from app.database.tables import AlarmRow, Table
from app.errors import InputRefused, NotFound, WrongState
from app.survey.paradata import Paradata, five_minute_slot
from app.workflow.admission import receive_response
from app.workflow.alarms import Remark, find_alarm_of, mark_alarm
from app.workflow.arrivals import Submission
from app.workflow.early_warning import Beside, raise_alarms, rounds_to_watch
from app.workflow.fieldwork import close_round
from app.workflow.places import open_place
from app.workflow.preparation import draft_round
from app.workflow.processing import process_now
from world import NOW, PROJECT, TOWN_PLAN, a_round, registry

POINTS = [f"hall-{n}" for n in range(7)]
POINT = "  - {{code: {code}, name: {{zh-Hans: {n} 号厅, en: Hall {n}}}, unit: {unit}}}\n"
LINES = "".join(
    POINT.format(code=code, n=n, unit=("east", "west")[n % 2]) for n, code in enumerate(POINTS)
)
HEAD, _, REST = TOWN_PLAN.partition("points:\n")
PLAN = f"{HEAD}points:\n{LINES}weighting:\n{REST.partition('weighting:')[2].lstrip()}"


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """A round in which many come to hall 3 at once, and hall 5 is not scanned."""
    engine = make_engine(sqlite_url)
    with Session(engine) as session, session.begin():
        row = a_round(session, PLAN.replace("weighting:\n- ", "weighting:\n  - "))
        codes = active_codes(session, row.id)
        chance = np.random.default_rng(7)
        for point in POINTS:
            place = open_place(session, codes[point], NOW)
            for n in range(40 + 45 * (point == "hall-3")):
                minutes = int(chance.integers(0, 10 * 1440 // 5)) * 5
                when = NOW - timedelta(minutes=minutes if n < 40 else 2880 + n % 6 * 5)
                given = {f"Q{i}": int(chance.choice([1, 2, 3, 4, 5, 9])) for i in (1, 2, 3)}
                given = {item: code for item, code in given.items() if code != 9}
                paradata = Paradata(slot=five_minute_slot(when), seconds=60)
                body = hashlib.sha256(repr(given).encode()).hexdigest()
                sent = Submission(f"{point}-{n}", body, given, paradata)
                receive_response(session, place, sent, NOW)
        served = {p: 400 if p != "hall-5" else 20 for p in POINTS}
        day = "2026-11-22"
        counted = {(row.id, p, day, "served"): n for p, n in served.items()}
        count_up(session.connection(), counted)
    yield engine
    engine.dispose()


VISITS = ("point,visits\n" + "".join(f"{point},900\n" for point in POINTS)).encode()


def warn(engine: Engine, **beside) -> tuple[list, int]:
    sessions = make_sessions(engine)
    given = Beside(visits=(VISITS, "visits.csv"), **beside)
    return raise_alarms(sessions, "town-2026", beside=given, now=NOW)


def test_what_is_unusual_is_kept_once_with_its_words(engine):
    alarms, new = warn(engine)
    _, again = warn(engine)

    assert {(alarm.code, alarm.place) for alarm in alarms} == {
        ("BURST", "hall-3"),
        ("SILENT_CODE", "hall-5"),
    }
    assert (new, again) == (2, 0)
    with Session(engine) as session:
        kept = list_alarms(session, find_round(session, "town-2026").id)
        burst = next(one.row for one in kept if one.row.code == "BURST")
        assert burst.observed % 10 == 0
        assert "Hall 3" in burst.telling["seen"]["en"]
        assert "3 号厅" in burst.telling["seen"]["zh-Hans"]
        assert "promotion" in burst.telling["innocent"]["en"]
        assert [one.state for one in kept] == ["raised", "raised"]


def test_the_worker_watches_open_rounds_only(engine):
    sessions = make_sessions(engine)
    assert rounds_to_watch(sessions) == ("town-2026",)

    warn_due(sessions)

    with sessions.begin() as session:
        row = find_round(session, "town-2026")
        assert [one.row.code for one in list_alarms(session, row.id)] == ["BURST"]
        close_round(session, row, now=NOW)
    assert rounds_to_watch(sessions) == ()


def contents(engine: Engine) -> dict[str, str]:
    """A digest of every table."""
    with engine.connect() as connection:
        return {
            name: hashlib.sha256(
                repr(sorted(map(repr, connection.execute(select(table))))).encode()
            ).hexdigest()
            for name, table in Table.metadata.tables.items()
        }


def test_raising_and_answering_alarms_touches_no_other_table(engine):
    before = contents(engine)

    warn(engine)
    with make_sessions(engine).begin() as session:
        row = session.scalars(select(AlarmRow)).first()
        mark_alarm(session, row.id, Remark("answered", "audit", "a promotion"), now=NOW)

    after = contents(engine)
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"alarm", "alarm_event", "audit_event", "act_counter"}


def test_a_round_with_alarms_gives_the_numbers_it_gives_without(engine):
    def result() -> str:
        run = process_now(make_sessions(engine), "town-2026", now=NOW)
        return run.document or ""

    with make_sessions(engine).begin() as session:
        close_round(session, find_round(session, "town-2026"), now=NOW)
    without = result()
    _, new = warn(engine)

    assert new > 0
    assert json.loads(result()) == json.loads(without)


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_nothing_that_counts_answers_knows_of_alarms():
    knowing = {
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "app").rglob("*.py")
        if any(
            name.startswith(("app.anomaly.warnings", "app.database.alarms"))
            for name in imports_of(path)
        )
        and "anomaly/warnings" not in str(path)
    }

    assert knowing <= {
        "app/cli/alarms.py",
        "app/web/console/alarms.py",
        "app/web/console/overview.py",
        "app/web/console/rounds.py",
        "app/workflow/alarm_keeping.py",
        "app/database/today.py",  # how many wait, for the first page of the console
        "app/workflow/alarms.py",
        "app/workflow/canaries/checking.py",
        "app/workflow/early_warning.py",
        "app/workflow/warning_inputs.py",
    }


def test_an_alarm_is_seen_and_then_answered_and_both_stay(engine):
    warn(engine)
    with make_sessions(engine).begin() as session:
        row = find_round(session, "town-2026")
        first = list_alarms(session, row.id)[0].row.id
        assert count_open_alarms(session, row.id) == 2
        mark_alarm(session, first, Remark("seen", "li"), now=NOW)
        assert count_open_alarms(session, row.id) == 2
        mark_alarm(session, first, Remark("answered", "li", "the queue was let in"), now=NOW)
        assert count_open_alarms(session, row.id) == 1

    with Session(engine) as session:
        told = list_alarms(session, find_round(session, "town-2026").id)
        events = next(one.events for one in told if one.row.id == first)
        assert [event.state for event in events] == ["seen", "answered"]


@pytest.mark.parametrize("remark", [Remark("answered", "li"), Remark("seen", " ")])
def test_an_answer_without_words_and_a_look_by_nobody_are_refused(engine, remark):
    warn(engine)
    with Session(engine) as session, pytest.raises(InputRefused):
        mark_alarm(session, 1, remark, now=NOW)


def test_an_alarm_belongs_to_its_round(engine):
    warn(engine)
    with Session(engine) as session:
        other = PLAN.replace("town-2026", "other-2026").replace(
            "weighting:\n- ", "weighting:\n  - "
        )
        a_round(session, other)
        with pytest.raises(NotFound):
            find_alarm_of(session, "other-2026", 1)


def test_a_draft_has_no_alarms(sqlite_url):
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        draft_round(session, TOWN_PLAN, source="plan", registry=registry(), now=NOW)

    with pytest.raises(WrongState, match="draft"):
        raise_alarms(make_sessions(engine), "town-2026", beside=Beside(), now=NOW)


def test_every_mistake_in_the_file_of_visits_is_named(engine):
    bad = b"point,visits,day\nhall-1,many,2026-11-22\nnowhere,3,yesterday\n"

    with pytest.raises(InputRefused) as refused:
        raise_alarms(
            make_sessions(engine),
            "town-2026",
            beside=Beside(visits=(bad, "visits.csv")),
            now=NOW,
        )

    said = str(refused.value)
    assert "row 2, visits: is no count" in said
    assert "row 3, point: is no point of the plan" in said
    assert "row 3, day: is no day" in said


def test_appeals_come_from_a_file(engine):
    file = b"office,decider,upheld,rejected\nwash,wang,28,1\nfair,li,3,20\nfair,zhao,4,18\n"

    alarms, _ = warn(engine, appeals=(file, "appeals.csv"))

    assert ("APPEAL_RATE", "wash") in {(alarm.code, alarm.place) for alarm in alarms}


def test_a_round_can_be_compared_with_the_one_before(engine):
    alarms, _ = warn(engine, history="town-2026")

    assert "COACH_DOUBT" not in {alarm.code for alarm in alarms}
