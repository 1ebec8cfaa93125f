"""Segments: the responses of a round as typed columns in a Parquet file.

Rows stand in the order of their random identifiers, which says nothing about arrival. Words
that a person wrote are not in here. The file carries its codebook. Making one takes at most
`MEMORY` beside the caller's own, however many rows it has: what is more lies meanwhile in a
folder beside the file. Equal rows give equal bytes.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from app.documents.codebook import (
    ColumnKind,
    SegmentColumn,
    codebook,
    item_codes,
    segment_columns,
    unscored_codes,
)
from app.documents.workbooks import results_json
from app.errors import DocumentFailed, NotFound
from app.survey.definition import Survey

Line = Sequence[Any]
"""One response: the seven columns of `STAGED`, then paradata, answers and background, each
of them a JSON text."""
Value = str | int | float | bool | None
Ask = Callable[[str], list[tuple[Any, ...]]]

MEMORY = "128MB"
ROW_GROUP = 61_440
CODEBOOK = "minxin_codebook"
STAGED = ("id", "unit", "point", "evidence", "channel", "assurance", "weight")
DOCUMENTS = ("paradata", "answers", "background")
SQL_TYPES: Mapping[ColumnKind, str] = {
    "text": "VARCHAR",
    "integer": "INTEGER",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class WrittenSegment:
    """What was written: rows, and the SHA-256 of the file, hex."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class CellSum:
    """Of one column in one cell: scored answers, their weights, and weight times code."""

    n: int
    weight: float
    weighted: float


@dataclass(frozen=True, slots=True)
class CellOfSegment:
    """Responses that agree in the columns asked by; a response without a weight counts 1."""

    key: tuple[Value, ...]
    n: int
    weight: float
    sums: Mapping[str, CellSum]


