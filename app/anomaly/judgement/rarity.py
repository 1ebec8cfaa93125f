"""How rare a strength of evidence is among responses of attack-free rounds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

TAILS = (0.1, 0.01, 0.001, 0.0001)


@dataclass(frozen=True, slots=True)
class Rarity:
    """For each piece of evidence the strengths that a tenth, a hundredth … reach."""

    limits: Mapping[str, tuple[float, ...]]

    def of(self, name: str, strength: float) -> float:
        """Share of attack-free responses that reach a strength, between 1 and 1 in 10,000.

        Between the tabulated shares its logarithm is interpolated; beyond, the last one holds.
        """
        limits = (0.0, *self.limits[name])
        shares = np.log((1.0, *TAILS))
        rising = np.maximum.accumulate(np.array(limits) + 1e-9 * np.arange(len(limits)))
        return round(float(np.exp(np.interp(strength, rising, shares))), 5)


def read_rarity(text: str) -> Rarity:
    """The table that a text spells: a name and four strengths a line."""
    rows = (line.split() for line in text.strip().splitlines())
    return Rarity({name: tuple(float(cell) for cell in cells) for name, *cells in rows})


def read_usual(text: str) -> dict[str, float]:
    """The table that a text spells: a name and one strength a line."""
    return {name: float(cell) for name, cell in map(str.split, text.strip().splitlines())}
