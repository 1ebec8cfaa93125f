"""What is wrong with a database is found, said, and never raised."""

import os
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.database import sqlite_condition
from app.database.condition import examine_clock, examine_database
from app.database.engine import make_engine, make_sessions
from app.database.failures import ENOUGH_FREE_BYTES
from app.database.findings import Finding
from app.database.postgres_condition import POSTGRES_CHECKS
from app.database.sqlite_condition import (
    examine_access,
    examine_file_system,
    examine_forcing,
    examine_room,
    examine_secrecy,
    measure_forcing,
)
from app.workflow.admission import receive_response
from world import NOW, a_place, a_round, a_submission

MOUNTS = """\
/dev/vda / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
//server/share /srv/with\\040space cifs rw 0 0
server:/export /srv/nfs nfs4 rw 0 0
/dev/vdb /srv/nfs/local xfs rw 0 0
overlay /containers overlay rw 0 0
tmpfs /over ext4 rw 0 0
tmpfs /over tmpfs rw 0 0
"""


def findings(url: str, now=NOW) -> dict[str, Finding]:
    """What is found out about a database, by subject."""
    return {found.subject: found for found in examine_database(url, clock=lambda: now)}


def not_ok(found: Iterable[Finding]) -> list[str]:
    """The subjects that do not stand well."""
    return sorted(finding.subject for finding in found if finding.verdict != "ok")


def execute(engine: Engine, statement: str) -> None:
    """Change the database behind the program's back."""
    with engine.begin() as connection:
        connection.execute(text(statement))


@pytest.fixture
def answered(engine: Engine) -> Engine:
    """A database with an open round that took an answer."""
    with make_sessions(engine).begin() as session:
        place = a_place(session, a_round(session))
        receive_response(session, place, a_submission("k", {"Q1": 5}), NOW)
    return engine


def test_a_sound_embedded_database_has_nothing_wrong(sqlite_url):
    found = findings(sqlite_url)
    assert not [f for f in found.values() if f.verdict == "wrong"]
    assert set(found) == {
        "clock", "SQLite library", "file system", "access", "secrecy", "room",
        "forcing to disk", "database", "keeping", "soundness", "tables", "audit trail",
        "open rounds", "telemetry",
    }  # fmt: skip


@pytest.mark.postgres
def test_the_servers_of_the_tests_are_told_what_they_risk(postgres_url):
    found = findings(postgres_url)
    assert {"PostgreSQL", "keeping", "checksums", "encoding", "role", "tables"} <= set(found)
    assert found["encoding"].found == "UTF8."
    assert found["keeping"].verdict == "wrong"
    assert "Set fsync=on and full_page_writes=on and synchronous_commit=on" in (
        found["keeping"].cure
    )
    assert found["role"].verdict == found["checksums"].verdict == "warning"


@pytest.mark.postgres
def test_an_ordinary_role_is_what_the_program_should_have(postgres_url):
    engine = make_engine(postgres_url)
    with engine.connect() as connection:
        connection.execute(text("CREATE ROLE ordinary"))
        connection.execute(text("SET ROLE ordinary"))
        found = {f.subject: f for f in (check(connection) for check in POSTGRES_CHECKS)}
    engine.dispose()
    assert found["role"].verdict == "ok"
    assert "ordinary" in found["role"].found


@pytest.mark.postgres
def test_the_clock_of_the_database_must_be_ours(postgres_url):
    found = findings(postgres_url, NOW - timedelta(days=400))
    assert found["clock of the database"].verdict == "wrong"
    assert "NTP" in found["clock of the database"].cure


def test_a_database_that_cannot_be_reached_is_a_finding_without_its_password():
    found = findings("postgresql://me:hidden@127.0.0.1:1/name")
    assert not_ok(found.values()) == ["database"]
    assert "postgresql://me:***@127.0.0.1:1/name cannot be reached" in found["database"].found
    assert "user and password" in found["database"].cure


