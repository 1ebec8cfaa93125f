"""What each response counted for in a run, and why: the rows that are kept beside it."""

from collections.abc import Sequence
from typing import Any

from app.anomaly.examination import Reason
from app.anomaly.screening import FiredSignal
from app.stats.tables.entries import Series
from app.workflow.canonical import plain_numbers
from app.workflow.result_document import Found


def counted_for(found: Found) -> list[dict[str, Any]]:
    """What each response counted for, and why: the columns of its row beside the run."""
    fired = _fired_by_position(found)
    weights = _final_weights(found.series, len(found.sample))
    return [
        {
            "response_id": identifier,
            "influence": float(found.influence[position]),
            "weight": weights[position],
            "signals": {"fired": fired.get(position, [])},
        }
        for position, identifier in enumerate(found.sample.identifier.tolist())
    ]


def _final_weights(series: Sequence[Series], n: int) -> tuple[float, ...]:
    """The weight of each response in the first series that holds it."""
    weights = [0.0] * n
    for one in reversed(series):
        for position, weight in zip(one.positions.nonzero()[0], one.design.weight, strict=True):
            weights[int(position)] = float(weight)
    return tuple(weights)


def _fired_by_position(found: Found) -> dict[int, list[dict[str, Any]]]:
    """Position → the signals that fired on the response alone, then those of its company."""
    fired: dict[int, list[dict[str, Any]]] = {}
    for signal in found.screening.fired:
        fired.setdefault(signal.position, []).append(_reason(signal))
    if found.company is not None:
        rows = found.company.laid.rows.tolist()
        for row, reasons in sorted(found.company.found.reasons.items()):
            fired.setdefault(rows[row], []).extend(_reason(reason) for reason in reasons)
    return fired


def _reason(fired: FiredSignal | Reason) -> dict[str, Any]:
    names = ("signal", "version", "observed", "expected")
    return {name: plain_numbers(getattr(fired, name)) for name in names}
