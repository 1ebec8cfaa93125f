"""Why two samples cannot be tied by a propensity: by name, before any model is fitted.

A level that only one sample holds, more answers than people, covariates that repeat each
other, or several that together tell exactly who answers: in each case the equations of
`propensity` have no finite solution, and a program that iterates anyway prints weights.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_array, coo_array, eye_array

from app.stats.opt_in.covariate_matrix import CovariateMatrix, Level
from app.survey.sample import Floats

DEPENDENT = 1e-9
"""Share of a column's length outside the span of others below which it lies in it."""
INVOLVED = 1e-6
"""Price of an equation, relative to the largest, above which its covariate is named."""


def sample_problems(
    covariates: CovariateMatrix, opt_in: Floats, reference: Floats
) -> list[str]:
    """Every reason for which the samples, or one covariate of theirs, rule a model out."""
    answers, people = float(opt_in.sum()), float(reference.sum())
    if not (answers > 0 and people > 0):
        empty = "reference" if answers > 0 else "opt-in"
        return [f"the {empty} sample is empty: propensities need both samples."]
    problems = []
    if answers >= people:
        problems.append(
            f"{answers:.12g} opt-in answers, but the reference weights sum to only "
            f"{people:.12g} people. Give weights that sum to the population."
        )
    problems += _level_problems(covariates, opt_in, reference)
    if problems:
        return problems
    return [
        f"covariate {name}: in the reference sample it is a combination of the covariates "
        "before it. Leave it out."
        for name in dependent_columns(covariates, reference)
    ]


def _level_problems(
    covariates: CovariateMatrix, opt_in: Floats, reference: Floats
) -> Iterator[str]:
    fixed = [one for one in covariates.levels if _is_fixed(covariates.values, one)]
    counts = {
        one.name: (float(opt_in[one.member].sum()), float(reference[one.member].sum()))
        for one in fixed
    }
    for one in fixed:
        answers, people = counts[one.name]
        if 0 < answers < people:
            continue
        cure = _merge(one, fixed, counts)
        here = f"covariate {one.variable}, level {one.level}"
        if answers > 0 and people > 0:
            yield (
                f"{here}: {answers:.12g} opt-in answers, but the reference sample stands for "
                f"only {people:.12g} people. Check its weights, or {cure}."
            )
        elif people > 0:
            yield f"{here}: {people:.6g} people, but no opt-in answer. To cure it, {cure}."
        elif answers > 0:
            yield (
                f"{here}: {answers:.12g} opt-in answers, but nobody in the reference sample. "
                f"To cure it, {cure}."
            )
        else:
            yield f"{here}: it is in neither sample. To cure it, {cure}."


def _is_fixed(x: Floats, level: Level) -> bool:
    """Whether the equations fix the level's number of answers, as they do in the span of x."""
    member = level.member.astype(float)
    if not member.any():
        return True
    rest = member - x @ np.linalg.lstsq(x, member)[0]
    return float(np.linalg.norm(rest)) <= DEPENDENT * float(np.linalg.norm(member))


def _merge(one: Level, levels: Sequence[Level], counts: dict[str, tuple[float, float]]) -> str:
    """The neighbour to merge a level with: of those usable, the one with fewer answers."""
    same = [other for other in levels if other.variable == one.variable]
    usable = [other for other in same if 0 < counts[other.name][0] < counts[other.name][1]]
    place = same.index(one)
    near = [other for other in usable if abs(same.index(other) - place) == 1] or usable
    if len(same) <= 2 or not near:
        return f"leave {one.variable} out"
    best = min(near, key=lambda other: counts[other.name][0])
    return f"merge it with the level {best.level}"


def dependent_columns(covariates: CovariateMatrix, weight: Floats) -> list[str]:
    """Names of the columns that are, where `weight` > 0, a combination of those before."""
    basis: list[Floats] = []
    names = []
    for name, column in zip(covariates.names, covariates.values[weight > 0].T, strict=True):
        rest = column
        for _ in range(2):  # once more, because the first pass leaves rounding behind
            for direction in basis:
                rest = rest - (direction @ rest) * direction
        length = float(np.linalg.norm(rest))
        if length <= DEPENDENT * float(np.linalg.norm(column)):
            names.append(name)
        else:
            basis.append(rest / length)
    return names


def separation(covariates: CovariateMatrix, opt_in: Floats, reference: Floats) -> str:
    """Which covariates together push propensities to 0 or 1.

    Finite θ exist exactly if some q strictly between 0 and 1 meet Σ_A x = Σ_B d q x. A
    linear program seeks the q farthest from both ends; where there is no room, the prices
    of the equations are the direction θ runs off to (Albert and Anderson 1984).
    """
    x, kept = covariates.values / np.abs(covariates.values).max(axis=0), reference > 0
    x_b, d, wanted = x[kept], reference[kept], opt_in @ x
    size, k = d @ np.abs(x_b), len(d)
    unit, room = eye_array(k), np.ones((k, 1))
    # The stubs of linprog do not know the sparse matrices it takes.
    apart: Any = block_array([[-unit, coo_array(room)], [unit, coo_array(room)]])
    found = linprog(
        np.append(np.zeros(k), -1.0),
        A_ub=apart,
        b_ub=np.append(np.zeros(k), np.ones(k)),
        A_eq=np.column_stack([(x_b * d[:, None]).T / size[:, None], np.zeros(len(size))]),
        b_eq=wanted / size,
        bounds=(None, None),
    )
    price = np.abs(found.eqlin.marginals / size) if found.status == 0 else np.ones(len(size))
    involved = [
        name
        for name, p in zip(covariates.names, price, strict=True)
        if p > INVOLVED * price.max()
    ]
    return (
        f"covariates {', '.join(involved)}: together they tell who answers and who does not, "
        "so that no propensities between 0 and 1 meet their totals. Merge levels or leave "
        "one of them out."
    )
