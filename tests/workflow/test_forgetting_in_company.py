"""A screened and reviewed round forgets: its last run, its campaigns, whoever is at work."""

import hashlib
import threading
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from app.cli import rounds
from app.cli.worker import forget_due
from app.database import telemetry
from app.database.backup import take_backup
from app.database.campaigns import list_campaign_responses, list_campaigns
from app.database.engine import make_engine, make_sessions
from app.database.fieldwork import response_id
from app.database.restore import restore_backup
from app.database.results import find_run, list_finished, request_run, result_of
from app.database.rounds import find_round
from app.database.tables import (
    AuditEventRow,
    CampaignRow,
    ResponseRow,
    ResponseWeightRow,
    RoundKeyRow,
    RoundRow,
)
from app.errors import MinxinError, WrongState
from app.workflow import compaction
from app.workflow.admission import receive_response
from app.workflow.compaction import compact
from app.workflow.fieldwork import close_round, find_receipt
from app.workflow.forgetting import forget_and_sweep, rounds_to_forget, sweep_files
from app.workflow.processing import FORGOTTEN, process_now, process_round
from app.workflow.recomputation import recompute_run
from app.workflow.review.deciding import Judgement, decide
from app.workflow.review.viewing import show_campaign, view_responses
from app.workflow.telemetry import KEPT_FOR
from reviews import AN
from reviews import PLAN as TWO_SIDES
from terminal import run_command
from world import NOW, a_place, a_round, a_submission

PLAN = TWO_SIDES.replace("screening: {}", "screening: {company: {version: 1}}")
CODE = "town-2026"
HONEST, STUFFED = 300, 14
AFTER = NOW + KEPT_FOR


@pytest.fixture
def sessions(engine: Engine):
    """A closed round: people all through November, and fourteen answers of one half hour."""
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        fill(session, a_round(session, PLAN))
    return sessions


def fill(session: Session, row: RoundRow) -> None:
    """Put the answers into a round, and close it."""
    dice = np.random.default_rng(3)
    for number in range(HONEST):
        codes = dice.choice([1, 2, 3, 4, 5], 3, p=[0.1, 0.15, 0.35, 0.25, 0.15]).tolist()
        slot = f"2026-11-{1 + number % 20:02}T{1 + number % 9:02}:{5 * (number % 12):02}Z"
        seconds = int(dice.integers(40, 200))
        add(session, row, f"honest {number}", codes, slot, f"n{number}", seconds)
    for number in range(STUFFED):
        slot = f"2026-11-21T06:{5 * (number % 6):02}Z"
        add(session, row, f"stuffed {number}", [5, 5, 5], slot, "office", 6)
    session.flush()
    close_round(session, row, now=NOW)


def add(session, row, name, codes, slot, network, seconds):
    side = "east" if name.startswith("stuffed") or len(name) % 2 else "west"
    session.add(
        ResponseRow(
            id=response_id(row.id, name), round_id=row.id, unit=side, point=f"{side}-hall",
            evidence="opt_in", survey="three_senses_short@1", channel="qr", assurance="open",
            answers=dict(zip(("Q1", "Q2", "Q3"), codes, strict=True)), background={},
            weight=None, submission_hash="0" * 64, body_digest="0" * 64,
            paradata={"seconds": seconds, "slot": slot, "device": "phone",
                      "network": hashlib.sha256(network.encode()).hexdigest()[:16]},
        )
    )  # fmt: skip


def decide_something(sessions, now=NOW):
    with sessions.begin() as session:
        row = find_round(session, CODE)
        kept = list_campaigns(session, row.id)[0]
        judgement = Judgement(kept.row.code, "exclude", "CONCENTRATION", "log of the hall")
        return decide(session, row, AN, judgement, now=now).number


# The last run


def test_a_run_with_campaigns_comes_out_the_same_from_its_influence(sessions, tmp_path):
    runs = [process_now(sessions, CODE, now=NOW).id]
    decide_something(sessions)
    runs.append(process_now(sessions, CODE, seed=7, now=NOW).id)
    forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
    with sessions() as session:
        for run in runs:
            document = result_of(find_run(session, run))
            assert any("screened" in one for one in document["estimates"])
            found = recompute_run(session, run)
            assert found.same
            assert found.forgotten_at == AFTER


@pytest.mark.parametrize("is_decided", [False, True])
def test_before_it_forgets_a_last_run_is_finished_with_all_that_was_decided(
    sessions, tmp_path, is_decided
):
    if is_decided:
        process_now(sessions, CODE, now=NOW)
        number = decide_something(sessions)
    forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
    with sessions() as session:
        runs = list_finished(session, find_round(session, CODE).id)
        assert len(runs) == 1 + is_decided
        known = result_of(runs[-1])["run"]
        assert FORGOTTEN not in known
        assert known["decisions"]["last"] == (number if is_decided else 0)
        assert recompute_run(session, runs[-1].id).same
    forget = [run.id for run in runs]
    with sessions() as session:
        [event] = session.scalars(
            select(AuditEventRow).where(AuditEventRow.act == telemetry.FORGET)
        )
        assert event.detail["runs"] == forget


