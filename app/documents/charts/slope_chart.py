"""The slope between two rounds: who moved, and which moves are larger than their error.

A line in colour is a change whose interval leaves out zero; all others are thin and grey.
Labels stand at both ends of their line, pushed apart where they would run into each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.documents.charts.canvas import (
    BOLD,
    LABEL,
    LABEL_END,
    NOTE,
    SMALL,
    SMALL_LINE,
    Canvas,
    Layout,
    Look,
    Pen,
    Sign,
)  # fmt: skip
from app.documents.charts.spacing import spread
from app.documents.charts.svg import text_width, wrapped
from app.documents.wording import difference, points, translator
from app.documents.workbooks import Cell, Column, Table
from app.survey.text import Language

Move = Literal["up", "down", "same", "unjudged"]
STEP = 18.0
LEAST_HEIGHT = 260.0
WIDE = 760.0


@dataclass(frozen=True, slots=True)
class SlopeRow:
    """One unit in two rounds; `low` and `high` are the interval of the change.

    Without an interval the change is not judged. None for a round in which nothing is shown;
    `note` says why.
    """

    label: str
    before: float | None
    now: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""

    @property
    def change(self) -> float | None:
        """Now less before."""
        if self.before is None or self.now is None:
            return None
        return self.now - self.before

    @property
    def move(self) -> Move:
        """What can be said: up or down only where the whole interval lies on one side of 0."""
        if self.change is None or self.low is None or self.high is None:
            return "unjudged"
        if self.low > 0:
            return "up"
        return "down" if self.high < 0 else "same"


@dataclass(frozen=True, slots=True)
class SlopeChart:
    """Two rounds, `before` on the left; the order of `rows` is the order of the table."""

    rows: tuple[SlopeRow, ...]
    before: str
    now: str
    sentence: str
    title: str = ""
    decimals: int = 1


LOOKS: dict[Move, tuple[Look, float, Sign]] = {
    "up": ("above", 2.4, "above"),
    "down": ("below", 2.4, "below"),
    "same": ("edge", 1.0, "same"),
    "unjudged": ("edge", 1.0, "plain"),
}


def draw_slopes(chart: SlopeChart, layout: Layout, language: Language) -> str:
    """Draw `chart`; on a phone the left end carries the number alone."""
    canvas = Canvas("slopes", layout, WIDE if layout == "wide" else None)
    canvas.title(chart.title)
    _draw_key(canvas, chart, language)
    shown = [row for row in chart.rows if row.change is not None]
    if shown:
        _draw_slopes(canvas, chart, shown)
    _write_missing(canvas, chart, language)
    return canvas.svg(chart.sentence)


def slope_table(chart: SlopeChart, language: Language) -> Table:
    """Both rounds, the change, its interval, and what can be said about it."""
    _ = translator(language)
    columns = (
        Column("name", _("单位")),
        Column("before", chart.before, "number", chart.decimals),
        Column("now", chart.now, "number", chart.decimals),
        Column("change", _("变化"), "number", chart.decimals),
        Column("low", _("变化的下限"), "number", chart.decimals),
        Column("high", _("变化的上限"), "number", chart.decimals),
        Column("move", _("判断")),
        Column("note", _("说明")),
    )
    rows = tuple(_cells(row, language) for row in chart.rows)
    return Table(chart.sentence, columns, rows)


def _cells(row: SlopeRow, language: Language) -> tuple[Cell, ...]:
    meaning = "" if row.change is None else _meanings(language)[row.move]
    return (
        row.label, row.before, row.now, row.change, row.low, row.high,
        meaning or None, row.note or None,
    )  # fmt: skip


def _meanings(language: Language) -> dict[Move, str]:
    _ = translator(language)
    return {
        "up": _("明显上升"),
        "down": _("明显下降"),
        "same": _("变化在误差以内"),
        "unjudged": _("没有误差，不作判断"),
    }


def _draw_key(canvas: Canvas, chart: SlopeChart, language: Language) -> None:
    present = {row.move for row in chart.rows if row.change is not None}
    x, y = 0.0, canvas.y
    for move, words in _meanings(language).items():
        if move not in present:
            continue
        across = 36 + text_width(words, SMALL)
        if x and x + across > canvas.width:
            x, y = 0.0, y + SMALL_LINE + 5
        look, width, sign = LOOKS[move]
        canvas.path(f"M{x:.1f},{y + 10:.1f}H{x + 28:.1f}", look, width=width)
        canvas.sign(sign, x + 24, y + 10, size=5)
        canvas.text(x + 36, y + 14.5, words, NOTE)
        x += across + 20
    canvas.y = y + (SMALL_LINE + 14 if present else 0)


def _draw_slopes(canvas: Canvas, chart: SlopeChart, rows: Sequence[SlopeRow]) -> None:
    numbers = [x for row in rows for x in (row.before, row.now) if x is not None]
    low, high = min(numbers), max(numbers)
    height = max(LEAST_HEIGHT, STEP * len(rows)) if low < high else STEP
    sides = _Sides.of(canvas, chart, rows)
    head = wrapped(chart.before, canvas.width / 2 - 10, SMALL, lines=1)
    canvas.lines(sides.left, canvas.y + SMALL_LINE, head, Pen(SMALL, "quiet", "end", bold=True))
    head = wrapped(chart.now, canvas.width / 2 - 10, SMALL, lines=1)
    canvas.lines(sides.right, canvas.y + SMALL_LINE, head, Pen(SMALL, "quiet", bold=True))
    top = canvas.y + SMALL_LINE + 22

    def y(value: float | None) -> float | None:
        if value is None:
            return None
        return top + (high - value) / (high - low or 1) * height

    lefts, rights = [y(row.before) for row in rows], [y(row.now) for row in rows]
    own, other = spread(lefts, STEP), spread(rights, STEP)
    lowest = max(place for place in (*own, *other) if place is not None)
    highest = min(place for place in (*own, *other) if place is not None)
    shift = max(0.0, top - highest)
    # Thin lines first, so that what matters lies on top.
    for at in sorted(range(len(rows)), key=lambda at: rows[at].move in ("up", "down")):
        ends = _Ends(lefts[at], rights[at], own[at], other[at]).lowered(shift)
        with canvas.row(chart.rows.index(rows[at]), _spoken(chart, rows[at])):
            _draw_row(canvas, chart, rows[at], sides, ends)
    canvas.y = max(lowest, top + height) + shift + 12


@dataclass(frozen=True, slots=True)
class _Sides:
    """Where the two upright edges stand, and the words at them."""

    left: float
    right: float
    room: float

    @classmethod
    def of(cls, canvas: Canvas, chart: SlopeChart, rows: Sequence[SlopeRow]) -> "_Sides":
        """Give the labels what they need and the slopes the rest."""
        value = max(text_width(points(x, decimals=chart.decimals), LABEL.size) for row in rows
                    for x in (row.before, row.now) if x is not None)  # fmt: skip
        value *= BOLD
        longest = BOLD * max(text_width(row.label, LABEL.size) for row in rows) + 2
        if canvas.layout == "wide":
            room = min(longest, 220.0)
            reach = room + value + 34
            return cls(reach, canvas.width - reach, room)
        room = min(longest, 160.0)
        return cls(value + 26, canvas.width - value - room - 38, room)


@dataclass(frozen=True, slots=True)
class _Ends:
    """The heights of a row's two points and of its two labels."""

    before: float | None
    now: float | None
    left: float | None
    right: float | None

    def lowered(self, shift: float) -> "_Ends":
        """The same, further down."""
        moved = [
            None if y is None else y + shift
            for y in (self.before, self.now, self.left, self.right)
        ]
        return _Ends(*moved)


