"""A backup holds every row as of one moment, and a damaged one is never half put back."""

import hashlib
import json
import shutil
import stat
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine, LargeBinary, delete, func, insert, select, text
from sqlalchemy.orm import Session

from app.database import backup as backup_module
from app.database.backup import MANIFEST, backed_up_tables, member_name, row_line, take_backup
from app.database.console_tables import OfficeRow
from app.database.engine import make_engine, make_sessions
from app.database.fieldwork import find_by_receipt
from app.database.restore import misfit, restore_backup, verify_backup
from app.database.results import find_run
from app.database.rounds import find_round
from app.database.tables import (
    ActCounterRow,
    AuditEventRow,
    DefinitionRow,
    Moment,
    ResponseRow,
    ResponseTextRow,
    RoundRow,
)
from app.errors import InputRefused, MinxinError, NotFound, WrongState
from app.workflow.admission import receive_response
from app.workflow.fieldwork import close_round, find_receipt
from app.workflow.importing import import_answers
from app.workflow.processing import process_now, recompute
from world import DEFINITIONS, NOW, a_place, a_round, a_submission

Rows = dict[str, list[dict[str, Any]]]

STRANGE = "一区𠮷\n\r\t\u2028'\"\\{} café e\u0301 \u202e"
HALF_PAIR = json.loads('"\\ud842"')
CHOSEN = {
    "round.state": "open",
    "run.state": "finished",
    "token.purpose": "ticket",
    "score_event_status.status": "upheld",
    "campaign.kind": "point",
    "campaign_decision.verdict": "keep",
    "alarm_event.state": "answered",
    "canary_found.outcome": "arrived",
    "draft.kind": "survey",
    "approval_answer.answer": "approve",
    "job.state": "finished",
}
"""What the tables check."""
MADE_BY_MIGRATION = 2
"""Rows of a new database: the counter of acts and the first office."""
ROUND = RoundRow.metadata.tables["round"]


def a_value(column: sqlalchemy.Column[Any], number: int) -> Any:
    """Something awkward of the column's kind, another for each `number`."""
    if str(column) in CHOSEN:
        return CHOSEN[str(column)]
    if isinstance(column.type, LargeBinary):
        return bytes(range(256))
    if isinstance(column.type, Moment):
        return NOW + timedelta(days=number, microseconds=number)
    if isinstance(column.type, sqlalchemy.JSON):
        return {"b": HALF_PAIR, "a": [0.1, 1e-300, None, True, STRANGE], "n": number}
    if isinstance(column.type, sqlalchemy.Boolean):
        return number % 2 == 0
    if isinstance(column.type, sqlalchemy.Float):
        return number / 3
    if isinstance(column.type, sqlalchemy.Integer):
        return number
    return f"{number}{STRANGE}"[: getattr(column.type, "length", None)]


def a_row(table: sqlalchemy.Table, number: int) -> dict[str, Any]:
    """A row in which every other nullable column is empty."""
    row = {}
    for place, column in enumerate(table.columns):
        is_left_out = column.nullable and (place + number) % 2
        row[column.name] = None if is_left_out else a_value(column, number)
    return row


def fill(engine: Engine) -> None:
    """Put two awkward rows into every table."""
    with make_sessions(engine).begin() as session:
        for made in (ActCounterRow, OfficeRow):
            session.execute(delete(made))
        for table in backed_up_tables():
            session.execute(insert(table), [a_row(table, number) for number in (1, 2)])


def rows_of(engine: Engine, *without: str) -> Rows:
    """Every row of every table, in an order of its own."""
    with engine.execution_options(reading=True).connect() as connection:
        return {
            table.name: sorted(
                map(dict, connection.execute(select(table)).mappings()), key=repr
            )
            for table in backed_up_tables()
            if table.name not in without
        }


def restore(engine: Engine, file: Path) -> None:
    """Put a backup into a database, and keep it."""
    with make_sessions(engine).begin() as session:
        restore_backup(session, file, now=NOW)


