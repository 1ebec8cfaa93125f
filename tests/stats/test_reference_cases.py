"""Means, totals and shares of R's survey package, reproduced."""

from dataclasses import replace

import pytest
from reference_case import CASES, Case

from app.errors import CannotEstimate
from app.stats.estimation import mean, total

NAMES = sorted(path.parent.name for path in CASES.glob("*/expected.json"))
# Designs with nothing but raking; the others have tests of their own.
PLAIN = ("p01", "p02", "p03", "p04", "p05", "p08", "p09", "p10", "p12")
ESTIMATED = [name for name in NAMES if name.startswith(PLAIN)]


def agrees(got: float | None, want: float | None, tolerance: float) -> bool:
    if want is None or got is None:
        return got is want
    return abs(got - want) <= tolerance * abs(want) + 1e-9


@pytest.mark.parametrize("name", ESTIMATED)
def test_every_mean_total_and_share_agrees_with_r(name):
    case = Case(name)
    differences, compared = [], 0
    for row in case.rows():
        got, want = row.got, row.expected
        pairs = {
            "estimate": got.value,
            "se": got.standard_error,
            "n": got.n,
            "sum_w": got.sum_of_weights,
            "df": got.df,
            "deff": got.design_effect_without_replacement,
            "deff_wr": got.design_effect,
        }
        pairs = {key: value for key, value in pairs.items() if key in want}
        found = {
            k: (v, want[k]) for k, v in pairs.items() if not agrees(v, want[k], case.tolerance)
        }
        if "ci_t" in want and want["ci_t"][0] is not None:
            for got_end, want_end in zip((got.low, got.high), want["ci_t"], strict=True):
                if not agrees(got_end, want_end, case.tolerance):
                    found["ci_t"] = (got_end, want_end)
        compared += len(pairs)
        if found:
            differences.append((row.label, found))
    assert compared > 20
    assert not differences, differences[:6]


def test_a_lonely_stratum_is_refused_by_name_where_no_rule_is_stated():
    case = Case("p09_lonely_psu")
    (request,) = case.specification["must_fail"]
    with pytest.raises(CannotEstimate, match="stratum"):
        mean(case.design(request), case.numbers(request["y"]))


def test_treating_raked_weights_as_fixed_would_more_than_double_the_error():
    # The reason why a design keeps its calibration steps.
    case = Case("p05_rake_two_margins")
    design = case.design({})
    enrolled = case.numbers("enroll")
    fixed = total(replace(design, adjustments=()), enrolled)
    assert fixed.standard_error > 2 * total(design, enrolled).standard_error
