"""A sum of steps over named evidence: every point of it can be read, and none can be hidden.

The tables were learned by monotone boosting without interactions (`docs/screening.md` says
on what), and written out: more evidence never lowers a sum, and no piece changes what
another one is worth. Nothing is loaded but text that a person can check.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.survey.sample import Floats


@dataclass(frozen=True, slots=True)
class Steps:
    """What one piece of evidence adds, as a rising step function."""

    limits: Floats
    """Above each of these strengths the next amount holds."""
    amounts: Floats
    """One more than `limits`."""

    def at(self, strength: Floats) -> Floats:
        """The amount for each strength."""
        added: Floats = self.amounts[np.searchsorted(self.limits, strength, side="left")]
        return added


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A constant and a step function for each piece of evidence; a sum above 0 is suspected."""

    constant: float
    steps: Mapping[str, Steps]

    def amounts(self, strengths: Mapping[str, Floats]) -> dict[str, Floats]:
        """What each piece adds for each response; its weakest form adds 0."""
        return {name: steps.at(strengths[name]) for name, steps in self.steps.items()}

    def total(self, strengths: Mapping[str, Floats]) -> Floats:
        """Log odds of each response."""
        total: Floats = self.constant + np.sum(list(self.amounts(strengths).values()), axis=0)
        return total


def read_scorecard(text: str) -> Scorecard:
    """The card that a text spells: ``name @limit amount @limit amount …`` a line.

    An indented line goes on with the one above; the line ``constant`` holds one number.
    """
    constant = 0.0
    steps: dict[str, Steps] = {}
    for line in text.strip().replace("\n  ", " ").splitlines():
        name, *cells = line.split()
        if name == "constant":
            constant = float(cells[0])
            continue
        limits = [float(cell[1:]) for cell in cells if cell.startswith("@")]
        amounts = [0.0, *(float(cell) for cell in cells if not cell.startswith("@"))]
        steps[name] = Steps(np.array(limits), np.array(amounts))
    return Scorecard(constant, steps)
