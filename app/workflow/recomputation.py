"""A finished run computed again: in full while telemetry is there, else from the influence on.

After telemetry was forgotten nobody can screen again what nobody remembers. Whoever asks is
told so, and gets what can still be checked: that these are the answers that were there when
it was forgotten, that they were those the run was computed from, and that the influence kept
with it gives every number that follows from it, to the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.anomaly.screening import ScreeningResult
from app.database.results import find_run, influences_of_run, result_of
from app.database.tables import RoundRow, RunRow
from app.database.telemetry import answers_digest, find_forgetting
from app.survey.sample import build_sample
from app.workflow.canonical import canonical
from app.workflow.processing import (
    FORGOTTEN,
    Judged,
    find_numbers,
    material_of,
    recompute,
)
from app.workflow.result_document import write_down

FROM_INFLUENCE = ("responses", "reduced")
"""What the document says of screening that follows from the kept influence."""


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
    forgotten_at = row.telemetry_forgotten_at
    if forgotten_at is None or (run.document and FORGOTTEN in result_of(run)["run"]):
        return Recomputed(recompute(session, run_id), None)
    same = _is_same_from_influence(session, run) and _rests_on_these_rows(session, run, row)
    return Recomputed(same, forgotten_at)


def _is_same_from_influence(session: Session, run: RunRow) -> bool:
    """Whether the kept influence gives the document, screening itself excepted."""
    material = material_of(session, run)
    frozen, kept = material.frozen, influences_of_run(session, run.id)
    sample = build_sample(frozen.survey, frozen.maps_by_scale, material.responses)
    identifiers = sample.identifier.tolist()
    if kept.keys() != set(identifiers):
        return False
    influence = np.array([kept[name] for name in identifiers])
    judged = Judged(sample, ScreeningResult(influence, (), ()), None, influence)
    found = find_numbers(material, judged, seed=run.seed)
    document = result_of(run)
    again = json.loads(write_down(frozen, found, document["run"]))
    return canonical(_with_screening(again, document)) == run.document


def _with_screening(again: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """What was computed again, with what only screening could say taken over from before."""
    counted = {name: again["screening"][name] for name in FROM_INFLUENCE}
    before = document["estimates"]
    estimates = [
        one | {"screened": known["screened"]} if "screened" in known else one
        for one, known in zip(again["estimates"], before, strict=False)
    ]
    return {
        **again,
        "screening": document["screening"] | counted,
        "estimates": [*estimates, *again["estimates"][len(before) :]],
    }


def _rests_on_these_rows(session: Session, run: RunRow, row: RoundRow) -> bool:
    """Whether the answers are those that were there, and were those of the run."""
    event = find_forgetting(session, row.code)
    if event is None:
        return False
    is_run_of_them = run.id in event.detail["runs"]
    return is_run_of_them and event.detail["answers"] == answers_digest(session, row.id)
