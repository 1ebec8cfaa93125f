"""The five-level bar: how the answers to one item are spread, drawn as one stacked bar.

Each bar is a small SVG as wide as its place, in per cent of it, so one drawing serves a
phone and a desk. All bars start at the same edge: 基本满意 is no middle to balance around.
Numbers stand in the segments that can hold them; the label of the whole bar says them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.charts.svg import element, words
from app.documents.wording import percent

HEIGHT = 26
READABLE = 0.07
"""A segment narrower than this share of the bar carries no number."""
TONES = 10
"""The style sheet knows tones 0 (best) to 10 (worst)."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One level: its words and its share of the bar, 0 to 1."""

    label: str
    share: float
    tone: int | None
    """0 (best) to 10 (worst); None for levels that are withheld and stand as one rest."""


def tone(position: int, levels: int) -> int:
    """The tone of a level, so that four, five or eleven levels span the same colours."""
    return round(position / max(levels - 1, 1) * TONES)


def answer_bar_svg(segments: Sequence[Segment], *, label: str) -> str:
    """Draw `segments`, best first; `label` names what they are shares of."""
    start, drawn = 0.0, []
    for segment in segments:
        css = "tone-none" if segment.tone is None else f"tone-{segment.tone}"
        if segment.share > 0:
            drawn.append(
                element(
                    "rect", x=_per_cent(start), width=_per_cent(segment.share),
                    height=HEIGHT, class_=css,
                )
            )  # fmt: skip
        if segment.share >= READABLE:
            middle = _per_cent(start + segment.share / 2)
            number = words(percent(segment.share, decimals=0).rstrip("%"))
            drawn.append(element("text", number, x=middle, y=18, class_=css))
        start += segment.share
    spoken = ", ".join(f"{s.label} {percent(s.share)}" for s in segments)
    return element(
        "svg", *drawn, class_="answer-bar", role="img", height=HEIGHT,
        aria_label=f"{label}: {spoken}",
    )  # fmt: skip


def _per_cent(share: float) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%"
