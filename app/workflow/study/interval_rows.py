"""Rows of a study whose interval is not value and reach: shares, quantiles, scales."""

import math
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Design
from app.stats.intervals import Ends, Method, Share, proportion_interval
from app.stats.likelihood import fitting_start, likelihood_interval
from app.stats.quantiles import (
    Ordered,
    QuantileInterval,
    Rule,
    ordered,
    quantiles_under,
    value_at,
    woodruff,
)
from app.stats.scales.reliability import alpha_under, reliability
from app.stats.statistic import Statistic, covariances_of, mean_of
from app.stats.variance import replicate_covariances
from app.survey.sample import Flags, Floats
from app.workflow.study.definition import Request, listed
from app.workflow.study.requests import (
    Place,
    Row,
    Weighted,
    flat_values,
    indicator,
    label_of,
    reach,
)

METHODS = (*get_args(Method), "likelihood")
RULES = get_args(Rule)
INTERVALS = ("mean", "beta", "xlogit", "asin", "quantile")


def share_rows(request: Request, weighted: Weighted) -> list[Row]:
    """A share with its intervals by every method asked for."""
    values = flat_values(request)
    y = indicator(weighted.table, request.columns[0], values)
    return [
        _share_row(request, weighted.design, y, place=place, item=label_of(values))
        for place in weighted.places(request.by)
    ]


def quantile_rows(request: Request, weighted: Weighted) -> list[Row]:
    """Quantiles of each column by domain, rule, interval and p, in this order."""
    rules, intervals = listed(request.qrule), listed(request.interval)
    rows = []
    for name in request.columns:
        y = weighted.table.numbers(name)
        for place in weighted.places(request.by):
            answers = _Answers(weighted.design, y, _inside(weighted.design, y, place.flags))
            rows += [
                {"item": name, "domain": place.domain, "p": p, "qrule": rule}
                | answers.row(request, p, rule=rule, interval=interval)
                for rule in rules
                for interval in intervals
                for p in _shares(request)
            ]
    return rows


def scale_rows(request: Request, weighted: Weighted) -> list[Row]:
    """The reliability of a scale; with replicate weights also the error of alpha."""
    design, table = weighted.asked_design, weighted.table
    items = {name: table.numbers(name) for name in request.items}
    reverse = listed(request.reverse)
    ends = None
    if request.scale_min is not None and request.scale_max is not None:
        ends = (request.scale_min, request.scale_max)
    found = reliability(items, design.weight, count=design.count, reverse=reverse, ends=ends)
    row: Row = {
        "item": "+".join(request.items),
        "n": found.n,
        "alpha": found.alpha,
        "alpha_standardized": found.alpha_standardized,
        "omega_unstandardized": found.omega_unstandardized,
        "omega_standardized": found.omega_standardized,
        "no_omega": found.no_omega,
        "loadings_standardized": _plain(found.loadings_standardized),
        "item_variances": _plain(found.item_variances),
        "total_variance": found.total_variance,
        "covariance": [_plain(line) for line in found.covariance],
        "alpha_if_item_dropped": _plain(found.alpha_if_item_dropped),
        "item_rest_correlations": _plain(found.item_rest_correlations),
    }
    if design.replicates is not None:
        weights = design.replicates.weight
        under = alpha_under(items, weights, count=design.count, reverse=reverse, ends=ends)
        spread = replicate_covariances(
            design.replicates, under[:, None], np.array([found.alpha])
        )
        row["alpha_replicate_se"] = math.sqrt(float(spread[0, 0]))
        row["alpha_replicate_estimate"] = found.alpha
    return [row]


def _share_row(request: Request, design: Design, y: Floats, *, place: Place, item: str) -> Row:
    inside = _inside(design, y, place.flags)
    statistic = mean_of(design, y, inside)
    row: Row = {"item": item, "domain": place.domain}
    if statistic.n == 0:
        return row | {"estimate": None, "se": None, "n": 0, "status": "no_data"}
    share = _share(design, statistic, df=design.df_of(inside))
    row |= {
        "estimate": statistic.value,
        "se": math.sqrt(share.variance),
        "n": statistic.n,
        "df_domain": share.df,
    }
    if share.standing == "degenerate":
        exact = proportion_interval(share, method="beta", confidence=request.level)
        ends = _pair(exact)
        return row | {"se": 0.0, "status": "degenerate", "ci": None, "clopper_pearson_n": ends}
    if design.adjustments and design.replicates is None:
        share = replace(share, n=_rows_of_beta(design))
    count = None if design.count is None else design.count[inside]
    start = fitting_start(design.weight[inside], y[inside], count)
    found = {}
    for method in request.methods:
        if method == "likelihood":
            ends_found = likelihood_interval(share, start=start, confidence=request.level)
        else:
            ends_found = proportion_interval(
                share, method=_method(method), confidence=request.level
            )
        found[method] = _pair(ends_found)
    return row | {"ci": found}