def write_segment(
    path: Path, survey: Survey, chunks: Iterable[Sequence[Line]], *, survey_digest: str
) -> WrittenSegment:
    """Write the lines as a Parquet file that survives a power cut; `path` must not exist.

    DocumentFailed if a response holds an answer that the survey version does not have:
    nothing is left out in silence.
    """
    words = results_json(codebook(survey, survey_digest)).decode().strip()
    with TemporaryDirectory(dir=path.parent, prefix=".columns-") as scratch:
        try:
            with duckdb.connect(":memory:", config=_limits(scratch)) as database:
                rows = _fill(database, survey, chunks)
                database.execute(
                    f"COPY (SELECT * FROM response ORDER BY id) TO {_literal(str(path))} "  # noqa: S608
                    f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}, "
                    f"KV_METADATA {{{CODEBOOK}: {_literal(words)}}})"
                )
        except duckdb.Error as error:
            # Its own message quotes what somebody answered.
            kind = type(error).__name__
            raise DocumentFailed(f"The segment could not be written ({kind}).") from None
    force_to_disk(path)
    return WrittenSegment(rows, file_digest(path))


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def force_to_disk(path: Path) -> None:
    """Return once a file, or the names in a folder, would survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def count_rows(path: Path) -> int:
    """How many responses a segment holds; DocumentFailed if it is none."""
    with _reading(path) as ask:
        return int(ask("SELECT num_rows FROM parquet_file_metadata($path)")[0][0])


def read_codebook(path: Path) -> dict[str, Any]:
    """The codebook of a segment; DocumentFailed if it has none."""
    with _reading(path) as ask:
        return _codebook(ask)


def read_rows(path: Path, size: int) -> Iterator[Sequence[tuple[Value, ...]]]:
    """Every row of a segment in its order, in chunks of `size`."""
    with duckdb.connect(":memory:", config=_limits("")) as database:
        found = database.execute("FROM read_parquet($path)", {"path": str(path)})
        while chunk := found.fetchmany(size):
            yield chunk


def cells(path: Path, *, by: Sequence[str], items: Sequence[str]) -> list[CellOfSegment]:
    """Counts and weighted sums of `items` in every cell that the columns `by` make.

    Don't know, not applicable and not answered count in the cell and in no item's sum.
    NotFound names a column that the segment does not have, or that holds no codes.
    """
    with _reading(path) as ask:
        entries = {entry["name"]: entry for entry in _codebook(ask)["columns"]}
        for name in (*by, *items):
            if name not in entries:
                raise NotFound(f"There is no column {name!r}. Columns: {', '.join(entries)}.")
        for name in items:
            if entries[name]["type"] not in {"integer", "flag"}:
                raise NotFound(f"Column {name!r} has no codes to sum; name an item.")
        scored = [_scored(entries[name]) for name in items]
        rows = ask(_cells_question(by, scored))
    return [_cell(row, len(by), items) for row in rows if row[len(by)]]


def _cells_question(by: Sequence[str], scored: Sequence[str]) -> str:
    """One pass: what is scored stands as a code, all else as nothing."""
    keys = [f"k{i}" for i in range(len(by))]
    inner = [f"{_name(name)} AS {key}" for name, key in zip(by, keys, strict=True)]
    inner += ["coalesce(weight, 1.0) AS w"]
    inner += [f"{code} AS x{i}" for i, code in enumerate(scored)]
    outer = [*keys, "count(*)", "sum(w)"]
    for i in range(len(scored)):
        outer += [f"count(x{i})", f"coalesce(sum(if(x{i} IS NULL, NULL, w)), 0.0)"]
        outer.append(f"coalesce(sum(x{i} * w), 0.0)")
    order = f"GROUP BY {', '.join(keys)} ORDER BY ALL" if by else ""
    lines = f"SELECT {', '.join(inner)} FROM read_parquet($path)"  # noqa: S608
    return f"SELECT {', '.join(outer)} FROM ({lines}) {order}"  # noqa: S608


def _scored(entry: Mapping[str, Any]) -> str:
    code = f"CAST({_name(entry['name'])} AS INTEGER)"
    for unscored in unscored_codes(entry):
        code = f"nullif({code}, {unscored})"
    return code


def _codebook(ask: Ask) -> dict[str, Any]:
    found = ask(f"SELECT value FROM parquet_kv_metadata($path) WHERE key = '{CODEBOOK}'")  # noqa: S608
    if not found:
        raise DocumentFailed("This file is no segment: it has no codebook.")
    return dict(json.loads(found[0][0]))


def _cell(row: Sequence[Any], width: int, items: Sequence[str]) -> CellOfSegment:
    sums = row[width + 2 :]
    return CellOfSegment(
        key=tuple(row[:width]),
        n=row[width],
        weight=row[width + 1],
        sums={name: CellSum(*sums[3 * i : 3 * i + 3]) for i, name in enumerate(items)},
    )


def _fill(
    database: duckdb.DuckDBPyConnection, survey: Survey, chunks: Iterable[Sequence[Line]]
) -> int:
    """Type the lines chunk by chunk; gives their number."""
    columns = segment_columns(survey)
    staged = {name: _staged_kind(name) for name in STAGED + DOCUMENTS}
    database.execute(_create("TABLE response", {c.name: c.kind for c in columns}))
    database.execute(_create("TEMPORARY TABLE line", staged))
    typing, strangers = _typing(columns), _strangers(survey, columns)
    staging = database.appender("line")
    rows = 0
    for chunk in chunks:
        staging.append_rows(chunk)
        staging.flush()
        (foreign,) = database.execute(strangers).fetchall()[0]
        if foreign:
            raise DocumentFailed(
                f"{foreign} responses hold answers that {survey.key} does not have; "
                "no segment was made, for they would be missing in it."
            )
        database.execute(typing)
        database.execute("TRUNCATE line")
        rows += len(chunk)
    return rows


def _typing(columns: Sequence[SegmentColumn]) -> str:
    """The statement that turns staged lines into typed rows."""
    keys = {name: _keys(columns, name) for name in DOCUMENTS}
    parts = [_typed(column, keys) for column in columns]
    extracted = [
        f"json_extract({name}, [{', '.join(_literal(_pointer(k)) for k in keys[name])}])"
        f" AS {name}"
        for name in DOCUMENTS
        if keys[name]
    ]
    source = ", ".join([*STAGED, *extracted])
    return f"INSERT INTO response SELECT {', '.join(parts)} FROM (SELECT {source} FROM line)"  # noqa: S608


def _typed(column: SegmentColumn, keys: Mapping[str, Sequence[str]]) -> str:
    if column.origin == "response":
        return column.key
    value = f"{column.origin}[{keys[column.origin].index(column.key) + 1}]"
    if column.kind == "text":
        return f"{value} ->> '$'"
    if column.kind == "flag":
        return f"list_contains(CAST({value} AS INTEGER[]), {column.option})"
    return f"CAST({value} AS INTEGER)"


def _strangers(survey: Survey, columns: Sequence[SegmentColumn]) -> str:
    """How many staged lines hold an item, an option or a background column we do not know."""
    tests = [
        f"list_has_all({_list(_keys(columns, name))}, json_keys({name}))"
        for name in ("answers", "background")
    ]
    for item in survey.items.values():
        if item.kind == "multiple":
            chosen = (
                f"CAST(json_extract(answers, {_literal(_pointer(item.code))}) AS INTEGER[])"
            )
            known = ", ".join(str(code) for code in sorted(item_codes(survey, item)))
            tests.append(f"coalesce(list_has_all([{known}], {chosen}), true)")
    return f"SELECT count(*) FILTER (NOT ({' AND '.join(tests)})) FROM line"  # noqa: S608


def _keys(columns: Sequence[SegmentColumn], origin: str) -> list[str]:
    return list(dict.fromkeys(c.key for c in columns if c.origin == origin))


def _staged_kind(name: str) -> ColumnKind:
    return "number" if name == "weight" else "text"


def _create(table: str, kinds: Mapping[str, ColumnKind]) -> str:
    columns = ", ".join(f"{_name(name)} {SQL_TYPES[kind]}" for name, kind in kinds.items())
    return f"CREATE {table} ({columns})"


@contextmanager
def _reading(path: Path) -> Iterator[Ask]:
    """Ask about one file, which questions call ``$path``."""
    try:
        with duckdb.connect(":memory:", config=_limits("")) as database:
            yield lambda question: database.execute(question, {"path": str(path)}).fetchall()
    except duckdb.Error:
        raise DocumentFailed(f"{path.name} is no segment, or is damaged.") from None


def _limits(scratch: str) -> dict[str, str | bool | int | float | list[str]]:
    # One thread: collecting comes first. Nothing is fetched from anywhere.
    return {
        "memory_limit": MEMORY,
        "threads": 1,
        "temp_directory": scratch,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def _list(texts: Sequence[str]) -> str:
    return f"CAST([{', '.join(_literal(text) for text in texts)}] AS VARCHAR[])"


def _pointer(key: str) -> str:
    """A key as a JSON pointer (RFC 6901)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
