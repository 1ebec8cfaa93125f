"""The signs of the dot-and-interval chart and its key: what both layouts draw alike.

Above, below and no difference differ in shape and colour; a sensitivity band is dashed,
bracketed and has a square, so that it looks like nothing an interval looks like.
"""

from collections.abc import Iterator
from decimal import Decimal

from app.documents.charts.interval_chart import Axis, IntervalChart, Mark, nice_ticks
from app.documents.charts.svg import element, text_width, words, wrapped
from app.documents.wording import percent, points, translator
from app.survey.text import Language

INK, QUIET, GRID, PAPER = "#14212b", "#4a5862", "#d5dbe0", "#ffffff"
COLOURS: dict[Mark, str] = {
    "above": "#12436d",
    "below": "#a63d00",
    "same": "#5f6f7b",
    "unsure": "#5f6f7b",
    "plain": "#12436d",
    "point": "#5f6f7b",
    "band": "#5b4a78",
}
SIZE, SMALL = 15.0, 13.0
LINE, SMALL_LINE = 20.0, 17.0
SAMPLE, SAMPLE_GAP, ENTRY_GAP = 28.0, 8.0, 20.0


def row_mark(chart: IntervalChart, number: int, axis: Axis, y: float) -> str:
    """Draw interval or band and the dot of row `number` at height `y`; nothing if withheld.

    A pointer sees the numbers as a hint, and a script finds the row of the table beside.
    """
    row = chart.rows[number]
    if row.value is None:
        return ""
    hint = f"{row.label}: {chart.written(row.value)}"
    ends = None
    if row.low is not None and row.high is not None:
        ends = axis.x(row.low), axis.x(row.high)
        hint += f" ({chart.written(row.low)}–{chart.written(row.high)})"
    drawn = sign(chart.mark(row), axis.x(row.value), y, ends=ends)
    return element("g", element("title", words(hint)), drawn, data_row=str(number))


def sign(mark: Mark, x: float, y: float, *, ends: tuple[float, float] | None) -> str:
    """Draw the sign of `mark` at (x, y) with the line between `ends`, if there is one."""
    colour = COLOURS[mark]
    parts = []
    if ends and mark == "band":
        parts.append(_dashes(ends, y))
    elif ends:
        parts.append(element("path", d=f"M{ends[0]:.1f},{y:.1f}H{ends[1]:.1f}"))
    parts.append(_dot(mark, x, y, colour))
    return element(
        "g", *parts, class_=f"interval-chart__mark interval-chart__mark--{mark}",
        stroke=colour, fill="none", stroke_width=2.4,
    )  # fmt: skip


def _dashes(ends: tuple[float, float], y: float) -> str:
    low, high = ends
    brackets = f"M{low + 4:.1f},{y - 6:.1f}h-4v12h4M{high - 4:.1f},{y - 6:.1f}h4v12h-4"
    line = element("path", d=f"M{low:.1f},{y:.1f}H{high:.1f}", stroke_dasharray="2 4")
    return line + element("path", d=brackets, stroke_width=1.6)


def _dot(mark: Mark, x: float, y: float, colour: str) -> str:
    if mark == "below":
        return element(
            "path", d=f"M{x:.1f},{y - 7:.1f}l7,7l-7,7l-7,-7z", fill=colour, stroke="none"
        )
    if mark == "band":
        return element("rect", x=x - 4.5, y=y - 4.5, width=9, height=9, fill=PAPER)
    if mark == "same":
        return element("circle", cx=x, cy=y, r=5, fill=PAPER)
    radius = 4 if mark in {"point", "unsure"} else 6
    return element("circle", cx=x, cy=y, r=radius, fill=colour, stroke="none")


def draw_key(chart: IntervalChart, language: Language, width: float) -> tuple[str, float]:
    """Draw the key of the signs that occur, flowing within `width`; markup and height."""
    parts, x, y = [], 0.0, 0.0
    for mark, meaning in _meanings(chart, language):
        lines = wrapped(meaning, width - SAMPLE - SAMPLE_GAP, SMALL, lines=3)
        across = SAMPLE + SAMPLE_GAP + max(text_width(line, SMALL) for line in lines)
        if x and x + across > width:
            x, y = 0.0, y + SMALL_LINE + 5
        parts.append(_sample(mark, x, y + 10))
        for number, line in enumerate(lines):
            down = y + 14 + number * SMALL_LINE
            parts.append(element("text", words(line), x=x + SAMPLE + SAMPLE_GAP, y=down))
        x += across + ENTRY_GAP
        y += (len(lines) - 1) * SMALL_LINE
    if not parts:
        return "", 0.0
    key = element("g", *parts, class_="interval-chart__key", font_size=SMALL, fill=QUIET)
    return key, y + SMALL_LINE + 10