@pytest.fixture
def empty_sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A second SQLite database, migrated and empty."""
    file = tmp_path / "second.sqlite3"
    shutil.copyfile(sqlite_template, file)
    engine = make_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture
def empty_postgres(postgres: Any) -> Iterator[Engine]:
    """A second PostgreSQL database, migrated and empty."""
    name = postgres.copy_template()
    engine = make_engine(postgres.url(name))
    yield engine
    engine.dispose()
    postgres.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest) -> Engine:
    """An empty database to restore into, on both systems."""
    return request.getfixturevalue(f"empty_{request.param}")


@pytest.fixture
def backup(sqlite_url: str, tmp_path: Path) -> Path:
    """A backup of a database with rows in every table."""
    engine = make_engine(sqlite_url)
    fill(engine)
    out = tmp_path / "full.zip"
    take_backup(engine, out, now=NOW)
    engine.dispose()
    return out


def rewritten(backup: Path, changes: Mapping[str, bytes | None]) -> Path:
    """A copy with members replaced, added, or (None) left out."""
    out = backup.with_name("rewritten.zip")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(out, "w") as new:
        for name in [*old.namelist(), *(set(changes) - set(old.namelist()))]:
            content = changes[name] if name in changes else old.read(name)
            if content is not None:
                new.writestr(name, content)
    return out


def changed_manifest(backup: Path, **changes: object) -> Path:
    """A copy whose manifest says something else."""
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read(MANIFEST)) | changes
    return rewritten(backup, {MANIFEST: json.dumps(manifest).encode()})


# Round trips


def test_every_row_comes_back_as_it_was_on_either_database(engine, empty, tmp_path):
    fill(engine)
    before = rows_of(engine)
    manifest = take_backup(engine, tmp_path / "out.zip", now=NOW)
    assert manifest.total == sum(map(len, before.values()))
    assert manifest.dialect == engine.dialect.name
    assert manifest.taken_at == NOW

    restore(empty, tmp_path / "out.zip")
    changed = ("act_counter", "audit_event")
    assert rows_of(empty, *changed) == {
        name: rows for name, rows in before.items() if name not in changed
    }
    with Session(empty) as session:
        events = session.scalars(select(AuditEventRow).order_by(AuditEventRow.id)).all()
    assert [event.act for event in events[2:]] == ["restore"]
    assert events[2].detail == {"taken_at": NOW.isoformat(), "rows": manifest.total}


def test_there_and_back_again_gives_the_same_bytes(backup, empty_postgres, empty_sqlite):
    restore(empty_postgres, backup)
    there = backup.with_name("there.zip")
    take_backup(empty_postgres, there, now=NOW)
    restore(empty_sqlite, there)
    back = backup.with_name("back.zip")
    manifest = take_backup(empty_sqlite, back, now=NOW)
    assert manifest.dialect == "sqlite"
    with zipfile.ZipFile(backup) as first, zipfile.ZipFile(back) as last:
        for table in backed_up_tables():
            if table.name not in {"act_counter", "audit_event"}:
                lines = [archive.read(member_name(table.name)) for archive in (first, last)]
                assert sorted(lines[0].splitlines()) == sorted(lines[1].splitlines())


def test_new_rows_get_numbers_after_the_restored_ones(backup, empty):
    restore(empty, backup)
    with make_sessions(empty).begin() as session:
        row = DefinitionRow(kind="survey", key="k", text="t", digest="d", registered_at=NOW)
        session.add(row)
        session.flush()
        assert row.id == 3


def test_an_empty_database_can_be_backed_up_and_restored(engine, empty, tmp_path):
    manifest = take_backup(engine, tmp_path / "out.zip", now=NOW)
    assert manifest.total == MADE_BY_MIGRATION
    restore(empty, tmp_path / "out.zip")


def test_every_column_has_a_form_in_a_backup():
    known = (
        LargeBinary, Moment, sqlalchemy.JSON, sqlalchemy.Boolean, sqlalchemy.Float,
        sqlalchemy.Integer, sqlalchemy.String,
    )  # fmt: skip
    for table in backed_up_tables():
        assert table.primary_key.columns, table.name
        assert all(isinstance(column.type, known) for column in table.columns), table.name
    with pytest.raises(TypeError, match="no form for Decimal"):
        row_line({"x": Decimal(1)})


# One moment


def test_a_backup_taken_while_answers_arrive_is_of_one_moment(engine, empty, tmp_path):
    with make_sessions(engine).begin() as session:
        row = a_round(session)
        round_id = row.id
    stop, kept = Event(), Event()

    def write() -> None:
        for number in range(100_000):
            if stop.is_set():
                return
            with make_sessions(engine).begin() as session:
                person = {"id": f"{number * 7919 % 100_003:032x}", "round_id": round_id}
                session.execute(insert(ResponseRow), [a_response(**person)])
                wrote = {"response_id": person["id"], "item": "Q", "text": "words"}
                session.execute(insert(ResponseTextRow), [wrote])
                session.execute(text("UPDATE act_counter SET acts = acts + 1"))
            if number == 50:
                kept.set()

    writer = Thread(target=write)
    writer.start()
    try:
        assert kept.wait(60)
        files = [tmp_path / f"{number}.zip" for number in range(5)]
        manifests = [take_backup(engine, file, now=NOW) for file in files]
    finally:
        stop.set()
        writer.join()
    acts = []
    for file, manifest in zip(files, manifests, strict=True):
        with zipfile.ZipFile(file) as archive:
            acts.append(json.loads(archive.read("tables/act_counter.ndjson"))["acts"])
        response, words = (manifest.tables[name].rows for name in ("response", "response_text"))
        assert response == words == acts[-1] - acts[0] + manifests[0].tables["response"].rows
    assert acts[0] < acts[-1], "the writer was held up"
    restore(empty, files[-1])


def test_what_is_written_meanwhile_waits_for_nobody_and_is_not_in_the_backup(
    engine, tmp_path, monkeypatch
):
    """An act goes through in the middle of a backup, while a table is half written."""

    fill(engine)
    rows = backup_module._rows

    def interrupted(connection: sqlalchemy.Connection, table: sqlalchemy.Table) -> Any:
        found = rows(connection, table)
        yield next(found)
        if table.name == "act_counter":
            with make_sessions(engine).begin() as session:
                known = {"survey_id": 1, "score_maps_id": 1, "system_id": None}
                session.execute(insert(RoundRow), [a_row(ROUND, 3) | known])
        yield from found

    monkeypatch.setattr(backup_module, "_rows", interrupted)
    manifest = take_backup(engine, tmp_path / "out.zip", now=NOW)
    assert {name: member.rows for name, member in manifest.tables.items()} == dict.fromkeys(
        manifest.tables, 2
    )
    assert len(rows_of(engine)["round"]) == 3


def a_response(**known: Any) -> dict[str, Any]:
    """The columns of a response with nothing remarkable in them."""
    key = known["id"]
    plain = {
        "unit": "east", "point": "east-hall", "evidence": "opt_in", "channel": "qr",
        "survey": "s@1", "answers": {"Q1": 5}, "background": {}, "paradata": {},
        "submission_hash": key, "body_digest": key,
    }  # fmt: skip
    return plain | known


def test_ten_thousand_answers_pass_through_little_memory(engine, empty_sqlite, tmp_path):
    with make_sessions(engine).begin() as session:
        round_id = a_round(session).id
        for start in range(0, 10_000, 1000):
            ids = (f"{number:032x}" for number in range(start, start + 1000))
            people = [a_response(id=i, round_id=round_id, answers={"Q": i * 30}) for i in ids]
            session.execute(insert(ResponseRow), people)
    file = tmp_path / "out.zip"
    tracemalloc.start()
    try:
        take_backup(engine, file, now=NOW)
        taking = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        restore(empty_sqlite, file)
        restoring = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    size = verify_backup(file).tables["response"].size
    assert size > 12_000_000
    assert max(taking, restoring) < size / 3


# The file


def test_a_backup_can_be_read_by_its_owner_alone_and_leaves_nothing_beside_it(engine, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    take_backup(engine, folder / "out.zip", now=NOW)
    assert stat.S_IMODE((folder / "out.zip").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["out.zip"]


def test_a_file_that_exists_is_never_overwritten(engine, tmp_path):
    out = tmp_path / "out.zip"
    out.write_text("the only copy of something")
    with pytest.raises(MinxinError, match=r"out\.zip exists already.*choose another name"):
        take_backup(engine, out, now=NOW)
    assert out.read_text() == "the only copy of something"


def test_a_folder_that_does_not_exist_is_said(engine, tmp_path):
    with pytest.raises(MinxinError, match="cannot be written: No such file or directory"):
        take_backup(engine, tmp_path / "nowhere" / "out.zip", now=NOW)


def test_a_backup_that_fails_half_way_leaves_nothing(engine, tmp_path, monkeypatch):
    folder = tmp_path / "backups"
    folder.mkdir()

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_module.os, "fsync", full)
    with pytest.raises(MinxinError, match="cannot be written: No space left on device"):
        take_backup(engine, folder / "out.zip", now=NOW)
    assert list(folder.iterdir()) == []


def test_tables_of_another_version_are_not_backed_up(engine, tmp_path):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(WrongState, match=r"revision 0001.*or run minxin migrate first"):
        take_backup(engine, tmp_path / "out.zip", now=NOW)
    assert not (tmp_path / "out.zip").exists()


# What is refused


def test_a_backup_goes_into_an_empty_database_only(backup, engine):
    with make_sessions(engine).begin() as session:
        a_round(session)
    before = rows_of(engine)
    with pytest.raises(
        WrongState, match=r"not empty: it holds rows in .*round.*MINXIN_DATABASE"
    ):
        restore(engine, backup)
    assert rows_of(engine) == before


def test_a_file_that_is_not_there_is_said(empty_sqlite, tmp_path):
    with pytest.raises(NotFound, match="There is no file"):
        restore(empty_sqlite, tmp_path / "nowhere.zip")


@pytest.mark.parametrize("content", [b"", b"PK", b"answers\n" * 99, b"PK\3\4" + b"\0" * 200])
def test_another_kind_of_file_is_no_backup(content, tmp_path):
    file = tmp_path / "other.zip"
    file.write_bytes(content)
    with pytest.raises(InputRefused, match="is no whole ZIP file"):
        verify_backup(file)


def test_a_zip_without_manifest_is_no_backup(backup):
    with pytest.raises(InputRefused, match=r"manifest\.json: is missing: this is no backup"):
        verify_backup(rewritten(backup, {MANIFEST: None}))


def test_a_backup_cut_off_anywhere_is_refused(backup):
    content = backup.read_bytes()
    cut = backup.with_name("cut.zip")
    for length in range(0, len(content), 211):
        cut.write_bytes(content[:length])
        with pytest.raises(InputRefused):
            verify_backup(cut)


def test_a_changed_byte_is_found_or_changes_nothing(backup, empty_sqlite):
    """Every 13th byte is changed; what still passes must say exactly the same."""
    content = backup.read_bytes()
    changed = backup.with_name("changed.zip")
    found = 0
    places = range(0, len(content), 13)
    for place in places:
        changed.write_bytes(
            content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]
        )
        try:
            assert verify_backup(changed) == verify_backup(backup)
        except InputRefused:
            found += 1
    assert found > 0.6 * len(places)


def test_all_damage_is_said_at_once(backup, empty):
    damaged = rewritten(
        backup,
        {
            "tables/response.ndjson": None,
            "tables/run.ndjson": b'{"id":1}\n',
            "../../etc/passwd": b"root",
            "tables/secret.ndjson": b"",
        },
    )
    with zipfile.ZipFile(damaged) as archive:
        tally = archive.read("tables/tally.ndjson")
    damaged = rewritten(damaged.rename(backup), {"tables/tally.ndjson": tally[::-1]})
    with pytest.raises(InputRefused) as refused:
        restore(empty, damaged)
    said = str(refused.value)
    assert said.startswith("5 problems:")
    for sentence in (
        "tables/response.ndjson: is missing. Take another copy",
        "tables/run.ndjson: has 9 bytes, where",
        "'../../etc/passwd': does not belong into a backup",
        "'tables/secret.ndjson': does not belong into a backup",
        "tables/tally.ndjson: is damaged: its SHA-256 is another",
    ):
        assert sentence in said
    assert sum(map(len, rows_of(empty).values())) == MADE_BY_MIGRATION


def test_a_member_that_is_there_twice_is_refused(backup):
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(backup, "a") as archive,
    ):
        archive.writestr("tables/run.ndjson", archive.read("tables/run.ndjson"))
    with pytest.raises(InputRefused, match=r"tables/run\.ndjson: is there 2 times"):
        verify_backup(backup)


def test_row_counts_must_be_those_of_the_manifest(backup):
    tables = verify_backup(backup).model_dump()["tables"]
    tables["tally"]["rows"] = 7
    with pytest.raises(InputRefused) as refused:
        verify_backup(changed_manifest(backup, tables=tables))
    assert "tables/tally.ndjson: has 2 rows, where 7 were written" in str(refused.value)
    assert "gives another total than its tables have rows" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "minxin-backup/2"}, "format: is not the form this program reads"),
        ({"total": -1}, "total: is not as this program writes it"),
        ({"taken_at": "2026-11-22T08:33:20"}, "taken_at: is not as this program writes it"),
        ({"tables": {"run": {}}}, r"tables\.run\.rows: is not as this program writes it"),
        ({"colour": "red"}, "colour: is not as this program writes it"),
    ],
)
def test_a_manifest_of_another_form_is_refused(backup, change, said):
    with pytest.raises(InputRefused, match=said):
        verify_backup(changed_manifest(backup, **change))


def test_a_backup_of_other_tables_names_the_version_that_can_restore_it(backup, empty):
    older = changed_manifest(backup, revision="0001", program="0.0.9")
    assert "Restore it with Minxin 0.0.9" in misfit(verify_backup(older)), "whole all the same"
    assert misfit(verify_backup(backup)) == ""
    with pytest.raises(InputRefused, match=r"revision 0001.*Restore it with Minxin 0\.0\.9"):
        restore(empty, older)


def test_a_manifest_that_leaves_a_table_out_is_refused(backup, empty_sqlite):
    manifest = verify_backup(backup).model_dump()
    rows = manifest["tables"].pop("run")["rows"]
    changes = {"tables": manifest["tables"], "total": manifest["total"] - rows}
    shorter = rewritten(changed_manifest(backup, **changes).rename(backup), {
        "tables/run.ndjson": None
    })  # fmt: skip
    verify_backup(shorter)
    with pytest.raises(InputRefused, match="does not name the table run"):
        restore(empty_sqlite, shorter)


@pytest.mark.parametrize(
    "line", [b"[]\n", b"{}\n", b"no json\n", b'{"round_id":1,"key":"*"}\n', b"\xff\n"]
)
def test_a_row_of_another_form_undoes_the_whole_restore(backup, empty_sqlite, line):
    """Only somebody who forged the manifest with it comes this far."""
    manifest = verify_backup(backup).model_dump()
    tables, total = manifest["tables"], manifest["total"] - 1
    member = {"rows": 1, "size": len(line), "sha256": hashlib.sha256(line).hexdigest()}
    tables["round_key"] = member
    forged = changed_manifest(backup, tables=tables, total=total).rename(backup)
    forged = rewritten(forged, {"tables/round_key.ndjson": line})
    with pytest.raises(
        MinxinError, match=r"round_key\.ndjson holds a row.*nothing was restored"
    ):
        restore(empty_sqlite, forged)
    assert sum(map(len, rows_of(empty_sqlite).values())) == MADE_BY_MIGRATION


@pytest.mark.parametrize("unit", ["x" * 101, "x\0y"])
def test_a_row_that_the_database_refuses_is_not_quoted(
    sqlite_url, empty_postgres, unit, tmp_path
):
    """SQLite keeps what PostgreSQL does not."""
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        row = a_response(id="a", round_id=a_round(session).id, unit=unit)
        session.execute(insert(ResponseRow), [row])
    take_backup(engine, tmp_path / "out.zip", now=NOW)
    with pytest.raises(MinxinError) as refused:
        restore(empty_postgres, tmp_path / "out.zip")
    said = "The database refused a row of response; nothing was restored."
    assert str(refused.value) == said
    assert sum(map(len, rows_of(empty_postgres).values())) == MADE_BY_MIGRATION
    engine.dispose()


# The drill


def test_after_the_loss_of_the_database_every_number_and_receipt_is_still_there(
    engine, empty, tmp_path
):
    plan = (DEFINITIONS / "plans" / "bloomington_2017.yaml").read_text(encoding="utf-8")
    answers = (DEFINITIONS / "demo" / "bloomington_2017.csv").read_bytes()
    with make_sessions(engine).begin() as session:
        real = a_round(session, plan)
        import_answers(session, real, answers, name="answers.csv", now=NOW)
        close_round(session, real, now=NOW)
    run = process_now(make_sessions(engine), "bloomington-2017", seed=7, now=NOW)
    number, document = run.id, run.document
    with make_sessions(engine).begin() as session:
        town = a_round(session)
        place = a_place(session, town)
        receipt = receive_response(session, place, a_submission("k", {"Q1": 5}), NOW)

    take_backup(engine, tmp_path / "out.zip", now=NOW)
    engine.dispose()
    restore(empty, tmp_path / "out.zip")

    with make_sessions(empty).begin() as session:
        assert find_run(session, number).document == document
        assert recompute(session, number)
        assert find_by_receipt(session, receipt) is not None
        assert find_receipt(session, receipt).state == "received"
        # Life goes on: the same form again is the same answer, another one is a new one.
        place = a_place(session, find_round(session, "town-2026"))
        again = receive_response(session, place, a_submission("k", {"Q1": 5}), NOW)
        assert again == receipt
        receive_response(session, place, a_submission("other", {"Q1": 4}), NOW)
        count = select(func.count()).select_from(ResponseRow).join(RoundRow)
        assert session.scalar(count.where(RoundRow.code == "town-2026")) == 2
