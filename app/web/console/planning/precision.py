"""How many answers a plan's units need: sizes and margins of error, before anybody is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import CannotEstimate, InputRefused
from app.workflow.sizing import Sizing, plan_sample
from app.workflow.sizing_order import SizeOrder

MARGINS = (3.0, 5.0, 8.0, 10.0)
"""Margins in points of a hundred that the page offers."""


@dataclass(frozen=True, slots=True)
class Precision:
    """The sizes for one margin in every unit; `sizing` is None without populations."""

    margin: float
    sizing: Sizing | None
    names: Mapping[str, Mapping[str, str]]
    """Unit → its name by language."""


def precision_of(units: Iterable[Mapping[str, Any]], *, margin: float) -> Precision:
    """Answers for ± `margin` points in every unit, of a share of a half, at 95 %."""
    units = [unit for unit in units if unit.get("population")]
    names = {unit["code"]: unit["name"] for unit in units}
    wanted = margin if margin in MARGINS else 5.0
    if not units:
        return Precision(wanted, None, names)
    lines = ["stratum,population", *(f"{u['code']},{u['population']}" for u in units)]
    order = SizeOrder(margin_each=wanted / 100, source="units")
    try:
        return Precision(wanted, plan_sample(order, "\n".join(lines).encode()), names)
    except (CannotEstimate, InputRefused):
        return Precision(wanted, None, names)
