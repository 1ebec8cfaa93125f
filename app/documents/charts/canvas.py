"""The surface every chart but the dot-and-interval chart is drawn on: named looks, rows, SVG.

A look is a colour with a name. It is written as a presentation attribute, which print and
PNG obey, and as a class, which the style sheet of a page recolours for the dark. Nothing
carries a ``style`` or an ``id``. A row is a group with a `<title>`, which a browser shows
to a pointer; for a screen reader the whole picture is one image with one sentence.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from app.documents.charts.svg import element, text_width, words, wrapped

Look = Literal[
    "ink", "quiet", "line", "edge", "paper", "wash", "above", "below", "soft", "band"
]  # fmt: skip
Layout = Literal["wide", "narrow"]
Anchor = Literal["start", "middle", "end"]
Sign = Literal["above", "below", "same", "plain"]

COLOURS: Mapping[Look, str] = {
    "ink": "#14212b",
    "quiet": "#46535f",
    "line": "#d5dbe0",
    "edge": "#5f6f7b",
    "paper": "#ffffff",
    "wash": "#e8eff5",
    "above": "#12436d",
    "below": "#a63d00",
    "soft": "#5f8cb7",
    "band": "#5b4a78",
}
TONES = (
    "#12436d", "#27598a", "#3f6f9f", "#5f8cb7", "#9db6cb", "#c3ccd3", "#e2c4a6", "#f3ad74",
    "#ee9a57", "#cd6831", "#a63d00",
)  # fmt: skip
"""From best to worst; the style sheet knows the same as ``tone-0`` to ``tone-10``."""
WHITE_ON = frozenset({0, 1, 2, 10})
"""The tones that carry white numbers."""
DARK_LETTERS = "#10191f"

WIDTHS: Mapping[Layout, float] = {"wide": 960.0, "narrow": 358.0}
SIZE, SMALL = 15.0, 13.0
LINE, SMALL_LINE = 20.0, 17.0
GAP = 16.0
BOLD = 1.08
FONTS = (
    "-apple-system, 'PingFang SC', 'HarmonyOS Sans SC', MiSans, 'Noto Sans CJK SC',"
    " 'Microsoft YaHei', sans-serif"
)
HATCH = 5.0
TURN = 0.19
"""The relative luminance at which dark letters read better than white ones."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Pen:
    """How a text is written."""

    size: float = SIZE
    look: Look = "ink"
    anchor: Anchor = "start"
    bold: bool = False

    def width(self, text: str) -> float:
        """Bound the width of `text` from above."""
        return text_width(text, self.size) * (BOLD if self.bold else 1)


LABEL = Pen()
LABEL_END = Pen(anchor="end")
VALUE = Pen(anchor="end", bold=True)
NOTE = Pen(SMALL, "quiet")
NOTE_END = Pen(SMALL, "quiet", "end")
NOTE_MIDDLE = Pen(SMALL, "quiet", "middle")


