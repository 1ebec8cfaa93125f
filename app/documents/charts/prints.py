"""A chart on paper: PNG for Word and for slides, PDF for reports, from the page's drawing.

Typst prints what `drawing` drew, with the Chinese font that every printed piece embeds, so
text in a PDF stays text. The web process does not load this; a job does.
"""

import json
from datetime import UTC, datetime
from html import escape
from typing import Literal

import typst

from app.documents.charts.canvas import FONTS, Layout
from app.documents.charts.forms import Chart, drawing
from app.documents.printing.fonts import FontSet
from app.documents.printing.typesetting import TEMPLATES
from app.errors import DocumentFailed
from app.survey.text import Language

SCREEN = 96
"""CSS pixels an inch."""
VARIATION = "style='font-variation-settings:\"wght\" {weight}'"
"""A variable font is printed in its thinnest weight unless the weight is named like this."""
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
"""A fixed date, so that equal charts give equal bytes."""


def to_png(
    chart: Chart,
    language: Language,
    *,
    fonts: FontSet,
    layout: Layout = "wide",
    scale: float = 2.0,
) -> bytes:
    """Print `chart` as a PNG on white, `scale` dots a CSS pixel."""
    return _printed(
        drawing(chart, layout, language), chart.sentence, fonts, kind="png", scale=scale
    )


def to_pdf(
    chart: Chart, language: Language, *, fonts: FontSet, layout: Layout = "wide"
) -> bytes:
    """Print `chart` as a PDF of one page just large enough, its text searchable."""
    return _printed(
        drawing(chart, layout, language), chart.sentence, fonts, kind="pdf", scale=1.0
    )


def for_paper(svg: str, fonts: FontSet) -> str:
    """A drawing of a page with the font that is printed, in its weights."""
    regular = f'font-family="{fonts.family}" {VARIATION.format(weight=400)}'
    bold = f'font-weight="bold" {VARIATION.format(weight=700)}'
    drawn = svg.replace(f'font-family="{escape(FONTS)}"', regular)
    return drawn.replace('font-weight="bold"', bold)


def _printed(
    svg: str, alt: str, fonts: FontSet, *, kind: Literal["png", "pdf"], scale: float
) -> bytes:
    drawn = for_paper(svg, fonts)
    compiler = typst.Compiler(
        TEMPLATES / "chart.typ",
        root=TEMPLATES,
        font_paths=fonts.fonts,
        ignore_system_fonts=True,
        sys_inputs={"content": json.dumps({"svg": drawn, "alt": alt}, ensure_ascii=False)},
    )
    try:
        made = compiler.compile(format=kind, ppi=SCREEN * scale, timestamp=UNDATED)
    except typst.TypstError as error:
        raise DocumentFailed(f"A chart could not be printed: {error.message}") from error
    if not isinstance(made, bytes):
        raise DocumentFailed("A chart took more than one page; it has too many rows to print.")
    return made