def test_a_round_that_cannot_be_processed_forgets_and_its_answers_are_not_lost(
    sessions, tmp_path
):
    with sessions.begin() as session:
        row = find_round(session, CODE)
        sound, row.plan_digest = row.plan_digest, "0" * 64
    forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
    with pytest.raises(MinxinError):
        process_now(sessions, CODE, now=AFTER)
    with sessions.begin() as session:
        find_round(session, CODE).plan_digest = sound
    run = process_now(sessions, CODE, now=AFTER)
    assert result_of(run)["run"][FORGOTTEN] == AFTER.date().isoformat()
    with sessions() as session:
        found = recompute_run(session, run.id)
        assert (found.same, found.forgotten_at) == (True, None)
    with pytest.raises(WrongState, match="no longer be screened"):
        process_now(sessions, CODE, now=AFTER)


def test_a_run_that_was_begun_before_keeps_nothing_afterwards(sessions, tmp_path, monkeypatch):
    process_now(sessions, CODE, now=NOW)
    with sessions.begin() as session:
        number = request_run(session, find_round(session, CODE), seed=1, now=NOW).id

    from app.workflow import processing

    compute = processing.compute

    def slowly(*given, **named):
        forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
        return compute(*given, **named)

    monkeypatch.setattr(processing, "compute", slowly)
    with pytest.raises(WrongState, match="its telemetry was forgotten"):
        process_round(sessions, number, now=AFTER)
    with sessions() as session:
        kept = select(ResponseWeightRow).where(ResponseWeightRow.run_id == number)
        assert session.scalars(kept).all() == []


# What can still be told


@pytest.mark.parametrize(
    "change",
    [
        {"answers": {"Q1": 1, "Q2": 5, "Q3": 5}},
        {"point": "west-hall"},
        {"assurance": "one_time"},
        {"background": {"age": "3"}},
    ],
)
def test_an_answer_that_was_changed_afterwards_shows(sessions, tmp_path, change):
    run = process_now(sessions, CODE, now=NOW).id
    forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
    with sessions.begin() as session:
        name = response_id(find_round(session, CODE).id, "stuffed 1")
        session.execute(update(ResponseRow).where(ResponseRow.id == name).values(**change))
    with sessions() as session:
        assert not recompute_run(session, run).same


def test_a_run_of_other_rows_is_not_vouched_for(sessions, tmp_path):
    first = process_now(sessions, CODE, now=NOW).id
    with sessions.begin() as session:
        name = response_id(find_round(session, CODE).id, "stuffed 1")
        values = {"answers": {"Q1": 1, "Q2": 1, "Q3": 1}}
        session.execute(update(ResponseRow).where(ResponseRow.id == name).values(**values))
    second = process_now(sessions, CODE, now=NOW).id
    forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
    with sessions() as session:
        assert not recompute_run(session, first).same
        assert recompute_run(session, second).same


def test_a_response_that_is_gone_or_new_shows(sessions, tmp_path):
    run = process_now(sessions, CODE, now=NOW).id
    forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
    with sessions.begin() as session:
        row = find_round(session, CODE)
        add(session, row, "late", [5, 5, 5], "", "", 0)
    with sessions() as session:
        assert not recompute_run(session, run).same


def test_campaigns_stay_as_sums_and_name_no_minute_network_or_response(sessions, tmp_path):
    process_now(sessions, CODE, now=NOW)
    decide_something(sessions)
    with sessions.begin() as session:
        row = find_round(session, CODE)
        session.execute(update(CampaignRow).values(kind="network", place="abcd1234"))
    forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
    with sessions.begin() as session:
        row = find_round(session, CODE)
        kept = list_campaigns(session, row.id)[0]
        assert kept.row.size >= 9
        assert kept.row.detail["reasons"]
        assert [one.verdict for one in kept.decisions] == ["exclude"]
        assert (kept.row.first_minute, kept.row.last_minute, kept.row.place) == (None, None, "")
        assert list_campaign_responses(session, kept.row.id) == []
        show_campaign(session, row, AN, kept.row.code, now=AFTER)
        with pytest.raises(WrongState, match="was deleted"):
            view_responses(session, row, AN, kept.row.code, now=AFTER)
    with pytest.raises(WrongState, match="no run could follow"):
        decide_something(sessions, now=AFTER)