def test_a_faulty_address_is_a_finding():
    assert "is no address of a database" in findings("nonsense")["database"].found


def test_a_database_that_is_not_there_yet_is_not_made(tmp_path):
    found = findings(f"sqlite:///{tmp_path / 'none.sqlite3'}")
    assert found["database"].verdict == "warning"
    assert found["database"].cure == "Run minxin migrate."
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_finding(tmp_path):
    (tmp_path / "file").write_text("in the way")
    found = findings(f"sqlite:///{tmp_path / 'file' / 'none.sqlite3'}")
    assert found["database"].verdict == "wrong"
    assert "folder cannot be made" in found["database"].found


def test_a_file_that_is_no_database_is_a_finding(tmp_path):
    (tmp_path / "other.sqlite3").write_bytes(b"no database " * 1000)
    found = findings(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    assert found["database"].verdict == "wrong"
    assert "restore a backup" in found["database"].cure


@pytest.mark.parametrize(
    ("table", "subject", "cure"),
    [
        ("token", "soundness", "newest backup"),
        ("sqlite_schema", "database", "restore a backup"),
    ],
)
def test_a_damaged_file_is_a_finding(sqlite_url, table, subject, cure):
    engine = make_engine(sqlite_url)
    with engine.execution_options(reading=True).connect() as connection:
        root = text("SELECT max(rootpage) FROM sqlite_schema WHERE name = :name")
        page = connection.scalar(root, {"name": table}) or 1
        size = connection.scalar(text("PRAGMA page_size"))
    engine.dispose()
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(file.read_bytes())
    start = max(100, (page - 1) * size)  # the first page begins with what makes it SQLite
    content[start : page * size] = os.urandom(page * size - start)
    file.write_bytes(content)
    found = findings(sqlite_url)[subject]
    assert found.verdict == "wrong"
    assert cure in found.cure


def test_missing_old_and_unknown_tables_are_told_apart(engine, database_url, tmp_path):
    empty = tmp_path / "empty.sqlite3"
    empty.touch()
    assert findings(f"sqlite:///{empty}")["tables"].found == "There are none yet."
    execute(engine, "UPDATE alembic_version SET version_num = '0001'")
    found = findings(database_url)
    assert "behind this program" in found["tables"].found
    assert "run minxin migrate" in found["tables"].cure
    assert "open rounds" not in found, "its tables may not be there"
    execute(engine, "UPDATE alembic_version SET version_num = 'ffff'")
    assert "Install the version" in findings(database_url)["tables"].cure


def test_answers_and_their_count_must_agree(answered, database_url):
    said = "1; everything they received is accounted for."
    assert findings(database_url)["open rounds"].found == said
    execute(answered, "UPDATE tally SET n = n + 1 WHERE counter = 'stored'")
    found = findings(database_url)["open rounds"]
    assert found.verdict == "wrong"
    assert "town-2026, east-hall: 2 counted as stored, 1 there" in found.found


def test_answers_without_any_count_are_wrong(answered, database_url):
    execute(answered, "DELETE FROM tally")
    said = "town-2026, east-hall: 0 counted as stored, 1 there."
    assert findings(database_url)["open rounds"].found == said


def test_an_act_in_the_future_shows_that_a_clock_was_wrong(answered, database_url):
    assert findings(database_url)["audit trail"].verdict == "ok"
    found = findings(database_url, NOW - timedelta(days=1))["audit trail"]
    assert found.verdict == "wrong"
    assert "in the future" in found.found


@pytest.mark.parametrize("year", [1970, 2019, 2100])
def test_a_year_that_cannot_be_is_wrong(year):
    assert examine_clock(NOW.replace(year=year)).verdict == "wrong"
    assert examine_clock(NOW).verdict == "ok"


def test_an_unsafe_sqlite_is_a_finding(sqlite_url, monkeypatch):
    monkeypatch.setattr("app.database.engine.OLDEST_SQLITE", (99, 0, 0))
    found = findings(sqlite_url)["database"]
    assert found.verdict == "wrong"
    assert "can corrupt a database in WAL mode; 99.0.0 or newer is needed" in found.found


def test_a_database_that_keeps_commits_in_memory_is_wrong(sqlite_url, monkeypatch):
    loose = ("journal_mode=WAL", "synchronous=NORMAL")
    monkeypatch.setattr("app.database.engine.PRAGMAS", loose)
    found = findings(sqlite_url)["keeping"]
    assert found.verdict == "wrong"
    assert "synchronous=1" in found.found


# The place


@pytest.mark.parametrize(
    ("folder", "verdict", "said"),
    [
        ("/srv/answers", "ok", "ext4"),
        ("/srv/nfs", "wrong", "nfs4, over a network"),
        ("/srv/nfs/deep/down", "wrong", "nfs4, over a network"),
        ("/srv/nfs/local/answers", "ok", "xfs"),
        ("/srv/nfsother", "ok", "ext4"),
        ("/srv/with space/a", "wrong", "cifs, over a network"),
        ("/run/a", "wrong", "gone when the machine restarts"),
        ("/over", "wrong", "gone when the machine restarts"),
        ("/containers/a", "warning", "gone when the container is replaced"),
    ],
)
def test_where_the_file_lies_is_read_from_the_mounts(folder, verdict, said):
    found = examine_file_system(Path(folder), MOUNTS)
    assert found.verdict == verdict
    assert said in found.found


def test_a_system_without_mounts_is_not_judged():
    assert examine_file_system(Path("/srv"), "").verdict == "ok"


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(2e-6, "warning"), (0.0003, "ok"), (0.02, "ok"), (0.2, "warning")]
)
def test_a_forced_write_is_neither_too_fast_nor_too_slow(seconds, verdict):
    assert examine_forcing(seconds).verdict == verdict


