"""What a system says about doubt: how scores are shaken, which views stand side by side.

Shapes only; `app.scoring.simulation` draws, `app.scoring.explanation` compares.
"""

from pydantic import Field

from app.scoring.definition.cards import CODE, Aggregate, MissingRule
from app.scoring.definition.methods import Method
from app.survey.reading import Definition
from app.survey.text import Text


class Alternatives(Definition):
    """Choices that could have been made otherwise; the system's own choice is always one."""

    normalise: tuple[Method, ...] = ()
    """In the place of every indicator's method."""
    aggregate: tuple[Aggregate, ...] = ()
    """In the place of every node's mean."""
    missing: tuple[MissingRule, ...] = ()
    """In the place of the system's missing rule."""


class Uncertainty(Definition):
    """How scores and places are simulated; the seed belongs to the run."""

    draws: int = Field(default=2000, ge=100, le=100_000)
    level: float = Field(default=0.9, gt=0.5, lt=1)
    """Of simulated score and rank intervals."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """Of rank confidence sets and tiers."""
    top: tuple[int, ...] = Field(default=(), max_length=10)
    """The k of P(among the k best of the type); without it, a third of each type."""
    weight_noise: float = Field(default=0.25, ge=0, lt=1)
    """Each weight is shaken by up to this share of itself in the sensitivity analysis."""
    alternatives: Alternatives = Alternatives()
    sobol_base: int = Field(default=1024, ge=64, le=65_536)
    """Base sample N of the sensitivity indices; N (d + 2) scorings are made."""


class PerceptionGap(Definition):
    """Two parts of the tree on one subject: what is counted, and what residents say of it."""

    code: str = Field(pattern=CODE)
    name: Text
    objective: str
    """Code of a node or indicator."""
    subjective: str
