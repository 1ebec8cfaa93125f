"""Thirty days after a round closes nobody knows any more how its responses came about."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.database.condition import examine_database
from app.database.engine import make_engine, make_sessions
from app.database.results import find_run, request_run, result_of
from app.database.rounds import find_round, load_round
from app.database.tables import (
    AuditEventRow,
    ResponseRow,
    ResponseWeightRow,
    RoundKeyRow,
    SegmentRow,
)
from app.database.telemetry import HELD_IT, is_unswept
from app.documents.codebook import ALWAYS
from app.errors import WrongState
from app.survey.paradata import KEPT, Paradata
from app.workflow.admission import receive_response
from app.workflow.compaction import compact
from app.workflow.demonstration import OPEN_ROUND, REAL_ROUND, make_rounds
from app.workflow.fieldwork import close_round
from app.workflow.forgetting import forget_and_sweep, rounds_to_forget, sweep_files
from app.workflow.processing import process_now
from app.workflow.publication import publish
from app.workflow.recomputation import Recomputed, recompute_run
from app.workflow.telemetry import KEPT_FOR, forget_telemetry
from runs import processed
from world import DEFINITIONS, NOW, PROJECT, a_place, a_round, a_submission

AFTER = NOW + KEPT_FOR


@pytest.fixture
def closed(engine: Engine, tmp_path: Path):
    """The demonstration's open round, closed and processed, with its segment."""
    sessions = make_sessions(engine)
    make_rounds(sessions, DEFINITIONS, now=NOW, progress=lambda _: None)
    with Session(engine) as session:
        row = find_round(session, OPEN_ROUND)
        close_round(session, row, now=NOW)
        seed = load_round(session, row).plan.seed
        run = request_run(session, row, seed=seed, now=NOW)
        processed(session, run)
        number = run.id
    compact(sessions, OPEN_ROUND, tmp_path, now=NOW)
    return sessions, number


def marks(engine: Engine) -> list[str]:
    """The hashes and slots that responses of the round carry."""
    with Session(engine) as session:
        row = find_round(session, OPEN_ROUND)
        kept = session.scalars(
            select(ResponseRow.paradata).where(ResponseRow.round_id == row.id)
        ).all()
    found = {str(one.get(name, "")) for one in kept for name in ("device", "network", "slot")}
    return sorted(found - {""})


def test_only_what_is_declared_is_kept_of_how_a_response_came(closed, engine: Engine):
    assert set(asdict(Paradata(slot=""))) == set(KEPT)
    with Session(engine) as session:
        stored = session.scalars(select(ResponseRow.paradata)).all()
    assert {name for one in stored for name in one} <= set(KEPT)
    columns = {column.key for column in ALWAYS if column.origin == "paradata"}
    assert columns <= set(KEPT)
    assert all(one["slot"][-2] in "05" for one in stored if "slot" in one)
    assert all(0 <= (one.get("seconds") or 0) <= 600 for one in stored)


def test_nothing_is_left_of_it_after_thirty_days(closed, engine: Engine, tmp_path: Path):
    sessions, number = closed
    before = marks(engine)
    assert len(before) > 3
    file = tmp_path / OPEN_ROUND
    old_segment = next(file.glob("*.parquet")).read_bytes()

    assert forget_and_sweep(sessions, OPEN_ROUND, tmp_path, now=AFTER) > 100

    with Session(engine) as session:
        row = find_round(session, OPEN_ROUND)
        responses = session.scalars(
            select(ResponseRow).where(ResponseRow.round_id == row.id)
        ).all()
        assert {str(one.paradata) for one in responses} == {"{}"}
        weighed = session.scalars(
            select(ResponseWeightRow).where(ResponseWeightRow.run_id == number)
        ).all()
        assert {str(one.signals) for one in weighed} == {"{}"}
        assert len({one.influence for one in weighed}) >= 1
        assert session.get(RoundKeyRow, row.id) is None
        assert row.telemetry_forgotten_at == AFTER
        (event,) = session.scalars(
            select(AuditEventRow).where(AuditEventRow.act == "forget_telemetry")
        )
        assert event.detail["responses"] == len(responses)
        (segment,) = session.scalars(
            select(SegmentRow).where(SegmentRow.round_id == row.id)
        ).all()
        assert segment.made_at == AFTER
    assert next(file.glob("*.parquet")).read_bytes() != old_segment
    assert marks(engine) == []


def test_no_byte_of_it_is_left_in_the_files(closed, engine: Engine, tmp_path: Path):
    sessions, _ = closed
    before = [mark.encode() for mark in marks(engine)]
    with Session(engine) as session:
        row = find_round(session, OPEN_ROUND)
        before.append(session.get_one(RoundKeyRow, row.id).key)

    def held() -> list[bytes]:
        content = b"".join(files_of(engine)) + b"".join(map(read_bytes, tmp_path.rglob("*")))
        return [mark for mark in before if mark in content]

    assert held() == before
    forget_and_sweep(sessions, OPEN_ROUND, tmp_path, now=AFTER)
    assert held() == []


def files_of(engine: Engine) -> Iterator[bytes]:
    """Every file of a database: of PostgreSQL's, those of its tables and indexes."""
    if engine.dialect.name == "sqlite":
        place = Path(str(engine.url.database))
        yield from map(read_bytes, place.parent.glob(f"{place.name}*"))
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("CHECKPOINT")
        here = "base/' || (SELECT oid FROM pg_database WHERE datname = current_database())"
        names = connection.exec_driver_sql(
            f"SELECT '{here} || '/' || name FROM (SELECT pg_ls_dir('{here}) AS name) AS listed"
        )
        for name in names.scalars().all():
            read = text("SELECT pg_read_binary_file(:name, 0, 1000000000, true)")
            yield bytes(connection.scalar(read, {"name": name}) or b"")


