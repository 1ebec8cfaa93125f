"""Tables of a study in which small cells are not shown, with what protects them."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Design
from app.stats.statistic import mean_of, standard_error_of
from app.stats.tables.suppression import audit, suppress, suppress_two_way
from app.survey.sample import Flags, Floats
from app.workflow.study.definition import TableRequest
from app.workflow.study.requests import Weighted, indicator
from app.workflow.study.table import Table

Cause = str


def table_of(request: TableRequest, weighted: Weighted) -> dict[str, Any]:
    """The rows of a one-way or two-way table of means, each with whether it is suppressed.

    What is suppressed is for the statistician's eyes: `published` is what may leave the
    house, and holds neither n, estimate nor error of a suppressed cell. Cells that only the
    audit of a two-way table found to be deducible are suppressed there and marked `audit`.
    """
    if not 1 <= len(request.by) <= 2:
        raise CannotEstimate("`by` names one or two columns.")
    labels = [weighted.table.labels(name) for name in request.by]
    y = _asked(request, weighted.table)
    everybody = weighted.flags({}) & (weighted.design.weight > 0)
    counts: dict[tuple[str, ...], int] = {}
    inside: dict[tuple[str, ...], Flags] = {}
    for key in sorted(
        {k for k in zip(*(one.tolist() for one in labels), strict=True) if all(k)}
    ):
        flags = np.logical_and.reduce(
            [everybody, *(one == level for one, level in zip(labels, key, strict=True))]
        )
        if not flags.any():
            continue
        counts[key], inside[key] = weighted.design.responses(flags), flags
    causes = _causes(counts, request.min_n)
    rows = [
        _row(key, inside[key], weighted.design, y, cause=causes.get(key)) | {"n": n}
        for key, n in counts.items()
    ]
    return {
        "id": request.id,
        "rows": rows,
        "published": [_published(row, request.min_n) for row in rows],
    }


def _asked(request: TableRequest, table: Table) -> Floats:
    if request.values:
        return indicator(table, request.y, request.values)
    return table.numbers(request.y)


def _causes(counts: Mapping[tuple[str, ...], int], min_n: int) -> dict[tuple[str, ...], Cause]:
    if all(len(key) == 1 for key in counts):
        hidden = suppress({key[0]: n for key, n in counts.items()}, min_n)
        return {(name,): why for name, why in hidden.items()}
    people = {(key[0], key[1]): n for key, n in counts.items()}
    simple = suppress_two_way(people, min_n)
    found = audit(people, simple)
    return {
        (str(row), str(column)): hidden.why
        for (row, column), hidden in (found | simple).items()
        if row is not None and column is not None
    }


def _row(
    key: tuple[str, ...], flags: Flags, design: Design, y: Floats, *, cause: Cause | None
) -> dict[str, Any]:
    statistic = mean_of(design, y, flags)
    weight = np.where(flags, design.weight, 0.0)
    squares = float(design.times(weight) @ weight)
    has_mean = statistic.n > 0 and math.isfinite(statistic.value)
    value = statistic.value if has_mean else None
    error = standard_error_of(design, statistic) if has_mean else None
    return {
        "level": "|".join(key),
        "n_eff_kish": float(design.times(weight).sum()) ** 2 / squares if squares else None,
        "n_answered": statistic.n,
        "estimate": value,
        "se": error,
        "rse": error / abs(value) if value and error is not None else None,
        "primary": cause == "small_cell",
        "suppressed": cause in ("small_cell", "complementary"),
        "complementary": cause == "complementary",
        "audit": cause == "audit",
    }


def _published(row: Mapping[str, Any], min_n: int) -> dict[str, Any]:
    # Many may lie in a cell of which few answered: their mean would be theirs.
    if row["suppressed"] or row["audit"] or row["n_answered"] < min_n:
        return {"level": row["level"], "suppressed": True}
    return {key: row[key] for key in ("level", "n", "estimate", "se", "rse")}
