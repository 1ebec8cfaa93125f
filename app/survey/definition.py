"""What a survey file means: sections, items, scales, routing, indicators, import columns.

`Survey` mirrors a YAML file of `survey_defs/`; how to write one is told there. A version of
a survey never changes once a round used it: the text is stored whole and hashed. What
counts as an answer to it is in `answers`; how answers become points, in `indicators`.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import ClassVar, Literal, get_args

from pydantic import Field

from app.errors import Problem
from app.survey.reading import CheckedDefinition, Definition, Reference
from app.survey.text import Text

EvidenceClass = Literal["probability", "transaction", "opt_in"]
EVIDENCE_CLASSES: tuple[EvidenceClass, ...] = get_args(EvidenceClass)
CODE = r"^[A-Za-z][A-Za-z0-9_]*$"
VERSIONED = r"^[A-Za-z][A-Za-z0-9_]*@[1-9][0-9]*$"


class Option(Definition):
    """One choice: the code that is stored and the words that are shown."""

    code: int
    label: Text
    primary: bool = True
    """Shown at once; the others stand behind "more"."""


class Scale(Definition):
    """An answer format: the options from best to worst, and what is never scored."""

    options: tuple[Option, ...] = ()
    """Best first, whatever their codes; empty for a number."""
    lowest: int | None = None
    highest: int | None = None
    ends: tuple[Text, Text] | None = None
    """A number's range, both ends included, and the words at its low and high end."""
    dont_know: Option | None = None
    not_applicable: Option | None = None
    score_map: str | None = Field(default=None, pattern=VERSIONED)
    """The score map used unless the plan names another, as ``even_5@1``."""
    satisfied_strict: tuple[int, ...] = ()
    satisfied_broad: tuple[int, ...] = ()
    """Codes that count as satisfied: the first two levels; those and 基本满意."""

    @property
    def unscored(self) -> tuple[Option, ...]:
        """The choices that are an answer and never a score."""
        return tuple(o for o in (self.dont_know, self.not_applicable) if o is not None)

    @property
    def choices(self) -> tuple[Option, ...]:
        """Everything a person may choose, in the order of the definition."""
        return self.options + self.unscored

    @property
    def codes(self) -> tuple[int, ...]:
        """The scored codes, best first for options, ascending for a number."""
        if self.lowest is not None and self.highest is not None:
            return tuple(range(self.lowest, self.highest + 1))
        return tuple(option.code for option in self.options)


class Condition(Definition):
    """An item is asked if an earlier item was answered with one of these codes."""

    item: str
    is_in: tuple[int, ...] = Field(alias="in", min_length=1)


class Item(Definition):
    """One question: its words, its answer format, and when it is asked."""

    code: str = Field(pattern=CODE)
    text: Text
    kind: Literal["single", "multiple", "number", "text"] = "single"
    scale: str | None = None
    reversed: bool = False
    """True where agreeing is bad: the score map is read from the other end."""
    optional: bool = False
    """An optional item may be left out without a word; others are pointed out once."""
    sensitive: bool = False
    hint: Text | None = None
    ask_if: Condition | None = None
    label_set: str | None = Field(default=None, pattern=VERSIONED)
    """The national label set these options belong to, as ``national_reasons@2020``."""
    max_length: int = Field(default=500, ge=1, le=2000)
    recording: str | None = None
    """File name of a recording of the item read aloud, if there is one."""


class Section(Definition):
    """Items under one heading."""

    code: str = Field(pattern=CODE)
    title: Text
    note: Text | None = None
    items: tuple[Item, ...] = Field(min_length=1)


class Indicator(Definition):
    """A number per response, 0 to 100, made from scored items or from other indicators."""

    code: str = Field(pattern=CODE)
    name: Text
    items: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    min_share: float = Field(default=1.0, gt=0, le=1)
    """The share of parts, rounded up, that must be scored; below it there is no value."""


class ImportColumn(Definition):
    """A column of a file that is kept beside the answers: what it is for and its values."""

    column: str
    role: Literal["respondent", "weight", "unit", "mode", "background", "ignored"]
    values: Mapping[str, str] = Field(default_factory=dict)
    """For `unit`: value → unit code; for `mode`: value → evidence class."""
    name: Text | None = None
    labels: Mapping[str, Text] = Field(default_factory=dict)
    """For `background`: what the column is and what its values mean, in words."""