def _sample(mark: Mark | None, x: float, y: float) -> str:
    """A sign of the key; None stands for the reference line."""
    if mark is None:
        return reference_line(x + SAMPLE / 2, y - 9, y + 9)
    ends = None if mark == "point" else (x, x + SAMPLE)
    return sign(mark, x + SAMPLE / 2, y, ends=ends)


def reference_line(x: float, top: float, bottom: float) -> str:
    """Draw the dashed upright line all rows are compared with."""
    return element(
        "path", class_="interval-chart__reference", d=f"M{x:.1f},{top:.1f}V{bottom:.1f}",
        stroke=INK, stroke_width=1.3, stroke_dasharray="5 3", fill="none",
    )  # fmt: skip


def reference_words(chart: IntervalChart, language: Language) -> str:
    """Name the reference line with its value: ``全县平均 84.1``."""
    name = chart.reference_label or translator(language)("参照线")
    return f"{name} {chart.written(chart.reference)}"


def _meanings(chart: IntervalChart, language: Language) -> Iterator[tuple[Mark | None, str]]:
    _ = translator(language)
    present = {chart.mark(row) for row in chart.rows}
    name = chart.reference_label or _("参照线")
    level = percent(chart.confidence, decimals=0)
    if chart.reference is not None:
        yield None, reference_words(chart, language)
    if "above" in present:
        yield "above", _("明显高于{reference}").format(reference=name)
    if "same" in present:
        yield "same", _("与{reference}的差别在误差以内").format(reference=name)
    if "below" in present:
        yield "below", _("明显低于{reference}").format(reference=name)
    if "unsure" in present:
        yield "unsure", _("样本不足，不作比较")
    if "plain" in present:
        yield "plain", _("数值与 {level} 区间").format(level=level)
    if "point" in present:
        yield "point", _("只有数值，算不出误差")
    if "band" in present:
        yield "band", _("自愿扫码的敏感性范围，不是误差范围，不参与比较")


def fit_axis(chart: IntervalChart, left: float, right: float, *, at_most: int) -> Axis:
    """Choose round ticks whose labels keep apart between `left` and `right` (pixels)."""
    low, high = chart.extent()
    axis = _axis(chart, nice_ticks(low, high, at_most=at_most), left, right)
    while at_most > 3 and _crowded(axis):
        at_most -= 1
        axis = _axis(chart, nice_ticks(low, high, at_most=at_most), left, right)
    return axis


def draw_ticks(axis: Axis, y: float) -> str:
    """Draw the numbers of the axis, their base line at height `y`."""
    labels = [
        element("text", words(label), x=axis.x(tick), y=y)
        for tick, label in zip(axis.ticks, axis.labels, strict=True)
    ]
    return element(
        "g", *labels, class_="interval-chart__ticks", font_size=SMALL, fill=QUIET,
        text_anchor="middle",
    )  # fmt: skip


def draw_grid(axis: Axis, top: float, bottom: float) -> str:
    """Draw an upright hairline at every tick from `top` to `bottom`."""
    path = "".join(f"M{axis.x(tick):.1f},{top:.1f}V{bottom:.1f}" for tick in axis.ticks)
    return element("path", class_="interval-chart__grid", d=path, stroke=GRID, fill="none")


def _axis(chart: IntervalChart, ticks: tuple[Decimal, ...], left: float, right: float) -> Axis:
    places = max(0, *(-int(tick.as_tuple().exponent) for tick in ticks))
    if chart.unit == "percent":
        written = [percent(float(tick), decimals=max(0, places - 2)) for tick in ticks]
    else:
        written = [points(float(tick), decimals=places) for tick in ticks]
    return Axis(tuple(map(float, ticks)), tuple(written), left, right)


def _crowded(axis: Axis) -> bool:
    room = (axis.right - axis.left) / (len(axis.ticks) - 1)
    return room < max(text_width(label, SMALL) for label in axis.labels) + 8
