"""Reading a backup back: looked through to its last byte, then put in whole or not at all.

What a backup holds is said in `backup.py`. Nothing here unpacks a file to a place that the
backup names: members are read as streams, by the names that this program expects.
"""

import base64
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import sqlalchemy
from pydantic import ValidationError
from sqlalchemy import Integer, LargeBinary, delete, exists, func, insert, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from app.database.backup import (
    BATCH,
    MANIFEST,
    Manifest,
    Member,
    backed_up_tables,
    member_name,
)
from app.database.console_tables import OfficeRow
from app.database.engine import NO_ANSWER
from app.database.migration import known_revisions
from app.database.rounds import record
from app.database.tables import ActCounterRow, Moment
from app.errors import InputRefused, MinxinError, NotFound, Problem, WrongState

DAMAGE = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What reading a damaged ZIP raises: also an unknown compression, a password, a bad name."""

LARGEST_MANIFEST = 1_000_000
CHUNK = 1 << 18
OTHER_COPY = "Take another copy of this backup, or an older one."
MADE_BY_MIGRATION = {ActCounterRow.__tablename__, OfficeRow.__tablename__}
"""Tables that hold a row from the beginning; it gives way to the backup's."""


def verify_backup(path: Path) -> Manifest:
    """What a backup holds, if it is whole to its last byte; InputRefused names all damage."""
    with _open(path) as archive:
        manifest = _read_manifest(archive, path)
        _refuse(_damage(archive, manifest), path)
    return manifest


def restore_backup(session: Session, path: Path, *, now: datetime) -> Manifest:
    """Put a backup into an empty database, in the transaction of `session`; does not commit.

    InputRefused, before anything is written, for a damaged backup or one of other tables;
    WrongState for a database that holds something.
    """
    with _open(path) as archive:
        manifest = _read_manifest(archive, path)
        _refuse([*_unfit(manifest), *_damage(archive, manifest)], path)
        _hold_every_table(session)
        _require_empty(session)
        for table in backed_up_tables():
            _put_in(session, archive, table)
            _require_rows(session, table, manifest.tables[table.name])
    _set_sequences(session)
    kept = {"taken_at": manifest.taken_at.isoformat(), "rows": manifest.total}
    record(session, "restore", subject=path.name[:100], now=now, detail=kept)
    return manifest


def misfit(manifest: Manifest) -> str:
    """Why this program cannot restore a sound backup, with the cure; empty if it can."""
    return " ".join(f"It {problem.message}. {problem.cure}" for problem in _unfit(manifest))


@contextmanager
def _open(path: Path) -> Iterator[ZipFile]:
    try:
        archive = ZipFile(path)
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.") from None
    except OSError as error:
        raise MinxinError(f"{path} cannot be read: {error.strerror}.") from None
    except DAMAGE:
        whole = "is no whole ZIP file: it was cut off, damaged, or is something else"
        raise InputRefused([Problem(path.name, whole, OTHER_COPY)]) from None
    with archive:
        yield archive


def _refuse(problems: Iterable[Problem], path: Path) -> None:
    found = [
        Problem(f"{path.name}, {problem.place}", problem.message, problem.cure)
        for problem in problems
    ]
    if found:
        raise InputRefused(found)


def _read_manifest(archive: ZipFile, path: Path) -> Manifest:
    place = f"{path.name}, {MANIFEST}"
    try:
        with archive.open(MANIFEST) as stream:
            content = stream.read(LARGEST_MANIFEST)
        return Manifest.model_validate_json(content)
    except KeyError:
        missing = Problem(place, "is missing: this is no backup of Minxin", OTHER_COPY)
        raise InputRefused([missing]) from None
    except ValidationError as error:
        raise InputRefused([_misread(place, detail) for detail in error.errors()]) from None
    except DAMAGE:
        raise InputRefused([Problem(place, "is damaged", OTHER_COPY)]) from None


def _misread(place: str, detail: Any) -> Problem:
    key = ".".join(str(part) for part in detail["loc"])
    if key == "format":
        other = "Restore it with the version of Minxin that took it."
        return Problem(f"{place}, format", "is not the form this program reads", other)
    what = f"is not as this program writes it ({detail['msg']})"
    return Problem(f"{place}, {key}" if key else place, what, OTHER_COPY)


