"""Two measures of each unit against each other: importance and performance, felt and counted.

Two lines make four fields with a name each. A unit's intervals are a thin cross; a unit whose
cross touches a line cannot be told to lie on either side, and is drawn hollow. Labels stand
beside their dots where there is room; the others are numbered and listed underneath.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.documents.charts.canvas import (
    NOTE,
    SMALL,
    SMALL_LINE,
    Box,
    Canvas,
    Layout,
    Pen,
    Sign,
)  # fmt: skip
from app.documents.charts.interval_chart import Axis, nice_ticks
from app.documents.charts.scatter_labels import Placed, Wanted, place_labels, write_labels
from app.documents.charts.svg import text_width, wrapped
from app.documents.wording import interval, points, rank_words, translator
from app.documents.workbooks import Cell, Column, Table
from app.survey.text import Language

Field = Literal["upper_right", "upper_left", "lower_left", "lower_right", "unsure"]
HEIGHTS = {"wide": 460.0, "narrow": 340.0}
WIDE = 860.0
MOST_LABELS = 120
"""Beyond these a dot has its name in the table alone."""
LONGEST = {"wide": 180.0, "narrow": 110.0}


@dataclass(frozen=True, slots=True)
class MapPoint:
    """One unit or indicator; an interval is two ends or None. None for x or y: withheld."""

    label: str
    x: float | None
    y: float | None
    x_ends: tuple[float, float] | None = None
    y_ends: tuple[float, float] | None = None
    ranks: tuple[int, int] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for ends in (self.x_ends, self.y_ends):
            if ends and ends[0] > ends[1]:
                raise ValueError(f"{self.label}: the interval ends before it begins")


@dataclass(frozen=True, slots=True)
class Measure:
    """What one axis measures, and where the line stands that parts it in two."""

    title: str
    line: float
    line_label: str = ""
    decimals: int = 1


@dataclass(frozen=True, slots=True)
class QuadrantMap:
    """`fields` names upper right, upper left, lower left, lower right; `concern` is one."""

    points: tuple[MapPoint, ...]
    across: Measure
    upwards: Measure
    fields: tuple[str, str, str, str]
    sentence: str
    concern: Field | None = "upper_left"

    def field(self, point: MapPoint) -> Field:
        """Where a point surely lies; unsure when an interval touches a line."""
        if point.x is None or point.y is None:
            return "unsure"
        right = _side(point.x, point.x_ends, self.across.line)
        upper = _side(point.y, point.y_ends, self.upwards.line)
        if right is None or upper is None:
            return "unsure"
        if upper:
            return "upper_right" if right else "upper_left"
        return "lower_right" if right else "lower_left"

    def sign(self, point: MapPoint) -> Sign:
        """A diamond in the field of concern, a dot in the others, a ring where it is unsure."""
        field = self.field(point)
        if field == "unsure":
            return "same"
        return "below" if field == self.concern else "above"


def draw_quadrants(chart: QuadrantMap, layout: Layout, language: Language) -> str:
    """Draw `chart`."""
    canvas = Canvas("quadrants", layout, WIDE if layout == "wide" else None)
    _draw_key(canvas, chart, language)
    canvas.title("↑ " + _with_line(chart.upwards))
    plot = _plot(canvas, chart)
    _draw_frame(canvas, chart, plot)
    placed = _place_labels(canvas, chart, plot)
    for number, point in enumerate(chart.points):
        if point.x is not None and point.y is not None:
            with canvas.row(number, _spoken(chart, point, language)):
                _draw_point(canvas, chart, point, plot)
    write_labels(canvas, placed)
    canvas.y = plot.bottom + SMALL_LINE + 4
    title = wrapped(_with_line(chart.across) + " →", canvas.width, SMALL)
    for line in title:
        canvas.y += SMALL_LINE
        canvas.text(plot.right, canvas.y, line, Pen(SMALL, "quiet", "end"))
    canvas.y += 6
    _write_rest(canvas, chart, placed, language)
    return canvas.svg(chart.sentence)


def quadrant_table(chart: QuadrantMap, language: Language) -> Table:
    """Both measures with their intervals, the ranks, and the field."""
    _ = translator(language)
    columns = []
    for key, measure in (("x", chart.across), ("y", chart.upwards)):
        columns += [
            Column(key, measure.title, "number", measure.decimals),
            Column(f"{key}_low", _("区间下限"), "number", measure.decimals),
            Column(f"{key}_high", _("区间上限"), "number", measure.decimals),
        ]
    columns = [
        Column("name", _("名称")), *columns, Column("rank_low", _("名次：最好"), "count"),
        Column("rank_high", _("名次：最差"), "count"), Column("field", _("所在区")),
        Column("note", _("说明")),
    ]  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            point.label, point.x, *(point.x_ends or (None, None)),
            point.y, *(point.y_ends or (None, None)), *(point.ranks or (None, None)),
            _field_name(chart, point, language), point.note or None,
        )
        for point in chart.points
    ]  # fmt: skip
    return Table(chart.sentence, tuple(columns), tuple(rows))


def _side(value: float, ends: tuple[float, float] | None, line: float) -> bool | None:
    low, high = ends or (value, value)
    if low > line:
        return True
    return False if high < line else None


def _with_line(measure: Measure) -> str:
    if not measure.line_label:
        return measure.title
    line = points(measure.line, decimals=measure.decimals)
    return f"{measure.title} ({measure.line_label} {line})"


def _field_name(chart: QuadrantMap, point: MapPoint, language: Language) -> str | None:
    _ = translator(language)
    if point.x is None or point.y is None:
        return None
    order = ("upper_right", "upper_left", "lower_left", "lower_right")
    field = chart.field(point)
    return _("分不清") if field == "unsure" else chart.fields[order.index(field)]


@dataclass(frozen=True, slots=True)
class _Plot:
    """The axes and the edges of the plot, in pixels."""

    x: Axis
    y: Axis
    left: float
    top: float
    right: float
    bottom: float

    def spot(self, x: float, y: float) -> tuple[float, float]:
        """Where a value pair stands."""
        return self.x.x(x), self.y.x(y)


def _plot(canvas: Canvas, chart: QuadrantMap) -> _Plot:
    top, bottom = canvas.y, canvas.y + HEIGHTS[canvas.layout]
    vertical = _axis(
        [p.y for p in chart.points], [p.y_ends for p in chart.points], chart.upwards,
        span=(bottom, top),
    )  # fmt: skip
    left = max(text_width(label, SMALL) for label in vertical.labels) + 8
    right = canvas.width - 14
    horizontal = _axis(
        [p.x for p in chart.points], [p.x_ends for p in chart.points], chart.across,
        span=(left, right),
    )  # fmt: skip
    return _Plot(horizontal, vertical, left, top, right, bottom)


def _axis(
    values: Sequence[float | None],
    ends: Sequence[tuple[float, float] | None],
    measure: Measure,
    *,
    span: tuple[float, float],
) -> Axis:
    numbers = [measure.line, *(x for x in values if x is not None)]
    numbers += [end for pair in ends if pair for end in pair]
    at_most = max(3, int(abs(span[1] - span[0]) // 58))
    ticks = nice_ticks(min(numbers), max(numbers), at_most=at_most)
    places = max(0, *(-int(tick.as_tuple().exponent) for tick in ticks))
    labels = tuple(points(float(tick), decimals=places) for tick in ticks)
    return Axis(tuple(map(float, ticks)), labels, *span)


def _draw_frame(canvas: Canvas, chart: QuadrantMap, plot: _Plot) -> None:
    for tick, label in zip(plot.x.ticks, plot.x.labels, strict=True):
        x = plot.x.x(tick)
        canvas.path(f"M{x:.1f},{plot.top:.1f}V{plot.bottom:.1f}", "line")
        canvas.text(x, plot.bottom + SMALL_LINE, label, Pen(SMALL, "quiet", "middle"))
    for tick, label in zip(plot.y.ticks, plot.y.labels, strict=True):
        y = plot.y.x(tick)
        canvas.path(f"M{plot.left:.1f},{y:.1f}H{plot.right:.1f}", "line")
        canvas.text(plot.left - 6, y + 4.5, label, Pen(SMALL, "quiet", "end"))
    x, y = plot.spot(chart.across.line, chart.upwards.line)
    canvas.path(f"M{x:.1f},{plot.top:.1f}V{plot.bottom:.1f}", "ink", width=1.3, dashes="5 3")
    canvas.path(f"M{plot.left:.1f},{y:.1f}H{plot.right:.1f}", "ink", width=1.3, dashes="5 3")
    for box, anchor, name in _field_words(chart, plot):
        canvas.text(box[0], box[1], name, Pen(SMALL, "quiet", anchor, bold=True))


def _field_words(
    chart: QuadrantMap, plot: _Plot
) -> Iterator[tuple[tuple[float, float], Literal["start", "end"], str]]:
    """The names of the four fields, in their outer corners."""
    x, _y = plot.spot(chart.across.line, chart.upwards.line)
    left, right = x - plot.left - 12, plot.right - x - 12
    up, down = plot.top + SMALL_LINE, plot.bottom - 8
    corners: tuple[tuple[float, float, Literal["start", "end"], float], ...] = (
        (plot.right - 6, up, "end", right), (plot.left + 6, up, "start", left),
        (plot.left + 6, down, "start", left), (plot.right - 6, down, "end", right),
    )  # fmt: skip
    for (at, y, anchor, room), name in zip(corners, chart.fields, strict=True):
        words = "".join(wrapped(name, max(room, 30) / 1.08, SMALL, lines=1))
        yield (at, y), anchor, words


def _draw_point(canvas: Canvas, chart: QuadrantMap, point: MapPoint, plot: _Plot) -> None:
    if point.x is None or point.y is None:
        return
    x, y = plot.spot(point.x, point.y)
    if point.x_ends:
        low, high = (plot.x.x(end) for end in point.x_ends)
        canvas.path(f"M{low:.1f},{y:.1f}H{high:.1f}", "edge", width=1)
    if point.y_ends:
        low, high = (plot.y.x(end) for end in point.y_ends)
        canvas.path(f"M{x:.1f},{low:.1f}V{high:.1f}", "edge", width=1)
    canvas.sign(chart.sign(point), x, y, size=5)


def _place_labels(canvas: Canvas, chart: QuadrantMap, plot: _Plot) -> list[Placed]:
    """Give each label the first free place around its dot."""
    shown = [
        (at, point, plot.spot(point.x, point.y))
        for at, point in enumerate(chart.points)
        if point.x is not None and point.y is not None
    ]
    taken = [Box(x - 7, y - 7, 14, 14) for _, _, (x, y) in shown]
    for (x, y), anchor, name in _field_words(chart, plot):
        across = text_width(name, SMALL) * 1.08
        taken.append(Box(x if anchor == "start" else x - across, y - 13, across, 17))
    x, y = plot.spot(chart.across.line, chart.upwards.line)
    lines = [box for _, point, _ in shown for box in _cross(point, plot)]
    lines.append(Box(x - 1, plot.top, 2, plot.bottom - plot.top))
    lines.append(Box(plot.left, y - 1, plot.right - plot.left, 2))
    # Dots of concern first: their names matter most.
    wanted = [
        Wanted(at, "".join(wrapped(point.label, LONGEST[canvas.layout], SMALL, lines=1)), spot)
        for at, point, spot in sorted(shown, key=lambda one: chart.sign(one[1]) != "below")
    ][:MOST_LABELS]
    inside = Box(plot.left, plot.top, plot.right + 14 - plot.left, plot.bottom - plot.top)
    return place_labels(wanted, inside=inside, taken=taken, lines=lines)


def _cross(point: MapPoint, plot: _Plot) -> Iterator[Box]:
    """The two intervals of a point as thin boxes."""
    if point.x is None or point.y is None:
        return
    x, y = plot.spot(point.x, point.y)
    if point.x_ends:
        low, high = (plot.x.x(end) for end in point.x_ends)
        yield Box(low, y - 1, high - low, 2)
    if point.y_ends:
        low, high = (plot.y.x(end) for end in point.y_ends)
        yield Box(x - 1, high, 2, low - high)


def _write_rest(
    canvas: Canvas, chart: QuadrantMap, placed: Sequence[Placed], language: Language
) -> None:
    """List what has a number instead of words, and what is withheld."""
    _ = translator(language)
    numbered = sorted(one.number for one in placed if one.is_number)
    names = [f"{at + 1} {chart.points[at].label}" for at in numbered]
    withheld = [
        f"{point.label}: {point.note or _('不公布')}"
        for point in chart.points
        if point.x is None or point.y is None
    ]
    for text in (_("、").join(names), *withheld):
        if text:
            lines = wrapped(text, canvas.width, SMALL, lines=40)
            canvas.y = canvas.lines(0, canvas.y + SMALL_LINE + 2, lines, NOTE)


def _draw_key(canvas: Canvas, chart: QuadrantMap, language: Language) -> None:
    _ = translator(language)
    present = {chart.sign(p) for p in chart.points if p.x is not None and p.y is not None}
    order = ("upper_right", "upper_left", "lower_left", "lower_right")
    meanings: list[tuple[Sign, str]] = [("same", _("区间碰到分界线，分不清在哪一区"))]
    if chart.concern in order:
        meanings.insert(0, ("below", chart.fields[order.index(chart.concern)]))
    x, y = 0.0, canvas.y
    for sign, meaning in meanings:
        if sign not in present:
            continue
        across = 20 + text_width(meaning, SMALL)
        if x and x + across > canvas.width:
            x, y = 0.0, y + SMALL_LINE + 4
        canvas.sign(sign, x + 7, y + 9, size=5)
        canvas.text(x + 20, y + 13.5, meaning, NOTE)
        x += across + 20
    canvas.y = y + (SMALL_LINE + 8 if x else 0)


def _spoken(chart: QuadrantMap, point: MapPoint, language: Language) -> str:
    said = [point.label]
    for measure, value, ends in (
        (chart.across, point.x, point.x_ends), (chart.upwards, point.y, point.y_ends),
    ):  # fmt: skip
        written = points(value, decimals=measure.decimals)
        if ends:
            written += f" ({interval(*ends, decimals=measure.decimals)})"
        said.append(f"{measure.title} {written}")
    if point.ranks:
        said.append(rank_words(point.ranks, language))
    return "; ".join(said)
