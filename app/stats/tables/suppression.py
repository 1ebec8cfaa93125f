"""Which cells of a table of people are not shown, so that none can be had by subtraction.

A cell is hidden because few people are in it, or because it would tell such a cell: its row
or column would have one gap only, and the total is published. That is the simple rule, one
sentence long. It is not enough: several gaps together can still give one away, which only
`audit` finds, by the least and the most people that each hidden cell can have. What the
cells are about, and who may see them, is not known here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import inf
from typing import Literal

import numpy as np
from scipy.optimize import linprog

from app.errors import CannotEstimate
from app.survey.sample import Floats

Suppression = Literal["small_cell", "complementary"]
"""Few people; the smallest other cell of a line with one gap."""
Cause = Literal["small_cell", "complementary", "audit"]
"""The same; and what the simple rule would have shown, but `audit` found to tell a cell."""
Zeros = Literal["shown", "hidden"]
"""Whether cells of nobody are shown. They reveal nobody, so they are unless the table says
that nobody chose something; hidden or not, they protect no other cell."""

Cell = tuple[str | None, str | None]
"""Row and column of a table; None is all of them: ("C01", None) is the total of row C01."""
People = Mapping[tuple[str, str], int]
"""Cell → people; a combination that is not a key cannot occur, and everybody knows it."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Why a cell or total is not shown."""

    why: Cause
    protects: Cell | None = None
    """The cell that could be told without this one; None for a small cell."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The least and the most people that a hidden cell can have, seen from outside."""

    low: int
    high: int | None
    """None: nothing published bounds it."""

    @property
    def width(self) -> float:
        """High less low; 0 if the cell is known exactly."""
        return inf if self.high is None else self.high - self.low


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


def suppress_two_way(
    counts: People, min_cell: int, *, zeros: Zeros = "shown"
) -> dict[Cell, Hidden]:
    """The cells of a two-way table that are not shown by the simple rule; totals are shown.

    Cells with fewer than `min_cell` people. Then in each row with exactly one hidden cell
    the smallest remaining cell of somebody (ties by name), then so in each column, and both
    again until nothing changes. A line without such a cell keeps its one gap, for `audit`.
    """
    least = 0 if zeros == "hidden" else 1
    hidden: dict[Cell, Hidden] = {
        cell: Hidden("small_cell")
        for cell, n in sorted(counts.items())
        if least <= n < min_cell
    }
    before = -1
    while len(hidden) != before:
        before = len(hidden)
        for axis in (0, 1):
            for line in _lines(counts, axis):
                _close_single_gap(line, counts, hidden)
    return hidden


def _lines(counts: People, axis: int) -> Iterator[list[tuple[str, str]]]:
    lines = defaultdict[str, list[tuple[str, str]]](list)
    for cell in counts:
        lines[cell[axis]].append(cell)
    yield from (lines[name] for name in sorted(lines))


def _close_single_gap(
    line: Iterable[tuple[str, str]], counts: People, hidden: dict[Cell, Hidden]
) -> None:
    gaps = [cell for cell in line if cell in hidden]
    others = sorted((counts[c], c) for c in line if c not in hidden and counts[c] > 0)
    if len(gaps) == 1 and others:
        hidden[others[0][1]] = Hidden("complementary", gaps[0])


def suppress_totals(counts: People, min_cell: int) -> dict[Cell, Hidden]:
    """The totals that are not shown where they are themselves a one-way table, by `suppress`.

    A total of nobody is shown. Joined to the cells of `suppress_two_way` and audited, they
    keep a row of few people from being told by its total.
    """
    totals = {cell: n for cell, n in _with_totals(counts).items() if None in cell and n > 0}
    hidden: dict[Cell, Hidden] = {}
    for axis in (0, 1):
        margin = {str(c[axis]): n for c, n in totals.items() if c[axis] is not None}
        ways = suppress(margin, min_cell)
        small = next((name for name, why in ways.items() if why == "small_cell"), "")
        for name, why in ways.items():
            cause = None if why == "small_cell" else _total(small, axis)
            hidden[_total(name, axis)] = Hidden(why, cause)
    if 0 < totals.get((None, None), 0) < min_cell:
        hidden[None, None] = Hidden("small_cell")
    return hidden


