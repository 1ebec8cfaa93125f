"""Small scorings with errors, for the tests of what is drawn."""

import csv

from composite_cases import load
from small_systems import card, read, small, text

from app.scoring.index import carry_out
from app.scoring.inputs import IndicatorValue, ScoredUnit

STRAIGHT = {"method": "goalposts", "lower": 0, "upper": 100, "clip": False}
"""The score is the value, whatever it is."""


def case_with_errors():
    """The reference case p09: five units, two indicators with standard errors."""
    efficacy = {
        "method": "efficacy",
        "base": 60,
        "top": 100,
        "bounds": {"unacceptable": 50, "satisfactory": 100},
    }
    found = plain(rank={"scope": "all"}, uncertainty={"level": 0.9})
    found["nodes"] += [
        {"code": code, "name": text(code), "parent": "all", "weight": weight}
        for code, weight in (("objective", 85), ("subjective", 15))
    ]
    found["indicators"] = [
        card(code, parent, weight, normalise=efficacy)
        for code, parent, weight in (
            ("o1", "objective", 2),
            ("o2", "objective", 1),
            ("sat", "subjective", 5),
            ("saf", "subjective", 5),
        )
    ]
    lines = csv.DictReader(load("p09_se_analytic_rank", "values.csv").splitlines())
    table, errors = {}, {}
    for line in lines:
        table.setdefault(line["unit"], {})[line["indicator"]] = float(line["value"])
        if line["se"]:
            errors.setdefault(line["unit"], {})[line["indicator"]] = float(line["se"])
    return scored(found, table, errors)


def plain(*indicators, **others):
    """A root with indicators below it, whose scores are their values; one region type."""
    found = small()
    for key in ("adjustments", "grade"):
        del found[key]
    found["types"] = found["types"][:1]
    found["nodes"] = [{**found["nodes"][0], "weights_sum_to": None}]
    wide = {"from": -1e6, "to": 1e6}
    found["indicators"] = [
        card(code, "all", weight, normalise=dict(STRAIGHT), plausible=wide)
        for code, weight in indicators or [("jobs", 1)]
    ]
    return {**found, **others}


def scored(found, table, errors=None, covariances=(), **others):
    """Score `table` (unit → indicator → value); `errors` in the same shape, or one number."""
    units = [ScoredUnit(unit, "town") for unit in table]
    values = [
        IndicatorValue(
            unit,
            code,
            value,
            "missing" if value is None else "ok",
            standard_error=_error(errors, unit, code) if value is not None else None,
        )
        for unit, row in table.items()
        for code, value in row.items()
    ]
    return carry_out(read(found), units=units, values=values, covariances=covariances, **others)


def _error(errors, unit, code):
    if isinstance(errors, dict):
        return errors.get(unit, {}).get(code)
    return errors
