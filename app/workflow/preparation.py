"""Preparing a round: draft, freeze, open, issue codes.

Opening is the moment after which nothing that could move a number may change: the plan and
every definition it names are kept as text and hashed, and a changed plan under the same
code is refused with the places that differ.
"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.rounds import (
    active_codes,
    hold,
    load_round,
    record,
    register_definition,
)
from app.database.tables import AllowanceRow, PointCodeRow, RoundKeyRow, RoundRow
from app.errors import PlanFrozen, WrongState
from app.survey.admission import allowance_limits
from app.survey.codes import new_code
from app.survey.plan import Plan
from app.survey.reading import read_definition
from app.survey.score_maps import maps_in_force
from app.workflow.agreement import disagreements
from app.workflow.freezing import differences, digest_of, meaning_of, round_meaning
from app.workflow.registry import SCORE_MAPS_FILE, Registry

MOST_PLACES = 12


def read_plan(text: str, *, source: str, registry: Registry) -> Plan:
    """A plan that is sound by itself and agrees with the definitions on file."""
    return read_definition(
        Plan, text, source=source, further=lambda plan: disagreements(plan, registry)
    )


def draft_round(
    session: Session, text: str, *, source: str, registry: Registry, now: datetime
) -> RoundRow:
    """Keep a plan as a draft; a draft of the same code is replaced, an opened round never."""
    plan = read_plan(text, source=source, registry=registry)
    meaning = drafted_meaning(plan, registry)
    digest = digest_of(meaning)
    row = session.scalar(select(RoundRow).where(RoundRow.code == plan.code))
    if row is not None and row.state != "draft":
        if row.plan_digest != digest:
            raise PlanFrozen(_what_differs(session, row, meaning))
        return row
    survey_text = registry.surveys[plan.survey][0]
    survey = register_definition(session, "survey", key=plan.survey, text=survey_text, now=now)
    maps_text = registry.score_maps[0]
    maps = register_definition(
        session, "score_maps", key=SCORE_MAPS_FILE, text=maps_text, now=now
    )
    if row is None:
        row = RoundRow(code=plan.code, state="draft")
    row.plan, row.plan_digest = text, digest
    row.survey_id, row.score_maps_id, row.system_id = survey.id, maps.id, None
    if plan.composite is not None:
        key = plan.composite.system
        system_text = registry.systems[key][0]
        row.system_id = register_definition(
            session, "system", key=key, text=system_text, now=now
        ).id
    _keep_draft(session, row, plan.code)
    record(session, "draft", subject=plan.code, now=now, detail={"plan": digest})
    return row


def _keep_draft(session: Session, row: RoundRow, code: str) -> None:
    # Two acts at one moment both found no such round; the table lets one through.
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise WrongState(
            f"Round {code} was drafted by somebody else a moment ago. Nothing was changed."
        ) from None


def open_round(session: Session, row: RoundRow, *, now: datetime) -> RoundRow:
    """Freeze a drafted plan, make the round's key, and issue a code to every point."""
    if hold(session, row).state != "draft":
        raise WrongState(f"Round {row.code} is {row.state}; only a draft can be opened.")
    row.state, row.opened_at = "open", now
    session.add(RoundKeyRow(round_id=row.id, key=secrets.token_bytes(32)))
    plan = load_round(session, row).plan
    limits = allowance_limits(plan.admits, [point.code for point in plan.points])
    session.add_all(
        AllowanceRow(round_id=row.id, name=name, most=most, taken=0)
        for name, most in limits.items()
    )
    issue_codes(session, row, now=now)
    record(session, "open", subject=row.code, now=now, detail={"plan": row.plan_digest})
    return row


def issue_codes(session: Session, row: RoundRow, *, now: datetime) -> dict[str, str]:
    """Give every point without a code in force a new one; point → code, in plan order."""
    plan = load_round(session, row).plan
    codes = active_codes(session, row.id)
    for point in plan.points:
        if point.code not in codes:
            codes[point.code] = unused_code(session)
            session.add(
                PointCodeRow(
                    code=codes[point.code], round_id=row.id, point=point.code, issued_at=now
                )
            )
            session.flush()
    return {point.code: codes[point.code] for point in plan.points}


def drafted_meaning(plan: Plan, registry: Registry) -> dict[str, Any]:
    """What a plan means together with the definitions on file that it names."""
    survey = registry.surveys[plan.survey][1]
    maps = maps_in_force(plan, survey, registry.score_maps[1])
    system = registry.systems[plan.composite.system][1] if plan.composite else None
    return round_meaning(plan, survey, maps, system)


def unused_code(session: Session) -> str:
    """A public code that no point of any round ever had."""
    while True:
        code = new_code(secrets.token_bytes(5))
        if session.get(PointCodeRow, code) is None:
            return code


def _what_differs(session: Session, row: RoundRow, meaning: dict[str, Any]) -> str:
    places = list(differences(meaning_of(load_round(session, row)), meaning))
    more = f"; and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    # Places of the plan are named as in the file; those of the definitions keep their prefix.
    shown = "; ".join(place.removeprefix("plan.") for place in places[:MOST_PLACES]) + more
    return (
        f"Round {row.code} is {row.state}, and its plan was frozen when it opened. "
        f"What is on file differs in: {shown}. "
        "Put the files back as they were, or give the new plan a new code."
    )
