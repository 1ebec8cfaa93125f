"""The report on paper: A4 with embedded fonts, searchable, its charts as drawings.

Set with Typst from plain values; equal reports give equal bytes.
"""

from collections.abc import Mapping

from app.documents.charts.forms import drawing
from app.documents.charts.prints import for_paper
from app.documents.printing.fonts import FontSet, with_letters
from app.documents.printing.typesetting import typeset
from app.documents.reports.blocks import (
    Block,
    Facts,
    Grid,
    Heading,
    Picture,
    Report,
    Words,
    numbered,
)
from app.documents.wording import translator
from app.survey.text import Language


def report_pdf(report: Report, *, fonts: FontSet) -> bytes:
    """Set a report; DocumentFailed names a character that the font does not have."""
    titles = numbered([chapter.title for chapter in report.chapters], report.language)
    content: Mapping[str, object] = {
        "language": report.language,
        "title": report.title,
        "kind": report.kind,
        "organiser": report.organiser,
        "status": report.status,
        "public": report.is_public,
        "findings": report.findings,
        "facts": report.facts,
        "contents": translator(report.language)("目录"),
        "colophon": report.colophon,
        "chapters": [
            {
                "title": title,
                "blocks": [_set(block, report.language, fonts) for block in chapter.blocks],
            }
            for title, chapter in zip(titles, report.chapters, strict=True)
        ],
    }
    letters = with_letters(fonts.folder, fonts.family)
    return typeset("report.typ", content, fonts=letters, dated=report.day)


def _set(block: Block, language: Language, fonts: FontSet) -> dict[str, object]:
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text}
        case Words():
            return {"kind": "words", "text": block.text, "weight": block.weight}
        case Facts():
            return {"kind": "facts", "pairs": block.pairs}
        case Picture():
            svg = for_paper(drawing(block.chart, "wide", language), fonts)
            return {"kind": "picture", "svg": svg, "alt": block.chart.sentence}
        case Grid():
            columns = [
                {"title": column.title, "number": column.is_number, "share": column.share}
                for column in block.columns
            ]
            return {
                "kind": "grid",
                "caption": block.caption,
                "columns": columns,
                "rows": block.rows,
            }
