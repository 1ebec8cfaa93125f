"""How far each quota is filled: one bullet a cell, the missing number in words.

All targets stand at one tick, so that full is a place and not a length to compare. A cell
behind what the elapsed time lets expect is warm, hatched, and says so.
"""

from dataclasses import dataclass
from typing import Literal

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
    Look,
)  # fmt: skip
from app.documents.charts.svg import text_width, wrapped
from app.documents.wording import count, percent, translator
from app.documents.workbooks import Cell, Column, Table
from app.survey.text import Language

Progress = Literal["full", "on_course", "behind"]
LONGEST_LABEL = 220.0
BEYOND = 1.15
"""The scale goes a little over the target; what is more is cut off and said in numbers."""
TRACK, BULLET = 18.0, 10.0


@dataclass(frozen=True, slots=True)
class Quota:
    """One cell of the plan: how many were received of how many wanted."""

    label: str
    received: int
    target: int
    note: str = ""

    def __post_init__(self) -> None:
        if self.received < 0 or self.target < 1:
            raise ValueError(f"{self.label}: a quota wants at least one, and has none or more")

    @property
    def missing(self) -> int:
        """How many are still wanted."""
        return max(self.target - self.received, 0)


@dataclass(frozen=True, slots=True)
class QuotaBullets:
    """The cells; `expected` is the share that should be there by now, such as elapsed time."""

    quotas: tuple[Quota, ...]
    sentence: str
    title: str = ""
    expected: float | None = None

    def __post_init__(self) -> None:
        if self.expected is not None and not 0 <= self.expected <= 1:
            raise ValueError("what is expected by now is a share")

    def progress(self, quota: Quota) -> Progress:
        """Full, behind what is expected by now, or neither."""
        if not quota.missing:
            return "full"
        if self.expected is not None and quota.received / quota.target < self.expected:
            return "behind"
        return "on_course"


LOOKS: dict[Progress, Look] = {"full": "above", "on_course": "soft", "behind": "below"}


def draw_quotas(chart: QuotaBullets, layout: Layout, language: Language) -> str:
    """Draw `chart`: words beside the bullets, or above them on a phone."""
    canvas = Canvas("quotas", layout, 760.0 if layout == "wide" else None)
    canvas.title(chart.title)
    _draw_key(canvas, chart, language)
    if layout == "wide":
        _draw_columns(canvas, chart, language)
    else:
        _draw_stack(canvas, chart, language)
    return canvas.svg(chart.sentence)


def quota_table(chart: QuotaBullets, language: Language) -> Table:
    """Received, wanted, missing, and how it goes."""
    _ = translator(language)
    columns = (
        Column("name", _("配额")), Column("received", _("已收"), "count"),
        Column("target", _("目标"), "count"), Column("missing", _("还差"), "count"),
        Column("share", _("完成"), "percent", 0), Column("progress", _("进度")),
        Column("note", _("说明")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            quota.label, quota.received, quota.target, quota.missing,
            quota.received / quota.target, _meanings(language)[chart.progress(quota)],
            quota.note or None,
        )
        for quota in chart.quotas
    ]  # fmt: skip
    return Table(chart.sentence, columns, tuple(rows))


def _meanings(language: Language) -> dict[Progress, str]:
    _ = translator(language)
    return {"full": _("已满"), "on_course": _("未满"), "behind": _("落后")}


def _draw_key(canvas: Canvas, chart: QuotaBullets, language: Language) -> None:
    _ = translator(language)
    x, y = 0.0, canvas.y
    present = {chart.progress(quota) for quota in chart.quotas}
    for progress, meaning in _meanings(language).items():
        if progress in present:
            _fill(canvas, Box(x, y + 4, 24, BULLET), progress)
            canvas.text(x + 32, y + 13.5, meaning, NOTE)
            x += 32 + text_width(meaning, SMALL) + 20
    if chart.expected is not None:
        words = _("点线：按时间应达到 {share}").format(
            share=percent(chart.expected, decimals=0)
        )
        if x + 20 + text_width(words, SMALL) > canvas.width:
            x, y = 0.0, y + SMALL_LINE + 4
        canvas.path(f"M{x + 6:.1f},{y}V{y + 18:.1f}", "quiet", width=1.4, dashes="2 3")
        canvas.text(x + 18, y + 13.5, words, NOTE)
    canvas.y = y + SMALL_LINE + 12


