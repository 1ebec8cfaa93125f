"""Small scorings with their matrices, made in one line: what explanations are tested on."""

from collections.abc import Mapping
from typing import Any

from small_systems import read, small, values_of

from app.scoring.index import Scoring, carry_out
from app.scoring.inputs import IndicatorValue, ScoredUnit

Table = Mapping[str, Mapping[str, float | None]]


def row(jobs: float | None, clean: float | None, calm: float | None) -> dict[str, float | None]:
    return {"jobs": jobs, "clean": clean, "calm": calm}


def scoring_of_table(
    table: Table,
    *,
    found: dict[str, Any] | None = None,
    errors: Mapping[str, float] | None = None,
    types: Mapping[str, str] | None = None,
    **others: Any,
) -> Scoring:
    """Units of the type `town`, or as `types` says; `errors`: indicator → standard error."""
    units = [ScoredUnit(code, (types or {}).get(code, "town")) for code in table]
    values = [
        IndicatorValue(v.unit, v.indicator, v.value, v.status, (errors or {}).get(v.indicator))
        for v in values_of({code: dict(one) for code, one in table.items()})
    ]
    return carry_out(read(found or small()), units=units, values=values, **others)
