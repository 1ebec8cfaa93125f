"""Where: one square a unit, laid out roughly as on the ground, with no boundary to dispute.

The darker the higher, in at most seven steps that stay apart in grey; the value stands in
every tile, with the sign of what differs from the reference. A withheld unit is a dashed frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.documents.charts.canvas import (
    BOLD,
    NOTE,
    NOTE_MIDDLE,
    SMALL,
    SMALL_LINE,
    Box,
    Canvas,
    Layout,
    Sign,
)  # fmt: skip
from app.documents.charts.interval_chart import nice_ticks
from app.documents.charts.svg import text_width, wrapped
from app.documents.wording import percent, points, translator
from app.documents.workbooks import Cell, Column, Kind, Table
from app.survey.text import Language

Standing = Literal["above", "below", "same", "unjudged"]
LIGHTEST, DARKEST = (0xDC, 0xE6, 0xEF), (0x12, 0x43, 0x6D)
MOST_BOUNDS = 8
LARGEST, SMALLEST = 112.0, 56.0
SPACE = 4.0
SAMPLE = 26.0


@dataclass(frozen=True, slots=True)
class Tile:
    """One unit at `row` and `column` (from 0); a value of None is withheld, `note` says why."""

    label: str
    row: int
    column: int
    value: float | None
    standing: Standing = "unjudged"
    note: str = ""


@dataclass(frozen=True, slots=True)
class TileGrid:
    """All tiles; no two in one place. `reference_label` names what `standing` compares with."""

    tiles: tuple[Tile, ...]
    sentence: str
    title: str = ""
    reference_label: str = ""
    unit: Literal["points", "percent"] = "points"
    decimals: int = 1

    def __post_init__(self) -> None:
        places = {(tile.row, tile.column) for tile in self.tiles}
        if len(places) != len(self.tiles):
            raise ValueError("two tiles stand in one place")
        if any(tile.row < 0 or tile.column < 0 for tile in self.tiles):
            raise ValueError("rows and columns are counted from 0")

    def written(self, value: float | None) -> str:
        """Write a value of this grid."""
        if self.unit == "percent":
            return percent(value, decimals=self.decimals)
        return points(value, decimals=self.decimals)

    def bounds(self) -> tuple[float, ...]:
        """Where the shades change: round numbers, one more than there are shades."""
        numbers = [tile.value for tile in self.tiles if tile.value is not None]
        if not numbers:
            return (0.0, 1.0)
        ticks = nice_ticks(min(numbers), max(numbers), at_most=MOST_BOUNDS)
        return tuple(map(float, ticks))


def in_grid(count: int, *, columns: int = 0) -> tuple[tuple[int, int], ...]:
    """Rows and columns for `count` units that have no places of their own, in reading order."""
    across = columns or max(1, math.ceil(math.sqrt(count * 1.4)))
    return tuple(divmod(at, across) for at in range(count))


def draw_tiles(chart: TileGrid, layout: Layout, language: Language) -> str:
    """Draw `chart`; tiles are as large as the width allows, and never larger than a stamp."""
    room = 760.0 if layout == "wide" else 358.0
    places, columns = _places(chart, int((room + SPACE) / (SMALLEST + SPACE)))
    size = min(LARGEST, max(SMALLEST, (room + SPACE) / columns - SPACE))
    canvas = Canvas("tiles", layout, room)
    canvas.title(chart.title)
    _draw_key(canvas, chart, language)
    if any(
        place != (tile.row, tile.column)
        for tile, place in zip(chart.tiles, places, strict=True)
    ):
        note = translator(language)("屏幕窄，依次排列，不表示位置")
        canvas.y = canvas.lines(0, canvas.y + SMALL, wrapped(note, room, SMALL), NOTE) + 8
    high, bounds = max(size * 0.72, 58.0), chart.bounds()
    for number, (tile, (row, column)) in enumerate(zip(chart.tiles, places, strict=True)):
        box = Box(column * (size + SPACE), canvas.y + row * (high + SPACE), size, high)
        with canvas.row(number, _spoken(chart, tile, language)):
            if tile.value is None:
                _draw_withheld(canvas, tile, box, language)
            else:
                colour = _colour(bounds, _shade(bounds, tile.value))
                _draw_tile(canvas, tile, box, written=chart.written(tile.value), colour=colour)
    rows = 1 + max((row for row, _ in places), default=0)
    canvas.y += rows * (high + SPACE)
    return canvas.svg(chart.sentence)


def tile_table(chart: TileGrid, language: Language) -> Table:
    """Every unit with its value and what can be said about it."""
    _ = translator(language)
    kind: Kind = "percent" if chart.unit == "percent" else "number"
    columns = (
        Column("name", _("单位")), Column("value", _("数值"), kind, chart.decimals),
        Column("standing", _("与参照相比")), Column("note", _("说明")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            tile.label, tile.value, _meanings(chart, language).get(tile.standing),
            tile.note or (_("不公布") if tile.value is None else None),
        )
        for tile in chart.tiles
    ]  # fmt: skip
    return Table(chart.sentence, columns, tuple(rows))


def _places(chart: TileGrid, most: int) -> tuple[list[tuple[int, int]], int]:
    """Where each tile is drawn, and how many stand side by side.

    A grid wider than the `most` tiles that can be read is drawn in reading order instead.
    """
    columns = 1 + max((tile.column for tile in chart.tiles), default=0)
    if columns <= most:
        return [(tile.row, tile.column) for tile in chart.tiles], columns
    order = sorted(chart.tiles, key=lambda tile: (tile.row, tile.column))
    place = {(tile.row, tile.column): divmod(at, most) for at, tile in enumerate(order)}
    return [place[tile.row, tile.column] for tile in chart.tiles], most


def _meanings(chart: TileGrid, language: Language) -> dict[Standing, str]:
    _ = translator(language)
    name = chart.reference_label or _("参照线")
    return {
        "above": _("明显高于{reference}").format(reference=name),
        "same": _("与{reference}的差别在误差以内").format(reference=name),
        "below": _("明显低于{reference}").format(reference=name),
    }


SIGNS: dict[Standing, Sign] = {"above": "above", "same": "same", "below": "below"}


def _draw_key(canvas: Canvas, chart: TileGrid, language: Language) -> None:
    bounds = chart.bounds()
    x = 0.0
    if any(tile.value is not None for tile in chart.tiles):
        step = max(44.0, max(text_width(chart.written(b), SMALL) for b in bounds) + 10)
        x = text_width(chart.written(bounds[0]), SMALL) / 2
        for at in range(len(bounds) - 1):
            canvas.patch(Box(x + at * step, canvas.y + 2, step - 1, 12), _colour(bounds, at))
        for at, bound in enumerate(bounds):
            canvas.text(x + at * step, canvas.y + 28, chart.written(bound), NOTE_MIDDLE)
        canvas.y += 40
    x, y = 0.0, canvas.y
    present = {tile.standing for tile in chart.tiles if tile.value is not None}
    for standing, meaning in _meanings(chart, language).items():
        if standing not in present:
            continue
        across = 20 + text_width(meaning, SMALL)
        if x and x + across > canvas.width:
            x, y = 0.0, y + SMALL_LINE + 4
        canvas.sign(SIGNS[standing], x + 7, y + 9, size=5)
        canvas.text(x + 20, y + 13.5, meaning, NOTE)
        x += across + 20
    canvas.y = y + (SMALL_LINE + 10 if x else 0)


def _shade(bounds: Sequence[float], value: float) -> int:
    """The step of `value`: 0 is the lightest, the lowest."""
    return min(sum(value >= bound for bound in bounds[1:-1]), len(bounds) - 2)


def _colour(bounds: Sequence[float], shade: int) -> str:
    """From light to dark in even steps, however many there are."""
    steps = len(bounds) - 2
    part = shade / steps if steps else 0.5
    mixed = (
        round(light + (dark - light) * part)
        for light, dark in zip(LIGHTEST, DARKEST, strict=True)
    )
    return "#" + "".join(f"{one:02x}" for one in mixed)


def _draw_tile(canvas: Canvas, tile: Tile, box: Box, *, written: str, colour: str) -> None:
    middle = box.x + box.width / 2
    lines = wrapped(tile.label, (box.width - 6) / BOLD, SMALL, lines=2)
    canvas.patch(box, colour, rounded=3)
    first = box.y + box.height / 2 - (len(lines) - 1) * 8 - 4
    for at, line in enumerate(lines):
        canvas.on_patch(middle, first + at * 16, line, colour)
    below = first + (len(lines) - 1) * 16 + 19
    shift = 8 if tile.standing in SIGNS else 0
    canvas.on_patch(middle - shift, below, written, colour)
    if tile.standing in SIGNS:
        across = text_width(written, SMALL)
        _draw_sign(canvas, SIGNS[tile.standing], middle - shift + across / 2 + 10, below - 5)


def _draw_withheld(canvas: Canvas, tile: Tile, box: Box, language: Language) -> None:
    reason = wrapped(translator(language)("不公布"), box.width - 6, SMALL, lines=2)
    lines = wrapped(tile.label, box.width - 6, SMALL, lines=3 - len(reason)) + reason
    canvas.frame(box)
    first = box.y + box.height / 2 - (len(lines) - 1) * 8 + 5
    for at, line in enumerate(lines):
        canvas.text(box.x + box.width / 2, first + at * 16, line, NOTE_MIDDLE)


def _draw_sign(canvas: Canvas, sign: Sign, x: float, y: float) -> None:
    """After the value, on a disc of paper, so that it shows on every shade."""
    canvas.box(Box(x - 7, y - 7, 14, 14), "paper", rounded=7)
    canvas.sign(sign, x, y, size=4)


def _spoken(chart: TileGrid, tile: Tile, language: Language) -> str:
    _ = translator(language)
    if tile.value is None:
        return f"{tile.label}: {tile.note or _('不公布')}"
    meaning = _meanings(chart, language).get(tile.standing, "")
    return f"{tile.label}: {chart.written(tile.value)} {meaning}".rstrip()
