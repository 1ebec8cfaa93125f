"""Printed pieces that carry codes: A4 posters, table tents and sticker sheets, as PDF.

Each maker checks the words and the size, sets the pages with Typst and reads every symbol
back from the finished pages before it returns them. What cannot be scanned is not handed
out: a size below the floor is refused, for the distance people hold a phone at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.documents.printing.codes import code_symbol_svg, modules_across
from app.documents.printing.fonts import FontSet
from app.documents.printing.placards import Placard, check_placards, words_of
from app.documents.printing.typesetting import typeset
from app.documents.printing.verification import ExpectedSymbol, verify
from app.errors import InputRefused, Problem

MODULE_FLOOR_MM = 0.5
"""Below half a millimetre a module, cheap phones at hand distance fail."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A kind of printed piece: its template, sizes of the symbol in mm, symbols per page."""

    template: str
    title: str
    floor_mm: float
    ceiling_mm: float
    points_per_page: int
    symbols_per_point: int


POSTER = Piece("poster.typ", "满意度调查海报", 120, 125, 1, 1)
TABLE_TENT = Piece("tent.typ", "满意度调查桌牌", 60, 62, 1, 2)
STICKER = Piece("stickers.typ", "满意度调查贴纸", 30, 42, 10, 1)


def posters(
    placards: Sequence[Placard], *, fonts: FontSet, code_mm: float = POSTER.floor_mm
) -> bytes:
    """Make A4 posters, a page for each placard, with a symbol of 120 mm.

    Raises InputRefused for words or sizes that cannot be printed, DocumentFailed when a
    text does not fit or a symbol cannot be read back.
    """
    return _make(POSTER, placards, fonts=fonts, code_mm=code_mm)


def table_tents(
    placards: Sequence[Placard], *, fonts: FontSet, code_mm: float = TABLE_TENT.floor_mm
) -> bytes:
    """Make table tents, an A4 page to fold for each placard; errors as for `posters`."""
    return _make(TABLE_TENT, placards, fonts=fonts, code_mm=code_mm)


def sticker_sheets(
    placards: Sequence[Placard], *, fonts: FontSet, code_mm: float = 40
) -> bytes:
    """Make A4 sheets of ten labels of 99.1 by 57 mm; errors as for `posters`."""
    return _make(STICKER, placards, fonts=fonts, code_mm=code_mm)


def _make(
    piece: Piece, placards: Sequence[Placard], *, fonts: FontSet, code_mm: float
) -> bytes:
    pdf = set_piece(piece, placards, fonts=fonts, code_mm=code_mm)
    verify(pdf, symbols_of(piece, placards, code_mm=code_mm))
    return pdf


def set_piece(
    piece: Piece, placards: Sequence[Placard], *, fonts: FontSet, code_mm: float
) -> bytes:
    """Set the pages of a piece; nothing is read back yet. Errors as for `posters`."""
    check_placards(placards)
    _check_size(piece, placards, code_mm)
    content: Mapping[str, object] = {
        "title": piece.title,
        "author": placards[0].organiser.zh,
        "code_mm": code_mm,
        "cards": [
            {**words_of(placard), "symbol": code_symbol_svg(placard.url)}
            for placard in placards
        ],
    }
    dated = max(placard.date for placard in placards)
    return typeset(piece.template, content, fonts=fonts, dated=dated)


def symbols_of(
    piece: Piece, placards: Sequence[Placard], *, code_mm: float
) -> list[list[ExpectedSymbol]]:
    """The symbols that each page of a piece must carry."""
    symbols = [
        ExpectedSymbol(placard.url, placard.point_name.zh, code_mm) for placard in placards
    ]
    step = piece.points_per_page
    return [
        symbols[start : start + step] * piece.symbols_per_point
        for start in range(0, len(symbols), step)
    ]


def _check_size(piece: Piece, placards: Sequence[Placard], code_mm: float) -> None:
    problems = []
    if not piece.floor_mm <= code_mm <= piece.ceiling_mm:
        cure = f"Choose {piece.floor_mm:g} to {piece.ceiling_mm:g} mm."
        problems.append(Problem("code_mm", "does not suit this piece", cure, code_mm))
    for index, placard in enumerate(placards):
        if code_mm / modules_across(placard.url) < MODULE_FLOOR_MM:
            cure = "Use a shorter address or a larger symbol."
            message = f"makes modules finer than {MODULE_FLOOR_MM} mm at {code_mm:g} mm"
            problems.append(Problem(f"placards[{index}].url", message, cure, placard.url))
    if problems:
        raise InputRefused(problems)
