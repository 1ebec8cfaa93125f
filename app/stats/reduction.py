"""From a stream of coded answers to the sums that estimates need: cells, not rows.

Two passes, whatever the size: the first sums the weights by calibration cell, on which the
margins are raked; the second joins each cell's factor and sums by unit and domain. Rows are
added in blocks of one size in their order, so the same rows give the same bits however they
were cut. Nothing grows with the rows. Units are clusters; where responses are drawn one by
one, `tally` makes the rows few enough for a design in memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from app.errors import CannotEstimate
from app.stats.chunks import Chunk, Stream, blocks, require_codes, rows_of
from app.stats.coding import Coding
from app.stats.design import Adjustment, Integers, simple_design
from app.stats.domain_sums import Answered, Extent, ItemSums, Places
from app.stats.families import Calibrations, DomainSums, Frame, Units, stratum_factor, sums_by
from app.stats.family_design import orthonormal_columns
from app.stats.variance import CENSUS
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import rake
from app.survey.sample import Flags, Floats

MOST_CELLS = 5_000_000


@dataclass(frozen=True, slots=True)
class Reduced:
    """What a stream came to: as much for a village as for a country."""

    frame: Frame
    sums: Mapping[str, DomainSums]
    """By item and by share."""
    calibration: Adjustment | None
    """Of the occupied cells; None without margins."""
    rows: int


def reduce_stream(stream: Stream, coding: Coding) -> Reduced:
    """The sums of all items of a stream, raked to the margins of its coding.

    Raises CannotEstimate for margins that cannot be met, units alone in their stratum, or
    more combinations of levels than can be held.
    """
    if coding.cells > MOST_CELLS:
        raise CannotEstimate(
            f"the margins have {coding.cells} combinations of levels, more than the "
            f"{MOST_CELLS} that can be held. Merge levels, or rake to fewer margins at once."
        )
    first = _FirstPass(coding)
    for block in blocks(stream()):
        first.add(block)
    factor = _stratum_factor(coding, first.is_there)
    calibration = _raked(first.mass, coding)
    factors = _cell_factors(first.mass, calibration)
    second = _SecondPass(coding, first.reached, factors)
    for block in blocks(stream()):
        second.add(block)
    share = _share(first.mass, calibration, coding)
    moved = second.moved(share)
    strata = np.unique(coding.stratum_of[first.is_positive])
    df = int(first.is_positive.sum()) - len(strata)
    # A unit without rows adds nothing to any sum, and n_h does not count it.
    units = Units(coding.stratum_of, first.is_there.astype(float), factor, df)
    identity = np.eye(moved.shape[1])
    frame = Frame.of(units, Calibrations(moved, identity, identity))
    return Reduced(frame, second.sums(share), calibration, first.rows)


class _FirstPass:
    """Weights by calibration cell, and which units have any."""

    def __init__(self, coding: Coding) -> None:
        self.coding, self.rows = coding, 0
        self.mass = np.zeros(coding.cells)
        self.is_there = np.zeros(len(coding.stratum_of), bool)
        self.is_positive = self.is_there.copy()
        self.codes = {"unit": len(coding.stratum_of), "domain": coding.domains}
        self.codes |= {m.name: len(m.totals) for m in coding.margins}
        self.extent = Extent(len(coding.stratum_of), coding.domains, coding.group_sizes)
        self.pairs = np.zeros(0, np.intp)

    def add(self, block: Chunk) -> None:
        require_codes(block, self.codes)
        mass, unit = _mass(block), block["unit"].astype(np.intp)
        cell = _cell(_levels(block, self.coding), self.coding, rows=len(mass))
        self.mass += np.bincount(cell, mass, len(self.mass))
        self.is_there |= np.bincount(unit, minlength=len(self.is_there)) > 0
        self.is_positive |= np.bincount(unit, mass > 0, len(self.is_there)) > 0
        self.rows += rows_of(block)
        if self.extent.is_wide:
            pairs = self.extent.pair_codes(unit, block["domain"].astype(np.intp))
            self.pairs = np.union1d(self.pairs, pairs)

    @property
    def reached(self) -> Extent:
        """The extent of the tables of the second pass."""
        return replace(self.extent, pairs=self.pairs if self.extent.is_wide else None)


class _SecondPass:
    """Sums of everybody and of each item, by unit, group of margins and domain."""

    def __init__(self, coding: Coding, extent: Extent, factor: Floats) -> None:
        self.coding, self.extent, self.factor = coding, extent, factor
        self.by_level = [np.zeros(extent.units * size) for size in extent.groups]
        self.everybody = Answered.nobody(extent)
        names = (*coding.items, *coding.shares)
        self.items = {name: ItemSums(extent, coding.centre.get(name, 0.0)) for name in names}

    def add(self, block: Chunk) -> None:
        coding = self.coding
        mass, levels = _mass(block), _levels(block, coding)
        calibrated = mass * self.factor[_cell(levels, coding, rows=len(mass))]
        count = block.get("count", np.ones(len(mass))) * (mass > 0)
        unit, domain = (block[name].astype(np.intp) for name in ("unit", "domain"))
        for size, level, sums in zip(coding.group_sizes, levels, self.by_level, strict=True):
            sums += np.bincount(unit * size + level, calibrated, len(sums))
        places = Places(
            domain,
            pair=self.extent.pair_codes(unit, domain),
            levels=tuple(level * coding.domains + domain for level in levels),
            mass=mass,
            calibrated=calibrated,
            count=count,
        )
        for name, item in self.items.items():
            item.add(places, _answers(block, coding, name), self.everybody)
        self.everybody.add(places)

    def moved(self, share: Floats) -> Floats:
        """Σ g d x over each unit (U by P)."""
        units = self.extent.units
        sums = [one.reshape(units, -1) for one in self.by_level]
        result: Floats = np.hstack([np.zeros((units, 0)), *sums]) @ share
        return result

    def sums(self, share: Floats) -> dict[str, DomainSums]:
        return {name: item.result(self.everybody, share) for name, item in self.items.items()}


def _mass(block: Chunk) -> Floats:
    """Weight of all responses of each row."""
    weight = np.asarray(block["weight"], float)
    return weight * block["count"] if "count" in block else weight


def _levels(block: Chunk, coding: Coding) -> tuple[Integers, ...]:
    """Joint level of the margins of each group."""
    found = []
    for group in coding.groups:
        level = block[coding.margins[group[0]].name].astype(np.intp)
        for margin in group[1:]:
            level = level * coding.sizes[margin] + block[coding.margins[margin].name]
        found.append(level)
    return tuple(found)


def _cell(levels: tuple[Integers, ...], coding: Coding, *, rows: int) -> Integers:
    cell = np.zeros(rows, np.intp)
    for level, size in zip(levels, coding.group_sizes, strict=True):
        cell = cell * size + level
    return cell


def _answers(block: Chunk, coding: Coding, name: str) -> Floats:
    share = coding.shares.get(name)
    if share is None:
        return np.asarray(block[name], float)
    y = np.asarray(block[share.item], float)
    return np.where(np.isnan(y), np.nan, np.isin(y, share.values))


def _raked(mass: Floats, coding: Coding) -> Adjustment | None:
    if not coding.margins:
        return None
    occupied = mass > 0
    levels = np.unravel_index(np.flatnonzero(occupied), coding.sizes)
    margins = [
        PopulationMargin(margin.name, np.array(list(margin.totals))[level], margin.totals)
        for margin, level in zip(coding.margins, levels, strict=True)
    ]
    return rake(simple_design(mass[occupied]), margins).adjustments[0]


def _cell_factors(mass: Floats, calibration: Adjustment | None) -> Floats:
    factors = np.ones(len(mass))
    if calibration is not None:
        factors[mass > 0] = calibration.factor
    return factors


def _share(mass: Floats, calibration: Adjustment | None, coding: Coding) -> Floats:
    """From sums by level (all groups below each other) to sums of calibration columns.

    The columns lie in the span of the levels' indicators, so their sums follow from theirs.
    """
    if calibration is None:
        return np.zeros((0, 0))
    occupied = np.flatnonzero(mass > 0)
    columns = orthonormal_columns(calibration, mass[occupied])
    indicators = _indicators(occupied, coding)
    # Of whole numbers: where levels repeat information the matrix is exactly singular.
    gram = (indicators @ indicators.T).toarray()
    share: Floats = np.linalg.lstsq(gram, indicators @ columns, rcond=None)[0]
    return share


def _indicators(cells: Integers, coding: Coding) -> csr_array:
    """Which level of each group a cell belongs to (all levels by cells)."""
    sizes = coding.group_sizes
    starts = np.cumsum([0, *sizes])
    levels = np.unravel_index(cells, sizes)
    rows = np.concatenate([level + start for level, start in zip(levels, starts, strict=False)])
    columns = np.tile(np.arange(len(cells)), len(sizes))
    return csr_array((np.ones(len(rows)), (rows, columns)), (int(starts[-1]), len(cells)))


def _stratum_factor(coding: Coding, is_there: Flags) -> Floats:
    """The factor of each stratum by the units that have rows."""
    strata = int(coding.stratum_of.max(initial=-1)) + 1
    size = sums_by(coding.stratum_of, is_there.astype(float), strata)
    is_covered = np.zeros(strata, bool)
    if coding.population is not None:
        is_covered = 1 - size / coding.population < CENSUS
    alone = np.flatnonzero((size == 1) & ~is_covered)
    if len(alone):
        names = ", ".join(str(h) for h in alone)
        raise CannotEstimate(
            f"one unit alone has no variance: stratum {names}. Merge it with a neighbour."
        )
    return stratum_factor(size, coding.population)
