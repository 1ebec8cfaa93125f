"""How many responses there are of each kind: whole numbers, so that sums never drift.

A tally of a stream is the same whatever the order of its rows. New answers are added to it and
withdrawn ones taken out again, exactly; estimates run on its kinds as they would on the rows,
by `reduction` where units are clusters and as a design of cells where they are responses. It
pays where responses have fewer kinds than there are responses; `reduction` needs no such luck.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import CannotEstimate
from app.stats.chunks import Chunk, Stream, blocks, require_codes, rows_of
from app.survey.sample import Floats

Counts = NDArray[np.int64]

MOST_KINDS = 20_000_000
MOST_CODES = 2**62
PENDING = 32
"""Blocks that are counted by themselves before they are merged."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Responses by kind; kinds in the order of their keys, none with a count of 0."""

    sizes: Mapping[str, int]
    """Column → how many codes it has; what a kind is made of."""
    key: Counts
    """Codes of each kind as one number, the last column running fastest."""
    count: Counts
    """Responses of each kind, 1 or more."""

    @property
    def responses(self) -> int:
        """Responses of all kinds."""
        return int(self.count.sum())

    def plus(self, other: "Tally") -> "Tally":
        """With the responses of another tally of the same columns."""
        _require_same(self, other)
        return _merged(self, [(self.key, self.count), (other.key, other.count)])

    def minus(self, other: "Tally") -> "Tally":
        """Without the responses of another; CannotEstimate if some were never counted."""
        _require_same(self, other)
        found = _merged(self, [(self.key, self.count), (other.key, -other.count)])
        if (found.count < 0).any():
            where = int(np.argmax(found.count < 0))
            codes = ", ".join(f"{name} {c[where]}" for name, c in found.columns().items())
            raise CannotEstimate(f"more responses are withdrawn than were counted: {codes}.")
        return found

    def columns(self) -> dict[str, NDArray[np.intp]]:
        """Codes of each kind."""
        codes = np.unravel_index(self.key, tuple(self.sizes.values()))
        return dict(zip(self.sizes, codes, strict=True))

    def chunk(self, *, weight: Floats, by: str, values: Mapping[str, Floats]) -> Chunk:
        """The kinds as rows with their `count`, for `reduce_stream`.

        `weight` are those of the codes of the column `by`; `values` turns the codes of an item
        into numbers, NaN for no answer.
        """
        columns: dict[str, NDArray[Any]] = dict(self.columns())
        columns["weight"] = weight[columns[by]]
        for name, numbers in values.items():
            columns[name] = numbers[columns[name]]
        return columns | {"count": self.count}


def tally_of(stream: Stream, sizes: Mapping[str, int]) -> Tally:
    """Count a stream in one pass by the columns named, codes from 0 below their size.

    Rows may stand for several responses (`count`). Raises CannotEstimate for unknown codes and
    for more kinds than can be held.
    """
    if np.prod([float(size) for size in sizes.values()]) > MOST_CODES:
        raise CannotEstimate("the columns have too many codes to be counted together.")
    found = Tally(dict(sizes), np.zeros(0, np.int64), np.zeros(0, np.int64))
    pending: list[tuple[Counts, Counts]] = []
    for block in blocks(stream()):
        pending.append(_counted(block, sizes))
        if len(pending) == PENDING:
            found, pending = _held(found, pending), []
    return _held(found, pending)


def _counted(block: Chunk, sizes: Mapping[str, int]) -> tuple[Counts, Counts]:
    require_codes(block, sizes)
    key = np.zeros(rows_of(block), np.int64)
    for name, size in sizes.items():
        key = key * size + block[name].astype(np.int64)
    if "count" not in block:
        return np.unique(key, return_counts=True)
    return key, block["count"].astype(np.int64)


def _held(found: Tally, pending: list[tuple[Counts, Counts]]) -> Tally:
    merged = _merged(found, [(found.key, found.count), *pending])
    if len(merged.key) > MOST_KINDS:
        raise CannotEstimate(
            f"the responses are of more than {MOST_KINDS} kinds. Merge codes, leave columns "
            "out, or reduce the stream without a tally."
        )
    return merged


def _merged(like: Tally, parts: list[tuple[Counts, Counts]]) -> Tally:
    keys = np.concatenate([key for key, _ in parts])
    counts = np.concatenate([count for _, count in parts])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    sums = np.add.reduceat(counts[order], starts) if len(starts) else counts
    kept = sums != 0
    return replace(like, key=keys[starts][kept], count=sums[kept])


def _require_same(one: Tally, other: Tally) -> None:
    if list(one.sizes.items()) != list(other.sizes.items()):
        raise ValueError("tallies of other columns, or in another order, cannot be joined")


def stream_of(chunk: Chunk) -> Stream:
    """A stream of one chunk."""

    def once() -> Iterator[Chunk]:
        yield chunk

    return once
