"""What happens to a score after the sum: deductions and bonuses, grades, ranks.

Shapes only, as they stand in a system's file; `adjustment` and `grading` compute.
"""

from typing import Annotated, Literal

from pydantic import Field

from app.scoring.definition.cards import CODE
from app.survey.reading import Definition
from app.survey.text import Text

Points = Annotated[float, Field(ge=0)]


class AdjustmentItem(Definition):
    """An event that costs or earns points: so many a time, or by steps."""

    code: str = Field(pattern=CODE)
    name: Text
    kind: Literal["deduct", "bonus"]
    family: str
    evidence: Text | None = None
    """What paper an event must rest on, such as the decision of an office."""
    points: Points | None = None
    steps: tuple[Points, ...] | None = Field(default=None, min_length=1)
    """Points of the first event, the second, …; the last counts for all that follow."""
    cap: Points | None = None
    veto_max_grade: str | None = None
    """The best grade still allowed after one upheld event."""


class Family(Definition):
    """Items that share a cap."""

    code: str = Field(pattern=CODE)
    name: Text
    cap: Points | None = None


class TotalCap(Definition):
    """The most that all families together can cost or earn."""

    deduct: Points | None = None
    bonus: Points | None = None


class Adjustments(Definition):
    """The ledger's rules: caps of items, then of families, then of all; floor and ceiling."""

    items: tuple[AdjustmentItem, ...] = Field(min_length=1)
    families: tuple[Family, ...] = Field(min_length=1)
    total_cap: TotalCap = TotalCap()
    floor: float | None = None
    ceiling: float | None = None
    no_bonus_when_veto: bool = False


class Grade(Definition):
    """One grade; the last of a scale has neither `min` nor `share` and takes the rest."""

    grade: str = Field(pattern=CODE)
    name: Text
    min: float | None = None
    share: float | None = Field(default=None, ge=0, le=1)


class GradeRule(Definition):
    """Best grade first, by a threshold on the final score or by a quota of places."""

    rule: Literal["threshold", "quota"]
    within: Literal["type", "all"] = "type"
    """Whose places a quota counts."""
    tie: Literal["include", "exclude"] = "include"
    scale: tuple[Grade, ...] = Field(min_length=2)


class RankRule(Definition):
    """Ranks on the final score, larger first; inside the region type unless `all` is asked."""

    scope: Literal["type", "all"] = "type"
    decimals: int | None = Field(default=None, ge=0, le=9)
    """Half-up rounding before units are compared; None compares them as they are."""
    ties: Literal["min", "max", "average", "dense"] = "min"
