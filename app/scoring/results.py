"""The result of scoring: every step of every unit, as values, and as a plain document.

Nothing is reconstructed later: raw value, score, weight and contribution of each indicator,
each level, each cap, the reason of each grade stand here. In an arithmetic tree the
contributions of a unit's indicators (and of nodes filled by rule) sum to its gross score.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

from app.scoring.definition.cards import Evidence
from app.scoring.inputs import ValueStatus
from app.scoring.steps.adjustment import Ledger
from app.scoring.steps.bands import ScoreBand
from app.scoring.steps.grading import GradeGiven
from app.scoring.steps.sampling_error import ScoreError
from app.survey.text import Text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class IndicatorStep:
    """One indicator of one unit, from its raw value to its contribution."""

    indicator: str
    evidence: Evidence
    status: ValueStatus
    missing_because: Text | None
    """Why a survey value that was looked for is missing, such as too few answers."""
    raw: float | None
    treated: float | None
    """The value that was normalised: `raw`, or what the treatment of outliers made of it."""
    standard_error: float | None
    band: tuple[float, float] | None
    normalised: float | None
    filled: bool
    """True where the missing rule gave the normalised score."""
    weight: float
    """Nominal, inside the parent, for the unit's region type."""
    effective_weight: float
    """In the composite score, after redistribution; all of a unit sum to 1."""
    contribution: float | None
    """effective weight · normalised; None where the tree is not arithmetic."""


@dataclass(frozen=True, slots=True)
class LevelScore:
    """The score of one node for one unit."""

    node: str
    score: float | None
    weight: float
    effective_weight: float
    coverage: float
    contribution: float | None
    """Only of a node that was empty and that its rule filled: the filled score, weighted."""


@dataclass(frozen=True, slots=True)
class OptInPart:
    """The part of a score that rests on opt-in answers, and why it was let in."""

    indicators: tuple[str, ...]
    effective_weight: float
    accepted_because: Text | None


@dataclass(frozen=True, slots=True)
class UnitScore:
    """Everything about the composite score of one unit."""

    unit: str
    region_type: str
    indicators: tuple[IndicatorStep, ...]
    levels: tuple[LevelScore, ...]
    gross: float | None
    standard_error: ScoreError
    """Of the gross score; deductions are counted, not sampled."""
    band: ScoreBand
    """Of the gross score."""
    ledger: Ledger
    deduction: float
    bonus: float
    final: float | None
    final_band: tuple[float, float] | None
    rank_in_type: float | None
    rank_overall: float | None
    """None where the system does not rank across region types."""
    grade: GradeGiven | None
    unranked_because: Text | None
    opt_in: OptInPart | None

    def step(self, indicator: str) -> IndicatorStep:
        """The step of one indicator."""
        return next(step for step in self.indicators if step.indicator == indicator)

    def level(self, node: str) -> LevelScore:
        """The score of one node."""
        return next(level for level in self.levels if level.node == node)


@dataclass(frozen=True, slots=True)
class Reference:
    """The values an indicator's method looked at; a rule from data must show its bounds."""

    indicator: str
    region_type: str | None
    """None where the values of all types were looked at."""
    n: int
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class CompositeResult:
    """The composite scores of all units under one version of a system."""

    system: str
    references: tuple[Reference, ...]
    """One for every indicator whose bounds come from the data."""
    units: tuple[UnitScore, ...]

    def unit(self, code: str) -> UnitScore:
        """The scores of one unit."""
        return next(unit for unit in self.units if unit.unit == code)


def as_document(result: "DataclassInstance") -> dict[str, object]:
    """A result or an analysis as plain values in a fixed order, ready for JSON.

    The same inputs give the same document, so two runs can be compared byte by byte.
    """
    return {field.name: _plain(getattr(result, field.name)) for field in fields(result)}


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return value
