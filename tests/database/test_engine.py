"""The database is opened so that an acknowledged answer survives."""

import types

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from app.database import engine as engine_module
from app.database.engine import is_ready, make_engine, make_reading_sessions, open_database
from app.database.tables import Table
from app.errors import MinxinError


def test_sqlite_forces_every_commit_to_disk_and_erases_what_is_deleted(sqlite_url):
    with make_engine(sqlite_url).connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "secure_delete",
                "mmap_size",
            )
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "mmap_size": 0,
    }


def test_a_sqlite_that_can_corrupt_its_log_is_refused(monkeypatch):
    old = types.SimpleNamespace(sqlite_version="3.40.1", sqlite_version_info=(3, 40, 1))
    monkeypatch.setitem(
        __import__("sys").modules, "pysqlite3", types.SimpleNamespace(dbapi2=old)
    )
    with pytest.raises(MinxinError, match=r"3\.40\.1 can corrupt.*pysqlite3"):
        engine_module.sqlite_library()


def test_responses_are_not_stored_in_the_order_they_came(sqlite_url):
    with make_engine(sqlite_url).connect() as connection:
        made = connection.exec_driver_sql(
            "select name from sqlite_master where sql like '%WITHOUT ROWID%'"
        )
        names = set(made.scalars())
    assert {"response", "response_text", "pressure_report", "response_weight"} <= names


def test_the_migrations_make_the_tables_of_the_code(engine: Engine):
    made = set(inspect(engine).get_table_names()) - {"alembic_version"}
    assert made == set(Table.metadata.tables)
    assert is_ready(engine)


def test_an_empty_database_is_not_ready_until_it_is_opened(tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'minxin.sqlite3'}"
    assert not is_ready(make_engine(url))
    open_database(url)
    assert is_ready(make_engine(url))


def test_a_database_that_cannot_be_reached_is_not_ready():
    assert not is_ready(create_engine("postgresql+pg8000://nobody@127.0.0.1:1/none"))


def test_a_reader_waits_for_no_writer(sqlite_url):
    engine = make_engine(sqlite_url)
    with engine.begin() as writer:
        writer.execute(text("delete from audit_event"))
        with make_reading_sessions(engine)() as reader:
            assert reader.execute(text("select count(*) from round")).scalar_one() == 0


def test_nobody_waits_for_ever_for_a_turn_that_does_not_come(sqlite_url):
    holding, waiting = make_engine(sqlite_url), make_engine(sqlite_url)
    with holding.begin() as held:
        held.exec_driver_sql("UPDATE act_counter SET acts = acts")
        with waiting.connect() as late:
            raw = late.connection.dbapi_connection
            with pytest.raises(TimeoutError, match="turn"):
                raw.take_turn(0.05)
    with waiting.begin() as late:
        late.exec_driver_sql("UPDATE act_counter SET acts = acts")
    holding.dispose()
    waiting.dispose()