def _total(name: str, axis: int) -> Cell:
    return (name, None) if axis == 0 else (None, name)


def _with_totals(counts: People) -> dict[Cell, int]:
    people = defaultdict[Cell, int](int)
    for (row, column), n in counts.items():
        for cell in product((row, None), (column, None)):
            people[cell] += n
    return dict(people)


def audit(
    counts: People, hidden: Mapping[Cell, Hidden], *, width: int = 1
) -> dict[Cell, Hidden]:
    """What must be hidden so that nothing hidden is known to within less than `width`.

    `hidden` holds cells and totals; all others are published, each row, column and total
    adding up. Where the least and the most people of a hidden cell (linear programming;
    Fischetti and Salazar 2001) are closer than `width`, the corners of one rectangle through
    it are hidden too: people can then be moved around it without a published number
    changing (the hypercube method, Giessing and Repsilber 2002). Of all rectangles wide
    enough: the one that hides the fewest totals, then the fewest people, ties by name.
    What is added is marked `audit`, so the simple rule stays readable in the result.
    """
    if width < 1:
        raise CannotEstimate(f"a protection of {width} people protects nobody; state 1 or more")
    people = _with_totals(counts)
    result = dict(hidden)
    left, wide = set(result), set[Cell]()
    while exposed := _exposed(counts, result, left, width=width):
        for cell in exposed:
            for corner in _rectangle(cell, people, hidden=result, width=width):
                result.setdefault(corner, Hidden("audit", cell))
        # More gaps only make intervals longer: who was wide enough needs no second look.
        wide |= left.difference(exposed)
        left = set(result) - wide
    return result


def audit_one_way(
    counts: Mapping[str, int], hidden: Mapping[str, Cause], *, width: int = 1
) -> dict[str | None, Cause]:
    """What must be hidden of a one-way table with its total, as `audit` does; None: the total.

    Of the hidden cells the sum S is known, so each may have from 0 to S people: they need
    to be two, and S at least `width`. Smallest cells of somebody first, ties by name.
    """
    result: dict[str | None, Cause] = dict(hidden.items())
    others = sorted((n, cell) for cell, n in counts.items() if cell not in hidden and n > 0)
    known = sum(counts[cell] for cell in hidden)
    while hidden and (len(result) < 2 or known < width):
        if not others:
            result[None] = "audit"
            break
        n, cell = others.pop(0)
        result[cell] = "audit"
        known += n
    return result


def _exposed(
    counts: People, hidden: Iterable[Cell], asked: Iterable[Cell], *, width: int
) -> list[Cell]:
    """Those of the hidden cells `asked` that are known too closely, the smallest first."""
    people = _with_totals(counts)
    view = _outside_view(counts, hidden)
    order = sorted(asked, key=lambda cell: (people[cell], _by_name(cell)))
    return [cell for cell in order if not view.is_wide(cell, width)]


def intervals(counts: People, hidden: Iterable[Cell]) -> dict[Cell, Interval]:
    """The least and the most people of each hidden cell or total, given all that is shown."""
    view = _outside_view(counts, hidden)
    return {cell: view.interval(cell) for cell in view.cells}


