"""From the requests of a study to rows of estimates, each with its error and interval."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri, stdtrit

from app.errors import CannotEstimate
from app.stats.design import Design
from app.stats.part import part_of
from app.stats.statistic import (
    Statistic,
    combination,
    mean_of,
    ratio_of,
    spread_of,
    standard_error_of,
    total_of,
)
from app.survey.sample import Flags, Floats
from app.workflow.study.definition import Level, Request
from app.workflow.study.table import Table, plain_number

Row = dict[str, Any]
SIMPLE = {"mean": mean_of, "total": total_of, "variance": spread_of, "proportion": mean_of}


@dataclass(frozen=True, slots=True)
class Weighted:
    """Rows with the design that weighs them."""

    table: Table
    design: Design
    domain: Mapping[str, Any] | None = None
    """The rows asked about; all where None."""

    def flags(self, domain: Mapping[str, Any]) -> Flags:
        """The rows of a domain, of those asked about."""
        return self.table.flags({**(self.domain or {}), **domain})

    @property
    def asked_design(self) -> Design:
        """The design with the weight of rows not asked about 0."""
        if self.domain is None:
            return self.design
        inside = self.table.flags(self.domain)
        replicates = None
        if self.design.replicates is not None:
            replicates = np.where(inside[:, None], self.design.replicates.weight, 0.0)
        weight = np.where(inside, self.design.weight, 0.0)
        return self.design.reweighted(weight, replicates=replicates)

    def places(self, by: Sequence[str] | None) -> Iterator["Place"]:
        """Each combination of levels with its rows; everybody where nothing is named."""
        inside = None if self.domain is None else self.table.flags(self.domain)
        if not by:
            yield Place(self.domain, inside)
            return
        for level in self.table.levels(by):
            domain = {**(self.domain or {}), **level}
            yield Place(domain, self.table.flags(domain))


@dataclass(frozen=True, slots=True)
class Place:
    """A domain and its rows; everybody where both are None."""

    domain: Mapping[str, Any] | None = None
    flags: Flags | None = None


EVERYBODY = Place()


@dataclass(frozen=True, slots=True)
class Item:
    """A column that is estimated, under the label of its rows."""

    label: str
    y: Floats


def simple_rows(request: Request, weighted: Weighted) -> list[Row]:
    """Means, totals, variances, proportions and ratios by domain."""
    if request.estimand == "ratio":
        return _ratio_rows(request, weighted)
    design = weighted.design
    rows = []
    for item in _items(request, weighted.table):
        for place in weighted.places(request.by):
            statistic = SIMPLE[request.estimand](design, item.y, place.flags)
            row = _row(design, statistic, request, item=item.label, place=place)
            if request.deff and statistic.n > 1:
                row |= _design_effects(design, item.y, place.flags, statistic)
            rows.append(row)
    return rows


def difference_rows(request: Request, weighted: Weighted) -> list[Row]:
    """The first domain of each pair less the second, covariance included."""
    design, y = weighted.design, _one_column(request, weighted.table)
    estimator = total_of if request.estimand == "difference_total" else mean_of
    rows = []
    for pair in request.pairs:
        a, b = (estimator(design, y, weighted.flags(d)) for d in (pair.a, pair.b))
        statistic = combination([(1.0, a), (-1.0, b)])
        place = Place({"a": dict(pair.a), "b": dict(pair.b)})
        row = _row(design, statistic, request, place=place)
        rows.append(row | {"n": design.responses(statistic.inside)})
    return rows


def contrast_rows(request: Request, weighted: Weighted) -> list[Row]:
    """A linear combination of domain means."""
    design, y = weighted.design, _one_column(request, weighted.table)
    terms = [
        (term.coef, mean_of(design, y, weighted.flags(term.domain))) for term in request.terms
    ]
    return [_row(design, combination(terms), request)]


def indicator(table: Table, name: str, values: Sequence[Level]) -> Floats:
    """1 where a column has one of the values, 0 where another, NaN where missing."""
    numbers = [value for value in values if not isinstance(value, str)]
    if len(numbers) < len(values):
        labels = table.labels(name)
        chosen = np.isin(labels, [label_of([value]) for value in values])
        return np.where(labels == "", np.nan, chosen.astype(float))
    column = table.numbers(name)
    chosen = np.isin(column, [float(value) for value in numbers])
    return np.where(np.isnan(column), np.nan, chosen.astype(float))


def label_of(values: Sequence[Level]) -> str:
    """Values joined as the label of a row: ``4|5``."""
    texts = [v if isinstance(v, str) else plain_number(float(v)) for v in values]
    return "|".join(texts)


def flat_values(request: Request) -> list[Level]:
    """The values of a request whose values are one set."""
    flat: list[Level] = []
    for value in request.values or ():
        flat += list(value) if isinstance(value, tuple) else [value]
    return flat


def reach(df: float, level: float) -> float | None:
    """The quantile of t with df degrees of freedom for a two-sided level; None without."""
    if not df > 0:
        return None
    return float(stdtrit(df, (1 + level) / 2))


def _ratio_rows(request: Request, weighted: Weighted) -> list[Row]:
    if request.num is None or request.den is None:
        raise CannotEstimate("a ratio needs `num` and `den`, the columns above and below.")
    above, below = (weighted.table.numbers(name) for name in (request.num, request.den))
    label = f"{request.num}/{request.den}"
    return [
        _row(
            weighted.design,
            ratio_of(weighted.design, above, below, domain=place.flags),
            request,
            item=label,
            place=place,
        )
        for place in weighted.places(request.by)
    ]


def _items(request: Request, table: Table) -> list[Item]:
    if request.estimand != "proportion":
        return [Item(name, table.numbers(name)) for name in request.columns]
    (name,) = request.columns
    sets = [value if isinstance(value, tuple) else (value,) for value in request.values or ()]
    return [Item(label_of(values), indicator(table, name, values)) for values in sets]


def _one_column(request: Request, table: Table) -> Floats:
    (name,) = request.columns
    values = flat_values(request)
    return indicator(table, name, values) if values else table.numbers(name)


def _row(
    design: Design,
    statistic: Statistic,
    request: Request,
    *,
    item: str | None = None,
    place: Place = EVERYBODY,
) -> Row:
    row: Row = {"item": item, "domain": None if place.domain is None else dict(place.domain)}
    if statistic.n == 0:
        nothing = 0.0 if statistic.is_total else None
        return row | {"estimate": nothing, "se": nothing, "n": 0, "status": "no_data"}
    if not math.isfinite(statistic.value):
        return row | {"estimate": None, "se": None, "n": statistic.n, "status": "undefined"}
    error, df = standard_error_of(design, statistic), design.df
    row |= {
        "estimate": statistic.value,
        "se": error,
        "ci_t": _interval(statistic.value, error, reach(df, request.level)),
        "ci_z": _interval(statistic.value, error, float(ndtri((1 + request.level) / 2))),
        "df": df,
        "n": statistic.n,
        "sum_w": statistic.sum_of_weights,
    }
    if place.flags is not None:
        # The rank of replicate weights in a domain says nothing; R gives none either.
        row["df_domain"] = None if design.replicates else design.df_of(place.flags)
    return row | _undefined_replicates(statistic)


def _interval(value: float, error: float, times: float | None) -> list[float | None]:
    if times is None:
        return [None, None]
    return [value - times * error, value + times * error]


def _undefined_replicates(statistic: Statistic) -> Row:
    undefined = int((~np.isfinite(statistic.replicated)).sum())
    return {"undefined_replicates": undefined} if undefined else {}


def _design_effects(
    design: Design, y: Floats, flags: Flags | None, statistic: Statistic
) -> Row:
    """V over the variance of a simple random sample, without and with replacement."""
    part = part_of(design, y, flags)
    times = part.sum**2 if statistic.is_total else 1.0
    simple = part.spread / part.n * times
    uncovered = 1 - part.n / part.sum
    effect = standard_error_of(design, statistic) ** 2
    return {
        "deff": effect / (simple * uncovered) if simple > 0 and uncovered else None,
        "deff_wr": effect / simple if simple > 0 else None,
    }
