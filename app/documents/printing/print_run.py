"""A print run: posters, tents and stickers of chosen points in one PDF, read back by sheet.

The pages of every kind follow one another. The finished file is what is read back; if one
symbol of it cannot be read, nothing is handed out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal, get_args

from pypdfium2 import PdfDocument

from app.documents.printing.fonts import FontSet
from app.documents.printing.placards import Placard
from app.documents.printing.posters import (
    POSTER,
    STICKER,
    TABLE_TENT,
    Piece,
    set_piece,
    symbols_of,
)
from app.documents.printing.verification import (
    ExpectedSymbol,
    SheetReading,
    pdfium_lock,
    read_sheets,
)
from app.errors import DocumentFailed, InputRefused, Problem

PieceKind = Literal["poster", "tent", "sticker"]
PIECE_KINDS: tuple[PieceKind, ...] = get_args(PieceKind)
_PIECES: Mapping[PieceKind, tuple[Piece, float]] = {
    "poster": (POSTER, POSTER.floor_mm),
    "tent": (TABLE_TENT, TABLE_TENT.floor_mm),
    "sticker": (STICKER, 40.0),
}
"""Kind → the piece and how wide its symbol is printed, in mm."""


@dataclass(frozen=True, slots=True)
class PrintRun:
    """A finished file, and what was read back from each of its sheets."""

    pdf: bytes
    sheets: tuple[SheetReading, ...]


def count_sheets(points: int, kinds: Sequence[PieceKind]) -> int:
    """How many pages so many points take."""
    return sum(-(-points // _PIECES[kind][0].points_per_page) for kind in kinds)


def print_run(
    placards: Sequence[Placard], kinds: Sequence[PieceKind], *, fonts: FontSet
) -> PrintRun:
    """Set the pieces of all placards into one PDF and read every symbol of it back.

    Raises InputRefused for words that cannot be printed or nothing to print, DocumentFailed
    when a text does not fit or a symbol cannot be read back, naming page and point.
    """
    if not placards or not kinds:
        raise InputRefused(
            [
                Problem(
                    "points" if not placards else "pieces",
                    "are none",
                    "Choose at least one.",
                    chinese="请至少选一个服务点。" if not placards else "请至少选一种样式。",
                )
            ]
        )
    parts: list[bytes] = []
    expected: list[list[ExpectedSymbol]] = []
    for kind in kinds:
        piece, code_mm = _PIECES[kind]
        parts.append(set_piece(piece, placards, fonts=fonts, code_mm=code_mm))
        expected += symbols_of(piece, placards, code_mm=code_mm)
    pdf = parts[0] if len(parts) == 1 else _joined(parts)
    sheets = read_sheets(pdf, expected)
    bad = [sheet for sheet in sheets if not sheet.is_good]
    if bad:
        where = "; ".join(f"page {sheet.page} ({', '.join(sheet.points)})" for sheet in bad)
        chinese = "、".join(f"第 {sheet.page} 页（{'、'.join(sheet.points)}）" for sheet in bad)
        raise DocumentFailed(
            f"These sheets could not be read back: {where}. Nothing was handed out.",
            chinese=f"这些页上的码读不出来：{chinese}。没有交付任何文件。",
        )
    return PrintRun(pdf, sheets)


def _joined(parts: Sequence[bytes]) -> bytes:
    with pdfium_lock:
        whole = PdfDocument.new()
        for part in parts:
            with PdfDocument(part) as pages:
                whole.import_pages(pages)
        file = BytesIO()
        whole.save(file)
        whole.close()
    return file.getvalue()
