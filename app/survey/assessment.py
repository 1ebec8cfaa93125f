"""What an assessment is: a composite score over a period, apart from any one survey round.

The plan names the indicator system, the units with their region types, and the indicators
that come from published rounds. Values of statistics offices and events arrive later, as
files and acts. What it refers to (the system, the assessment before) is checked where both
can be seen, in `workflow`.
"""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from app.errors import Problem
from app.survey.definition import VERSIONED
from app.survey.plan import CODE, LARGEST_SEED, MOST_CHARACTERS, Organiser
from app.survey.reading import CheckedDefinition, Definition
from app.survey.recipe import Release, RunInput
from app.survey.text import Text


class Period(Definition):
    """The days that are assessed, the first and the last included."""

    from_: date = Field(alias="from")
    to: date


class AssessedUnit(Definition):
    """A unit that is scored, under the weights of its region type."""

    code: str = Field(pattern=CODE, max_length=MOST_CHARACTERS)
    name: Text
    region_type: str


class AssessmentPlan(CheckedDefinition):
    """An assessment, whole. Frozen once a scoring of it is public."""

    unique: ClassVar[tuple[str, ...]] = ("units.*.code", "from_rounds.*.indicator")

    schema_: Literal["minxin-assessment/1"] = Field(alias="schema")
    code: str = Field(pattern=CODE, max_length=MOST_CHARACTERS)
    title: Text
    system: str = Field(pattern=VERSIONED)
    """The indicator system, as ``code@version``."""
    period: Period
    organiser: Organiser
    units: tuple[AssessedUnit, ...] = Field(min_length=1)
    from_rounds: tuple[RunInput, ...] = ()
    """Indicators taken from the newest published run of a round, whose units have the same
    codes; every other indicator is imported."""
    opt_in_accepted: Text | None = None
    """The reason why opt-in answers enter the score here; without it they may not."""
    follows: str | None = Field(default=None, pattern=CODE, max_length=MOST_CHARACTERS)
    """The assessment before this one, with whose published scores these are compared."""
    release: Release
    """As in a round's plan; below `min_effective_n_rank` nobody of the type has a rank."""
    seed: int = Field(default=1, ge=0, le=LARGEST_SEED)
    """Of every draw, where a run is not given another."""
    note: Text | None = None
    """Anything a reader of the scores must know, such as invented values in a demo."""

    def problems(self) -> Iterator[Problem]:
        """Mistakes of sense: a period that ends before it starts, opt-in without a reason."""
        if self.period.to < self.period.from_:
            yield Problem("period.to", "is before period.from", "Correct one of them.")
        if self.follows == self.code:
            cure = "Name the assessment before it, or leave it out."
            yield Problem("follows", "is this assessment itself", cure, self.follows)
        least, for_rank = self.release.min_effective_n, self.release.min_effective_n_rank
        if for_rank < least:
            cure = "A place in a ranking needs at least what a published mean needs."
            message = f"is below min_effective_n, {least:g}"
            yield Problem("release.min_effective_n_rank", message, cure, for_rank)
        if self.opt_in_accepted is None:
            yield from self._unaccepted()

    def _unaccepted(self) -> Iterator[Problem]:
        for i, source in enumerate(self.from_rounds):
            if source.series == "opt_in":
                message = "lets opt-in answers into the composite score without a reason"
                cure = "State opt_in_accepted in words, or leave them out."
                yield Problem(f"from_rounds[{i}].series", message, cure)