def test_a_receipt_is_found_afterwards(engine, tmp_path):
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        row = a_round(session, PLAN)
        sent = a_submission("k", {"Q1": 5, "Q2": 5, "Q3": 5})
        number = receive_response(session, a_place(session, row), sent, NOW)
        fill(session, row)
    forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
    with sessions() as session:
        assert find_receipt(session, number).state == "counted"


# Whoever is at work at the same moment


def test_a_segment_that_was_being_made_is_not_kept(sessions, tmp_path, monkeypatch):
    write = compaction._write

    def slowly(*given):
        fresh = write(*given)
        if not rounds_to_forget(sessions, now=AFTER):
            return fresh
        forget_and_sweep(sessions, CODE, tmp_path / "elsewhere", now=AFTER)
        return fresh

    monkeypatch.setattr(compaction, "_write", slowly)
    assert compact(sessions, CODE, tmp_path, now=NOW) is None
    assert list(tmp_path.glob(f"{CODE}/*.parquet")) == []


def test_files_that_are_in_use_are_swept_later(sessions, engine, tmp_path, monkeypatch):
    monkeypatch.setattr(telemetry, "PATIENCE", 1)
    reader = make_engine(engine.url.render_as_string(hide_password=False))
    with reader.execution_options(reading=True).connect() as reading:
        reading.execute(text("SELECT count(*) FROM response")).scalar()
        forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
        with sessions() as session:
            assert telemetry.is_unswept(session)
        assert not sweep_files(sessions, now=AFTER)
    reader.dispose()
    forget_due(sessions, tmp_path, clock=lambda: AFTER)
    with sessions() as session:
        assert not telemetry.is_unswept(session)


def test_of_two_who_forget_at_once_one_is_told_so(sessions, tmp_path):
    process_now(sessions, CODE, now=NOW)
    said: list[object] = []

    def forget() -> None:
        try:
            said.append(forget_and_sweep(sessions, CODE, tmp_path, now=AFTER))
        except WrongState as refusal:
            said.append(str(refusal))

    both = [threading.Thread(target=forget) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert HONEST + STUFFED in said
    assert any("was forgotten on" in str(one) for one in said)


# The worker and the restore


def test_the_worker_forgets_on_the_day_and_not_before(sessions, tmp_path):
    clock = [NOW]
    forget_due(sessions, tmp_path, clock=lambda: clock[0])
    clock[0] = AFTER - timedelta(seconds=1)
    forget_due(sessions, tmp_path, clock=lambda: clock[0])
    with sessions() as session:
        row = find_round(session, CODE)
        assert row.telemetry_forgotten_at is None
        assert session.get(RoundKeyRow, row.id) is not None
    clock[0] = AFTER
    forget_due(sessions, tmp_path, clock=lambda: clock[0])
    with sessions() as session:
        row = find_round(session, CODE)
        assert row.telemetry_forgotten_at == AFTER
        assert session.get(RoundKeyRow, row.id) is None
        kept = session.scalars(select(ResponseRow.paradata)).all()
        assert {str(one) for one in kept} == {"{}"}


def test_what_a_restore_brings_back_is_due_again(sessions, engine, sqlite_template, tmp_path):
    process_now(sessions, CODE, now=NOW)
    take_backup(engine, tmp_path / "b.zip", now=NOW)
    forget_and_sweep(sessions, CODE, tmp_path, now=AFTER)
    second = tmp_path / "second.sqlite3"
    second.write_bytes(Path(sqlite_template).read_bytes())
    other = make_engine(f"sqlite:///{second}")
    again = make_sessions(other)
    with again.begin() as session:
        restore_backup(session, tmp_path / "b.zip", now=AFTER)
    assert rounds_to_forget(again, now=AFTER) == (CODE,)
    forget_due(again, tmp_path / "s", clock=lambda: AFTER)
    assert rounds_to_forget(again, now=AFTER) == ()
    other.dispose()


def test_by_hand_it_is_done_once_and_says_what_it_does_not_reach(
    sqlite_url, tmp_path, monkeypatch
):
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        fill(session, a_round(session, PLAN))
    process_now(make_sessions(engine), CODE, now=NOW)
    engine.dispose()
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("MINXIN_DATA_DIRECTORY", str(tmp_path))
    assert "until 2026-12-22" in said("round", "forget-telemetry", CODE)
    monkeypatch.setattr(rounds, "_now", lambda: AFTER)
    told = said("round", "forget-telemetry", CODE)
    assert f"the {HONEST + STUFFED} responses" in told
    assert "Backups made before today still hold it" in told
    assert "was forgotten on 2026-12-22" in said("round", "forget-telemetry", CODE)
    told = said("recompute", "1")
    assert "can no longer be computed again since 2026-12-22" in told
    assert "the same bytes" in told


def said(*words: str) -> str:
    """What a command says, its refusal too."""
    result = run_command(*words)
    return f"{result.output}{result.exception or ''}"