def test_the_time_of_a_forced_write_is_measured_and_nothing_stays_behind(tmp_path):
    assert 0 < measure_forcing(tmp_path) < 60
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("free", "size", "verdict"),
    [
        (2 * ENOUGH_FREE_BYTES, 10**12, "ok"),
        (2 * ENOUGH_FREE_BYTES - 1, 10**12, "warning"),
        (ENOUGH_FREE_BYTES - 1, 10**12, "wrong"),
        (99, 1000, "warning"),
        (49, 1000, "wrong"),
        (100, 1000, "ok"),
    ],
)
def test_room_is_judged_as_the_collector_does(free, size, verdict):
    assert examine_room(free, size).verdict == verdict


def test_a_disk_that_is_full_or_closed_is_a_finding(sqlite_url, monkeypatch):
    def full(_: object) -> float:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sqlite_condition, "measure_forcing", full)
    assert "No space left on device" in findings(sqlite_url)["forcing to disk"].found


def test_a_file_that_others_can_read_is_said(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    file = closed / "minxin.sqlite3"
    file.touch(mode=0o644)
    assert examine_secrecy(file).verdict == "ok", "the folder keeps others out"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "minxin.sqlite3"
        file.touch()
        file.chmod(0o644)
        found = examine_secrecy(file)
        assert found.verdict == "warning"
        assert found.cure == f"chmod 700 {Path(folder).resolve()}"
        file.chmod(0o640)
        assert examine_secrecy(file).verdict == "ok"
        assert examine_secrecy(Path(folder)).verdict == "warning"
        assert examine_secrecy(Path(folder) / "none" / "segments").verdict == "ok"


def test_a_file_that_cannot_be_written_is_wrong(tmp_path, monkeypatch):
    file = tmp_path / "minxin.sqlite3"
    file.touch()
    assert examine_access(file).verdict == "ok"
    # The superuser, who may run the tests, can write everywhere.
    monkeypatch.setattr(sqlite_condition.os, "access", lambda path, _: Path(path) != file)
    found = examine_access(file)
    assert found.verdict == "wrong"
    assert str(file) in found.found
