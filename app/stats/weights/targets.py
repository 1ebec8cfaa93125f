"""Totals that weights must meet, as columns of numbers: what margins and auxiliaries become.

Rows with the same columns are one cell. Columns may repeat information, such as the last
level of a second margin; what is repeated must agree, or it is refused by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Integers
from app.stats.weights.margins import NOT_STATED, PopulationMargin, check_margins, level_codes
from app.stats.weights.span import span
from app.survey.sample import Floats

SAME_TOTAL = 1e-9
"""Relative distance at which a repeated total agrees."""


@dataclass(frozen=True, slots=True)
class Targets:
    """p totals of the population and the columns whose weighted sums must meet them."""

    cell: Integers
    """Row of `columns` that belongs to each row of the design (n)."""
    columns: Floats
    """x of each cell (cells by p)."""
    totals: Floats
    """p."""
    names: tuple[str, ...]
    """What each total is, as a person would say it: ``margin age, level 18-34``."""
    sources: tuple[str, ...]
    """The margins and terms they come from."""

    def __len__(self) -> int:
        return len(self.cell)


def margin_targets(
    margins: Sequence[PopulationMargin], *, weight: Floats | None = None
) -> Targets:
    """One total for each level of each margin; rows of a positive `weight` (all if None) count.

    Raises CannotEstimate with every reason found: contradicting totals, also between margins
    that overlap; levels without answers; answers without a level or a total.
    """
    counted = np.ones(len(margins[0].level)) if weight is None else weight
    codes = [level_codes(margin) for margin in margins]
    _refuse_not_stated(margins, codes, counted)
    check_margins(margins, codes, counted)
    sizes = [len(margin.totals) + 1 for margin in margins]
    present, cell = np.unique(np.ravel_multi_index(tuple(codes), sizes), return_inverse=True)
    code = np.unravel_index(present, sizes)
    columns = [
        code[m][:, None] == np.arange(len(margin.totals)) for m, margin in enumerate(margins)
    ]
    targets = Targets(
        cell=cell.astype(np.intp),
        columns=np.hstack(columns).astype(float),
        totals=np.concatenate([np.array(list(m.totals.values()), float) for m in margins]),
        names=tuple(f"margin {m.name}, level {level}" for m in margins for level in m.totals),
        sources=tuple(margin.name for margin in margins),
    )
    independent(targets, np.bincount(cell, counted, len(present)).astype(float))
    return targets


def term_targets(columns: Mapping[str, Floats], totals: Mapping[str, float]) -> Targets:
    """Totals of numeric auxiliaries, by name: `columns` hold n values each.

    Raises CannotEstimate for a missing value or a total that is absent or not finite.
    """
    problems = []
    for name, column in columns.items():
        missing = int((~np.isfinite(column)).sum())
        if missing:
            problems.append(
                f"term {name}: {missing} of {len(column)} rows have no value. Complete them or "
                "leave the rows or the term out."
            )
        if not np.isfinite(totals.get(name, np.nan)):
            problems.append(f"term {name}: its population total is absent. Give it.")
    if problems:
        raise CannotEstimate("\n".join(problems))
    matrix = np.column_stack([np.asarray(column, float) for column in columns.values()])
    cells, cell = np.unique(matrix, axis=0, return_inverse=True)
    return Targets(
        cell=cell.ravel().astype(np.intp),
        columns=cells,
        totals=np.array([totals[name] for name in columns], float),
        names=tuple(f"term {name}" for name in columns),
        sources=tuple(columns),
    )


def joined(one: Targets, other: Targets) -> Targets:
    """Both sets of totals at once, over the same rows."""
    pair = one.cell * len(other.columns) + other.cell
    present, cell = np.unique(pair, return_inverse=True)
    left, right = np.divmod(present, len(other.columns))
    return Targets(
        cell=cell.astype(np.intp),
        columns=np.hstack([one.columns[left], other.columns[right]]),
        totals=np.concatenate([one.totals, other.totals]),
        names=one.names + other.names,
        sources=one.sources + other.sources,
    )


def independent(targets: Targets, weight: Floats) -> tuple[Integers, Floats]:
    """The columns that say something new on the cells with a positive `weight` (cells).

    Also an orthonormal basis of √weight times the columns (cells by rank). Raises
    CannotEstimate, naming each, if a column that repeats others has another total than
    they imply.
    """
    matrix = np.sqrt(weight)[:, None] * targets.columns
    kept, basis = span(matrix)
    problems = [
        problem
        for j in np.setdiff1d(np.arange(len(targets.totals)), kept)
        for problem in _disagreement(targets, matrix, kept=kept[kept < j], j=int(j))
    ]
    if problems:
        raise CannotEstimate("\n".join(problems))
    return kept, basis


def _disagreement(targets: Targets, matrix: Floats, *, kept: Integers, j: int) -> Sequence[str]:
    """What is wrong with the total of column j, which the kept columns imply."""
    total = targets.totals[j]
    if not matrix[:, j].any() or not len(kept):
        if total == 0:
            return ()
        return (
            f"{targets.names[j]}: {total:.12g} in the population and no answer that counts. "
            "Merge it with a neighbour.",
        )
    share = np.linalg.lstsq(matrix[:, kept], matrix[:, j], rcond=None)[0]
    parts = share * targets.totals[kept]
    implied = float(parts.sum())
    if abs(total - implied) <= SAME_TOTAL * max(abs(total), np.abs(parts).max()):
        return ()
    by = [targets.names[k] for k, s in zip(kept, share, strict=True) if abs(s) > 1e-6]
    told = "; ".join(by[:6]) + ("; …" if len(by) > 6 else "")
    return (
        f"{targets.names[j]}: its total is {total:.12g}, but on these answers {told} leave "
        f"{implied:.12g} for it. Correct the totals or merge levels whose answers fall "
        "together.",
    )


def _refuse_not_stated(
    margins: Sequence[PopulationMargin], codes: Sequence[Integers], weight: Floats
) -> None:
    problems = []
    for margin, code in zip(margins, codes, strict=True):
        stray = margin.level[(code == len(margin.totals)) & (weight > 0)]
        silent = int((stray == NOT_STATED).sum())
        if silent:
            problems.append(
                f"margin {margin.name}: {silent} rows state no level. Complete them, or rake, "
                "which keeps their share."
            )
    if problems:
        raise CannotEstimate("\n".join(problems))