class _OutsideView:
    """All tables that agree with what is published: A x = b, x ≥ 0 over the hidden cells.

    Tables found on the way are remembered, as they may show that another cell is free, too.
    A is a network matrix, so the ends of the intervals are whole numbers.
    """

    def __init__(self, cells: list[Cell], a: Floats, *, b: Floats, truth: Floats) -> None:
        self.cells = cells
        self._a, self._b = a, b
        self._place = {cell: j for j, cell in enumerate(cells)}
        self._low, self._high = truth.copy(), truth.copy()

    def interval(self, cell: Cell) -> Interval:
        low, high = self._end(cell, 1), self._end(cell, -1)
        return Interval(round(low), None if high == inf else round(high))

    def is_wide(self, cell: Cell, width: int) -> bool:
        j = self._place[cell]
        for sign in (0, -1, 1):  # first what is known already, then the most, then the least
            if sign:
                self._end(cell, sign)
            if self._high[j] - self._low[j] > width - 0.5:
                return True
        return False

    def _end(self, cell: Cell, sign: int) -> float:
        """The least (sign 1) or the most (−1) people of a cell."""
        j = self._place[cell]
        c = np.zeros(len(self.cells))
        c[j] = sign
        # Without presolve HiGHS tells unbounded from infeasible, and the truth is feasible.
        found = linprog(
            c, A_eq=self._a, b_eq=self._b, method="highs", options={"presolve": False}
        )
        if found.status == 3:
            self._high[j] = inf
            return inf
        if found.x is None:
            raise CannotEstimate(f"the table could not be audited: {found.message}")
        self._low = np.minimum(self._low, found.x)
        self._high = np.maximum(self._high, found.x)
        return float(found.x[j])


def _outside_view(counts: People, hidden: Iterable[Cell]) -> _OutsideView:
    """One equation for each row, column and margin: its cells less its total are 0."""
    people = _with_totals(counts)
    cells = sorted(hidden, key=_by_name)
    place = {cell: j for j, cell in enumerate(cells)}
    equations: dict[tuple[int, str | None], dict[int, float]] = defaultdict(dict)
    right = defaultdict[tuple[int, str | None], float](float)
    for cell, n in people.items():
        for axis in (0, 1):
            line = (axis, cell[axis])
            sign = -1.0 if cell[1 - axis] is None else 1.0
            if cell in place:
                equations[line][place[cell]] = sign
            else:
                right[line] -= sign * n
    a = np.zeros((len(equations), len(cells)))
    for i, terms in enumerate(equations.values()):
        a[i, list(terms)] = list(terms.values())
    b = np.array([right[line] for line in equations], float)
    truth = np.array([people[cell] for cell in cells], float)
    return _OutsideView(cells, a, b=b, truth=truth)


def _rectangle(
    cell: Cell, people: Mapping[Cell, int], *, hidden: Mapping[Cell, Hidden], width: int
) -> list[Cell]:
    """The other three corners of the cheapest rectangle that frees `cell` by `width`.

    One with the margins has no upper bound, so there always is one.
    """
    row, column = cell
    best: tuple[tuple[object, ...], list[Cell]] | None = None
    others = product(
        sorted({c[0] for c in people if c[0] != row}, key=str),
        sorted({c[1] for c in people if c[1] != column}, key=str),
    )
    for other_row, other_column in others:
        corners: list[Cell] = [
            (row, other_column),
            (other_row, column),
            (other_row, other_column),
        ]
        new = [corner for corner in corners if corner not in hidden]
        if any(people.get(c, 0) == 0 and None not in c for c in new):
            continue
        if _freedom(cell, other_row, other_column, people=people) < width:
            continue
        cost = (
            sum(None in corner for corner in new),
            sum(people[corner] for corner in new),
            [_by_name(corner) for corner in new],
        )
        if best is None or cost < best[0]:
            best = (cost, new)
    return best[1] if best else []


def _freedom(
    cell: Cell, other_row: str | None, other_column: str | None, *, people: Mapping[Cell, int]
) -> float:
    """By how much the people of `cell` can change around a rectangle, down and up.

    Two rows change in opposite directions, a row and the total of all in the same one.
    """
    row, column = cell
    turn_row = 1 if None in (row, other_row) else -1
    turn_column = 1 if None in (column, other_column) else -1
    corners = {
        cell: 1,
        (row, other_column): turn_column,
        (other_row, column): turn_row,
        (other_row, other_column): turn_row * turn_column,
    }
    down = min(people.get(corner, 0) for corner, sign in corners.items() if sign > 0)
    up = min((people.get(corner, 0) for corner, s in corners.items() if s < 0), default=inf)
    return down + up


def _by_name(cell: Cell) -> tuple[tuple[bool, str], ...]:
    return tuple((name is None, name or "") for name in cell)
