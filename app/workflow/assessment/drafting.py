"""Drafting an assessment: a plan that agrees with its system, frozen once scores are public.

Until then a draft may be replaced; scorings made before it keep the plan they were made
under, and can no longer be published. What was imported or recorded already has to fit the
new plan, or the plan is refused.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.assessments import (
    find_assessment,
    hold_assessment,
    imports_in_force,
    latest_published_scores,
    list_score_events,
    load_assessment,
)
from app.database.rounds import record, register_definition
from app.database.tables import AssessmentRow
from app.errors import InputRefused, NotFound, PlanFrozen, Problem, WrongState
from app.scoring.definition.system import IndicatorSystem
from app.survey.assessment import AssessmentPlan
from app.survey.reading import read_definition
from app.workflow.freezing import differences, digest_of
from app.workflow.preparation import MOST_PLACES
from app.workflow.registry import Registry


def read_assessment(text: str, *, source: str, registry: Registry) -> AssessmentPlan:
    """A plan that is sound by itself and agrees with the system on file that it names."""
    return read_definition(
        AssessmentPlan, text, source=source, further=lambda plan: _disagreements(plan, registry)
    )


def draft_assessment(
    session: Session, text: str, *, source: str, registry: Registry, now: datetime
) -> AssessmentRow:
    """Keep a plan; one whose scores are public is never replaced."""
    plan = read_assessment(text, source=source, registry=registry)
    system_text, system = registry.systems[plan.system]
    digest = digest_of(assessment_meaning(plan, system))
    row = _known(session, plan.code)
    if row is not None:
        if row.plan_digest == digest:
            return row
        _refuse_frozen(session, row, plan, system)
    if plan.follows is not None:
        find_assessment(session, plan.follows)
    kept = register_definition(session, "assessment", key=plan.code, text=text, now=now)
    on_file = register_definition(session, "system", key=plan.system, text=system_text, now=now)
    if row is None:
        row = AssessmentRow(code=plan.code)
    row.plan_id, row.plan_digest, row.system_id = kept.id, digest, on_file.id
    row.drafted_at = now
    _keep(session, row)
    record(session, "draft assessment", subject=plan.code, now=now, detail={"plan": digest})
    return row


def assessment_meaning(plan: AssessmentPlan, system: IndicatorSystem) -> dict[str, Any]:
    """All that can move a score, but for values and events; a comment is no change."""
    return {
        "plan": plan.model_dump(mode="json", by_alias=True),
        "system": system.model_dump(mode="json", by_alias=True),
    }


def _known(session: Session, code: str) -> AssessmentRow | None:
    try:
        return hold_assessment(session, find_assessment(session, code))
    except NotFound:
        return None


def _keep(session: Session, row: AssessmentRow) -> None:
    # Two acts at one moment both found no such assessment; the table lets one through.
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise WrongState(
            f"Assessment {row.code} was drafted by somebody else a moment ago. "
            "Nothing was changed."
        ) from None


def _refuse_frozen(
    session: Session, row: AssessmentRow, plan: AssessmentPlan, system: IndicatorSystem
) -> None:
    if latest_published_scores(session, row.id) is not None:
        before = load_assessment(session, row)
        old = assessment_meaning(before.plan, before.system)
        places = list(differences(old, assessment_meaning(plan, system)))
        more = f"; and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
        shown = "; ".join(place.removeprefix("plan.") for place in places[:MOST_PLACES])
        raise PlanFrozen(
            f"The scores of {row.code} are public, and its plan and system are frozen. "
            f"What is on file differs in: {shown}{more}. "
            "Put the files back as they were, or give the new plan a new code."
        )
    problems = list(_left_over(session, row, plan, system))
    if problems:
        raise InputRefused(problems)


def _left_over(
    session: Session, row: AssessmentRow, plan: AssessmentPlan, system: IndicatorSystem
) -> Iterator[Problem]:
    """What was imported or recorded under the plan before and has no place in this one."""
    units = {unit.code for unit in plan.units}
    imported = imported_indicators(plan, system)
    items = {item.code for item in system.adjustments.items} if system.adjustments else set()
    for one in imports_in_force(session, row.id):
        strange = {cell["unit"] for cell in one.cells} - units
        strange |= {cell["indicator"] for cell in one.cells} - set(imported)
        if strange:
            named = ", ".join(sorted(strange))
            cure = f"Take it back first: minxin assessment undo {row.code} {one.number}"
            yield Problem(
                f"import {one.number}",
                f"has values of what the new plan does not import: {named}",
                cure,
                source=one.name,
                chinese=f"第 {one.number} 次导入（{one.name}）含有新方案不导入的内容：{named}。"
                "请先撤销这次导入。",
            )
    for event in list_score_events(session, row.id):
        stands = event.status != "overturned"
        if stands and (event.row.unit not in units or event.row.item not in items):
            named = f"{event.row.unit}, {event.row.item}"
            yield Problem(
                f"event {event.row.number}",
                f"has no place in the new plan: {named}",
                "Overturn it first, or keep its unit and its item.",
                chinese=f"第 {event.row.number} 号事件在新方案中没有着落：{named}。"
                "请先撤销该事件，或保留其单位和扣分项。",
            )


def imported_indicators(plan: AssessmentPlan, system: IndicatorSystem) -> tuple[str, ...]:
    """The indicators whose values come from files, in the order of the system."""
    from_rounds = {source.indicator for source in plan.from_rounds}
    return tuple(card.code for card in system.indicators if card.code not in from_rounds)


def _disagreements(plan: AssessmentPlan, registry: Registry) -> Iterator[Problem]:
    entry = registry.systems.get(plan.system)
    if entry is None:
        cure = f"On file: {', '.join(sorted(registry.systems)) or 'none'}."
        yield Problem("system", "names no indicator system on file", cure, plan.system)
        return
    system = entry[1]
    if system.vectors:
        message = "weighs by named vectors, and units have region types"
        yield Problem("system", message, "Name a system with region types.", plan.system)
        return
    for i, unit in enumerate(plan.units):
        if unit.region_type not in system.type_codes:
            cure = f"Types of the system: {', '.join(system.type_codes)}."
            place = f"units[{i}].region_type"
            yield Problem(place, "is not a region type of the system", cure, unit.region_type)
    yield from _round_problems(plan, system)


def _round_problems(plan: AssessmentPlan, system: IndicatorSystem) -> Iterator[Problem]:
    evidence = {card.code: card.evidence for card in system.indicators}
    for i, source in enumerate(plan.from_rounds):
        place = f"from_rounds[{i}]"
        takes = evidence.get(source.indicator)
        if takes is None:
            cure = _known_codes(tuple(evidence))
            yield Problem(
                f"{place}.indicator",
                "names no indicator of the system",
                cure,
                source.indicator,
            )
        elif takes != source.series:
            message = f"feeds an indicator that takes {takes} evidence"
            cure = "Take a series of that class, or give it to another indicator."
            yield Problem(f"{place}.series", message, cure, source.series)


def _known_codes(codes: Sequence[str]) -> str:
    shown = ", ".join(codes[:12])
    return f"Indicators: {shown}{', …' if len(codes) > 12 else ''}."