def read_bytes(place: Path) -> bytes:
    """What is in a file; nothing in a folder."""
    return place.read_bytes() if place.is_file() else b""


@pytest.mark.postgres
def test_on_postgres_nothing_is_called_swept_while_an_older_look_still_sees_it(
    postgres_url: str, tmp_path: Path
):
    engine = make_engine(postgres_url)
    with Session(engine) as session, session.begin():
        row = a_round(session)
        receive_response(session, a_place(session, row), a_submission("one"), NOW)
        close_round(session, row, now=NOW)
    sessions = make_sessions(engine)
    with engine.connect() as older:
        older.execution_options(isolation_level="REPEATABLE READ")
        # Not of a table that is swept: a lock on one would be waited for anyway.
        older.execute(text("SELECT count(*) FROM alembic_version"))
        forget_and_sweep(sessions, "town-2026", tmp_path, now=AFTER)
        with sessions() as session:
            assert is_unswept(session)
    assert sweep_files(sessions, now=AFTER)
    with sessions() as session:
        assert not is_unswept(session)
    engine.dispose()


def test_whoever_sweeps_by_hand_is_told_every_table():
    privacy = (PROJECT / "docs/privacy.md").read_text(encoding="utf-8")
    assert f"VACUUM (FULL, ANALYZE) {', '.join(HELD_IT)};" in privacy


def test_it_is_refused_before_its_day_and_done_only_once(
    closed, engine: Engine, tmp_path: Path
):
    sessions, _ = closed
    early = AFTER - timedelta(seconds=1)
    assert rounds_to_forget(sessions, now=early) == ()
    with pytest.raises(WrongState, match="kept for 30 days"):
        forget_and_sweep(sessions, OPEN_ROUND, tmp_path, now=early)
    assert set(rounds_to_forget(sessions, now=AFTER)) == {OPEN_ROUND, REAL_ROUND}
    forget_and_sweep(sessions, OPEN_ROUND, tmp_path, now=AFTER)
    assert rounds_to_forget(sessions, now=AFTER) == (REAL_ROUND,)
    with pytest.raises(WrongState, match="was forgotten on"):
        forget_and_sweep(sessions, OPEN_ROUND, tmp_path, now=AFTER)


def test_an_open_round_keeps_it(engine: Engine):
    sessions = make_sessions(engine)
    make_rounds(sessions, DEFINITIONS, now=NOW, progress=lambda _: None)
    late = NOW + timedelta(days=400)
    assert rounds_to_forget(sessions, now=late) == (REAL_ROUND,)
    with Session(engine) as session, pytest.raises(WrongState, match="is open"):
        forget_telemetry(session, find_round(session, OPEN_ROUND), now=late)


def test_a_round_of_imported_answers_only_loses_its_key(closed, engine: Engine, tmp_path: Path):
    sessions, _ = closed
    number = process_now(sessions, REAL_ROUND, now=NOW).id
    assert forget_and_sweep(sessions, REAL_ROUND, tmp_path, now=AFTER) == 0
    with Session(engine) as session:
        row = find_round(session, REAL_ROUND)
        assert session.get(RoundKeyRow, row.id) is None
        assert row.telemetry_forgotten_at is None
        assert recompute_run(session, number) == Recomputed(same=True, forgotten_at=None)
    assert process_now(sessions, REAL_ROUND, now=AFTER).state == "finished"
    assert REAL_ROUND not in rounds_to_forget(sessions, now=AFTER)
    with pytest.raises(WrongState, match="Nothing is known"):
        forget_and_sweep(sessions, REAL_ROUND, tmp_path, now=AFTER)


def test_numbers_can_be_checked_and_published_afterwards_but_not_screened_again(
    closed, engine: Engine, tmp_path: Path
):
    sessions, number = closed
    with Session(engine) as session:
        whole = recompute_run(session, number)
    assert whole.same
    assert whole.forgotten_at is None
    forget_and_sweep(sessions, OPEN_ROUND, tmp_path, now=AFTER)
    with Session(engine) as session:
        rest = recompute_run(session, number)
    assert rest.same
    assert rest.forgotten_at == AFTER
    with pytest.raises(WrongState, match="no longer be screened"):
        process_now(sessions, OPEN_ROUND, now=AFTER)
    with sessions.begin() as session:
        run = find_run(session, number)
        publish(session, run, now=AFTER)
        assert result_of(run)["responses"]["total"] > 100


def test_a_changed_influence_shows_afterwards_too(closed, engine: Engine, tmp_path: Path):
    sessions, number = closed
    forget_and_sweep(sessions, OPEN_ROUND, tmp_path, now=AFTER)
    with sessions.begin() as session:
        rows = session.scalars(
            select(ResponseWeightRow).where(ResponseWeightRow.run_id == number).limit(40)
        )
        for row in rows:
            row.influence = 0.0
    with Session(engine) as session:
        assert not recompute_run(session, number).same


def test_the_doctor_says_where_it_is_overdue(closed, engine: Engine, tmp_path: Path):
    sessions, _ = closed

    def found(now):
        url = engine.url.render_as_string(hide_password=False)
        return next(
            one
            for one in examine_database(url, clock=lambda: now)
            if one.subject == "telemetry"
        )

    assert found(AFTER).verdict == "ok"
    late = found(AFTER + timedelta(days=2))
    assert late.verdict == "wrong"
    assert OPEN_ROUND in late.found
    for code in (OPEN_ROUND, REAL_ROUND):
        forget_and_sweep(sessions, code, tmp_path, now=AFTER)
    assert found(AFTER + timedelta(days=2)).verdict == "ok"
