"""Typesetting with Typst: a template of ours and plain values in, the bytes of a PDF out.

Values travel as one JSON text that the template reads; nothing a person wrote ever becomes
Typst source. The PDF is tagged (PDF/UA-1), which also makes a character without a glyph an
error instead of an empty box, and carries the date given, so equal values give equal bytes.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path

import typst

from app.documents.printing.fonts import FontSet
from app.errors import DocumentFailed

UNKNOWN_CHARACTER = re.compile(r"the text `?\"([^\"]{1,40})\"`? could not be displayed")
TEMPLATES = Path(__file__).parents[3] / "templates" / "documents"


def typeset(
    template: str, content: Mapping[str, object], *, fonts: FontSet, dated: date
) -> bytes:
    """Set `content` with ``templates/documents/<template>``.

    Raises DocumentFailed when a text does not fit its place or a glyph is missing.
    """
    values = json.dumps({**content, "family": fonts.family}, ensure_ascii=False)
    compiler = typst.Compiler(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=fonts.fonts,
        ignore_system_fonts=True,
        sys_inputs={"content": values},
    )
    timestamp = datetime.combine(dated, time(), UTC)
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=["ua-1"], timestamp=timestamp
        )
    except typst.TypstError as error:
        said = _reason(error.message)
        raise DocumentFailed(
            f"{template} could not be set: {said}", chinese=_in_chinese(said)
        ) from error
    if warnings or not isinstance(pdf, bytes):
        reasons = "; ".join(warning.message for warning in warnings)
        raise DocumentFailed(f"{template} could not be set: {reasons}")
    return pdf


def _reason(message: str) -> str:
    """Typst's own words without the wrapping it puts around an assertion of the template."""
    return message.removeprefix("assertion failed: ")


def _in_chinese(reason: str) -> str:
    """A character that no font has, by name; of anything else Typst's words."""
    found = UNKNOWN_CHARACTER.search(reason)
    chinese = f"排版没有成功：{reason}"
    if found:
        chinese = f"排版没有成功：字体里没有字符“{found[1]}”，请改掉它，或者换一种字体。"
    return chinese
