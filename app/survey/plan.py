"""What a round is: where, whom, when, and by which rules its numbers will be made.

A plan is written and frozen before the first answer: survey version, units and points,
window, margins, weighting, screening, thresholds, score maps, indicator system. Everything
that could move a number afterwards is in here, so that nothing can be chosen once the
answers are known. The registry it refers to (surveys, score maps, systems) is checked by
`workflow/preparation`, which can see it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Annotated, ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field

from app.errors import Problem
from app.survey.admission import EVERYBODY, Admission, admission_problems
from app.survey.definition import VERSIONED, EvidenceClass
from app.survey.reading import CheckedDefinition, Definition, Reference
from app.survey.recipe import (
    Calibration,
    Composite,
    Pooling,
    Raking,
    Release,
    Screening,
    WeightingStep,
)
from app.survey.recipe_steps import step_problems
from app.survey.text import Text

CODE = r"^[a-z0-9][a-z0-9-]*$"
MOST_CHARACTERS = 100
"""Of the code of a round, region, unit or point: the length of its column."""
MOST_PEOPLE = 2_000_000_000
"""More than any state has; a larger number is a slip of the pen."""
LARGEST_TOTAL = 1e12
LARGEST_SEED = 2**31 - 1
"""The largest whole number that the seed's column holds."""


class Window(Definition):
    """When answers are taken: wall-clock times in a named time zone, start included."""

    opens: datetime
    closes: datetime
    time_zone: str

    def contains(self, moment: datetime) -> bool:
        """Whether `moment` (with a time zone) lies in the window."""
        return self.start <= moment < self.end

    @cached_property
    def start(self) -> datetime:
        """The first moment, with its time zone."""
        return self.opens.replace(tzinfo=ZoneInfo(self.time_zone))

    @cached_property
    def end(self) -> datetime:
        """The first moment after the window, with its time zone."""
        return self.closes.replace(tzinfo=ZoneInfo(self.time_zone))


class Organiser(Definition):
    """Who asks, and the marks a survey form must carry by law."""

    name: Text
    hotline: str = "12345"
    approval: Text | None = None
    """Form number, approving body, approval number and validity; None for an opinion poll."""


class Region(Definition):
    """An administrative region; `parent` is None at the top."""

    code: str = Field(pattern=CODE, max_length=MOST_CHARACTERS)
    name: Text
    parent: str | None = None


class Unit(Definition):
    """What is assessed, ranked and published."""

    code: str = Field(pattern=CODE, max_length=MOST_CHARACTERS)
    name: Text
    region: str
    region_type: str
    population: int | None = Field(default=None, ge=1, le=MOST_PEOPLE)
    """People the unit stands for; needed for base weights and opt-in sensitivity."""


class Point(Definition):
    """A place or window where a code hangs."""

    code: str = Field(pattern=CODE, max_length=MOST_CHARACTERS)
    name: Text
    unit: str


class Margin(Definition):
    """Population totals of a background variable: level → people."""

    variable: str
    totals: Mapping[str, Annotated[float, Field(le=LARGEST_TOTAL)]] = Field(min_length=1)