def _draw_columns(canvas: Canvas, chart: QuotaBullets, language: Language) -> None:
    labels = [wrapped(quota.label, LONGEST_LABEL, SIZE) for quota in chart.quotas]
    left = max((text_width(line, SIZE) for lines in labels for line in lines), default=0) + 12
    numbers = [_numbers(quota) for quota in chart.quotas]
    remarks = [_remark(chart, quota, language) for quota in chart.quotas]
    number = max((VALUE.width(text) for text in numbers), default=0)
    remark = max((text_width(text, SMALL) for text in remarks), default=0)
    remark = min(remark, 190.0)
    end = canvas.width - remark - number - GAP * 2
    for at, (quota, lines) in enumerate(zip(chart.quotas, labels, strict=True)):
        height = max(len(lines) * LINE, TRACK) + 10
        middle = canvas.y + height / 2
        with canvas.row(at, _spoken(quota, remarks[at])):
            canvas.middle(left - 12, middle, lines, LABEL_END)
            _draw_bullet(canvas, chart, quota, Box(left, middle, end - left, TRACK))
            canvas.middle(end + GAP + number, middle, [numbers[at]], VALUE)
            said = wrapped(remarks[at], remark, SMALL)
            canvas.middle(end + GAP * 2 + number, middle, said, NOTE)
        canvas.y += height


def _draw_stack(canvas: Canvas, chart: QuotaBullets, language: Language) -> None:
    for at, quota in enumerate(chart.quotas):
        numbers, remark = _numbers(quota), _remark(chart, quota, language)
        lines = wrapped(quota.label, canvas.width - VALUE.width(numbers) - GAP, SIZE)
        with canvas.row(at, _spoken(quota, remark)):
            canvas.text(canvas.width, canvas.y + LINE, numbers, VALUE)
            canvas.y = canvas.lines(0, canvas.y + LINE, lines, LABEL) + 8
            box = Box(0, canvas.y + TRACK / 2, canvas.width, TRACK)
            _draw_bullet(canvas, chart, quota, box)
            said = wrapped(remark, canvas.width, SMALL)
            canvas.y = canvas.lines(0, canvas.y + TRACK + SMALL_LINE, said, NOTE)
        canvas.y += 10


def _draw_bullet(canvas: Canvas, chart: QuotaBullets, quota: Quota, box: Box) -> None:
    """The track reaches to the target; `box.y` is the middle of the bullet."""
    tick = box.x + box.width / BEYOND
    canvas.box(Box(box.x, box.y - TRACK / 2, tick - box.x, TRACK), "wash")
    across = min(quota.received / quota.target, BEYOND) * (tick - box.x)
    bullet = Box(box.x, box.y - BULLET / 2, across, BULLET)
    _fill(canvas, bullet, chart.progress(quota))
    if chart.expected is not None and quota.missing:
        x = box.x + chart.expected * (tick - box.x)
        path = f"M{x:.1f},{box.y - TRACK / 2 - 2:.1f}v{TRACK + 4:.0f}"
        canvas.path(path, "quiet", width=1.4, dashes="2 3")
    path = f"M{tick:.1f},{box.y - TRACK / 2 - 2:.1f}v{TRACK + 4:.0f}"
    canvas.path(path, "ink", width=2)


def _fill(canvas: Canvas, box: Box, progress: Progress) -> None:
    canvas.box(box, LOOKS[progress])
    if progress == "behind":
        canvas.hatch(box)


def _numbers(quota: Quota) -> str:
    return f"{count(quota.received)}/{count(quota.target)}"


def _remark(chart: QuotaBullets, quota: Quota, language: Language) -> str:
    _ = translator(language)
    progress = chart.progress(quota)
    words = _("已满") if progress == "full" else _("差 {n}").format(n=count(quota.missing))
    parts = [words]
    if progress == "behind":
        parts.append(_("落后"))
    if quota.note:
        parts.append(quota.note)
    return " · ".join(parts)


def _spoken(quota: Quota, remark: str) -> str:
    return f"{quota.label}: {_numbers(quota)}, {remark}"
