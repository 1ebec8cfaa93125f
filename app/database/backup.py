"""A backup: every row of the database in one file, the same from SQLite and PostgreSQL.

The file is a ZIP with one member per table, one JSON object a line, and a manifest that says
what must be in it. All rows are read in one transaction that sees one moment and blocks no
writer. They stand in the order of their primary key: random keys say nothing about arrival.
Reading it back is the business of `restore.py`. Settings and the files of segments, which are
made from the rows, are not in it.
"""

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile

import sqlalchemy
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Engine, select

from app import __version__
from app.database.migration import found_revision, known_revisions
from app.database.tables import Table
from app.errors import MinxinError, WrongState

MANIFEST = "manifest.json"
BATCH = 200
"""Rows that are in memory at once."""
COMPRESSION_LEVEL = 4

Count = Annotated[int, Field(ge=0)]


class Member(BaseModel):
    """What the manifest says of one table: its rows, and the bytes of its member."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    rows: Count
    size: Count
    """Bytes before compression."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What a backup holds, where it came from and when: written last, read first."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    format: Literal["minxin-backup/1"] = "minxin-backup/1"
    program: str
    """The version of the program that took it."""
    revision: str
    """The last migration of the tables."""
    taken_at: AwareDatetime
    dialect: Literal["sqlite", "postgresql"]
    tables: dict[str, Member]
    total: Count
    """Rows of all tables together."""


def member_name(table: str) -> str:
    """The name of a table's member."""
    return f"tables/{table}.ndjson"


def backed_up_tables() -> list[sqlalchemy.Table]:
    """Every table, each after those it refers to."""
    return Table.metadata.sorted_tables


def take_backup(engine: Engine, out: Path, *, now: datetime) -> Manifest:
    """Write the whole database into the new file `out`, readable by its owner alone.

    WrongState if the tables are not this program's; MinxinError if `out` exists or cannot be
    written, and then nothing of it is left behind.
    """
    with _new_file(out) as file, _one_moment(engine) as connection:
        return _write(connection, file, now=now)


@contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection whose every question is answered as of one moment; it writes nothing."""
    with engine.connect().execution_options(reading=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
        yield connection


@contextmanager
def _new_file(out: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name once it is whole and on the disk, or not at all."""
    _require_absent(out)
    try:
        # Created for its owner alone (0600), beside the place where it will stand.
        number, name = tempfile.mkstemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent)
        part = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _require_absent(out)
            part.rename(out)
        finally:
            part.unlink(missing_ok=True)
        _force_folder(out.parent)
    except OSError as error:
        raise MinxinError(f"{out} cannot be written: {error.strerror}.") from None


def _require_absent(out: Path) -> None:
    if os.path.lexists(out):
        raise MinxinError(f"{out} exists already and is left as it is: choose another name.")


def _force_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _write(connection: Connection, file: IO[bytes], *, now: datetime) -> Manifest:
    revision = found_revision(connection)
    newest = known_revisions()[0]
    if revision != newest:
        found = f"are of revision {revision}" if revision else "are missing"
        raise WrongState(
            f"The database's tables {found}; this program's are of {newest}. Take the backup"
            " with the program that made them, or run minxin migrate first."
        )
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL) as archive:
        members = {
            table.name: _write_member(connection, archive, table)
            for table in backed_up_tables()
        }
        manifest = Manifest(
            program=__version__,
            revision=revision,
            taken_at=now.astimezone(UTC),
            dialect="sqlite" if connection.dialect.name == "sqlite" else "postgresql",
            tables=members,
            total=sum(member.rows for member in members.values()),
        )
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    return manifest


def _write_member(connection: Connection, archive: ZipFile, table: sqlalchemy.Table) -> Member:
    digest, rows, size = hashlib.sha256(), 0, 0
    with archive.open(member_name(table.name), "w", force_zip64=True) as stream:
        for row in _rows(connection, table):
            line = row_line(row)
            digest.update(line)
            rows, size = rows + 1, size + stream.write(line)
    return Member(rows=rows, size=size, sha256=digest.hexdigest())


def _rows(connection: Connection, table: sqlalchemy.Table) -> Iterator[dict[str, Any]]:
    everything = select(table).order_by(*table.primary_key.columns)
    found = connection.execute(everything, execution_options={"yield_per": BATCH})
    for row in found.mappings():
        yield dict(row)


def row_line(row: dict[str, Any]) -> bytes:
    """A row as one line of ASCII: bytes as base64, moments as ISO 8601 in UTC.

    ASCII, because a stored answer may hold what UTF-8 cannot: half a surrogate pair.
    """
    return json.dumps(row, default=_plain, separators=(",", ":")).encode("ascii") + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"a backup has no form for {type(value).__name__}")
