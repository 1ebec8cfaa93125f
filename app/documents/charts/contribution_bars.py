"""What a score is made of: one bar a part, from nothing to what it gives or takes.

The pale track behind a bar is the most that the part can give, so a short bar on a long
track is the gap to close. What takes away goes to the left, warm and hatched.
"""

from dataclasses import dataclass

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
from app.documents.charts.svg import text_width, wrapped
from app.documents.wording import difference, points, translator
from app.documents.workbooks import Cell, Column, Table
from app.survey.text import Language

LONGEST_LABEL = 260.0
LONGEST_NOTE = 180.0
BAR = 14.0


@dataclass(frozen=True, slots=True)
class Contribution:
    """One part: what it adds (or takes, below zero), and the most it can add."""

    label: str
    amount: float | None
    most: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.amount is not None and self.most is not None and self.most < self.amount:
            raise ValueError(f"{self.label}: a part gives at most its most")


@dataclass(frozen=True, slots=True)
class ContributionBars:
    """The parts in the order of the index; `total` is the score they make, if they add up."""

    parts: tuple[Contribution, ...]
    sentence: str
    title: str = ""
    total: float | None = None
    total_label: str = ""
    decimals: int = 2

    def extent(self) -> tuple[float, float]:
        """The ends of the scale; zero always lies between them."""
        numbers = [0.0]
        for part in self.parts:
            numbers += [x for x in (part.amount, part.most) if x is not None]
        low, high = min(numbers), max(numbers)
        return (low, high) if low < high else (0.0, 1.0)

    def written(self, part: Contribution) -> str:
        """Write an amount: one that takes away with its sign."""
        if part.amount is not None and part.amount < 0:
            return difference(part.amount, decimals=self.decimals)
        return points(part.amount, decimals=self.decimals)


def draw_contributions(chart: ContributionBars, layout: Layout, language: Language) -> str:
    """Draw `chart`: words beside the bars, or above them on a phone."""
    canvas = Canvas("contributions", layout, 860.0 if layout == "wide" else None)
    canvas.title(chart.title)
    if layout == "wide":
        _draw_columns(canvas, chart, language)
    else:
        _draw_stack(canvas, chart, language)
    _write_total(canvas, chart, language)
    return canvas.svg(chart.sentence)


def contribution_table(chart: ContributionBars, language: Language) -> Table:
    """Each part, and the total."""
    _ = translator(language)
    columns = (
        Column("name", _("组成")), Column("amount", _("贡献"), "number", chart.decimals),
        Column("most", _("最多"), "number", chart.decimals), Column("note", _("说明")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (part.label, part.amount, part.most, part.note or None) for part in chart.parts
    ]
    if chart.total is not None:
        rows.append((chart.total_label or _("合计"), chart.total, None, None))
    return Table(chart.sentence, columns, tuple(rows))


def _draw_columns(canvas: Canvas, chart: ContributionBars, language: Language) -> None:
    extent = chart.extent()
    labels = [wrapped(part.label, LONGEST_LABEL, SIZE) for part in chart.parts]
    notes = [wrapped(_note(part, language), LONGEST_NOTE, SMALL) for part in chart.parts]
    left = max((text_width(line, SIZE) for lines in labels for line in lines), default=0) + 12
    value = max((VALUE.width(chart.written(part)) for part in chart.parts), default=0)
    note = max((text_width(line, SMALL) for lines in notes for line in lines), default=0)
    end = canvas.width - value - GAP - (note + GAP if note else 0)
    top = canvas.y
    for at, part in enumerate(chart.parts):
        height = max(len(labels[at]) * LINE, len(notes[at]) * SMALL_LINE, BAR) + 8
        middle = canvas.y + height / 2
        with canvas.row(at, _spoken(chart, part, language)):
            canvas.middle(left - 12, middle, labels[at], LABEL_END)
            box = Box(left, middle - BAR / 2, end - left, BAR)
            _draw_bar(canvas, part, box, extent)
            canvas.middle(end + GAP + value, middle, [chart.written(part)], VALUE)
            canvas.middle(end + GAP * 2 + value, middle, notes[at], NOTE)
        canvas.y += height
    zero = _x(extent, 0.0, Box(left, 0, end - left, 0))
    canvas.path(f"M{zero:.1f},{top:.1f}V{canvas.y:.1f}", "edge")


def _draw_stack(canvas: Canvas, chart: ContributionBars, language: Language) -> None:
    extent = chart.extent()
    for at, part in enumerate(chart.parts):
        written = chart.written(part)
        lines = wrapped(part.label, canvas.width - VALUE.width(written) - GAP, SIZE)
        with canvas.row(at, _spoken(chart, part, language)):
            canvas.text(canvas.width, canvas.y + LINE, written, VALUE)
            canvas.y = canvas.lines(0, canvas.y + LINE, lines, LABEL) + 7
            box = Box(0, canvas.y, canvas.width, BAR)
            _draw_bar(canvas, part, box, extent)
            zero = _x(extent, 0.0, box)
            canvas.path(f"M{zero:.1f},{canvas.y - 2:.1f}v{BAR + 4:.0f}", "edge")
            canvas.y += BAR
            note = _note(part, language)
            if note:
                lines = wrapped(note, canvas.width, SMALL)
                canvas.y = canvas.lines(0, canvas.y + SMALL_LINE, lines, NOTE)
        canvas.y += 10


def _draw_bar(
    canvas: Canvas, part: Contribution, box: Box, extent: tuple[float, float]
) -> None:
    zero = _x(extent, 0.0, box)
    if part.most is not None and part.most > 0:
        most = _x(extent, part.most, box)
        canvas.box(Box(zero, box.y, most - zero, box.height), "wash")
        canvas.path(f"M{most:.1f},{box.y:.1f}v{box.height:.0f}", "edge")
    if part.amount is None:
        canvas.frame(Box(zero, box.y, min(60.0, box.x + box.width - zero), box.height))
    elif part.amount >= 0:
        end = _x(extent, part.amount, box)
        canvas.box(Box(zero, box.y + 2, end - zero, box.height - 4), "above")
    else:
        start = _x(extent, part.amount, box)
        taken = Box(start, box.y + 2, zero - start, box.height - 4)
        canvas.box(taken, "below")
        canvas.hatch(taken)


def _x(extent: tuple[float, float], value: float, box: Box) -> float:
    low, high = extent
    return box.x + (value - low) / (high - low) * box.width


def _write_total(canvas: Canvas, chart: ContributionBars, language: Language) -> None:
    if chart.total is None:
        return
    name = chart.total_label or translator(language)("合计")
    text = f"{name} {points(chart.total, decimals=chart.decimals)}"
    lines = wrapped(text, canvas.width / 1.08, SIZE)
    canvas.path(f"M0,{canvas.y + 5:.1f}H{canvas.width:.0f}", "edge")
    for line in lines:
        canvas.y += LINE + 6
        canvas.text(canvas.width, canvas.y, line, VALUE)


def _note(part: Contribution, language: Language) -> str:
    if part.amount is None:
        return part.note or translator(language)("不公布")
    return part.note


def _spoken(chart: ContributionBars, part: Contribution, language: Language) -> str:
    said = f"{part.label}: {chart.written(part)}"
    if part.most is not None:
        said += f" / {points(part.most, decimals=chart.decimals)}"
    note = _note(part, language)
    return f"{said}, {note}" if note else said
