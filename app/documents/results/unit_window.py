"""A result seen through a window: everybody, the regions, and some of the units at a time.

A page holds so many units as a reader can take in. Sentences are still made from the whole.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.documents.results.result import Document, Result

MOST_UNITS = 60
"""So many units stand on a page."""


def windows_of(result: Result) -> int:
    """How many windows show every unit."""
    return max(1, -(-len(result.units) // MOST_UNITS))


def through_window(result: Result, part: int) -> Result:
    """The result with the units of one window; the whole where one window shows all.

    Places of all units against each other are left out of a window: they would say of
    units that are not there who stands beside them.
    """
    if windows_of(result) == 1:
        return result
    codes = {unit["code"] for unit in units_in(result, part)}
    document: Document = {**result.document, "standings": ()}
    return replace(
        result,
        document=document,
        rows={
            key: tuple(f for f in figures if f.domain != "unit" or f.domain_code in codes)
            for key, figures in result.rows.items()
        },
        spreads={
            key: tuple(s for s in spreads if s.domain != "unit" or s.domain_code in codes)
            for key, spreads in result.spreads.items()
        },
    )


def units_in(result: Result, part: int) -> Sequence[Document]:
    """The units of one window, in the official order; an unknown window is the first."""
    start = (part - 1) * MOST_UNITS if 1 <= part <= windows_of(result) else 0
    return result.units[start : start + MOST_UNITS]
