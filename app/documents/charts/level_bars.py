"""The five-level bars of many units, with the dissatisfied share magnified beside them.

All bars start at the same edge: 基本满意 is no middle to balance around. Chinese surveys
stand at 85 to 98 per cent satisfied, so the share that matters is drawn once more on a scale
of its own. Dissatisfied levels are hatched as well as warm, so that a grey print reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.charts.answer_bars import READABLE, tone
from app.documents.charts.canvas import (
    GAP,
    LABEL,
    LABEL_END,
    LINE,
    NOTE,
    SIZE,
    SMALL,
    SMALL_LINE,
    VALUE,
    Box,
    Canvas,
    Layout,
)  # fmt: skip
from app.documents.charts.interval_chart import nice_ticks
from app.documents.charts.svg import text_width, wrapped
from app.documents.wording import count, percent, translator
from app.documents.workbooks import Cell, Column, Table
from app.survey.text import Language

LONGEST_LABEL = 200.0
BAR, THIN = 22.0, 7.0
MAGNIFIED = 130.0
SWATCH = 14.0
WHOLE = 5e-4
"""Shares that were rounded on the way still add up to 1."""


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One unit: its share of each level, best first, 0 to 1; no shares when withheld.

    None is a level that is withheld by itself. One alone would follow from the others, so
    there are none or at least two; their rest of the bar is a dashed frame.
    """

    label: str
    shares: tuple[float | None, ...]
    n: int | None = None
    note: str = ""
    """Why there are no shares, or a remark."""


@dataclass(frozen=True, slots=True)
class LevelBars:
    """The bars from top to bottom; the last `dissatisfied` of `levels` are magnified."""

    rows: tuple[LevelRow, ...]
    levels: tuple[str, ...]
    sentence: str
    title: str = ""
    dissatisfied: int = 2

    def __post_init__(self) -> None:
        if not 0 <= self.dissatisfied < len(self.levels):
            raise ValueError("some levels are satisfied ones")
        for row in self.rows:
            if not row.shares:
                continue
            shown = [share for share in row.shares if share is not None]
            if len(row.shares) != len(self.levels) or min(shown, default=0) < 0:
                raise ValueError(f"{row.label}: one share for each level")
            if len(shown) == len(row.shares) - 1:
                raise ValueError(f"{row.label}: one withheld share follows from the others")
            whole = len(shown) == len(row.shares)
            if sum(shown) > 1 + WHOLE or (whole and sum(shown) < 1 - WHOLE):
                raise ValueError(f"{row.label}: the shares add up to 1")

    def magnified(self, row: LevelRow) -> float | None:
        """The share of the dissatisfied levels together; None where one of them is withheld."""
        shares = row.shares[len(self.levels) - self.dissatisfied :]
        shown = [share for share in shares if share is not None]
        return sum(shown) if row.shares and len(shown) == len(shares) else None

    def largest(self) -> float:
        """The end of the magnified scale: a round number at or above every share."""
        most = max((self.magnified(row) or 0.0 for row in self.rows), default=0.0)
        return float(nice_ticks(0.0, max(most, 0.01), at_most=4)[-1])


def draw_levels(chart: LevelBars, layout: Layout, language: Language) -> str:
    """Draw `chart`: bars in columns, or on a phone each unit's words above its bar."""
    canvas = Canvas("levels", layout)
    canvas.title(chart.title)
    _draw_key(canvas, chart)
    if layout == "wide":
        _draw_columns(canvas, chart, language)
    else:
        _draw_stack(canvas, chart, language)
    return canvas.svg(chart.sentence)


def level_table(chart: LevelBars, language: Language) -> Table:
    """Every share, and the dissatisfied together."""
    _ = translator(language)
    shares = [
        Column(f"level_{at}", label, "percent") for at, label in enumerate(chart.levels, 1)
    ]
    columns = (
        Column("name", _("单位")),
        *shares,
        Column("dissatisfied", _("不满意合计"), "percent"),
        Column("n", _("份数"), "count"),
        Column("note", _("说明")),
    )
    return Table(chart.sentence, columns, tuple(_cells(chart, row) for row in chart.rows))


def _cells(chart: LevelBars, row: LevelRow) -> tuple[Cell, ...]:
    if not row.shares:
        return (row.label, *[None] * len(chart.levels), None, row.n, row.note or None)
    return (row.label, *row.shares, chart.magnified(row), row.n, row.note or None)


def _draw_key(canvas: Canvas, chart: LevelBars) -> None:
    x, y = 0.0, canvas.y
    for at, label in enumerate(chart.levels):
        lines = wrapped(label, canvas.width - SWATCH - 6, SMALL, lines=1)
        across = SWATCH + 6 + max(text_width(line, SMALL) for line in lines)
        if x and x + across > canvas.width:
            x, y = 0.0, y + SMALL_LINE + 4
        _draw_level(canvas, chart, at, Box(x, y + 2, SWATCH, SWATCH))
        canvas.lines(x + SWATCH + 6, y + 14, lines, NOTE)
        x += across + GAP
    canvas.y = y + SMALL_LINE + 12


def _draw_level(canvas: Canvas, chart: LevelBars, at: int, box: Box) -> None:
    canvas.tone(box, tone(at, len(chart.levels)))
    if at >= len(chart.levels) - chart.dissatisfied:
        canvas.hatch(box)