class Plan(CheckedDefinition):
    """A round, whole. Frozen and hashed when it opens."""

    unique: ClassVar[tuple[str, ...]] = (
        "regions.*.code",
        "units.*.code",
        "points.*.code",
        "margins.*.variable",
        "groups.*",
    )
    references: ClassVar[tuple[Reference, ...]] = (
        Reference("regions.*.parent", "regions.*.code", "region"),
        Reference("units.*.region", "regions.*.code", "region"),
        Reference("points.*.unit", "units.*.code", "unit"),
        Reference("weighting.*.margin", "margins.*.variable", "margin"),
        Reference("weighting.*.margins.*", "margins.*.variable", "margin"),
        Reference("composite.values.*.unit", "units.*.code", "unit"),
        Reference("composite.events.*.unit", "units.*.code", "unit"),
    )

    schema_: Literal["minxin-plan/1"] = Field(alias="schema")
    code: str = Field(pattern=CODE, max_length=MOST_CHARACTERS)
    title: Text
    survey: str = Field(pattern=VERSIONED)
    organiser: Organiser
    population: Text
    """Whom the numbers speak of; printed on the method page."""
    evidence_class: EvidenceClass
    pooled: Pooling | None = None
    window: Window
    regions: tuple[Region, ...] = Field(min_length=1)
    units: tuple[Unit, ...] = Field(min_length=1)
    points: tuple[Point, ...] = ()
    admission: Admission | None = None
    """Who may answer and how many; None: everybody with a code, without a limit."""
    score_maps: Mapping[str, str] = Field(default_factory=dict)
    """scale → score map, where the plan departs from the survey's own choice."""
    margins: tuple[Margin, ...] = ()
    groups: tuple[str, ...] = ()
    """Background variables for whose levels numbers are given, as ``[gender, age]``."""
    repeats: str | None = Field(default=None, pattern=CODE, max_length=MOST_CHARACTERS)
    """The round that this one repeats: what changed since is said beside the numbers."""
    weighting: tuple[WeightingStep, ...] = Field(min_length=1)
    screening: Screening
    screening_note: Text
    """Why these signals cost what they cost; printed on the method page."""
    release: Release
    composite: Composite | None = None
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    seed: int = Field(ge=0, le=LARGEST_SEED)
    note: Text | None = None
    """Anything a reader of the results must know, such as simulated answers in a demo."""

    @property
    def admits(self) -> Admission:
        """Who may answer and how many, written or not."""
        return self.admission or EVERYBODY

    def problems(self) -> Iterator[Problem]:
        """Mistakes of sense: a window that ends before it starts, totals that contradict, …"""
        yield from _window_problems(self.window)
        yield from _region_problems(self.regions)
        if self.repeats == self.code:
            cure = "Name the round before it, or leave it out."
            yield Problem("repeats", "is this round itself", cure, self.repeats)
        yield from _weighting_problems(self)
        yield from _release_problems(self.release)
        yield from _evidence_problems(self)
        yield from admission_problems(self.admission)


def _window_problems(window: Window) -> Iterator[Problem]:
    if window.time_zone not in available_timezones():
        cure = "Write it as in Asia/Shanghai."
        yield Problem("window.time_zone", "is not a time zone", cure, window.time_zone)
        return
    for name in ("opens", "closes"):
        if getattr(window, name).tzinfo is not None:
            cure = "Write the wall-clock time; the zone stands in time_zone."
            yield Problem(f"window.{name}", "carries an offset of its own", cure)
    if window.opens.replace(tzinfo=None) >= window.closes.replace(tzinfo=None):
        yield Problem("window.closes", "is not after window.opens", "Correct one of them.")


def _region_problems(regions: tuple[Region, ...]) -> Iterator[Problem]:
    parents = {region.code: region.parent for region in regions}
    for i, region in enumerate(regions):
        seen, above = {region.code}, region.parent
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above is not None:
            cure = "A region lies in another one, up to a region without a parent."
            yield Problem(f"regions[{i}].parent", "leads back to itself", cure, region.parent)


def _weighting_problems(plan: Plan) -> Iterator[Problem]:
    first, *others = plan.weighting
    if first.kind not in {"given", "base"}:
        cure = "Begin with `given` or `base`."
        yield Problem(
            "weighting[0].kind", "adjusts weights that do not exist yet", cure, first.kind
        )
    for i, step in enumerate(others, start=1):
        if step.kind in {"given", "base"}:
            cure = "Weights start once, in the first step."
            yield Problem(f"weighting[{i}].kind", "starts the weights again", cure, step.kind)
        if isinstance(step, Raking | Calibration):
            yield from _repeated(f"weighting[{i}].margins", step.margins)
    yield from step_problems(plan.weighting)
    if first.kind == "base":
        for i, unit in enumerate(plan.units):
            if unit.population is None:
                cure = "Base weights need it."
                yield Problem(f"units[{i}].population", "is required and absent", cure)
    yield from _margin_problems(plan)


