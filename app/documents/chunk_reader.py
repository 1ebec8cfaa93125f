"""Columns of Parquet files in chunks of a fixed size and order, as small numbers."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from app.errors import InputRefused, Problem

CHUNK_ROWS = 122_880
"""A row group of the usual size, so that none is unpacked twice."""

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
        total = len(source)
        names = ", ".join(f'"{name}"' for name in columns)
        for start in range(0, total, rows):
            # The row number prunes row groups: each is read by one chunk only.
            where = f"file_row_number >= {start} AND file_row_number < {start + rows}"
            found = source.filter(where).project(names).fetchnumpy()
            yield {name: _plain(values) for name, values in found.items()}


def _plain(values: NDArray[np.generic]) -> NDArray[np.generic]:
    if isinstance(values, np.ma.MaskedArray):
        return np.where(values.mask, np.nan, values.data.astype(float))
    return values
