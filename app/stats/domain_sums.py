"""Sums by unit, calibration cell and domain that grow block by block, their size fixed.

Margins are joined to groups of few levels, so that sums by group and domain stay in the
processor's cache and take what a hundred levels take, not what all combinations take.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.stats.design import Integers
from app.stats.families import DomainSums
from app.survey.sample import Flags, Floats

GROUP_LEVELS = 256
MOST_PAIRS = 4_000_000
"""Units times domains for which all pairs are held, whether they occur or not."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many units, domains and levels of each group there are, and which pairs occur."""

    units: int
    domains: int
    groups: tuple[int, ...]
    pairs: Integers | None = None
    """Every unit · domains + domain that occurs, ascending; None where all have room."""

    @property
    def is_wide(self) -> bool:
        """Whether only the pairs that occur can be held."""
        return self.units * self.domains > MOST_PAIRS

    def zeros(self) -> "Tables":
        """Tables of nothing."""
        pairs = self.units * self.domains if self.pairs is None else len(self.pairs)
        return Tables(np.zeros(pairs), [np.zeros(size * self.domains) for size in self.groups])

    def pair_codes(self, unit: Integers, domain: Integers) -> Integers:
        """Where each row's unit and domain stand in the tables."""
        codes = unit * self.domains + domain
        return codes if self.pairs is None else np.searchsorted(self.pairs, codes)

    def pairs_at(self, codes: Integers) -> tuple[Integers, Integers]:
        """Unit and domain that stand there."""
        unit, domain = np.divmod(
            codes if self.pairs is None else self.pairs[codes], self.domains
        )
        return unit, domain


@dataclass(frozen=True, slots=True)
class Places:
    """Where the rows of a block are added, and with which weights."""

    domain: Integers
    pair: Integers
    """Unit and domain together; see `Extent.pair_codes`."""
    levels: tuple[Integers, ...]
    """Joint level of the margins of each group, and domain, together."""
    mass: Floats
    """Weight before the calibration, of all responses of the row."""
    calibrated: Floats
    count: Floats
    """Responses with a positive weight."""

    def only(self, kept: Flags) -> "Places":
        """Some of the rows."""
        return Places(
            self.domain[kept],
            self.pair[kept],
            tuple(level[kept] for level in self.levels),
            self.mass[kept],
            self.calibrated[kept],
            self.count[kept],
        )


@dataclass(frozen=True, slots=True)
class Tables:
    """Sums of one quantity, added to in place."""

    by_pair: Floats
    """Of the quantity by the calibrated weight, by unit and domain."""
    by_level: list[Floats]
    """Of the quantity by the weight before, by level and domain."""

    def add(self, places: Places, y: Floats | None) -> None:
        """Add a block's quantity `y`, or 1 for everybody."""
        before = places.mass if y is None else places.mass * y
        _add(
            self.by_pair, places.pair, places.calibrated if y is None else places.calibrated * y
        )
        for sums, level in zip(self.by_level, places.levels, strict=True):
            _add(sums, level, before)

    def moments(self, share: Floats, domains: int) -> Floats:
        """Σ x w y by column and domain; `share` turns sums by level into those of columns."""
        stacked = [sums.reshape(-1, domains) for sums in self.by_level]
        result: Floats = share.T @ np.vstack([np.zeros((0, domains)), *stacked])
        return result

    def copy(self) -> "Tables":
        """The same sums, to be added to by themselves."""
        return Tables(self.by_pair.copy(), [one.copy() for one in self.by_level])


@dataclass(frozen=True, slots=True)
class Answered:
    """Who answered: Σ w by unit, level and domain, and how many by domain."""

    weight: Tables
    n: Floats

    @classmethod
    def nobody(cls, extent: Extent) -> "Answered":
        """Sums before the first block."""
        return cls(extent.zeros(), np.zeros(extent.domains))

    def add(self, places: Places) -> None:
        """Add the rows of a block."""
        self.weight.add(places, None)
        _add(self.n, places.domain, places.count)

    def copy(self) -> "Answered":
        """The same sums, to be added to by themselves."""
        return Answered(self.weight.copy(), self.n.copy())


class ItemSums:
    """The sums of one item.

    While every row has an answer, who answered is the same for all such items and added once.
    """

    def __init__(self, extent: Extent, centre: float) -> None:
        self.extent, self.centre = extent, centre
        self.total, self.squares = extent.zeros(), np.zeros(extent.domains)
        self.first = np.full(extent.domains, np.nan)
        self.varies = np.zeros(extent.domains, bool)
        self.own: Answered | None = None

    def add(self, places: Places, y: Floats, everybody: Answered) -> None:
        """Add a block; `everybody` are the rows of all blocks before it."""
        given = ~np.isnan(y)
        if not given.all():
            y, places = y[given], places.only(given)
            self.own = everybody.copy() if self.own is None else self.own
        if self.own is not None:
            self.own.add(places)
        self._note_variation(places, y)
        y = y - self.centre
        self.total.add(places, y)
        _add(self.squares, places.domain, places.calibrated * y**2)

    def result(self, everybody: Answered, share: Floats) -> DomainSums:
        """What means are made from."""
        answered = everybody if self.own is None else self.own
        occupied = np.flatnonzero(answered.weight.by_pair > 0)
        unit, domain = self.extent.pairs_at(occupied)
        return DomainSums(
            unit=unit,
            domain=domain,
            total=self.total.by_pair[occupied],
            weight=answered.weight.by_pair[occupied],
            squares=self.squares,
            n=answered.n,
            varies=self.varies,
            moment=self.total.moments(share, self.extent.domains),
            base=answered.weight.moments(share, self.extent.domains),
            centre=self.centre,
        )

    def _note_variation(self, places: Places, y: Floats) -> None:
        open_still = ~self.varies[places.domain] & (places.count > 0)
        if not open_still.any():
            return
        y, domain = y[open_still], places.domain[open_still]
        seen = np.full(self.extent.domains, np.nan)
        seen[domain] = y
        self.first = np.where(np.isnan(self.first), seen, self.first)
        self.varies |= np.bincount(domain, y != self.first[domain], self.extent.domains) > 0


def joined(sizes: Sequence[int]) -> list[list[int]]:
    """Margins of these sizes, neighbours joined while they have few levels together."""
    groups: list[list[int]] = []
    levels = GROUP_LEVELS + 1
    for margin, size in enumerate(sizes):
        if levels * size <= GROUP_LEVELS:
            groups[-1].append(margin)
            levels *= size
        else:
            groups.append([margin])
            levels = size
    return groups


def _add(sums: Floats, place: Integers, values: Floats) -> None:
    sums += np.bincount(place, values, len(sums))
