"""A stream of coded answers: columns of some rows at a time, read once for each pass."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import CannotEstimate

Chunk = Mapping[str, NDArray[Any]]
"""Columns of some rows, all of one length: labels as codes from 0, items as numbers that are
NaN where nobody answered, and where they are asked for `weight`, of one response, and
`count`, the responses that a row stands for (one each without it)."""
Stream = Callable[[], Iterator[Chunk]]
"""Called once for each pass; always the same rows in the same order."""
BLOCK_ROWS = 122_880
"""Small enough for the processor's cache, and a row group of the usual Parquet file."""


def blocks(chunks: Iterable[Chunk], rows: int = BLOCK_ROWS) -> Iterator[Chunk]:
    """The same rows in blocks of `rows`, so that sums do not depend on how they were cut."""
    held: list[Chunk] = []
    count = 0
    for chunk in chunks:
        held.append(chunk)
        count += rows_of(chunk)
        if count < rows:
            continue
        joined = _joined(held)
        ready = count - count % rows
        for start in range(0, ready, rows):
            yield _part(joined, start, start + rows)
        held, count = [_part(joined, ready, count)], count - ready
    if count:
        yield _joined(held)


def rows_of(chunk: Chunk) -> int:
    """Rows of a chunk."""
    return len(next(iter(chunk.values()), ()))


def require_codes(chunk: Chunk, sizes: Mapping[str, int]) -> None:
    """Raise CannotEstimate if a column named is absent or holds a code of `sizes` or more.

    All problems at once; a weight that is no number of 0 or more and a count that is not
    whole are among them.
    """
    absent = [name for name in sizes if name not in chunk]
    problems = [f"the stream has no column {name}." for name in absent]
    for name, size in sizes.items():
        codes = chunk.get(name, np.zeros(0, np.intp))
        # A missing code is NaN, which is neither.
        if len(codes) and not (codes.min() >= 0 and codes.max() < size):
            wrong = codes[~((codes >= 0) & (codes < size))][0]
            problems.append(f"column {name} holds the code {wrong}; known are 0 to {size - 1}.")
    for name, is_right, text in (
        ("weight", _is_weight, "a number of 0 or more"),
        ("count", _is_count, "a whole number of 0 or more"),
    ):
        if name in chunk and not is_right(np.asarray(chunk[name], float)):
            problems.append(f"column {name} holds what is not {text}.")
    if problems:
        raise CannotEstimate("\n".join(problems))


def _is_weight(values: NDArray[np.float64]) -> bool:
    return not len(values) or bool(values.min() >= 0 and values.max() < np.inf)


def _is_count(values: NDArray[np.float64]) -> bool:
    return _is_weight(values) and bool((values == np.floor(values)).all())


def _joined(chunks: list[Chunk]) -> Chunk:
    if len(chunks) == 1:
        return chunks[0]
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _part(chunk: Chunk, start: int, end: int) -> Chunk:
    return {name: column[start:end] for name, column in chunk.items()}
