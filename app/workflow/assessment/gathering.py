"""What a scoring is made from, gathered: published rounds, imports in force, events.

Numbers of one sample err together, and a published result does not say by how much. So the
covariances are computed again from the responses of that very run, with what each response
counted for in it; where the responses are no longer those of the run, nothing is guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from sqlalchemy.orm import Session

from app.database.assessments import (
    KeptEvent,
    LoadedAssessment,
    find_assessment,
    find_score_run,
    imports_in_force,
    latest_published_scores,
    list_score_events,
    load_assessment,
)
from app.database.fieldwork import load_responses
from app.database.results import find_run, influences_of_run, result_of
from app.database.rounds import load_round
from app.database.tables import AssessmentRow, RoundRow, RunRow
from app.errors import InputRefused, Problem, WrongState
from app.scoring.inputs import Covariance, Event, EventStatus, IndicatorValue, ScoredUnit
from app.stats.tables.disclosure import withhold_rank
from app.stats.tables.tabulation import make_series
from app.survey.recipe import RunInput
from app.survey.sample import build_sample
from app.workflow.assessment.drafting import imported_indicators
from app.workflow.assessment.importing import gaps, values_in_force
from app.workflow.assessment.inputs_document import ScoreInputs, read_inputs
from app.workflow.data_digest import data_digest
from app.workflow.survey_values import (
    entries_of_run,
    published_run,
    require_entries,
    scored_units,
    survey_covariances,
    values_of_run,
)

Sources = dict[str, Any]
"""Where the inputs come from, as JSON: enough to tell whether any of it moved since."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The inputs of a scoring and where they come from."""

    loaded: LoadedAssessment
    inputs: ScoreInputs
    sources: Sources


def sources_of(session: Session, loaded: LoadedAssessment) -> Sources:
    """What would be taken now: the plan, runs, imports, events, last year's scoring."""
    runs = _runs(session, loaded)
    return {
        "plan": loaded.plan_digest,
        "rounds": {
            code: {"run": run.id, "document": run.document_digest} for code, run in runs.items()
        },
        "imports": [
            {"import": one.number, "name": one.name, "file": one.digest}
            for one in imports_in_force(session, loaded.id)
        ],
        "events": [
            {
                "event": one.row.number,
                "status": one.status,
                "evidence": one.row.evidence_digest,
            }
            for one in list_score_events(session, loaded.id)
        ],
        "follows": _follows(session, loaded),
    }


def gather(session: Session, row: AssessmentRow, *, seed: int | None = None) -> Gathered:
    """All that a scoring of an assessment takes, as it stands now.

    Raises InputRefused for an indicator that no file and no round gives, WrongState where a
    round or the assessment before is not published.
    """
    loaded = load_assessment(session, row)
    sources = sources_of(session, loaded)
    runs = {code: find_run(session, one["run"]) for code, one in sources["rounds"].items()}
    surveyed = _survey_values(loaded, runs)
    cells = values_in_force(session, loaded.id)
    _refuse_gaps(loaded, cells)
    inputs = ScoreInputs(
        system=loaded.system_text,
        units=tuple(_units(loaded, runs)),
        values=(*surveyed, *cells.values()),
        events=tuple(_event(one) for one in list_score_events(session, loaded.id)),
        covariances=tuple(_covariances(session, loaded, runs, surveyed)),
        seed=loaded.plan.seed if seed is None else seed,
        before=_inputs_before(session, sources["follows"]),
    )
    return Gathered(loaded, inputs, sources)


def what_moved(then: Sources, now: Sources) -> list[str]:
    """The kinds of inputs that are no longer what a scoring was made from."""
    return [name for name in now if then.get(name) != now[name]]


def _runs(session: Session, loaded: LoadedAssessment) -> dict[str, RunRow]:
    """Round → its newest published run."""
    runs: dict[str, RunRow] = {}
    for source in loaded.plan.from_rounds:
        what = f"The assessment takes {source.indicator} from round {source.round}"
        run = published_run(session, source.round, what)
        require_entries(source, result_of(run))
        runs[source.round] = run
    return runs


