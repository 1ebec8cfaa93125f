"""What a result document says of each number, and what it must not let be worked out."""

import pytest

from app.stats.comparison import Difference
from app.stats.estimation import Estimate
from app.stats.tables.domains import Domain
from app.stats.tables.entries import Tabulated
from app.workflow.result_numbers import describe_estimates


def an_entry(kind: str, *, withheld: str | None = None) -> Tabulated:
    estimate = Estimate(70.0, 1.0, 68.0, 72.0, 0.95, 99, 100, 90.0, 1.1, 1000.0)
    difference = None if kind == "overall" else Difference(2.0, 1.0, 0.0, 4.0)
    domain = Domain(kind, "", (), None)
    return Tabulated("probability", "item", "q1", domain, estimate, withheld, difference)


@pytest.mark.parametrize("reason", [None, "too_imprecise", "complementary"])
def test_a_difference_from_a_withheld_value_is_not_told(reason):
    told = describe_estimates([an_entry("overall", withheld=reason), an_entry("unit")])
    whole = {"value": 2.0, "standard_error": 1.0, "low": 0.0, "high": 4.0}
    assert [entry["difference"] for entry in told] == [None, whole if reason is None else None]
