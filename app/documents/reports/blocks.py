"""What a report is made of: chapters of words, facts, charts and tables, before any layout.

PDF and Word are laid out from the same blocks, so neither can say what the other does not.
Every text is ready to print, in the language of the report.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.documents.charts.forms import Chart
from app.documents.wording import chapter_title
from app.survey.text import Language

Weight = Literal["plain", "lead", "caution", "quiet", "formula"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a chapter; what follows stands under it."""

    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph; `lead` says what was found, `caution` what a reader must not overlook."""

    text: str
    weight: Weight = "plain"


@dataclass(frozen=True, slots=True)
class Facts:
    """Short labels with their values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart; its sentence is what is read aloud instead."""

    chart: Chart


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a grid; numbers stand at the end, `wide` ones get more room."""

    title: str
    is_number: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of texts, a row a line; the first column names the row."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Words | Facts | Picture | Grid


@dataclass(frozen=True, slots=True)
class Chapter:
    """One numbered chapter, or an appendix."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit under an indicator; texts ready to print, empty where there is nothing."""

    name: str
    value: str
    interval: str
    n: str
    places: str
    tier: str
    note: str


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator in the main series, for templates that lay it out in their own way."""

    name: str
    sentence: str
    caution: str
    value: str
    interval: str
    n: str
    units: tuple[UnitLine, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    language: Language
    title: str
    kind: str
    """What sort of paper it is: 满意度测评报告."""
    organiser: str
    day: date
    status: str
    """Whether the result is public, in words."""
    is_public: bool
    findings: tuple[str, ...]
    """What was found, in a few sentences; they stand on the first page."""
    facts: tuple[tuple[str, str], ...]
    indicators: tuple[IndicatorLine, ...]
    chapters: tuple[Chapter, ...]
    colophon: str
    """At the foot of every page: what the numbers come from."""


def words(*texts: str, weight: Weight = "plain") -> Iterator[Words]:
    """A paragraph for each text that says something."""
    for text in texts:
        if text:
            yield Words(text, weight)


def filled(grid: Grid) -> Grid:
    """The grid without columns in which no row says anything; the first one stays."""
    kept = [
        at
        for at in range(len(grid.columns))
        if at == 0 or any(row[at] for row in grid.rows) or not grid.rows
    ]
    return Grid(
        grid.caption,
        tuple(grid.columns[at] for at in kept),
        tuple(tuple(row[at] for at in kept) for row in grid.rows),
    )


def numbered(titles: Sequence[str], language: Language) -> list[str]:
    """Titles of chapters with their numbers: ``一、总体结果`` or ``1 Results``."""
    return [chapter_title(n, title, language) for n, title in enumerate(titles, start=1)]