def _follows(session: Session, loaded: LoadedAssessment) -> dict[str, Any] | None:
    code = loaded.plan.follows
    if code is None:
        return None
    published = latest_published_scores(session, find_assessment(session, code).id)
    if published is None:
        raise WrongState(
            f"{loaded.code} is compared with {code}, whose scores are not public. "
            "Publish them first, or leave `follows` out of the plan."
        )
    run = published[1]
    return {"assessment": code, "run": run.number, "inputs": run.inputs_digest}


def _inputs_before(session: Session, follows: Mapping[str, Any] | None) -> ScoreInputs | None:
    if follows is None:
        return None
    row = find_assessment(session, follows["assessment"])
    before = read_inputs(find_score_run(session, row, follows["run"]).inputs)
    # One year back is compared; otherwise every year would carry all years before it.
    return replace(before, before=None)


def _refuse_gaps(
    loaded: LoadedAssessment, cells: Mapping[tuple[str, str], IndicatorValue]
) -> None:
    """A file that was forgotten must not pass for values that are missing."""
    units = [unit.code for unit in loaded.plan.units]
    types = {unit.region_type for unit in loaded.plan.units}
    weighing = [
        code
        for code in imported_indicators(loaded.plan, loaded.system)
        if any(loaded.system.weight(code, one) > 0 for one in types)
    ]
    forgotten = list(gaps(cells, units, weighing))
    if forgotten:
        raise InputRefused(
            Problem(
                f"indicator {code}",
                "has no value of any unit",
                "Import its values, or say `missing` for its units.",
                chinese=f"指标“{code}”没有任何单位的数值。请导入，或逐个单位注明“缺失”。",
            )
            for code in forgotten
        )


def _survey_values(
    loaded: LoadedAssessment, runs: Mapping[str, RunRow]
) -> tuple[IndicatorValue, ...]:
    documents = {code: result_of(run) for code, run in runs.items()}
    return tuple(
        value
        for source in loaded.plan.from_rounds
        for value in values_of_run(source, documents[source.round], loaded.plan.units)
    )


def _units(loaded: LoadedAssessment, runs: Mapping[str, RunRow]) -> Iterator[ScoredUnit]:
    release = loaded.plan.release
    too_small = {
        unit
        for source in loaded.plan.from_rounds
        for unit, entry in entries_of_run(source, result_of(runs[source.round])).items()
        if withhold_rank(entry["n"], entry["effective_n"], release)
    }
    return scored_units(loaded.plan.units, too_small, release)


def _event(kept: KeptEvent) -> Event:
    """The evidence is its words and its file's SHA-256: whoever has the file can check it."""
    row = kept.row
    evidence = f"{row.evidence} ({row.evidence_name}, sha256 {row.evidence_digest})"
    return Event(row.unit, row.item, row.count, cast("EventStatus", kept.status), evidence)


def _covariances(
    session: Session,
    loaded: LoadedAssessment,
    runs: Mapping[str, RunRow],
    values: Sequence[IndicatorValue],
) -> Iterator[Covariance]:
    for code, run in runs.items():
        shared = [
            source
            for source in loaded.plan.from_rounds
            if source.round == code and source.series != "opt_in"
        ]
        if len(shared) > 1:
            named = {source.indicator for source in shared}
            measured = [value for value in values if value.indicator in named]
            yield from _of_round(session, run, shared, measured)


def _of_round(
    session: Session,
    run: RunRow,
    sources: Sequence[RunInput],
    values: Sequence[IndicatorValue],
) -> Iterator[Covariance]:
    frozen = load_round(session, session.get_one(RoundRow, run.round_id))
    responses = load_responses(session, run.round_id)
    if data_digest(responses, frozen.plan.screening) != run.data_digest:
        raise WrongState(
            f"The responses of round {frozen.code} are not those that run {run.id} was "
            "computed from, so nothing is known of how its numbers err together. "
            "Process and publish the round again."
        )
    sample = build_sample(frozen.survey, frozen.maps_by_scale, responses)
    believed = influences_of_run(session, run.id)
    influence = np.array([believed[one] for one in sample.identifier.tolist()])
    series, _ = make_series(sample, frozen.plan, influence)
    return survey_covariances(frozen.survey, sources, series=series, values=values)