class ImportMapping(Definition):
    """How a CSV file of answers becomes responses: every column is accounted for."""

    columns: tuple[ImportColumn, ...]
    missing: tuple[str, ...] = ("",)
    """Cell texts that mean the item was not answered."""


class Survey(CheckedDefinition):
    """A questionnaire with its scales, its indicators and the words a resident sees."""

    unique: ClassVar[tuple[str, ...]] = (
        "sections.*.items.*.code",
        "sections.*.code",
        "indicators.*.code",
        "import.columns.*.column",
    )
    references: ClassVar[tuple[Reference, ...]] = (
        Reference("sections.*.items.*.scale", "scales.@", "scale"),
        Reference("sections.*.items.*.ask_if.item", "sections.*.items.*.code", "item"),
        Reference("indicators.*.items.*", "sections.*.items.*.code", "item"),
        Reference("indicators.*.indicators.*", "indicators.*.code", "indicator"),
    )

    schema_: Literal["minxin-survey/1"] = Field(alias="schema")
    code: str = Field(pattern=CODE)
    version: int = Field(ge=1)
    title: Text
    """The heading of the page, as a request: 请您为这次服务打分."""
    lead: Text
    """One sentence below the heading: what each item asks for."""
    minutes: int = Field(ge=1, le=60)
    source: str
    scales: Mapping[str, Scale] = Field(default_factory=dict)
    sections: tuple[Section, ...] = Field(min_length=1)
    indicators: tuple[Indicator, ...] = ()
    import_: ImportMapping | None = Field(default=None, alias="import")

    @property
    def key(self) -> str:
        """How a plan names this version: ``three_senses@1``."""
        return f"{self.code}@{self.version}"

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item by its code, in the order asked."""
        return {item.code: item for section in self.sections for item in section.items}

    def scale_of(self, item: Item) -> Scale:
        """The answer format of an item; an empty scale for a free text."""
        return self.scales[item.scale] if item.scale else Scale()

    def problems(self) -> Iterator[Problem]:
        """Mistakes that need the whole file: routing order, scales that fit their kind, …"""
        for name, scale in self.scales.items():
            yield from _scale_problems(scale, f"scales.{name}")
        yield from _item_problems(self)
        yield from _indicator_problems(self)
        yield from _import_problems(self)


def _scale_problems(scale: Scale, here: str) -> Iterator[Problem]:
    is_number = scale.lowest is not None or scale.highest is not None
    if is_number == bool(scale.options):
        yield Problem(here, "needs either options or `lowest` and `highest`", "Keep one.")
    if is_number and (scale.lowest is None or scale.highest is None):
        yield Problem(here, "has one end only", "Give both `lowest` and `highest`.")
    elif is_number and not 0 < (scale.highest or 0) - (scale.lowest or 0) <= 100:
        yield Problem(here, "has no usable range", "`highest` exceeds `lowest` by 1 to 100.")
        return  # listing the codes of a range without bounds would exhaust the memory
    for i, option in enumerate(scale.options):
        if any(option.code == earlier.code for earlier in scale.options[:i]):
            where = f"{here}.options[{i}].code"
            yield Problem(where, "stands for two choices", "Codes must be unique.", option.code)
    yield from _unscored_problems(scale, here)
    yield from _satisfied_problems(scale, here)


def _unscored_problems(scale: Scale, here: str) -> Iterator[Problem]:
    taken = set(scale.codes)
    for field in ("dont_know", "not_applicable"):
        option = getattr(scale, field)
        if option is None:
            continue
        if option.code in taken:
            where = f"{here}.{field}.code"
            yield Problem(where, "stands for two choices", "Codes must be unique.", option.code)
        taken.add(option.code)


def _satisfied_problems(scale: Scale, here: str) -> Iterator[Problem]:
    for field in ("satisfied_strict", "satisfied_broad"):
        for code in getattr(scale, field):
            if code not in scale.codes:
                cure = "Only options that are scored can count as satisfied."
                yield Problem(f"{here}.{field}", "is not a scored code", cure, code)
    for code in scale.satisfied_strict:
        if code not in scale.satisfied_broad:
            cure = "Whoever is satisfied strictly is satisfied broadly."
            yield Problem(
                f"{here}.satisfied_broad", "lacks a code of the strict rate", cure, code
            )


def _item_problems(survey: Survey) -> Iterator[Problem]:
    asked: dict[str, Item] = {}
    for s, section in enumerate(survey.sections):
        for i, item in enumerate(section.items):
            here = f"sections[{s}].items[{i}]"
            yield from _kind_problems(survey, item, here)
            if item.ask_if is not None:
                yield from _routing_problems(survey, item.ask_if, asked, f"{here}.ask_if")
            asked[item.code] = item


def _kind_problems(survey: Survey, item: Item, here: str) -> Iterator[Problem]:
    if item.kind == "text":
        if item.scale:
            yield Problem(f"{here}.scale", "a text has no scale", "Remove it.", item.scale)
        return
    if item.scale is None:
        yield Problem(f"{here}.scale", "is required and absent", "Name a scale.")
        return
    scale = survey.scales.get(item.scale)
    if scale is not None and bool(scale.options) == (item.kind == "number"):
        wanted = "a range" if item.kind == "number" else "options"
        cure = "Change the kind or name another scale."
        message = f"an item of kind {item.kind} needs a scale with {wanted}"
        yield Problem(f"{here}.scale", message, cure, item.scale)


def _routing_problems(
    survey: Survey, condition: Condition, asked: Mapping[str, Item], here: str
) -> Iterator[Problem]:
    earlier = asked.get(condition.item)
    if earlier is None:
        if condition.item in survey.items:
            cure = "Routing looks back only; move the item."
            yield Problem(f"{here}.item", "is asked later", cure, condition.item)
        return
    if earlier.kind != "single":
        yield Problem(f"{here}.item", "is not a single choice", "Route on one.", condition.item)
        return
    scale = survey.scales.get(earlier.scale or "")
    if scale is None:
        return  # said where the scale is named
    codes = {option.code for option in scale.choices}
    for code in condition.is_in:
        if code not in codes:
            cure = f"Choices: {', '.join(str(known) for known in sorted(codes))}."
            yield Problem(f"{here}.in", f"is not a choice of {condition.item}", cure, code)


def _indicator_problems(survey: Survey) -> Iterator[Problem]:
    known: set[str] = set()
    for i, indicator in enumerate(survey.indicators):
        here = f"indicators[{i}]"
        if bool(indicator.items) == bool(indicator.indicators):
            yield Problem(here, "needs either `items` or `indicators`", "Keep one of the two.")
        for code in indicator.items:
            if not _may_be_scored(survey, survey.items.get(code)):
                cure = "Name a score_map on its scale."
                yield Problem(f"{here}.items", "names an item that is not scored", cure, code)
        for code in indicator.indicators:
            if code not in known and any(code == other.code for other in survey.indicators):
                cure = "An indicator is made from those above it."
                yield Problem(f"{here}.indicators", "is defined below", cure, code)
        known.add(indicator.code)


def _may_be_scored(survey: Survey, item: Item | None) -> bool:
    if item is None or (item.scale is not None and item.scale not in survey.scales):
        return True  # said where the item or the scale is named
    return item.kind in {"single", "number"} and survey.scale_of(item).score_map is not None


def _import_problems(survey: Survey) -> Iterator[Problem]:
    if survey.import_ is None:
        return
    columns = survey.import_.columns
    roles = [column.role for column in columns]
    for role in ("respondent", "weight", "unit", "mode"):
        if roles.count(role) > 1:
            yield Problem("import.columns", "has one role twice", "One column a role.", role)
    if "unit" not in roles:
        yield Problem(
            "import.columns", "has no column of role `unit`", "Say where each is from."
        )
    for i, column in enumerate(columns):
        yield from _column_problems(survey, column, f"import.columns[{i}]")


def _column_problems(survey: Survey, column: ImportColumn, here: str) -> Iterator[Problem]:
    if column.column in survey.items:
        cure = "A column with an item's code is that item's answers; remove it here."
        yield Problem(f"{here}.column", "is an item already", cure, column.column)
    if column.values and column.role not in {"unit", "mode"}:
        cure = "Only a unit or a mode is translated; name levels by `labels`."
        yield Problem(f"{here}.values", f"have no use for the role {column.role}", cure)
    if column.labels and column.role != "background":
        cure = "Only background columns are shown in words."
        yield Problem(f"{here}.labels", f"have no use for the role {column.role}", cure)
    if column.role != "mode":
        return
    if not column.values:
        yield Problem(f"{here}.values", "are absent", "Say what evidence each mode is.")
    for value, evidence in column.values.items():
        if evidence not in EVIDENCE_CLASSES:
            cure = f"Choose one of {', '.join(EVIDENCE_CLASSES)}."
            yield Problem(f"{here}.values.{value}", "is no evidence class", cure, evidence)
