"""Whether weights within bounds can meet the totals at all, and what is in the way.

A linear programme over the cells decides. Where the answer is no, the totals are met as far
as they can be, and what is left over names the margins and levels in conflict.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, diags_array, eye_array, hstack, vstack

from app.errors import CannotEstimate
from app.stats.weights.targets import Targets
from app.survey.sample import Floats

REACHED = 1e-7
"""A total nearer than this share of itself is reached."""


NEVER = "No weights of 0 or more meet these totals together: merge levels."


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A total that weights within the bounds do not reach."""

    name: str
    wanted: float
    nearest: float
    """What they come to where all totals together are missed by least."""


def shortfalls(targets: Targets, lower: Floats, upper: Floats) -> tuple[Shortfall, ...]:
    """The totals that no weights of the cells from `lower` to `upper` (cells) meet together.

    Empty if all can be met.
    """
    size = _sizes(targets)
    columns = csr_array(targets.columns.T / size[:, None])
    wanted = targets.totals / size
    p = len(wanted)
    least = np.concatenate([lower, np.zeros(2 * p)])
    most = np.concatenate([upper, np.full(2 * p, np.inf)])
    found = _smallest(
        np.concatenate([np.zeros(len(lower)), np.ones(2 * p)]),
        A_eq=hstack([columns, eye_array(p), -eye_array(p)], format="csr"),
        b_eq=wanted,
        bounds=np.column_stack([least, most]),
    )
    if found is None:
        raise CannotEstimate("no weight lies within the bounds. Widen them.")
    slack = found[-2 * p : -p] - found[-p:]
    return tuple(
        Shortfall(name, float(total), float(total - gap * unit))
        for name, total, gap, unit in zip(
            targets.names, targets.totals, slack, size, strict=True
        )
        if abs(gap) > REACHED
    )


def narrowest_half_width(weight: Floats, targets: Targets) -> float | None:
    """The smallest t for which g from c(1 − t) to c(1 + t) can meet all totals; g ≥ 0.

    `weight` (n) is the weight of all responses of a row. c = N/Σw where the totals say how
    many people there are, else 1. None if no weights of 0 or more meet the totals.
    """
    mass = np.bincount(targets.cell, weight, len(targets.columns)).astype(float)
    occupied = mass > 0
    mass, columns = mass[occupied], targets.columns[occupied]
    centre = _centre(mass, columns, targets.totals)
    size = _sizes(targets)
    m = len(mass)
    # Unknown: g/c of each cell, and t.
    sums = csr_array((columns * (centre * mass)[:, None] / size).T)
    ones = csr_array(np.ones((m, 1)))
    identity = diags_array(np.ones(m))
    found = _smallest(
        np.append(np.zeros(m), 1.0),
        A_ub=vstack([hstack([identity, -ones]), hstack([-identity, -ones])], format="csr"),
        b_ub=np.concatenate([np.ones(m), -np.ones(m)]),
        A_eq=hstack([sums, csr_array((len(size), 1))], format="csr"),
        b_eq=targets.totals / size,
        bounds=(0, None),
    )
    return None if found is None else float(found[-1])


def short_lines(short: tuple[Shortfall, ...]) -> list[str]:
    """A sentence for each total out of reach."""
    return [
        f"{one.name}: {one.wanted:.12g} wanted, but weights within the bounds come no nearer "
        f"than {one.nearest:.6g}."
        for one in short
    ]


def narrowest_line(targets: Targets, weight: Floats) -> str:
    """The narrowest bounds on the ratio that can be met, as a sentence."""
    half = narrowest_half_width(weight, targets)
    if half is None:
        return NEVER
    mass = np.bincount(targets.cell, weight, len(targets.columns)).astype(float)
    occupied = mass > 0
    centre = _centre(mass[occupied], targets.columns[occupied], targets.totals)
    low, high = centre * max(1 - half, 0.0), centre * (1 + half)
    return (
        f"The narrowest bounds on the ratio that can be met around {centre:.6g} are "
        f"[{low:.6g}, {high:.6g}] (half-width {half:.9g}): widen them or merge levels."
    )


def widening_line(targets: Targets, lower: Floats, upper: Floats) -> str:
    """How far limits on the weight (m cells) must move to meet all totals, as a sentence."""
    columns, size = targets.columns, _sizes(targets)
    m = len(columns)
    identity, ends = diags_array(np.ones(m)), np.isfinite(upper)
    above = hstack([identity, csr_array(-np.where(ends, upper, 0.0)[:, None])], format="csr")
    below = hstack([-identity, csr_array(-lower[:, None])], format="csr")
    found = _smallest(
        np.append(np.zeros(m), 1.0),
        A_ub=vstack([above[np.flatnonzero(ends)], below], format="csr"),
        b_ub=np.concatenate([upper[ends], -lower]),
        A_eq=hstack([csr_array((columns / size).T), csr_array((len(size), 1))], format="csr"),
        b_eq=targets.totals / size,
        bounds=(0, None),
    )
    if found is None:
        return NEVER
    share = float(found[-1])
    return (
        f"Limits lower by {min(share, 1.0):.4%} and higher by {share:.4%} are the nearest that "
        "can be met: widen them so far or merge levels."
    )


def _smallest(cost: Floats, **programme: Any) -> Floats | None:
    """Where a linear programme is smallest; None if nothing meets its conditions."""
    found = linprog(cost, method="highs", **programme)
    return found.x if found.status == 0 else None


def _centre(mass: Floats, columns: Floats, totals: Floats) -> float:
    """N/Σw, if some combination of the totals is the number of people; else 1."""
    constant = np.linalg.lstsq(columns, np.ones(len(columns)), rcond=None)[0]
    if np.abs(columns @ constant - 1).max() > 1e-8:
        return 1.0
    people = float(constant @ totals)
    return people / float(mass.sum()) if people > 0 else 1.0


def _sizes(targets: Targets) -> Floats:
    """What each total is measured against (p), so that people and incomes weigh alike."""
    size = np.abs(targets.totals)
    largest = np.abs(targets.columns).max(axis=0, initial=0.0)
    return np.where(size > 0, size, np.where(largest > 0, largest, 1.0))
