"""How many alike are in the same company: counts over groups of responses and time windows.

A cell is a group (a point, a network, a device, an enumerator) and a window around each of
its responses. The crowd of a cell is counted with it: a burst is no evidence, only what is
alike in it beyond what so large a crowd would hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.anomaly.company.content import Content
from app.anomaly.company.likeness import Alike, Likeness, Matrix, Rows, alike
from app.survey.sample import Flags, Floats, Labels

CHUNK = 512
LARGEST = 3000
"""Of a larger group a sample stands for the whole, and windows are cut out of it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A window within a group, and in which ways its members are compared."""

    name: str
    within: float
    """Minutes to either side; infinite for the whole group."""
    kinds: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """Of one cell, over all n responses: others that are alike, and the believed crowd."""

    alike: Mapping[Likeness, Floats]
    crowd: Floats
    band: Floats
    """Of the crowd, those with about the same score; `wide`: within a wider band."""
    wide: Floats


def gather(
    content: Content,
    groups: Sequence[Rows],
    cells: Sequence[Cell],
    *,
    minute: Floats,
    believed: Floats,
) -> dict[str, Company]:
    """Cell → what each response finds in it; those outside every group find nothing."""
    n = len(content.score)
    found = {cell.name: _nothing(cell, n) for cell in cells}
    for rows in groups:
        for part, others, share, held in _blocks(rows, minute, cells):
            kinds = tuple(sorted({kind for cell in held for kind in cell.kinds}))
            kernels = alike(content, part, others, kinds=kinds)
            apart = np.abs(minute[part][:, None] - minute[others][None])
            trust = believed[others].astype(np.float32) * np.float32(share)
            for cell in held:
                inside = None if np.isinf(cell.within) else apart <= cell.within
                _count(found[cell.name], part, kernels, inside, trust, share)
    for company in found.values():
        for counts in company.alike.values():
            np.maximum(counts - 1, 0, out=counts)  # a response is no company to itself
    return found


def groups_of(labels: Labels, among: Flags, *, fewest: int) -> list[Rows]:
    """Rows with the same label, in the order of labels; small groups and "" are left out."""
    rows = np.flatnonzero(among & (labels != ""))
    rows = rows[np.argsort(labels[rows], kind="stable")]
    cuts = np.flatnonzero(labels[rows][1:] != labels[rows][:-1]) + 1
    return [group for group in np.split(rows, cuts) if len(group) >= max(fewest, 1)]


def _blocks(
    rows: Rows, minute: Floats, cells: Sequence[Cell]
) -> Iterator[tuple[Rows, Rows, float, list[Cell]]]:
    """Parts of a group with those they are compared with, so that memory stays small."""
    windows = [cell for cell in cells if np.isfinite(cell.within)]
    if len(rows) <= LARGEST:
        for part in np.array_split(rows, -(-len(rows) // CHUNK)):
            yield part, rows, 1.0, list(cells)
        return
    rows = rows[np.argsort(minute[rows], kind="stable")]
    thinned = rows[:: -(-len(rows) // LARGEST)]
    whole = [cell for cell in cells if np.isinf(cell.within)]
    for part in np.array_split(rows, -(-len(rows) // CHUNK)):
        if whole:
            yield part, thinned, len(rows) / len(thinned), whole
        if windows:
            reach = max(cell.within for cell in windows)
            near = (minute[rows] >= minute[part].min() - reach) & (
                minute[rows] <= minute[part].max() + reach
            )
            yield part, rows[near], 1.0, windows


def _count(  # noqa: PLR0913 - one block of one cell
    company: Company,
    part: Rows,
    kernels: Alike,
    inside: Flags | None,
    trust: Matrix,
    share: float,
) -> None:
    for kind, counts in company.alike.items():
        kernel = kernels.kinds[kind]
        counts[part] = share * _within(kernel, inside).sum(axis=1)
    ones = np.ones((len(part), len(trust)), np.float32)
    company.crowd[part] = _within(ones, inside) @ trust
    company.band[part] = _within(kernels.band, inside) @ trust
    company.wide[part] = _within(kernels.wide, inside) @ trust


def _within(kernel: Matrix, inside: Flags | None) -> Matrix:
    return kernel if inside is None else kernel * inside


def _nothing(cell: Cell, n: int) -> Company:
    counts: dict[Likeness, Floats] = {kind: np.zeros(n) for kind in cell.kinds}
    return Company(counts, np.zeros(n), np.zeros(n), np.zeros(n))
