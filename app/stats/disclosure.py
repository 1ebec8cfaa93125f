"""Which numbers are withheld, and why: too few people behind them, or too little precision.

A code says why; the words belong to the page. A withheld cell shows neither its count nor
its value, and where a single cell would be withheld a second one goes with it, because the
first could be had by subtracting the others from the total.
"""

from collections.abc import Mapping
from typing import Literal

from app.survey.recipe import Release

Withheld = Literal["too_few", "too_imprecise"]
Suppression = Literal["small_cell", "complementary"]


def withhold(n: int, effective_n: float | None, release: Release) -> Withheld | None:
    """Why a mean of `n` answers is not published; None if it is. No effective n is too few."""
    if n < release.min_n:
        return "too_few"
    return _imprecise(effective_n, release.min_effective_n)


def withhold_rank(n: int, effective_n: float | None, release: Release) -> Withheld | None:
    """Why a unit gets no place in a ranking; None if it does."""
    return withhold(n, effective_n, release) or _imprecise(
        effective_n, release.min_effective_n_rank
    )


def suppress(counts: Mapping[str, int], min_cell: int) -> dict[str, Suppression]:
    """The cells of a one-way table that are not shown: cell → why.

    Cells with fewer than `min_cell` people, and if that is exactly one cell, the smallest
    of the others too (ties by name).
    """
    hidden: dict[str, Suppression] = {
        cell: "small_cell" for cell, n in counts.items() if n < min_cell
    }
    others = sorted((n, cell) for cell, n in counts.items() if cell not in hidden)
    if len(hidden) == 1 and others:
        hidden[others[0][1]] = "complementary"
    return hidden


def _imprecise(effective_n: float | None, least: float) -> Withheld | None:
    # Effective sizes are quotients; 30 of 30 must not fail at 29.999999999999996.
    enough = effective_n is not None and effective_n >= least * (1 - 1e-9)
    return None if enough else "too_imprecise"
