"""Columns of Parquet files in chunks of a fixed size and order, as small numbers."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from app.errors import InputRefused, Problem

ROW_GROUP = 122_880
"""Rows of a row group of the usual size."""
CHUNK_ROWS = ROW_GROUP
GROUPS_AT_ONCE = 8
"""Row groups of one question: a question reads the file's index, a row group is read by one."""
MEMORY = "192MB"


def read_chunks(
    path: Path, columns: Sequence[str], *, rows: int = CHUNK_ROWS
) -> Iterator[dict[str, NDArray[np.generic]]]:
    """The columns of a Parquet file, `rows` at a time in the order of the file.

    A missing number is NaN. Raises InputRefused for a column that is not there, or a missing
    code where NaN is no answer.
    """
    with duckdb.connect(config={"memory_limit": MEMORY}) as connection:
        source = connection.read_parquet(str(path), file_row_number=True)
        absent = [name for name in columns if name not in source.columns]
        if absent:
            cure = f"It has {', '.join(source.columns)}."
            raise InputRefused(
                [Problem(f"column {n}", "is absent", cure, source=path.name) for n in absent]
            )
        names = ", ".join(f'"{name}"' for name in columns)
        block = max(rows, GROUPS_AT_ONCE * ROW_GROUP)
        for start in range(0, len(source), block):
            # The row number prunes row groups; rows come in the order of the file.
            where = f"file_row_number >= {start} AND file_row_number < {start + block}"
            found = source.filter(where).project(names).fetchnumpy()
            for first in range(0, len(found[columns[0]]), rows):
                part = slice(first, first + rows)
                yield {name: _plain(values[part]) for name, values in found.items()}


def _plain(values: NDArray[np.generic]) -> NDArray[np.generic]:
    if isinstance(values, np.ma.MaskedArray):
        return np.where(values.mask, np.nan, values.data.astype(float))
    return values
