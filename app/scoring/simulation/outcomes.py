"""What a simulation found for each unit, in plain values."""

from dataclasses import dataclass

from app.scoring.simulation.choices import Doubt
from app.survey.sample import Floats
from app.survey.text import Text


@dataclass(frozen=True, slots=True)
class Drawn:
    """Final scores of all units, drawn again and again, and what was drawn."""

    finals: Floats
    """Draws × units; NaN where a unit has no score."""
    seed: int
    doubts: tuple[Doubt, ...]
    lost: int
    """Draws left out, because they held a value that a method or mean cannot take."""
    moved: tuple[str, ...]
    """Indicators whose values were drawn."""
    has_bands: bool
    """Whether opt-in values were drawn from their bands, which is not a sampling error."""


@dataclass(frozen=True, slots=True)
class TopShare:
    """How often a unit was among the best `k` of its group; ties count as within."""

    k: int
    probability: float


@dataclass(frozen=True, slots=True)
class GradeShare:
    """How often a unit had a grade."""

    grade: str
    probability: float


@dataclass(frozen=True, slots=True)
class SimulatedPlace:
    """The ranks of one unit in the draws, 1 = best."""

    mean_rank: float
    low: float
    """The simulated rank interval: the smallest ranks at which the cumulative distribution
    reaches (1 - level)/2 and (1 + level)/2."""
    high: float
    low_near_a_cut: bool
    """True where another run could move the end by one: print it as ±1."""
    high_near_a_cut: bool
    probabilities: tuple[tuple[float, float], ...]
    """(rank, probability) of every rank that was drawn; empty in a large group."""
    top: tuple[TopShare, ...]


@dataclass(frozen=True, slots=True)
class SimulatedUnit:
    """What the draws say of one unit."""

    unit: str
    region_type: str
    score_interval: tuple[float, float] | None
    """Of the final score, at the simulation's level."""
    in_type: SimulatedPlace | None
    overall: SimulatedPlace | None
    """None where the system does not rank across region types."""
    grades: tuple[GradeShare, ...]
    unranked_because: Text | None


@dataclass(frozen=True, slots=True)
class Duels:
    """P(row above column) for a small group that is ranked together; ties count half."""

    region_type: str | None
    """None where the group is all units."""
    units: tuple[str, ...]
    beats: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """Simulated places of all units, and everything needed to simulate them again."""

    system: str
    seed: int
    draws: int
    lost: int
    """Draws left out, because they held a value that a method or mean cannot take."""
    level: float
    doubts: tuple[Doubt, ...]
    note: Text | None
    units: tuple[SimulatedUnit, ...]
    duels: tuple[Duels, ...]

    def unit(self, code: str) -> SimulatedUnit:
        """What the draws say of one unit."""
        return next(unit for unit in self.units if unit.unit == code)