def _draw_row(
    canvas: Canvas, chart: SlopeChart, row: SlopeRow, sides: _Sides, ends: _Ends
) -> None:
    look, width, sign = LOOKS[row.move]
    if ends.before is not None and ends.now is not None:
        path = f"M{sides.left:.1f},{ends.before:.1f}L{sides.right:.1f},{ends.now:.1f}"
        canvas.path(path, look, width=width)
    name = "".join(wrapped(row.label, sides.room / BOLD, LABEL.size, lines=1))
    bold = row.move in ("up", "down")
    if ends.before is not None and ends.left is not None:
        written = points(row.before, decimals=chart.decimals)
        if canvas.layout == "wide":
            written = f"{name} {written}"
        canvas.sign("plain", sides.left, ends.before, size=5)
        _lead(canvas, (sides.left - 6, ends.before), (sides.left - 16, ends.left))
        pen = Pen(anchor="end", bold=True) if bold else LABEL_END
        canvas.text(sides.left - 20, ends.left + 5, written, pen)
    if ends.now is not None and ends.right is not None:
        written = f"{points(row.now, decimals=chart.decimals)} {name}"
        canvas.sign(sign, sides.right, ends.now, size=5)
        _lead(canvas, (sides.right + 6, ends.now), (sides.right + 16, ends.right))
        canvas.text(sides.right + 20, ends.right + 5, written, Pen(bold=bold))


def _lead(canvas: Canvas, point: tuple[float, float], label: tuple[float, float]) -> None:
    if abs(point[1] - label[1]) > 1:
        path = f"M{point[0]:.1f},{point[1]:.1f}L{label[0]:.1f},{label[1]:.1f}"
        canvas.path(path, "line")


def _spoken(chart: SlopeChart, row: SlopeRow) -> str:
    ends = (points(x, decimals=chart.decimals) for x in (row.before, row.now))
    moved = (
        "" if row.change is None else f" ({difference(row.change, decimals=chart.decimals)})"
    )
    return f"{row.label}: {' → '.join(ends)}{moved}"


def _write_missing(canvas: Canvas, chart: SlopeChart, language: Language) -> None:
    """What is not drawn whole is said in words under the picture."""
    _ = translator(language)
    for row in chart.rows:
        if row.change is None:
            ends = (points(x, decimals=chart.decimals) for x in (row.before, row.now))
            text = f"{row.label} {' → '.join(ends)}: {row.note or _('不公布')}"
            lines = wrapped(text, canvas.width, SMALL, lines=3)
            canvas.y = canvas.lines(0, canvas.y + SMALL_LINE + 2, lines, NOTE)
    canvas.y += 4