class Canvas:
    """A drawing in the making, `width` wide; `y` is how far down it is filled."""

    def __init__(self, kind: str, layout: Layout, width: float | None = None) -> None:
        self.kind = kind
        self.layout = layout
        self.width = WIDTHS[layout] if width is None else width
        self.y = 0.0
        self._parts: list[str] = []

    @contextmanager
    def row(self, number: int, spoken: str) -> Iterator[None]:
        """Draw what follows as row `number` of the table beside; `spoken` is its hint."""
        before, self._parts = self._parts, [element("title", words(spoken))]
        yield
        group = element("g", *self._parts, class_="drawing__row", data_row=str(number))
        self._parts = [*before, group]

    def text(self, x: float, y: float, text: str, pen: Pen = LABEL) -> None:
        """Write one line with its base line at `y`."""
        if text:
            self._parts.append(
                element(
                    "text", words(text), x=x, y=y, class_=f"drawing__fill--{pen.look}",
                    fill=COLOURS[pen.look], font_size=pen.size,
                    text_anchor=None if pen.anchor == "start" else pen.anchor,
                    font_weight="bold" if pen.bold else None,
                )
            )  # fmt: skip

    def lines(self, x: float, y: float, lines: Sequence[str], pen: Pen = LABEL) -> float:
        """Write `lines` downwards from base line `y`; give the base line of the last."""
        step = LINE if pen.size >= SIZE else SMALL_LINE
        for number, line in enumerate(lines):
            self.text(x, y + number * step, line, pen)
        return y + max(0, len(lines) - 1) * step

    def middle(self, x: float, middle: float, lines: Sequence[str], pen: Pen = LABEL) -> None:
        """Write `lines` around the height `middle`."""
        step = LINE if pen.size >= SIZE else SMALL_LINE
        self.lines(x, middle + 5 - (len(lines) - 1) * step / 2, lines, pen)

    def box(self, box: Box, look: Look, *, rounded: float | None = None) -> None:
        """Fill a rectangle."""
        self._rectangle(box, f"drawing__fill--{look}", COLOURS[look], rounded)

    def tone(self, box: Box, tone: int, *, rounded: float | None = None) -> None:
        """Fill a rectangle with a tone from best (0) to worst (10)."""
        self._rectangle(box, f"tone-{tone}", TONES[tone], rounded)

    def on_tone(self, x: float, y: float, text: str, tone: int) -> None:
        """Write a bold number in the middle of what has `tone`."""
        colour = "#ffffff" if tone in WHITE_ON else DARK_LETTERS
        self._parts.append(
            element(
                "text", words(text), x=x, y=y, class_=f"tone-{tone}", fill=colour,
                font_size=SMALL, font_weight="bold", text_anchor="middle",
            )
        )  # fmt: skip

    def patch(self, box: Box, colour: str, *, rounded: float | None = None) -> None:
        """Fill a rectangle with a colour that stays what it is, in the dark too."""
        self._rectangle(box, "drawing__patch", colour, rounded)

    def on_patch(self, x: float, y: float, text: str, colour: str) -> None:
        """Write a bold text in the middle of a patch, dark or white, whichever reads better."""
        fill = "#ffffff" if light(colour) < TURN else DARK_LETTERS
        self._parts.append(
            element(
                "text", words(text), x=x, y=y, class_="drawing__patch", fill=fill,
                font_size=SMALL, font_weight="bold", text_anchor="middle",
            )
        )  # fmt: skip

    def frame(self, box: Box, look: Look = "edge") -> None:
        """Draw a dashed frame: something is here and is not shown."""
        self._parts.append(
            element(
                "rect", x=box.x + 0.5, y=box.y + 0.5, width=max(box.width - 1, 0),
                height=max(box.height - 1, 0), class_=f"drawing__line--{look}",
                stroke=COLOURS[look], fill="none", stroke_dasharray="3 3",
            )
        )  # fmt: skip

    def hatch(self, box: Box, look: Look = "paper") -> None:
        """Draw slanting lines over a rectangle, so that it differs in grey too."""
        path = "".join(_slants(box))
        if path:
            self.path(path, look, width=1.1)

    def path(
        self, d: str, look: Look, *, width: float = 1.0, dashes: str | None = None
    ) -> None:
        """Draw a line."""
        self._parts.append(
            element(
                "path", d=d, class_=f"drawing__line--{look}", stroke=COLOURS[look],
                stroke_width=width, stroke_dasharray=dashes, fill="none",
            )
        )  # fmt: skip

    def sign(self, sign: Sign, x: float, y: float, *, size: float = 6) -> None:
        """Draw a filled dot (above), a diamond (below), a ring (no difference), a small dot."""
        if sign == "below":
            reach = size + 1
            d = f"M{x:.1f},{y - reach:.1f}l{reach},{reach}l-{reach},{reach}l-{reach},-{reach}z"
            self._parts.append(
                element("path", d=d, class_="drawing__fill--below", fill=COLOURS["below"])
            )
        elif sign == "same":
            self._parts.append(
                element(
                    "circle", cx=x, cy=y, r=size - 1,
                    class_="drawing__fill--paper drawing__line--edge",
                    fill=COLOURS["paper"], stroke=COLOURS["edge"], stroke_width=2.2,
                )
            )  # fmt: skip
        else:
            look: Look = "above" if sign == "above" else "edge"
            radius = size if sign == "above" else size - 2
            self._parts.append(
                element(
                    "circle", cx=x, cy=y, r=radius, class_=f"drawing__fill--{look}",
                    fill=COLOURS[look],
                )
            )  # fmt: skip

    def title(self, text: str) -> None:
        """Write what is measured over the drawing, wrapped."""
        if text:
            lines = wrapped(text, self.width, SMALL)
            self.y = self.lines(0, self.y + SMALL_LINE, lines, NOTE) + 10

    def svg(self, sentence: str) -> str:
        """Close the drawing: one image that says one sentence."""
        height = self.y + 6
        return element(
            "svg", *self._parts,
            xmlns="http://www.w3.org/2000/svg",
            class_=f"drawing drawing--{self.kind} drawing--{self.layout}",
            viewBox=f"0 0 {self.width:.0f} {height:.0f}", width=self.width, height=height,
            role="img", aria_label=sentence, font_family=FONTS,
        )  # fmt: skip

    def _rectangle(self, box: Box, css: str, colour: str, rounded: float | None) -> None:
        self._parts.append(
            element(
                "rect", x=box.x, y=box.y, width=max(box.width, 0), height=max(box.height, 0),
                rx=rounded, class_=css, fill=colour,
            )
        )  # fmt: skip


def light(colour: str) -> float:
    """The relative luminance of ``#rrggbb``, 0 to 1, as WCAG 2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _slants(box: Box) -> Iterator[str]:
    """Slanting lines every `HATCH` across, each cut off at the edges of `box`."""
    shift = HATCH
    while shift < box.width + box.height:
        start = max(0.0, shift - box.height)
        end = min(shift, box.width)
        if end - start > 0.5:
            yield (
                f"M{box.x + start:.1f},{box.y + shift - start:.1f}"
                f"L{box.x + end:.1f},{box.y + shift - end:.1f}"
            )
        shift += HATCH
