"""From a stream of coded answers to the sums that estimates need: cells, not rows.

Two passes, whatever the size: the first sums the weights by calibration cell, on which the
margins are raked; the second joins each cell's factor and sums by unit and domain. Chunks are
added in their order, so the same stream gives the same bits. Nothing grows with the rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.errors import CannotEstimate
from app.stats.design import Adjustment, Integers, simple_design
from app.stats.families import DomainSums, Frame, stratum_factor
from app.stats.family_design import orthonormal_columns
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import rake
from app.survey.sample import Flags, Floats

Chunk = Mapping[str, NDArray[np.generic]]
"""Columns of some rows: `unit`, `domain` and one for each margin as codes from 0, `weight`,
and one for each item as numbers, NaN where it is missing."""
Stream = Callable[[], Iterator[Chunk]]
"""Called once for each pass."""
MOST_CELLS = 5_000_000


@dataclass(frozen=True, slots=True)
class CodedMargin:
    """A margin whose levels stand in the stream as 0, 1, 2, …"""

    name: str
    """Also the name of its column."""
    totals: Mapping[str, float]
    """Level → people, in the order of the codes."""


@dataclass(frozen=True, slots=True)
class Coding:
    """What the codes of a stream mean."""

    stratum_of: Integers
    """Stratum of each unit (U); units without rows do not count."""
    margins: tuple[CodedMargin, ...]
    domains: int
    items: tuple[str, ...]
    population: Floats | None = None
    """Units of each stratum in the population (H); None if drawn with replacement."""
    centre: Mapping[str, float] = field(default_factory=dict)
    """Item → a number near its mean, taken off before squaring; 0 where not named."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Levels of each margin."""
        return tuple(len(margin.totals) for margin in self.margins)

    @property
    def cells(self) -> int:
        """All combinations of levels."""
        return int(np.prod(self.sizes, dtype=np.int64)) if self.margins else 1


@dataclass(frozen=True, slots=True)
class Reduced:
    """What a stream came to: as much for a village as for a country."""

    frame: Frame
    sums: Mapping[str, DomainSums]
    """By item."""
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
    mass, rows, is_there = _cell_sums(stream, coding)
    calibration = _raked(mass, coding)
    factors = np.ones(coding.cells)
    columns = np.zeros((coding.cells, 0))
    if calibration is not None:
        factors[mass > 0] = calibration.factor
        columns = np.zeros((coding.cells, calibration.basis.shape[1]))
        columns[mass > 0] = orthonormal_columns(calibration, mass[mass > 0])
    second = _SecondPass(coding, factors)
    for chunk in stream():
        second.add(chunk)
    frame = _frame(coding, is_there, second.moved(columns))
    sums = {item: second.sums(item, columns) for item in coding.items}
    return Reduced(frame, sums, calibration, rows)


def _cell_sums(stream: Stream, coding: Coding) -> tuple[Floats, int, Flags]:
    """Weight by cell, the rows, and which units have any."""
    mass, rows = np.zeros(coding.cells), 0
    is_there = np.zeros(len(coding.stratum_of), bool)
    for chunk in stream():
        _require_known_codes(chunk, coding)
        weight = np.asarray(chunk["weight"], float)
        mass += np.bincount(_cell(chunk, coding), weight, coding.cells)
        is_there |= np.bincount(chunk["unit"], minlength=len(is_there)) > 0
        rows += len(weight)
    return mass, rows, is_there


def _require_known_codes(chunk: Chunk, coding: Coding) -> None:
    most = {"unit": len(coding.stratum_of), "domain": coding.domains}
    most |= {m.name: size for m, size in zip(coding.margins, coding.sizes, strict=True)}
    problems = []
    for name, size in most.items():
        codes = np.asarray(chunk[name], np.intp)
        if len(codes) and not (codes.min() >= 0 and codes.max() < size):
            wrong = codes[(codes < 0) | (codes >= size)][0]
            problems.append(f"column {name} holds the code {wrong}; known are 0 to {size - 1}.")
    weight = np.asarray(chunk["weight"], float)
    if not (np.isfinite(weight) & (weight >= 0)).all():
        problems.append("column weight holds what is not a number of 0 or more.")
    if problems:
        raise CannotEstimate("\n".join(problems))


def _cell(chunk: Chunk, coding: Coding) -> Integers:
    cell = np.zeros(len(chunk["weight"]), np.intp)
    for margin, size in zip(coding.margins, coding.sizes, strict=True):
        cell *= size
        cell += np.asarray(chunk[margin.name], np.intp)
    return cell


def _levels(coding: Coding) -> tuple[Integers, ...]:
    """Level of every cell on each margin."""
    return np.unravel_index(np.arange(coding.cells), coding.sizes) if coding.margins else ()


def _raked(mass: Floats, coding: Coding) -> Adjustment | None:
    if not coding.margins:
        return None
    occupied = mass > 0
    margins = [
        PopulationMargin(
            margin.name, np.array(list(margin.totals))[level[occupied]], margin.totals
        )
        for margin, level in zip(coding.margins, _levels(coding), strict=True)
    ]
    return rake(simple_design(mass[occupied]), margins).adjustments[0]


