"""Which numbers are withheld, and why: too few people behind them, or too little precision.

A code says why; the words belong to the page. A table is shown whole or not at all. Regions
and units lie inside one another, so all that sums and differences of published domains can
tell is each domain less the published ones inside it: disjoint remainders. Where each of
them would bear publication itself, nothing withheld can be had by subtraction.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Literal

from app.survey.recipe import Release

Withheld = Literal["too_few", "too_imprecise"]


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


def bears_cells(counts: Collection[int], min_cell: int) -> bool:
    """Whether a table can be shown whole: a cell that somebody gave has enough people."""
    return all(n == 0 or n >= min_cell for n in counts)


def close_gaps(
    shown: Collection[frozenset[str]],
    people: Mapping[str, int],
    is_safe: Callable[[frozenset[str]], bool],
) -> set[frozenset[str]]:
    """Those of the domains (sets of units, nested or disjoint) that can be shown together.

    A remainder must hold nobody, or two units with people and pass `is_safe`. Otherwise the
    domain with the fewest people just inside it goes too, and without any, the whole itself.
    """
    kept = set(shown)
    while True:
        gaps = (w for w in _ordered(kept) if _gapes(w, kept, people, is_safe))
        gap = next(gaps, None)
        if gap is None:
            return kept
        inside = [part for part in _just_inside(gap, kept) if _total(part, people)]
        fewest = min(inside, key=lambda p: (_total(p, people), sorted(p)), default=gap)
        kept.remove(fewest)


def _gapes(
    whole: frozenset[str],
    kept: Collection[frozenset[str]],
    people: Mapping[str, int],
    is_safe: Callable[[frozenset[str]], bool],
) -> bool:
    if len(whole) == 1:
        return False
    rest = whole.difference(*_just_inside(whole, kept))
    populated = sum(people[unit] > 0 for unit in rest)
    return populated == 1 or (populated > 1 and not is_safe(rest))


def _just_inside(
    whole: frozenset[str], kept: Collection[frozenset[str]]
) -> list[frozenset[str]]:
    covered: set[str] = set()
    largest = []
    for part in sorted((part for part in kept if part < whole), key=len, reverse=True):
        # Nested or disjoint: what shares a unit with a larger part lies inside it.
        if covered.isdisjoint(part):
            largest.append(part)
            covered |= part
    return largest


def _ordered(kept: Collection[frozenset[str]]) -> list[frozenset[str]]:
    return sorted(kept, key=lambda part: (len(part), sorted(part)))


def _total(part: Collection[str], people: Mapping[str, int]) -> int:
    return sum(people[unit] for unit in part)


def _imprecise(effective_n: float | None, least: float) -> Withheld | None:
    # Effective sizes are quotients; 30 of 30 must not fail at 29.999999999999996.
    enough = effective_n is not None and effective_n >= least * (1 - 1e-9)
    return None if enough else "too_imprecise"
