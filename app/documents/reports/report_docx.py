"""The report in Word: a template filled in, the standard one or an office's own.

The values are escaped and never read as template; the template is read by a grammar that
computes nothing. Charts go in as pictures of what the page draws, with their sentence as the
text that is read instead.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import TemplateError

from app.documents.charts.prints import to_png
from app.documents.printing.fonts import FontSet
from app.documents.reports.blocks import (
    Block,
    Facts,
    Grid,
    Heading,
    IndicatorLine,
    Picture,
    Report,
    Words,
    numbered,
)
from app.documents.word.column_widths import fit_wide_tables
from app.documents.word.grammar import template_environment
from app.documents.word.packing import with_fixed_dates
from app.documents.wording import calendar_day
from app.errors import DocumentFailed

WIDTH = Mm(156)
"""Of a chart: the text between the margins of the standard template."""
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
EMPTY: Mapping[str, Any] = {
    "heading": "",
    "text": "",
    "weight": "",
    "facts": [],
    "picture": "",
    "caption": "",
    "columns": [],
    "rows": [],
}
"""A block of a template has every part; those that do not apply are empty."""
Draw = Callable[[Picture], InlineImage]


def report_docx(report: Report, template: bytes, *, fonts: FontSet) -> bytes:
    """Fill a template in; DocumentFailed says what in the template does not work."""
    document = DocxTemplate(BytesIO(template))
    sentences: dict[str, str] = {}

    def draw(picture: Picture) -> InlineImage:
        png = to_png(picture.chart, report.language, fonts=fonts)
        sentences[hashlib.sha256(png).hexdigest()] = picture.chart.sentence
        return InlineImage(document, BytesIO(png), width=WIDTH)

    try:
        document.init_docx()
        document.render(context_of(report, draw), jinja_env=template_environment())
        _describe(document, sentences)
        fit_wide_tables(document.docx)
        written = BytesIO()
        document.save(written)
    except (TemplateError, ValueError, KeyError, TypeError) as error:
        said = str(error) or type(error).__name__
        raise DocumentFailed(
            f"The Word template could not be filled in: {said}",
            chinese=f"Word 模板填不进去：{said}。请改模板，或者换回标准模板。",
        ) from error
    return with_fixed_dates(written.getvalue())


def context_of(report: Report, draw: Draw) -> dict[str, Any]:
    """What a template may name, filled with the report: the shapes of `word/variables`."""
    titles = numbered([chapter.title for chapter in report.chapters], report.language)
    found: dict[str, Any] = {
        "title": report.title,
        "kind": report.kind,
        "organiser": report.organiser,
        "day": calendar_day(report.day, report.language),
        "status": report.status,
        "is_public": report.is_public,
        "headline": report.findings[0] if report.findings else "",
        "findings": list(report.findings),
        "facts": _facts(report.facts),
        "indicators": [_indicator(one) for one in report.indicators],
        "chapters": [
            {"title": title, "blocks": [_block(block, draw) for block in chapter.blocks]}
            for title, chapter in zip(titles, report.chapters, strict=True)
        ],
        "colophon": report.colophon,
    }
    return {name: _clean(value) for name, value in found.items()}


def _block(block: Block, draw: Draw) -> dict[str, Any]:
    match block:
        case Heading():
            return {**EMPTY, "heading": block.text}
        case Words():
            return {**EMPTY, "text": block.text, "weight": block.weight}
        case Facts():
            return {**EMPTY, "facts": _facts(block.pairs)}
        case Picture():
            return {**EMPTY, "picture": draw(block)}
        case Grid():
            return {
                **EMPTY,
                "caption": block.caption,
                "columns": [column.title for column in block.columns],
                "rows": [{"cells": list(row)} for row in block.rows],
            }


def _facts(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in pairs]


def _indicator(line: IndicatorLine) -> dict[str, Any]:
    names = ("name", "value", "interval", "n", "places", "tier", "note")
    return {
        "name": line.name,
        "sentence": line.sentence,
        "caution": line.caution,
        "value": line.value,
        "interval": line.interval,
        "n": line.n,
        "units": [{name: getattr(unit, name) for name in names} for unit in line.units],
    }


def _clean(value: Any) -> Any:
    """The same without characters that no XML file can hold."""
    if isinstance(value, str):
        return UNPRINTABLE.sub("", value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return value


def _describe(document: DocxTemplate, sentences: Mapping[str, str]) -> None:
    """Give every chart its sentence, to be read aloud instead of it."""
    for shape in document.docx.inline_shapes:
        embedded = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
        part = document.docx.part.related_parts.get(embedded)
        if part is not None and (said := sentences.get(hashlib.sha256(part.blob).hexdigest())):
            shape._inline.docPr.set("descr", said)