def _unfit(manifest: Manifest) -> Iterator[Problem]:
    """Whether the tables of the backup are this program's."""
    newest = known_revisions()[0]
    if manifest.revision != newest:
        yield Problem(
            MANIFEST,
            f"has the tables of revision {manifest.revision}, this program those of {newest}",
            f"Restore it with Minxin {manifest.program}; to come to this version then, start"
            " this one: it migrates.",
        )
        return
    ours = {table.name for table in backed_up_tables()}
    for name in sorted(ours ^ set(manifest.tables)):
        what = "does not name the table" if name in ours else "names an unknown table"
        yield Problem(MANIFEST, f"{what} {name}", OTHER_COPY)


def _damage(archive: ZipFile, manifest: Manifest) -> Iterator[Problem]:
    """Every way in which the file is not what the manifest says."""
    found = Counter(archive.namelist())
    expected = {MANIFEST, *map(member_name, manifest.tables)}
    for name, times in sorted(found.items()):
        if name not in expected:
            yield Problem(repr(name), "does not belong into a backup", OTHER_COPY)
        elif times > 1:
            yield Problem(name, f"is there {times} times", OTHER_COPY)
    if manifest.total != sum(member.rows for member in manifest.tables.values()):
        yield Problem(MANIFEST, "gives another total than its tables have rows", OTHER_COPY)
    for table, member in manifest.tables.items():
        name = member_name(table)
        wrong = _difference(archive, name, member) if name in found else "is missing"
        if wrong:
            yield Problem(name, wrong, OTHER_COPY)


def _difference(archive: ZipFile, name: str, member: Member) -> str:
    """How a member differs from what was written; empty if in nothing."""
    size = archive.getinfo(name).file_size
    if size != member.size:
        return f"has {size} bytes, where {member.size} were written"
    digest, rows = hashlib.sha256(), 0
    try:
        with archive.open(name) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                rows += chunk.count(b"\n")
    except DAMAGE:
        return "is damaged: it cannot be unpacked"
    if digest.hexdigest() != member.sha256:
        return "is damaged: its SHA-256 is another than was written"
    return "" if rows == member.rows else f"has {rows} rows, where {member.rows} were written"


def _hold_every_table(session: Session) -> None:
    """Nobody writes until this act ends; SQLite has one writer anyhow."""
    dialect = session.get_bind().dialect
    if dialect.name == "postgresql":
        names = map(dialect.identifier_preparer.format_table, backed_up_tables())
        session.execute(text(f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE"))


def _require_empty(session: Session) -> None:
    filled = [
        table.name
        for table in backed_up_tables()
        if table.name not in MADE_BY_MIGRATION
        and session.scalar(select(exists().select_from(table)))
    ]
    if filled:
        raise WrongState(
            f"The database is not empty: it holds rows in {', '.join(filled)}. A backup is"
            " restored into a new database only: name one in MINXIN_DATABASE_URL."
        )


def _put_in(session: Session, archive: ZipFile, table: sqlalchemy.Table) -> None:
    if table.name in MADE_BY_MIGRATION:
        session.execute(delete(table))
    with archive.open(member_name(table.name)) as lines:
        while batch := list(islice(lines, BATCH)):
            rows = [_read_row(table, line) for line in batch]
            try:
                session.execute(insert(table), rows)
            except NO_ANSWER:
                raise
            except StatementError:
                # Its own message would quote the row.
                raise MinxinError(
                    f"The database refused a row of {table.name}; nothing was restored."
                ) from None


def _read_row(table: sqlalchemy.Table, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
        return {column.name: _value(column, row.pop(column.name)) for column in table.columns}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise MinxinError(
            f"{member_name(table.name)} holds a row that is none of this table;"
            " nothing was restored."
        ) from None


def _value(column: sqlalchemy.Column[Any], plain: Any) -> Any:
    if plain is None:
        return None
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(plain, validate=True)
    if isinstance(column.type, Moment):
        return datetime.fromisoformat(plain)
    return plain


def _require_rows(session: Session, table: sqlalchemy.Table, member: Member) -> None:
    found = session.scalar(select(func.count()).select_from(table))
    if found != member.rows:
        raise MinxinError(
            f"{table.name} has {found} rows after the restore instead of {member.rows};"
            " nothing was restored."
        )


def _set_sequences(session: Session) -> None:
    """On PostgreSQL, the next row gets the number after the last one; SQLite does so itself."""
    dialect = session.get_bind().dialect
    if dialect.name != "postgresql":
        return
    for table in backed_up_tables():
        for column in table.primary_key.columns:
            if not isinstance(column.type, Integer):
                continue
            name = dialect.identifier_preparer.format_table(table)
            sequence = session.scalar(select(func.pg_get_serial_sequence(name, column.name)))
            last = session.scalar(select(func.max(column)))
            if sequence and last:
                session.execute(select(func.setval(sequence, last)))