def _margin_problems(plan: Plan) -> Iterator[Problem]:
    for i, margin in enumerate(plan.margins):
        for level, total in margin.totals.items():
            if not total > 0:
                cure = "Give a positive number of people or merge the level."
                yield Problem(f"margins[{i}].totals.{level}", "is not positive", cure, total)
    sums = {margin.variable: sum(margin.totals.values()) for margin in plan.margins}
    for i, margin in enumerate(plan.margins[1:], start=1):
        first = plan.margins[0].variable
        if abs(sums[margin.variable] - sums[first]) > 1e-9 * max(sums.values()):
            message = f"sums to {sums[margin.variable]:g}, but {first} sums to {sums[first]:g}"
            cure = "Margins of one population have one total."
            yield Problem(f"margins[{i}].totals", message, cure)


def _repeated(place: str, names: Sequence[str]) -> Iterator[Problem]:
    for i, name in enumerate(names):
        if name in names[:i]:
            cure = "Name each once; two different ones are needed."
            yield Problem(f"{place}[{i}]", "is named twice", cure, name)


def _release_problems(release: Release) -> Iterator[Problem]:
    if release.min_effective_n_rank < release.min_effective_n:
        message = f"is below min_effective_n, {release.min_effective_n:g}"
        cure = "A place in a ranking needs at least what a published mean needs."
        place = "release.min_effective_n_rank"
        yield Problem(place, message, cure, release.min_effective_n_rank)


def _evidence_problems(plan: Plan) -> Iterator[Problem]:
    if plan.pooled is not None:
        yield from _repeated("pooled.classes", plan.pooled.classes)
    if plan.screening.company is not None:
        yield from _repeated("screening.company.evidence", plan.screening.company.evidence)
    composite = plan.composite
    if composite is None:
        return
    if composite.opt_in_accepted is None:
        for where in _opt_in_inputs(composite):
            message = "lets opt-in answers into the composite score without a reason"
            cure = "State composite.opt_in_accepted in words, or leave them out."
            yield Problem(where, message, cure)
    yield from _input_problems(composite)


def _opt_in_inputs(composite: Composite) -> Iterator[str]:
    for i, source in enumerate(composite.from_survey):
        if source.series == "opt_in":
            yield f"composite.from_survey[{i}].series"
    for i, other in enumerate(composite.from_rounds):
        if other.series == "opt_in":
            yield f"composite.from_rounds[{i}].series"


def _input_problems(composite: Composite) -> Iterator[Problem]:
    computed: set[str] = set()
    for field in ("from_survey", "from_rounds"):
        for i, source in enumerate(getattr(composite, field)):
            if source.indicator in computed:
                place = f"composite.{field}[{i}].indicator"
                cure = "An indicator has one source; keep one of the two."
                yield Problem(place, "is computed already", cure, source.indicator)
            computed.add(source.indicator)
    seen: set[tuple[str, str]] = set()
    for i, given in enumerate(composite.values):
        here = f"composite.values[{i}]"
        if (given.value is None) == (given.status == "ok"):
            cure = "A status of `ok` has a value, any other has none."
            yield Problem(f"{here}.value", "contradicts the status", cure, given.status)
        if given.indicator in computed:
            cure = "An indicator has one source; keep one of the two."
            yield Problem(f"{here}.indicator", "is computed already", cure, given.indicator)
        if (given.unit, given.indicator) in seen:
            message = f"is given twice for {given.unit}"
            yield Problem(f"{here}.indicator", message, "Keep one.", given.indicator)
        seen.add((given.unit, given.indicator))
    if composite.values and composite.values_source is None:
        cure = "Say where the values come from; it is printed beside the score."
        yield Problem("composite.values_source", "is absent", cure)
