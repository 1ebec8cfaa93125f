"""Finding room for the labels of a scatter: beside the dot, nothing over anything.

A label goes to the free place around its dot that the fewest lines run through. Where there
is none it becomes a number, and whoever drew the scatter lists the numbers underneath.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.documents.charts.canvas import SMALL, Box, Canvas, Pen
from app.documents.charts.svg import text_width

REACHES = (11.0, 22.0, 34.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words of dot `number`, which stands at `spot`."""

    number: int
    words: str
    spot: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A label and its box; no box where nothing fits. `is_number`: its words found no room."""

    number: int
    words: str
    box: Box | None
    spot: tuple[float, float]
    is_number: bool


def place_labels(
    wanted: Sequence[Wanted], *, inside: Box, taken: Sequence[Box], lines: Sequence[Box]
) -> list[Placed]:
    """Give each label, in this order, a place `inside` that is not `taken`."""
    filled = list(taken)
    result, left = [], []
    for one in wanted:
        box = _best_place(one, inside=inside, taken=filled, lines=lines)
        if box is None:
            left.append(Wanted(one.number, str(one.number + 1), one.spot))
        else:
            filled.append(box)
            result.append(Placed(one.number, one.words, box, one.spot, is_number=False))
    for one in left:
        box = _best_place(one, inside=inside, taken=filled, lines=())
        if box is not None:
            filled.append(box)
        result.append(Placed(one.number, one.words, box, one.spot, is_number=True))
    return result


def write_labels(canvas: Canvas, placed: Sequence[Placed]) -> None:
    """Write the labels, with a thin line to the dot where it is not plain whose they are."""
    for one in placed:
        if one.box is None:
            continue
        x, y = one.spot
        middle = one.box.x + one.box.width / 2, one.box.y + one.box.height / 2
        if abs(middle[1] - y) > 20 or not one.box.x - 13 < x < one.box.x + one.box.width + 13:
            near = (
                max(one.box.x, min(x, one.box.x + one.box.width)),
                (one.box.y if y < one.box.y else one.box.y + one.box.height),
            )
            canvas.path(f"M{x:.1f},{y:.1f}L{near[0]:.1f},{near[1]:.1f}", "line")
        canvas.text(one.box.x, one.box.y + SMALL - 0.5, one.words, Pen(SMALL))


def _best_place(
    one: Wanted, *, inside: Box, taken: Sequence[Box], lines: Sequence[Box]
) -> Box | None:
    """The free place that the fewest intervals run through; among equals the nearest."""
    free = [
        box
        for box in _candidates(one.spot, text_width(one.words, SMALL))
        if _fits(box, inside) and not any(_touch(box, other) for other in taken)
    ]
    return min(free, key=lambda box: sum(_touch(box, line) for line in lines), default=None)


def _candidates(spot: tuple[float, float], across: float) -> Iterator[Box]:
    x, y = spot
    high = SMALL + 3
    for reach in REACHES:
        yield Box(x + reach, y - high / 2, across, high)
        yield Box(x - reach - across, y - high / 2, across, high)
        yield Box(x - across / 2, y - reach - high, across, high)
        yield Box(x - across / 2, y + reach, across, high)
        slant = reach * 0.8
        yield Box(x + slant, y - slant - high, across, high)
        yield Box(x + slant, y + slant, across, high)
        yield Box(x - slant - across, y - slant - high, across, high)
        yield Box(x - slant - across, y + slant, across, high)


def _fits(box: Box, inside: Box) -> bool:
    return (
        box.x >= inside.x
        and box.x + box.width <= inside.x + inside.width
        and box.y >= inside.y
        and box.y + box.height <= inside.y + inside.height
    )


def _touch(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )
