"""Many rounds, many units: one small line each, all on one scale, in a table.

A point is as high in every line, so that a steep line is a large change; each line is centred
on its own middle, since its level is written beside it. A withheld round breaks the line.
`sparkline_svg` draws a single line, for a cell of a page's own table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.documents.charts.canvas import (
    GAP,
    LABEL,
    LINE,
    NOTE,
    NOTE_END,
    SIZE,
    SMALL,
    SMALL_LINE,
    VALUE,
    Box,
    Canvas,
    Layout,
)  # fmt: skip
from app.documents.charts.svg import text_width, wrapped
from app.documents.wording import DASH, difference, points, rank_words, translator
from app.documents.workbooks import Cell, Column, Table
from app.survey.text import Language

LONGEST_LABEL = 240.0
LINE_WIDTH, LINE_HEIGHT = 220.0, 26.0
CELL_WIDTH, CELL_HEIGHT = 110.0, 26.0
MOST_FLAT = 2.0
"""The height spans at least this many points, so that noise does not look like a move."""


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One unit: its value in each round, oldest first; None where nothing is shown."""

    label: str
    values: tuple[float | None, ...]
    ranks: tuple[int, int] | None = None
    """The ranks in the last round that the error leaves open."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TrendLines:
    """`rounds` name the values of every row."""

    rows: tuple[TrendRow, ...]
    rounds: tuple[str, ...]
    sentence: str
    title: str = ""
    decimals: int = 1

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.values) != len(self.rounds):
                raise ValueError(f"{row.label}: one value, or None, for each round")

    def span(self) -> float:
        """How many points the height of a line stands for: the widest range among all."""
        ranges = (high - low for low, high in map(_ends, self.rows))
        return max(MOST_FLAT, *ranges, 0.0)


def sparkline_svg(chart: TrendLines, row: TrendRow) -> str:
    """Draw the line of one row on the scale of all, for a cell of a table."""
    canvas = Canvas("sparkline", "narrow", CELL_WIDTH)
    _draw_line(canvas, row, Box(4, 3, CELL_WIDTH - 8, CELL_HEIGHT - 6), span=chart.span())
    canvas.y = CELL_HEIGHT - 6
    written = (points(x, decimals=chart.decimals) for x in row.values)
    return canvas.svg(f"{row.label}: {', '.join(written)}")


def draw_trends(chart: TrendLines, layout: Layout, language: Language) -> str:
    """Draw `chart`: name, first value, line, last value, change, ranks."""
    canvas = Canvas("trends", layout, 760.0 if layout == "wide" else None)
    canvas.title(chart.title)
    if layout == "wide":
        _draw_columns(canvas, chart, language)
    else:
        _draw_stack(canvas, chart, language)
    return canvas.svg(chart.sentence)


def trend_table(chart: TrendLines, language: Language) -> Table:
    """Every value of every round, and the ranks of the last."""
    _ = translator(language)
    rounds = [
        Column(f"round_{at}", name, "number", chart.decimals)
        for at, name in enumerate(chart.rounds, start=1)
    ]
    columns = (
        Column("name", _("单位")), *rounds, Column("rank_low", _("名次：最好"), "count"),
        Column("rank_high", _("名次：最差"), "count"), Column("note", _("说明")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (row.label, *row.values, *(row.ranks or (None, None)), row.note or None)
        for row in chart.rows
    ]
    return Table(chart.sentence, columns, tuple(rows))


def _draw_columns(canvas: Canvas, chart: TrendLines, language: Language) -> None:
    labels = [wrapped(row.label, LONGEST_LABEL, SIZE) for row in chart.rows]
    left = max((text_width(line, SIZE) for lines in labels for line in lines), default=0)
    widest = max((text_width(_written(chart, x), SIZE) for row in chart.rows
                  for x in row.values), default=0) * 1.08  # fmt: skip
    start = left + GAP + widest + 12
    end = start + LINE_WIDTH
    _write_rounds(canvas, chart, start, end)
    span = chart.span()
    for number, (row, lines) in enumerate(zip(chart.rows, labels, strict=True)):
        height = max(len(lines) * LINE, LINE_HEIGHT) + 8
        middle = canvas.y + height / 2
        with canvas.row(number, _spoken(chart, row)):
            canvas.middle(0, middle, lines, LABEL)
            canvas.middle(start - 12, middle, [_written(chart, row.values[0])], NOTE_END)
            box = Box(start, middle - LINE_HEIGHT / 2, LINE_WIDTH, LINE_HEIGHT)
            _draw_line(canvas, row, box, span=span)
            last = _written(chart, row.values[-1])
            canvas.middle(end + 12 + widest, middle, [last], VALUE)
            said = wrapped(
                _remark(chart, row, language), canvas.width - end - widest - 28, SMALL
            )
            canvas.middle(end + 28 + widest, middle, said, NOTE)
        canvas.y += height
        canvas.path(f"M0,{canvas.y:.1f}H{canvas.width:.0f}", "line")


def _draw_stack(canvas: Canvas, chart: TrendLines, language: Language) -> None:
    across = 150.0
    start = canvas.width - across - 64
    _write_rounds(canvas, chart, start, start + across)
    span = chart.span()
    for number, row in enumerate(chart.rows):
        lines = wrapped(row.label, start - 14, SIZE)
        said = wrapped(_remark(chart, row, language), canvas.width, SMALL)
        with canvas.row(number, _spoken(chart, row)):
            middle = canvas.y + max(len(lines) * LINE, LINE_HEIGHT) / 2 + 4
            canvas.middle(0, middle, lines, LABEL)
            box = Box(start, middle - LINE_HEIGHT / 2, across, LINE_HEIGHT)
            _draw_line(canvas, row, box, span=span)
            canvas.middle(canvas.width, middle, [_written(chart, row.values[-1])], VALUE)
            canvas.y = middle + max(len(lines) * LINE, LINE_HEIGHT) / 2
            if any(said):
                canvas.y = canvas.lines(0, canvas.y + SMALL_LINE - 3, said, NOTE)
        canvas.y += 9
        canvas.path(f"M0,{canvas.y:.1f}H{canvas.width:.0f}", "line")


def _write_rounds(canvas: Canvas, chart: TrendLines, start: float, end: float) -> None:
    """Name the first and the last round over the ends of the lines."""
    if not chart.rounds:
        return
    if canvas.layout == "narrow":
        ends = dict.fromkeys((chart.rounds[0], chart.rounds[-1]))
        lines = wrapped(" → ".join(ends), canvas.width, SMALL)
        canvas.y = canvas.lines(canvas.width, canvas.y + SMALL, lines, NOTE_END) + 8
        return
    room = (end - start) / 2 - 6
    first, last = (
        "".join(wrapped(name, room, SMALL, lines=1))
        for name in (chart.rounds[0], chart.rounds[-1])
    )
    canvas.text(start, canvas.y + SMALL, first, NOTE)
    if len(chart.rounds) > 1:
        canvas.text(end, canvas.y + SMALL, last, NOTE_END)
    canvas.y += SMALL_LINE + 4


def _draw_line(canvas: Canvas, row: TrendRow, box: Box, *, span: float) -> None:
    high = sum(_ends(row)) / 2 + span / 2
    step = box.width / max(len(row.values) - 1, 1)

    def place(at: int, value: float) -> tuple[float, float]:
        return box.x + at * step, box.y + (high - value) / span * box.height

    for run in _runs(row.values):
        spots = [place(at, value) for at, value in run]
        if len(spots) > 1:
            path = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in spots)
            canvas.path(path, "above", width=1.8)
        elif run[0][0] != len(row.values) - 1:
            canvas.sign("plain", *spots[0], size=4)
    if row.values and row.values[-1] is not None:
        canvas.sign("above", *place(len(row.values) - 1, row.values[-1]), size=3.6)


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Stretches without a gap, each as (position, value)."""
    run: list[tuple[int, float]] = []
    for at, value in enumerate(values):
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _ends(row: TrendRow) -> tuple[float, float]:
    numbers = [value for value in row.values if value is not None]
    return (min(numbers), max(numbers)) if numbers else (0.0, 0.0)


def _written(chart: TrendLines, value: float | None) -> str:
    return points(value, decimals=chart.decimals)


def _remark(chart: TrendLines, row: TrendRow, language: Language) -> str:
    """What stands beside the line: the change over all rounds, the ranks, the note."""
    _ = translator(language)
    parts = []
    if len(row.values) > 1 and row.values[0] is not None and row.values[-1] is not None:
        parts.append(difference(row.values[-1] - row.values[0], decimals=chart.decimals))
    if row.ranks:
        parts.append(rank_words(row.ranks, language))
    if row.note:
        parts.append(row.note)
    elif None in row.values:
        parts.append(_("断开处不公布"))
    return " · ".join(parts)


def _spoken(chart: TrendLines, row: TrendRow) -> str:
    pairs = zip(chart.rounds, row.values, strict=True)
    said = (f"{name} {DASH if x is None else _written(chart, x)}" for name, x in pairs)
    return f"{row.label}: {', '.join(said)}"
