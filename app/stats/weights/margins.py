"""Totals of a population by level, and what is wrong with them before anything is solved.

A margin on several variables together is named ``a*b`` and its levels ``x|y``, in the same
order. Margins that contradict each other, levels without answers and answers without a total
are refused here, all at once and by name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, repeat

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Integers
from app.survey.sample import Floats, Labels

NOT_STATED = ""
SAME_TOTAL = 1e-9
"""Relative distance at which two totals are the same."""


@dataclass(frozen=True, slots=True)
class PopulationMargin:
    """Known totals of the population by level, and the level of each row."""

    name: str
    level: Labels
    """Level of each row (n); empty where it was not stated."""
    totals: Mapping[str, float]
    """Level → people, in the order in which levels are neighbours."""

    @property
    def people(self) -> float:
        """The whole population by this margin."""
        return float(sum(self.totals.values()))


def check_margins(
    margins: Sequence[PopulationMargin], codes: Sequence[Integers], weight: Floats
) -> None:
    """Refuse margins that the rows with a positive `weight` (n) cannot meet, by name.

    `codes` are the `level_codes` of each margin.
    Raises CannotEstimate with every reason found: totals that contradict, also where two
    margins share a variable; a level without answers; an answer without a total.
    """
    problems = [
        *_repeated_names(margins),
        *_total_problems(margins),
        *_shared_variable_problems(margins),
        *(
            problem
            for margin, code in zip(margins, codes, strict=True)
            for problem in _level_problems(margin, code, weight)
        ),
    ]
    if problems:
        raise CannotEstimate("\n".join(problems))


def level_codes(margin: PopulationMargin) -> Integers:
    """Place of each row's level among the margin's; one beyond the last if it has none."""
    order = {level: i for i, level in enumerate(margin.totals)}
    beyond = len(order)
    # A dictionary is several times faster here than sorting a million strings.
    places = map(order.get, margin.level.tolist(), repeat(beyond))
    return np.fromiter(places, np.intp, len(margin.level))


def _repeated_names(margins: Sequence[PopulationMargin]) -> Iterator[str]:
    names = [margin.name for margin in margins]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"margin {name} is given {names.count(name)} times. Give it once."


def _total_problems(margins: Sequence[PopulationMargin]) -> Iterator[str]:
    for margin in margins:
        first = margins[0]
        if not _same(margin.people, first.people):
            yield (
                f"margin {margin.name} sums to {margin.people:.12g} people, but margin "
                f"{first.name} to {first.people:.12g}. One population has one total."
            )


def _shared_variable_problems(margins: Sequence[PopulationMargin]) -> Iterator[str]:
    """Margins with a variable in common must agree on each of its levels."""
    for one, other in combinations(margins, 2):
        shared = [name for name in one.name.split("*") if name in other.name.split("*")]
        if not shared or not _same(one.people, other.people):
            continue
        left, right = _collapsed(one, shared), _collapsed(other, shared)
        if left is None or right is None:
            continue
        for level in left.keys() & right.keys():
            if not _same(left[level], right[level]):
                yield (
                    f"margin {other.name} sums to {right[level]:.12g} people where "
                    f"{'*'.join(shared)} is {level}, but margin {one.name} to "
                    f"{left[level]:.12g}. Correct one of the two totals."
                )


def _collapsed(margin: PopulationMargin, kept: Sequence[str]) -> dict[str, float] | None:
    """Totals by the levels of some of its variables; None if its levels have other parts."""
    names = margin.name.split("*")
    place = [names.index(name) for name in kept]
    sums: dict[str, float] = {}
    for level, total in margin.totals.items():
        parts = level.split("|")
        if len(parts) != len(names):
            return None
        key = "|".join(parts[i] for i in place)
        sums[key] = sums.get(key, 0.0) + total
    return sums


def _level_problems(margin: PopulationMargin, code: Integers, weight: Floats) -> Iterator[str]:
    here = f"margin {margin.name}"
    for level, total in margin.totals.items():
        if not (np.isfinite(total) and total >= 0):
            yield f"{here}, level {level}: its total {total:g} is not a number of people."
    stated = _answers_by_level(margin, code, weight)
    if not stated:
        yield f"{here}: nobody who is counted stated a level."
        return
    for level in sorted(stated.keys() - margin.totals.keys()):
        yield f"{here}, level {level}: {stated[level]} answers, but no total. Add it or recode."
    for level, total in margin.totals.items():
        if total == 0 and level in stated:
            yield (
                f"{here}, level {level}: {stated[level]} answers, but its total is 0. Correct "
                "the total or recode the answers."
            )
        if total > 0 and level not in stated:
            yield (
                f"{here}, level {level}: {total:g} people and no answer. "
                f"Merge it with the level {neighbour(level, list(margin.totals), stated)}."
            )


def _answers_by_level(
    margin: PopulationMargin, code: Integers, weight: Floats
) -> dict[str, int]:
    """Rows of a positive weight by the level they state, those without a total last."""
    levels = list(margin.totals)
    rows = np.bincount(code, weight > 0, len(levels) + 1)
    count = {level: int(n) for level, n in zip(levels, rows, strict=False) if n > 0}
    if rows[-1] > 0:
        stray = margin.level[(code == len(levels)) & (weight > 0)]
        names, places = np.unique(stray, return_inverse=True)
        numbers = np.bincount(places, minlength=len(names)).tolist()
        count |= dict(zip(names.tolist(), numbers, strict=True))
    count.pop(NOT_STATED, None)
    return count


def neighbour(level: str, levels: Sequence[str], answered: Mapping[str, int]) -> str:
    """The level beside `level` with the fewest answers; the smallest of all if none is beside.

    Beside a level ``x|y`` lie those that differ in one part by one place; the part with most
    levels goes first, because it is cut finest.
    """
    for beside in _beside(level, levels):
        near = [other for other in beside if other in answered]
        if near:
            return min(near, key=lambda other: answered[other])
    return min(sorted(answered), key=lambda other: answered[other])


def _beside(level: str, levels: Sequence[str]) -> Iterator[list[str]]:
    parts = [other.split("|") for other in levels]
    mine = level.split("|")
    if any(len(other) != len(mine) for other in parts):
        parts, mine = [[other] for other in levels], [level]
    orders = [list(dict.fromkeys(column)) for column in zip(*parts, strict=True)]
    for i in sorted(range(len(mine)), key=lambda i: -len(orders[i])):
        at = orders[i].index(mine[i])
        near = orders[i][max(at - 1, 0) : at] + orders[i][at + 1 : at + 2]
        yield ["|".join([*mine[:i], other, *mine[i + 1 :]]) for other in near]


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_TOTAL * max(abs(one), abs(other))
