"""Columns of Parquet files in chunks of a fixed size and order, as small numbers.

For estimates of a size at which rows as objects would not fit: what comes out is what
`app.stats.chunks` describes. Labels are turned into codes by the database, so a text is
looked at where it lies, once for each of its occurrences in a dictionary.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from app.errors import DocumentFailed, InputRefused, Problem

Chunk = dict[str, NDArray[Any]]

ROW_GROUP = 122_880
"""Rows of a row group of the usual size."""
CHUNK_ROWS = ROW_GROUP
GROUPS_AT_ONCE = 8
"""Row groups of one question: a question reads the file's index, a row group is read by one."""
MEMORY = "192MB"
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Labels:
    """A column of labels, read as codes."""

    column: str
    levels: Sequence[str]
    """Label of the codes 0, 1, 2, …"""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers."""

    column: str
    otherwise: float | None = None
    """What a missing number is read as; NaN if None."""
    no_answer: Sequence[float] = ()
    """Codes that are read as missing, such as don't know."""


Column = Labels | Numbers


def read_chunks(
    path: Path, columns: Sequence[str], *, rows: int = CHUNK_ROWS
) -> Iterator[Chunk]:
    """The columns of a Parquet file, `rows` at a time in the order of the file.

    A missing number is NaN. Raises InputRefused for columns that are not there, all at once.
    """
    with _opened(path, columns) as source:
        wanted = {name: _quoted(name) for name in columns}
        yield from _chunks(source, wanted, rows)


def read_coded(
    path: Path, columns: Mapping[str, Column], *, rows: int = CHUNK_ROWS
) -> Iterator[Chunk]:
    """Columns of a Parquet file under names of one's own, labels as codes from 0.

    Raises InputRefused for columns that are not there, and for labels, a missing one too,
    that are not among the levels of their column.
    """
    with _opened(path, [column.column for column in columns.values()]) as source:
        for chunk in _chunks(source, _expressions(columns), rows):
            _require_known(source, chunk, columns)
            yield chunk


def read_kinds(path: Path, columns: Mapping[str, Column]) -> Chunk:
    """How often each combination of the columns occurs (`count`), in no order.

    Whole numbers: the order in which they are added moves nothing. Raises InputRefused as
    `read_coded` does and DocumentFailed if the combinations are more than can be held.
    """
    with _opened(path, [column.column for column in columns.values()]) as source:
        keys = ", ".join(_quoted(name) for name in columns)
        wanted = source.project(_projection(_expressions(columns)))
        try:
            found = wanted.aggregate(f"{keys}, count(*) AS count", keys).fetchnumpy()
        except duckdb.OutOfMemoryException:
            raise DocumentFailed(
                f"The answers in {path.name} differ in more ways than can be held."
            ) from None
        chunk = {name: _plain(values) for name, values in found.items()}
        _require_known(source, chunk, columns)
    return chunk


@contextmanager
def _opened(path: Path, columns: Sequence[str]) -> Iterator[duckdb.DuckDBPyRelation]:
    """The file with the number of each row; nothing is ever written to a disk."""
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": ""}) as connection:
        source = connection.read_parquet(str(path), file_row_number=True)
        absent = [name for name in dict.fromkeys(columns) if name not in source.columns]
        if absent:
            cure = f"It has {', '.join(source.columns)}."
            raise InputRefused(
                [Problem(f"column {n}", "is absent", cure, source=path.name) for n in absent]
            )
        yield source


def _chunks(
    source: duckdb.DuckDBPyRelation, expressions: Mapping[str, str], rows: int
) -> Iterator[Chunk]:
    block = max(rows, GROUPS_AT_ONCE * ROW_GROUP)
    for start in range(0, len(source), block):
        # The row number prunes row groups; rows come in the order of the file.
        where = f"file_row_number >= {start} AND file_row_number < {start + block}"
        found = source.filter(where).project(_projection(expressions)).fetchnumpy()
        for first in range(0, len(next(iter(found.values()))), rows):
            part = slice(first, first + rows)
            yield {name: _plain(values[part]) for name, values in found.items()}


def _projection(expressions: Mapping[str, str]) -> str:
    return ", ".join(f"{text} AS {_quoted(name)}" for name, text in expressions.items())


def _expressions(columns: Mapping[str, Column]) -> dict[str, str]:
    return {name: _expression(column) for name, column in columns.items()}


def _expression(column: Column) -> str:
    source = _quoted(column.column)
    if isinstance(column, Labels):
        levels = ", ".join(_text(level) for level in column.levels)
        return f"enum_code(TRY_CAST(CAST({source} AS VARCHAR) AS ENUM({levels})))"
    for code in column.no_answer:
        source = f"nullif({source}, {code!r})"
    return source if column.otherwise is None else f"coalesce({source}, {column.otherwise!r})"


def _require_known(
    source: duckdb.DuckDBPyRelation, chunk: Chunk, columns: Mapping[str, Column]
) -> None:
    problems = [
        _unknown(source, column)
        for name, column in columns.items()
        if isinstance(column, Labels) and np.isnan(chunk[name]).any()
    ]
    if problems:
        raise InputRefused(problems)


def _unknown(source: duckdb.DuckDBPyRelation, column: Labels) -> Problem:
    found = source.filter(f"{_expression(column)} IS NULL")
    text = f"CAST({_quoted(column.column)} AS VARCHAR) AS label"
    labels = found.project(text).distinct().order("label NULLS LAST").fetchall()
    shown = ["(missing)" if label is None else repr(label) for (label,) in labels[:MOST_SHOWN]]
    rest = f" and {len(labels) - MOST_SHOWN} more" if len(labels) > MOST_SHOWN else ""
    return Problem(
        f"column {column.column}",
        f"{len(found)} rows hold labels that are not known: {', '.join(shown)}{rest}",
        "Name them among its levels, or leave the rows out.",
    )


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _text(label: str) -> str:
    escaped = label.replace("'", "''")
    return f"'{escaped}'"


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    if isinstance(values, np.ma.MaskedArray):
        return np.where(values.mask, np.nan, values.data.astype(float))
    return values
