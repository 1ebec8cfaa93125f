"""A finished run computed again: in full while telemetry is there, else from the influence on.

After telemetry was forgotten nobody can screen again what nobody remembers. Whoever asks is
told so, and gets what can still be checked: that the kept influence gives the same estimates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.database.fieldwork import load_responses
from app.database.results import find_run, influences_of_run, result_of
from app.database.rounds import load_round
from app.database.tables import RoundRow, RunRow
from app.errors import WrongState
from app.stats.tables.tabulation import make_series, tabulate
from app.survey.sample import build_sample
from app.workflow.canonical import canonical
from app.workflow.processing import find_repetition, recompute
from app.workflow.result_numbers import describe_estimates


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What computing a run again said."""

    same: bool
    forgotten_at: datetime | None
    """When the telemetry was forgotten; None where everything was computed again."""


def recompute_run(session: Session, run_id: int) -> Recomputed:
    """Compute a finished run again as far as that is still possible."""
    run = find_run(session, run_id)
    row = session.get_one(RoundRow, run.round_id)
    if row.telemetry_forgotten_at is None:
        return Recomputed(recompute(session, run_id), None)
    if run.document is None:
        raise WrongState(f"Run {run.id} is {run.state}; there is nothing to compare with.")
    return Recomputed(_same_estimates(session, run, row), row.telemetry_forgotten_at)


def _same_estimates(session: Session, run: RunRow, row: RoundRow) -> bool:
    """Whether the kept influence gives the estimates of the document, to the last byte."""
    frozen, document = load_round(session, row), result_of(run)
    plan, survey = frozen.plan, frozen.survey
    sample = build_sample(survey, frozen.maps_by_scale, load_responses(session, row.id))
    kept = influences_of_run(session, run.id)
    influence = np.array([kept[name] for name in sample.identifier.tolist()])
    series, _ = make_series(sample, plan, influence)
    estimates = tabulate(series, survey, plan)
    used = document["run"]["sources"]
    sources = {name: find_run(session, number) for name, number in used.items()}
    found = describe_estimates(estimates, find_repetition(frozen, estimates, sources))
    again = [_without_screening(entry) for entry in found]
    written = [_without_screening(entry) for entry in document["estimates"]]
    return canonical({"estimates": again}) == canonical({"estimates": written})


def _without_screening(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An estimate but for what stood beside it of screening, which nobody can see again."""
    return {name: value for name, value in entry.items() if name != "screened"}
