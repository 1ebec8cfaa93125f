"""The standard Word template of a report, built here so that it always names what exists.

A4 as official papers are laid out (GB/T 9704): 37 mm above, 28 mm at the left, page numbers
between dashes. Fonts are named as Chinese offices have them; where one is missing Word takes
another. Whoever wants it otherwise changes a copy in Word and uploads it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from app.documents.word.packing import with_fixed_dates

BRAND, QUIET = RGBColor(0x12, 0x43, 0x6D), RGBColor(0x46, 0x53, 0x5F)
BODY_FONT, HEAD_FONT, LATIN_FONT = "仿宋", "黑体", "Times New Roman"
BORN = datetime(2026, 1, 1, tzinfo=UTC)
WEIGHTS = ("lead", "caution", "quiet", "formula")
STYLES = {"lead": "Lead", "caution": "Caution", "quiet": "Note", "formula": "Formula"}


@cache
def standard_template() -> bytes:
    """The template as a DOCX; always the same bytes."""
    document = Document()
    _set_page(document)
    _set_styles(document)
    _write_cover(document)
    _write_chapters(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = "{{ title }}", "", ""
    properties.subject = "{{ kind }}"
    properties.created = properties.modified = BORN
    written = BytesIO()
    document.save(written)
    return with_fixed_dates(written.getvalue())


def _set_page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("— ")
    _add_field(footer, "PAGE")
    footer.add_run(" —")
    line = section.footer.add_paragraph("{{ colophon }}", style=_note(document))
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _set_styles(document: WordDocument) -> None:
    _set_font(document.styles["Normal"], size=12)
    for name, size in (("Title", 24), ("Subtitle", 16), ("Heading 1", 16), ("Heading 2", 13)):
        style = document.styles[name]
        _set_font(style, size=size, family=HEAD_FONT)
        style.font.bold, style.font.italic = name == "Heading 2", False
        style.font.color.rgb = BRAND if name != "Subtitle" else QUIET
        border = style.element.find(f".//{qn('w:pBdr')}")
        if border is not None:
            border.getparent().remove(border)
    document.styles["Heading 1"].paragraph_format.page_break_before = True
    document.styles["Heading 1"].paragraph_format.space_after = Pt(10)
    document.styles["Heading 2"].paragraph_format.space_before = Pt(14)
    for name, size in (("Lead", 12), ("Caution", 11), ("Formula", 11), ("Caption text", 10)):
        style = document.styles.add_style(name, 1)
        style.base_style = document.styles["Normal"]
        _set_font(style, size=size)
        style.font.bold = name in {"Lead", "Caption text"}
    document.styles["Caution"].paragraph_format.left_indent = Mm(5)
    document.styles["Caution"].font.color.rgb = RGBColor(0xA6, 0x3D, 0x00)
    document.styles["Formula"].paragraph_format.left_indent = Mm(5)
    document.styles["Caption text"].paragraph_format.keep_with_next = True


def _note(document: WordDocument) -> ParagraphStyle:
    style = document.styles.add_style("Note", 1)
    style.base_style = document.styles["Normal"]
    _set_font(style, size=9)
    style.font.color.rgb = QUIET
    return style


def _set_font(style: ParagraphStyle, *, size: float, family: str = BODY_FONT) -> None:
    style.font.size, style.font.name = Pt(size), LATIN_FONT
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    # Without this Word sets Chinese in whatever its own default is.
    fonts.set(qn("w:eastAsia"), family)


def _write_cover(document: WordDocument) -> None:
    document.add_paragraph("{{ organiser }}", style="Subtitle")
    document.add_paragraph("{{ title }}", style="Title")
    document.add_paragraph("{{ kind }}", style="Subtitle")
    _loop(document, "for finding in findings", ["{{ finding }}"], style="Lead")
    table = document.add_table(rows=3, cols=2)
    _fill(table, 0, ["{%tr for fact in facts %}", ""])
    _fill(table, 1, ["{{ fact.label }}", "{{ fact.value }}"])
    _fill(table, 2, ["{%tr endfor %}", ""])
    _set_widths(table, (36, 120))
    document.add_paragraph("")
    _loop(document, "if not is_public", ["{{ status }}"], style="Caution")


def _write_chapters(document: WordDocument) -> None:
    document.add_paragraph("{%p for chapter in chapters %}")
    document.add_heading("{{ chapter.title }}", level=1)
    document.add_paragraph("{%p for block in chapter.blocks %}")
    document.add_paragraph("{%p if block.heading %}")
    document.add_heading("{{ block.heading }}", level=2)
    document.add_paragraph("{%p endif %}")
    for weight in WEIGHTS:
        condition = f"if block.weight == '{weight}'"
        _loop(document, condition, ["{{ block.text }}"], style=STYLES[weight])
    _loop(document, "if block.weight == 'plain'", ["{{ block.text }}"])
    _loop(document, "if block.picture", ["{{ block.picture }}"])
    _write_facts(document)
    _write_grid(document)
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endfor %}")


def _write_facts(document: WordDocument) -> None:
    document.add_paragraph("{%p if block.facts %}")
    table = document.add_table(rows=3, cols=2)
    _fill(table, 0, ["{%tr for fact in block.facts %}", ""])
    _fill(table, 1, ["{{ fact.label }}", "{{ fact.value }}"])
    _fill(table, 2, ["{%tr endfor %}", ""])
    _set_widths(table, (44, 112))
    document.add_paragraph("{%p endif %}")


def _write_grid(document: WordDocument) -> None:
    document.add_paragraph("{%p if block.rows %}")
    document.add_paragraph("{{ block.caption }}", style="Caption text")
    table = document.add_table(rows=4, cols=3)
    table.style = document.styles["Table Grid"]
    _fill(table, 0, ["{%tc for column in block.columns %}", "{{ column }}", "{%tc endfor %}"])
    _fill(table, 1, ["{%tr for row in block.rows %}", "", ""])
    _fill(table, 2, ["{%tc for cell in row.cells %}", "{{ cell }}", "{%tc endfor %}"])
    _fill(table, 3, ["{%tr endfor %}", "", ""])
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    head = table.rows[0]._tr.get_or_add_trPr()
    head.append(_element("w:tblHeader"))
    for row in table.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
    document.add_paragraph("")
    document.add_paragraph("{%p endif %}")


def _loop(
    document: WordDocument, opening: str, inside: Sequence[str], *, style: str | None = None
) -> None:
    closing = "endfor" if opening.startswith("for") else "endif"
    document.add_paragraph(f"{{%p {opening} %}}")
    for text in inside:
        document.add_paragraph(text, style=style)
    document.add_paragraph(f"{{%p {closing} %}}")


def _fill(table: Table, row: int, texts: Sequence[str]) -> None:
    for cell, text in zip(table.rows[row].cells, texts, strict=True):
        _write_small(cell, text)


def _write_small(cell: _Cell, text: str) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run(text).font.size = Pt(9.5)


def _set_widths(table: Table, widths: Sequence[float]) -> None:
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _add_field(paragraph: Paragraph, code: str) -> None:
    for kind in ("begin", "", "end"):
        run = paragraph.add_run()
        if kind:
            run._r.append(_element("w:fldChar", fldCharType=kind))
        else:
            instruction = _element("w:instrText")
            instruction.text = code
            run._r.append(instruction)


def _element(tag: str, **attributes: str) -> BaseOxmlElement:
    made: BaseOxmlElement = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made