class _Answers:
    """The answers of one domain in order, for all the quantiles asked of them."""

    def __init__(self, design: Design, y: Floats, inside: Flags) -> None:
        self.design, self.y, self.inside = design, y, inside
        mass = design.times(design.weight)[inside]
        count = None if design.count is None else design.count[inside]
        self.ordered: Ordered = ordered(y[inside], mass, count)
        self.n = design.responses(inside)
        self.df = design.df if design.replicates else design.df_of(inside)

    def row(self, request: Request, p: float, *, rule: str, interval: str) -> Row:
        """One quantile with its interval."""
        value = value_at(self.ordered, p, rule=_rule(rule))
        row: Row = {"interval": interval, "estimate": value, "n": self.n, "df": self.df}
        if value is None:
            return row | {"ci": [None, None], "se": None, "status": "no_data"}
        if interval == "quantile":
            return row | self._by_replicates(request, p, value, rule=_rule(rule))
        found = self._by_inversion(request, value, rule=_rule(rule), method=_method(interval))
        return row | {"ci": [found.low, found.high], "se": found.standard_error}

    def _by_inversion(
        self, request: Request, value: float, *, rule: Rule, method: Method
    ) -> QuantileInterval:
        at_most = np.where(np.isnan(self.y), np.nan, (self.y <= value).astype(float))
        statistic = mean_of(self.design, at_most, self.inside)
        share = _share(self.design, statistic, df=self.df)
        if method == "beta" and self.design.adjustments:
            share = replace(share, n=_rows_of_beta(self.design))
        return woodruff(self.ordered, share, rule=rule, method=method, confidence=request.level)

    def _by_replicates(self, request: Request, p: float, value: float, *, rule: Rule) -> Row:
        replicates = self.design.replicates
        if replicates is None:
            raise CannotEstimate(
                "the interval `quantile` needs replicate weights. Ask for `mean`, or give them."
            )
        weights = self.design.times(replicates.weight)[self.inside]
        count = None if self.design.count is None else self.design.count[self.inside]
        under = quantiles_under(self.y[self.inside], weights, p, rule=rule, count=count)
        times = reach(self.df, request.level)
        if under is None or times is None:
            return {"ci": [None, None], "se": None, "status": "no_data"}
        spread = replicate_covariances(replicates, under[:, None], np.array([value]))
        error = math.sqrt(float(spread[0, 0]))
        return {"ci": [value - times * error, value + times * error], "se": error}


def _inside(design: Design, y: Floats, flags: Flags | None) -> Flags:
    inside = (design.weight > 0) & ~np.isnan(y)
    return inside if flags is None else inside & flags


def _rows_of_beta(design: Design) -> int:
    """The n of the Korn-Graubard interval under calibrated weights: all rows, as in R.

    It enters by the quantile of t with n − 1 degrees of freedom only, and hardly moves it.
    """
    return design.responses(np.ones(len(design), bool))


def _share(design: Design, statistic: Statistic, *, df: float) -> Share:
    variance = float(covariances_of(design, [statistic])[0, 0])
    return Share(statistic.value, variance, df, statistic.n)


def _shares(request: Request) -> tuple[float, ...]:
    return request.p if isinstance(request.p, tuple) else (request.p,)


def _method(name: str) -> Method:
    (found,) = [method for method in get_args(Method) if method == name]
    return found


def _rule(name: str) -> Rule:
    (found,) = [rule for rule in RULES if rule == name]
    return found


def _pair(ends: Ends) -> list[float | None]:
    return [ends.low, ends.high]


def _plain(values: Floats | None) -> list[Any] | None:
    """An array as a list, undefined numbers as None."""
    return (
        None if values is None else [v if math.isfinite(v) else None for v in values.tolist()]
    )
