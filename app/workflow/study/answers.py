"""The answer to one request of a study, whatever its estimand."""

from collections.abc import Callable, Mapping
from typing import Any

from app.errors import CannotEstimate
from app.workflow.study.chains import for_request
from app.workflow.study.definition import Request
from app.workflow.study.interval_rows import quantile_rows, scale_rows, share_rows
from app.workflow.study.requests import (
    Row,
    Weighted,
    contrast_rows,
    difference_rows,
    simple_rows,
)
from app.workflow.study.state import State

Found = dict[str, Any]
ROWS: Mapping[str, Callable[[Request, Weighted], list[Row]]] = {
    **dict.fromkeys(("mean", "total", "ratio", "proportion", "variance"), simple_rows),
    **dict.fromkeys(("difference", "difference_total"), difference_rows),
    "contrast": contrast_rows,
    "proportion_ci": share_rows,
    "quantile": quantile_rows,
    "alpha": scale_rows,
}


def answered(state: State, request: Request) -> Found:
    """The rows of a request under one state's weights. Raises CannotEstimate."""
    weighted = for_request(state, request)
    return {"id": request.id, "rows": ROWS[request.estimand](request, weighted)}


def answered_under(weighted: Mapping[str, Weighted], request: Request) -> Found:
    """The rows of a request under the variant it names. Raises CannotEstimate."""
    if request.variant is None:
        raise CannotEstimate(
            f"`variant`, whose weights to take, is absent. Name one of {', '.join(weighted)}."
        )
    if request.variant not in weighted:
        known = ", ".join(weighted) or "none was made"
        raise CannotEstimate(f"no weights are called {request.variant}. Known: {known}.")
    one = weighted[request.variant]
    return answered(State(one.table, one.design), request)
