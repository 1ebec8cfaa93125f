"""What if: the scores under changed weights, values or events beside the official ones.

Both are computed in full, with their intervals, tiers and grades, from the run's own inputs.
A saved scenario is a row of its own; nothing of the run is touched.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.database.assessments import list_scenarios
from app.database.rounds import record
from app.database.tables import AssessmentRow, ScenarioRow, ScoreRunRow
from app.errors import InputRefused, Problem, WrongState
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import Scoring, carry_out
from app.scoring.simulation.monte_carlo import draw_scores
from app.scoring.simulation.places import places
from app.scoring.simulation.summary import summarise
from app.survey.reading import read_definition
from app.workflow.assessment.changes import Changes, applied
from app.workflow.assessment.inputs_document import ScoreInputs, read_inputs
from app.workflow.canonical import canonical

SCHEMA = "minxin-comparison/1"
NOTHING_CHANGED = Problem(
    "the scenario",
    "changes nothing of the run",
    "Change a weight, a value, an event, a rule, or leave out a unit.",
    chinese="方案没有改变任何内容。请至少改动一项权数、数值、事件、规则，或去掉一个单位。",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one unit stands in one of the two scorings."""

    region_type: str
    gross: float | None
    final: float | None
    score_interval: tuple[float, float] | None
    """Simulated, at the system's level."""
    rank_in_type: float | None
    rank_interval: tuple[float, float] | None
    tier: int | None
    grade: str | None


@dataclass(frozen=True, slots=True)
class Movement:
    """One unit before and after; None where it is not scored there."""

    unit: str
    before: Standing | None
    after: Standing | None

    @property
    def moved(self) -> float | None:
        """What the final score gains or loses."""
        if self.before is None or self.after is None:
            return None
        if self.before.final is None or self.after.final is None:
            return None
        return self.after.final - self.before.final


@dataclass(frozen=True, slots=True)
class Comparison:
    """A scenario beside the official scoring."""

    scenario: str
    units: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a scenario changes, and what came out."""

    changes: Changes
    found: Comparison


def what_if(inputs: ScoreInputs, changes: Changes) -> Comparison:
    """Score the inputs as they are and under a scenario.

    Raises InputRefused with everything in the scenario that cannot be computed.
    """
    changed = applied(inputs, changes)
    if changed == inputs:
        raise InputRefused([NOTHING_CHANGED])
    before, after = _standings(inputs), _standings(changed)
    units = dict.fromkeys([*before, *after])
    return Comparison(
        changes.name,
        tuple(Movement(unit, before.get(unit), after.get(unit)) for unit in units),
    )


def save_scenario(
    session: Session,
    assessment: AssessmentRow,
    run: ScoreRunRow,
    changes: Changes,
    now: datetime,
) -> ScenarioRow:
    """Compute a scenario of a run and keep it; refuses a name that is taken."""
    require_new_name(session, assessment, run, changes.name)
    found = what_if(read_inputs(run.inputs), changes)
    return keep_scenario(session, assessment, run, Tried(changes, found), now=now)


def require_new_name(
    session: Session, assessment: AssessmentRow, run: ScoreRunRow, name: str
) -> None:
    """Refuse a name that a scenario of the run has already."""
    if name in {kept.name for kept in list_scenarios(session, run)}:
        raise WrongState(
            f"Run {run.number} of {assessment.code} has a scenario {name!r} already. "
            "Give this one another name.",
            chinese=f"第 {run.number} 次计算已经有名为“{name}”的方案，请换一个名字。",
        )


def keep_scenario(
    session: Session,
    assessment: AssessmentRow,
    run: ScoreRunRow,
    tried: Tried,
    *,
    now: datetime,
) -> ScenarioRow:
    """Keep a scenario that was computed."""
    name = tried.changes.name
    require_new_name(session, assessment, run, name)
    row = ScenarioRow(
        score_run_id=run.id,
        name=name,
        changes=tried.changes.model_dump(mode="json", by_alias=True),
        document=comparison_document(tried.found),
        saved_at=now,
    )
    session.add(row)
    detail: dict[str, object] = {"run": run.number, "scenario": name}
    record(session, "save scenario", subject=assessment.code, now=now, detail=detail)
    return row


def comparison_document(found: Comparison) -> str:
    """A comparison as canonical JSON."""
    return canonical({"schema": SCHEMA, **asdict(found)})


def kept_comparison(document: str) -> Comparison:
    """The comparison of a document that was kept."""
    found = json.loads(document)
    return Comparison(
        found["scenario"],
        tuple(
            Movement(one["unit"], _kept_standing(one["before"]), _kept_standing(one["after"]))
            for one in found["units"]
        ),
    )


def _kept_standing(found: Mapping[str, Any] | None) -> Standing | None:
    if found is None:
        return None
    intervals = {
        key: None if found[key] is None else tuple(found[key])
        for key in ("score_interval", "rank_interval")
    }
    return Standing(**{**found, **intervals})


def _standings(inputs: ScoreInputs) -> dict[str, Standing]:
    scoring = carry_out(
        read_definition(IndicatorSystem, inputs.system, source="system"),
        units=inputs.units,
        values=inputs.values,
        events=inputs.events,
        covariances=inputs.covariances,
    )
    drawn = draw_scores(scoring, seed=inputs.seed)
    simulated = {one.unit: one for one in summarise(scoring, drawn).units}
    tiers = _tiers(scoring, inputs.seed)
    found = {}
    for unit in scoring.result.units:
        own = simulated[unit.unit]
        found[unit.unit] = Standing(
            region_type=unit.region_type,
            gross=unit.gross,
            final=unit.final,
            score_interval=own.score_interval,
            rank_in_type=unit.rank_in_type,
            rank_interval=(own.in_type.low, own.in_type.high) if own.in_type else None,
            tier=tiers.get(unit.unit),
            grade=unit.grade.grade if unit.grade else None,
        )
    return found


def _tiers(scoring: Scoring, seed: int) -> dict[str, int]:
    return {
        place.unit: place.tier
        for table in places(scoring, seed=seed)
        if table.region_type is not None
        for place in table.places
    }
