"""How a group of rows reaches the database: in one parameter, by few statements.

To PostgreSQL a group is one JSON array, which it takes apart: always the same text, prepared
once, one journey, and no limit to the number of places. SQLite gets rows one by one, for there
is no journey. Both go straight through the driver: SQLAlchemy's work on a statement would cost
more than the statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Double,
    Integer,
    TextClause,
    bindparam,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from app.database.failures import is_gone
from app.database.postgres_driver import TellingConnection
from app.database.tables import Moment, Table

# Each row of a group is an array `value`; both databases read its places with -> and ->>.
SOURCE = {
    "sqlite": "json_each(:entries) AS entry",
    "postgresql": "json_array_elements(CAST(:entries AS json)) AS entry(value)",
}


def insert_group(
    connection: Connection, table: type[Table], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, column → value; a column left out is NULL."""
    names, documents = _columns(table)
    if connection.dialect.name == "sqlite":
        given = [
            [_json(row[n]) if n in documents else row.get(n) for n in names] for row in rows
        ]
        _drive(connection, _insertion_by_row(table), given)
        return
    entries = _json([[row.get(name) for name in names] for row in rows])
    _drive(connection, _insertion(table), {"entries": entries})


def run(
    connection: Connection,
    template: str,
    entries: Iterable[Sequence[object]],
    *,
    now: datetime | None = None,
    **words: str,
) -> Sequence[Any]:
    """Run a statement over a group; the rows it gives.

    The template names the group as ``{source}`` and a row's places as ``entry.value->>0``;
    `words` fill its other braces, and `now` is its ``:now``.
    """
    dialect = connection.dialect.name
    statement = _statement(template, dialect, tuple(words.items()))
    given: dict[str, Any] = {"entries": _json(list(entries))}
    if now is None:
        return _drive(connection, statement.text, given)
    return connection.execute(statement, given | {"now": now}).all()


def _drive(connection: Connection, statement: str, given: Any) -> Sequence[Any]:
    """Run a statement by the driver itself, within the connection's transaction."""
    if not connection.in_transaction():
        connection.begin()
    driver = connection.dialect.loaded_dbapi.Error
    raw: Any = connection.connection.dbapi_connection
    try:
        if isinstance(raw, TellingConnection):
            return raw.run_prepared(statement, given)
        return _embedded(raw.cursor(), statement, given)
    except driver as error:
        # Said as SQLAlchemy says it, without the statement and without what was given.
        said = DBAPIError.instance("", None, error, driver, hide_parameters=True)
        is_lost = connection.dialect.is_disconnect(error, raw, None)
        if isinstance(said, DBAPIError) and (is_lost or is_gone(said)):
            connection.invalidate(error)
            said.connection_invalidated = True
        raise said from error


def _embedded(cursor: Any, statement: str, given: Any) -> Sequence[Any]:
    if isinstance(given, list):
        cursor.executemany(statement, given)
    else:
        cursor.execute(statement, given)
    return cursor.fetchall() if cursor.description else ()


@cache
def _columns(table: type[Table]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The columns of a table, and those of them that hold documents."""
    columns = table.__table__.columns
    documents = frozenset(c.name for c in columns if isinstance(c.type, JSON))
    return tuple(column.name for column in columns), documents


@cache
def _insertion_by_row(table: type[Table]) -> str:
    names, _ = _columns(table)
    places = ", ".join("?" for _ in names)
    return f"INSERT INTO {table.__tablename__} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - our own names


@cache
def _insertion(table: type[Table]) -> str:
    names, _ = _columns(table)
    values = ", ".join(_read(i, c.type) for i, c in enumerate(table.__table__.columns))
    into = f"INSERT INTO {table.__tablename__} ({', '.join(names)})"
    return f"{into} SELECT {values} FROM {SOURCE['postgresql']}"  # noqa: S608 - our own names


def _read(place: int, kind: TypeEngine[Any]) -> str:
    if isinstance(kind, JSON):
        return f"entry.value->{place}"
    for sort, name in (
        (Integer, "INTEGER"),
        (Double, "DOUBLE PRECISION"),
        (Boolean, "BOOLEAN"),
    ):
        if isinstance(kind, sort):
            return f"CAST(entry.value->>{place} AS {name})"
    return f"entry.value->>{place}"


@cache
def _statement(template: str, dialect: str, words: tuple[tuple[str, str], ...]) -> TextClause:
    made = text(template.format(source=SOURCE[dialect], **dict(words)))
    return made.bindparams(bindparam("now", type_=Moment())) if ":now" in template else made


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