def _draw_columns(canvas: Canvas, chart: LevelBars, language: Language) -> None:
    _, largest = translator(language), chart.largest()
    labels = [wrapped(row.label, LONGEST_LABEL, SIZE) for row in chart.rows]
    left = max((text_width(line, SIZE) for lines in labels for line in lines), default=0) + 12
    right = canvas.width
    number = text_width("100.0%", SIZE) * 1.08
    extra = MAGNIFIED + number + GAP * 2 if chart.dissatisfied else 0
    room = right - left - extra
    if chart.dissatisfied:
        heading = wrapped(_("不满意合计（放大）"), MAGNIFIED + number + 8, SMALL)
        canvas.lines(left + room + GAP, canvas.y + 8, heading, NOTE)
        canvas.y += len(heading) * SMALL_LINE
    for number_, (row, lines) in enumerate(zip(chart.rows, labels, strict=True)):
        height = max(len(lines) * LINE, BAR) + 8
        middle = canvas.y + height / 2
        with canvas.row(number_, _spoken(chart, row, language)):
            canvas.middle(left - 12, middle, lines, LABEL_END)
            _draw_bar(canvas, chart, row, Box(left, middle - BAR / 2, room, BAR), language)
            share = chart.magnified(row)
            if chart.dissatisfied and share is not None:
                start = left + room + GAP
                across = share / largest * MAGNIFIED
                box = Box(start, middle - 7, across, 14)
                canvas.box(box, "below")
                canvas.hatch(box)
                canvas.middle(start + across + 8, middle, [percent(share)])
        canvas.y += height


def _draw_stack(canvas: Canvas, chart: LevelBars, language: Language) -> None:
    _, largest = translator(language), chart.largest()
    if chart.dissatisfied:
        times = count(round(1 / largest))
        note = _("每条下面的细条：不满意合计，放大约 {times} 倍；数字也是它").format(
            times=times
        )
        lines = wrapped(note, canvas.width, SMALL)
        canvas.y = canvas.lines(0, canvas.y + 8, lines, NOTE) + 10
    for number, row in enumerate(chart.rows):
        with canvas.row(number, _spoken(chart, row, language)):
            share = chart.magnified(row) if chart.dissatisfied else None
            value = "" if share is None else percent(share)
            room = canvas.width - VALUE.width(value) - GAP
            lines = wrapped(row.label, room, SIZE)
            canvas.text(canvas.width, canvas.y + LINE, value, VALUE)
            canvas.y = canvas.lines(0, canvas.y + LINE, lines, LABEL) + 7
            _draw_bar(canvas, chart, row, Box(0, canvas.y, canvas.width, BAR), language)
            canvas.y += BAR + 3
            if share is not None:
                across = share / largest * canvas.width
                canvas.box(Box(0, canvas.y, across, THIN), "below")
            canvas.y += THIN + 8


def _draw_bar(
    canvas: Canvas, chart: LevelBars, row: LevelRow, box: Box, language: Language
) -> None:
    if not row.shares:
        reason = row.note or translator(language)("不公布")
        canvas.frame(box)
        lines = wrapped(reason, box.width - 16, SMALL, lines=1)
        canvas.middle(box.x + 8, box.y + box.height / 2, lines, NOTE)
        return
    start = box.x
    for at, share in enumerate(row.shares):
        if share is None:
            continue
        across = share * box.width
        if across >= 1:
            _draw_level(canvas, chart, at, Box(start, box.y, across - 2, box.height))
        if share >= READABLE and across > 24:
            number = percent(share, decimals=0).rstrip("%")
            shade = tone(at, len(chart.levels))
            hatched = at >= len(chart.levels) - chart.dissatisfied
            draw = _draw_over_hatching if hatched else _draw_number
            draw(canvas, start + (across - 2) / 2, box, number=number, shade=shade)
        start += across
    if None in row.shares:
        rest = Box(start, box.y, box.x + box.width - start, box.height)
        canvas.frame(rest)
        words = wrapped(translator(language)("不公布"), max(rest.width - 12, 1), SMALL, lines=1)
        if rest.width > 60:
            canvas.middle(rest.x + 6, rest.y + rest.height / 2, words, NOTE)


def _draw_over_hatching(canvas: Canvas, x: float, box: Box, *, number: str, shade: int) -> None:
    """The number stands on a plain patch, so that hatching does not run through it."""
    across = text_width(number, SMALL) + 4
    canvas.tone(Box(x - across / 2, box.y + 3, across, box.height - 6), shade)
    _draw_number(canvas, x, box, number=number, shade=shade)


def _draw_number(canvas: Canvas, x: float, box: Box, *, number: str, shade: int) -> None:
    canvas.on_tone(x, box.y + box.height / 2 + 5, number, shade)


def _spoken(chart: LevelBars, row: LevelRow, language: Language) -> str:
    _ = translator(language)
    if not row.shares:
        return f"{row.label}: {row.note or _('不公布')}"
    said: Sequence[str] = [
        f"{label} {_('不公布') if share is None else percent(share)}"
        for label, share in zip(chart.levels, row.shares, strict=True)
    ]
    return f"{row.label}: " + ", ".join(said)