def _frame(coding: Coding, is_there: Flags, moved: Floats) -> Frame:
    """The units that have rows; the others are no part of the sample."""
    size = np.bincount(coding.stratum_of[is_there], minlength=_strata(coding)).astype(float)
    lonely = np.flatnonzero(size == 1)
    if len(lonely):
        names = ", ".join(str(h) for h in lonely)
        raise CannotEstimate(
            f"one unit alone has no variance: stratum {names}. Merge it with a neighbour."
        )
    population = coding.population
    factor = np.zeros(len(size))
    used = size > 0
    factor[used] = stratum_factor(size[used], None if population is None else population[used])
    # A unit without rows adds nothing to any sum; its stratum's n_h does not count it.
    return Frame(coding.stratum_of, size, factor, moved, np.eye(moved.shape[1]))


def _strata(coding: Coding) -> int:
    return int(coding.stratum_of.max(initial=-1)) + 1


class _SecondPass:
    """The sums that grow chunk by chunk; their size is fixed from the start."""

    def __init__(self, coding: Coding, factor: Floats) -> None:
        self.coding, self.factor = coding, factor
        units, domains = len(coding.stratum_of), coding.domains
        self.by_level = [np.zeros(units * size) for size in coding.sizes]
        self.items = {item: _ItemSums(units, domains, coding.cells) for item in coding.items}

    def add(self, chunk: Chunk) -> None:
        coding = self.coding
        weight = np.asarray(chunk["weight"], float)
        cell, unit = _cell(chunk, coding), np.asarray(chunk["unit"], np.intp)
        domain = np.asarray(chunk["domain"], np.intp)
        calibrated = weight * self.factor[cell]
        for margin, size, sums in zip(coding.margins, coding.sizes, self.by_level, strict=True):
            level = np.asarray(chunk[margin.name], np.intp)
            sums += np.bincount(unit * size + level, calibrated, len(sums))
        places = _Places(unit * coding.domains + domain, cell * coding.domains + domain, domain)
        for name, item in self.items.items():
            y = np.asarray(chunk[name], float) - coding.centre.get(name, 0.0)
            item.add(y, weight=weight, calibrated=calibrated, places=places)

    def moved(self, columns: Floats) -> Floats:
        """Σ g d x over each unit (U by P), from the sums by unit and level.

        x lies in the span of the levels' indicators, so its sums are theirs.
        """
        coding = self.coding
        if not coding.margins:
            return np.zeros((len(coding.stratum_of), 0))
        occupied = np.abs(columns).sum(axis=1) > 0
        levels = [
            (level[:, None] == np.arange(size))[occupied]
            for level, size in zip(_levels(coding), coding.sizes, strict=True)
        ]
        indicators = np.hstack(levels).astype(float)
        gram = indicators.T @ indicators
        share = np.linalg.lstsq(gram, indicators.T @ columns[occupied], rcond=None)[0]
        sums = [
            one.reshape(-1, size) for one, size in zip(self.by_level, coding.sizes, strict=True)
        ]
        result: Floats = np.hstack(sums) @ share
        return result

    def sums(self, item: str, columns: Floats) -> DomainSums:
        """The sums of an item in the form that means are made from."""
        centre = self.coding.centre.get(item, 0.0)
        return self.items[item].as_sums(columns, self.coding.domains, centre)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the rows of a chunk are added."""

    unit_domain: Integers
    cell_domain: Integers
    domain: Integers

    def restrict(self, kept: Flags) -> "_Places":
        return _Places(self.unit_domain[kept], self.cell_domain[kept], self.domain[kept])


class _ItemSums:
    """One item's sums by (unit, domain) and by (cell, domain)."""

    def __init__(self, units: int, domains: int, cells: int) -> None:
        self.total, self.weight = np.zeros(units * domains), np.zeros(units * domains)
        self.moment, self.base = np.zeros(cells * domains), np.zeros(cells * domains)
        self.squares, self.n = np.zeros(domains), np.zeros(domains)

    def add(self, y: Floats, *, weight: Floats, calibrated: Floats, places: _Places) -> None:
        given = ~np.isnan(y)
        if not given.all():
            y, weight, calibrated = y[given], weight[given], calibrated[given]
            places = places.restrict(given)
        answered = calibrated * y
        self.total += np.bincount(places.unit_domain, answered, len(self.total))
        self.weight += np.bincount(places.unit_domain, calibrated, len(self.weight))
        # z/g of a raked response is its weight before raking.
        self.moment += np.bincount(places.cell_domain, weight * y, len(self.moment))
        self.base += np.bincount(places.cell_domain, weight, len(self.base))
        self.squares += np.bincount(places.domain, answered * y, len(self.squares))
        self.n += np.bincount(places.domain, weight > 0, len(self.n))

    def as_sums(self, columns: Floats, domains: int, centre: float) -> DomainSums:
        occupied = np.flatnonzero(self.weight > 0)
        by_cell = (-1, domains)
        return DomainSums(
            unit=occupied // domains,
            domain=occupied % domains,
            total=self.total[occupied],
            weight=self.weight[occupied],
            squares=self.squares,
            n=self.n,
            moment=columns.T @ self.moment.reshape(by_cell),
            base=columns.T @ self.base.reshape(by_cell),
            centre=centre,
        )
