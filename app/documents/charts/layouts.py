"""The two layouts of the dot-and-interval chart, `wide` for a desk and `narrow` for a phone.

Wide: one line a unit, its number, note and sample size in columns beside the plot. Narrow:
the words of a unit above and below its bar. Columns are as wide as their longest text and
long texts are wrapped, so nothing runs into anything; the table beside has them in full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.documents.charts.interval_chart import Axis, ChartRow, IntervalChart
from app.documents.charts.marks import (
    GRID,
    INK,
    LINE,
    PAPER,
    QUIET,
    SIZE,
    SMALL,
    SMALL_LINE,
    draw_grid,
    draw_key,
    draw_ticks,
    fit_axis,
    reference_line,
    row_mark,
)
from app.documents.charts.svg import element, text_width, words, wrapped
from app.documents.wording import count, rank_words, translator
from app.survey.text import Language

WIDE, NARROW = 960.0, 358.0
GAP = 16.0
BOLD = 1.08
LONGEST_LABEL, LONGEST_NOTE = 240.0, 190.0
LONG_CHART = 20
FONTS = (
    "-apple-system, 'PingFang SC', 'HarmonyOS Sans SC', MiSans, 'Noto Sans CJK SC',"
    " 'Microsoft YaHei', sans-serif"
)

LAYERS: Mapping[str, Mapping[str, str | float]] = {
    "title": {"font_size": SMALL, "fill": QUIET},
    "label": {"font_size": SIZE, "fill": INK},
    "value": {"font_size": SIZE, "fill": INK, "font_weight": "bold", "text_anchor": "end"},
    "note": {"font_size": SMALL, "fill": QUIET},
    "n": {"font_size": SMALL, "fill": QUIET, "text_anchor": "end"},
    # The reason crosses the grid, so it carries a rim of paper.
    "reason": {
        "font_size": SMALL,
        "fill": QUIET,
        "stroke": PAPER,
        "stroke_width": 4,
        "paint_order": "stroke",
    },
}


def interval_chart_svg(chart: IntervalChart, language: Language) -> str:
    """Draw `chart` twice: ``interval-chart--wide`` and ``interval-chart--narrow``.

    The page's style sheet shows one of the two and hides the other with ``display: none``.
    """
    return wide_chart_svg(chart, language) + narrow_chart_svg(chart, language)


def wide_chart_svg(chart: IntervalChart, language: Language) -> str:
    """Draw `chart` 960 units wide, for pages with room for columns beside the plot."""
    rows = [_row_words(chart, row, language) for row in chart.rows]
    label = max((_widest(row.label, SIZE) for row in rows), default=0)
    value = max((_value_width(row.value) for row in rows), default=0)
    note = max((_widest(row.note, SMALL) for row in rows), default=0)
    sample = max((text_width(row.n, SMALL) for row in rows), default=0)
    note_left = WIDE - note - (sample + GAP if sample else 0)
    value_right = note_left - (GAP if note else 0)
    sheet = _Sheet(WIDE, label_anchor="end")
    sheet.put_key(chart, language)
    axis = fit_axis(chart, label + GAP + 8, value_right - value - GAP - 8, at_most=9)
    sheet.put_axis(chart, axis)
    top = sheet.y
    for number, row in enumerate(rows):
        height = 12 + LINE * max(len(row.label), len(row.note))
        middle = sheet.y + height / 2
        sheet.put_middle("label", label, middle, row.label)
        sheet.put_middle("value", value_right, middle, [row.value])
        sheet.put_middle("note", note_left, middle, row.note)
        sheet.put_middle("n", WIDE, middle, [row.n])
        reason = wrapped(row.reason, axis.right - axis.left - 8, SMALL, lines=1)
        sheet.put_middle("reason", axis.left + 4, middle, reason)
        sheet.marks.append(row_mark(chart, number, axis, middle))
        sheet.y += height
    sheet.put_grid(chart, axis, top, sheet.y)
    if len(rows) > LONG_CHART:
        sheet.put_ticks(axis)
    return sheet.svg(chart, "wide")


def narrow_chart_svg(chart: IntervalChart, language: Language) -> str:
    """Draw `chart` 358 units wide, what a phone of 390 px leaves: letters in their own size."""
    sheet = _Sheet(NARROW, label_anchor="start")
    sheet.put_key(chart, language)
    axis = fit_axis(chart, 22, NARROW - 22, at_most=6)
    sheet.put_axis(chart, axis)
    for number, chart_row in enumerate(chart.rows):
        row = _row_words(chart, chart_row, language)
        sheet.put_rule()
        room = NARROW - _value_width(row.value) - GAP
        sheet.put("value", NARROW, sheet.y + LINE, [row.value])
        sheet.y = sheet.put("label", 0, sheet.y + LINE, wrapped(chart_row.label, room, SIZE))
        if not row.reason:
            middle = sheet.y + 18
            sheet.put_grid(chart, axis, middle - 10, middle + 10)
            sheet.marks.append(row_mark(chart, number, axis, middle))
            sheet.y = middle + 8
        below = row.reason or "".join(row.note)
        lines = wrapped(below, NARROW - text_width(row.n, SMALL) - GAP, SMALL)
        sheet.put("n", NARROW, sheet.y + SMALL_LINE + 1, [row.n])
        if below or row.n:
            sheet.y = sheet.put("note", 0, sheet.y + SMALL_LINE + 1, lines)
        sheet.y += 10
    if len(chart.rows) > LONG_CHART:
        sheet.put_ticks(axis)
    return sheet.svg(chart, "narrow")


@dataclass(frozen=True, slots=True)
class _RowWords:
    """The words of one row, broken into lines for the wide layout."""

    label: list[str]
    value: str
    note: list[str]
    n: str
    reason: str


def _row_words(chart: IntervalChart, row: ChartRow, language: Language) -> _RowWords:
    _ = translator(language)
    withheld = row.kind == "withheld"
    parts = [_("敏感性范围")] if row.kind == "band" else []
    if row.ranks:
        parts.append(rank_words(row.ranks, language))
    if row.note and not withheld:
        parts.append(row.note)
    note = " · ".join(parts)
    return _RowWords(
        label=wrapped(row.label, LONGEST_LABEL, SIZE),
        value=chart.written(row.value),
        note=wrapped(note, LONGEST_NOTE, SMALL) if note else [],
        n="" if row.n is None else f"n = {count(row.n)}",
        reason=(row.note or _("不公布")) if withheld else "",
    )


def _widest(lines: Sequence[str], size: float) -> float:
    return max((text_width(line, size) for line in lines), default=0)


def _value_width(value: str) -> float:
    return text_width(value, SIZE) * BOLD


class _Sheet:
    """A drawing in the making: `y` is how far down it is filled; words lie above all marks."""

    def __init__(self, width: float, *, label_anchor: str) -> None:
        self.width = width
        self.label_anchor = label_anchor
        self.y = 0.0
        self.back: list[str] = []
        self.marks: list[str] = []
        self._texts: dict[str, list[str]] = {layer: [] for layer in LAYERS}

    def put(self, layer: str, x: float, y: float, lines: Sequence[str]) -> float:
        """Write `lines` down from base line `y`; give the base line of the last."""
        step = LINE if layer == "label" else SMALL_LINE
        for number, line in enumerate(lines):
            if line:
                text = element("text", words(line), x=x, y=y + number * step)
                self._texts[layer].append(text)
        return y + max(0, len(lines) - 1) * step

    def put_middle(self, layer: str, x: float, middle: float, lines: Sequence[str]) -> None:
        """Write `lines` around the height `middle`."""
        step = LINE if layer == "label" else SMALL_LINE
        self.put(layer, x, middle + 5 - (len(lines) - 1) * step / 2, lines)

    def put_key(self, chart: IntervalChart, language: Language) -> None:
        """Draw the key at the top."""
        key, height = draw_key(chart, language, self.width)
        self.back.append(key)
        self.y += height

    def put_axis(self, chart: IntervalChart, axis: Axis) -> None:
        """Write the title of the axis and its numbers."""
        left = axis.left if self.label_anchor == "end" else 0
        title = wrapped(chart.axis_title, self.width - left, SMALL)
        self.y = self.put("title", left, self.y + SMALL_LINE, title) + 4
        self.put_ticks(axis)

    def put_ticks(self, axis: Axis) -> None:
        """Write the numbers of the axis in a line of their own."""
        self.back.append(draw_ticks(axis, self.y + SMALL_LINE))
        self.y += SMALL_LINE + 8

    def put_grid(self, chart: IntervalChart, axis: Axis, top: float, bottom: float) -> None:
        """Draw the upright lines and the reference behind everything."""
        self.back.append(draw_grid(axis, top, bottom))
        if chart.reference is not None:
            self.back.append(reference_line(axis.x(chart.reference), top, bottom))

    def put_rule(self) -> None:
        """Draw a hairline across, between two units."""
        path = f"M0,{self.y:.1f}H{self.width:.0f}"
        self.back.append(element("path", class_="interval-chart__grid", d=path, stroke=GRID))

    def svg(self, chart: IntervalChart, layout: str) -> str:
        """Put the layers together: lines, marks, words."""
        texts = [
            element("g", *parts, class_=f"interval-chart__{layer}", **self._look(layer))
            for layer, parts in self._texts.items()
            if parts
        ]
        height = self.y + 6
        return element(
            "svg", *self.back, *self.marks, *texts,
            xmlns="http://www.w3.org/2000/svg",
            class_=f"interval-chart interval-chart--{layout}",
            viewBox=f"0 0 {self.width:.0f} {height:.0f}",
            width=self.width, height=height,
            role="img", aria_label=chart.sentence, font_family=FONTS,
        )  # fmt: skip

    def _look(self, layer: str) -> Mapping[str, str | float]:
        if layer == "label":
            return {**LAYERS[layer], "text_anchor": self.label_anchor}
        return LAYERS[layer]
