"""Preparing a round: draft, freeze, open, issue codes.

Opening is the moment after which nothing that could move a number may change: the plan and
every definition it names are kept as text and hashed, and a changed plan under the same
code is refused with the places that differ.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.rounds import (
    active_codes,
    load_round,
    record,
    register_definition,
    text_digest,
)
from app.database.tables import PointCodeRow, RoundKeyRow, RoundRow
from app.errors import PlanFrozen, WrongState
from app.survey.codes import new_code
from app.survey.plan import Plan
from app.survey.reading import read_definition
from app.workflow.agreement import disagreements
from app.workflow.registry import SCORE_MAPS_FILE, Registry


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
    digest = plan_digest(plan, registry)
    row = session.scalar(select(RoundRow).where(RoundRow.code == plan.code))
    if row is not None and row.state != "draft":
        if row.plan_digest != digest:
            raise PlanFrozen(_what_differs(session, row, plan, registry))
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
    session.add(row)
    session.flush()
    record(session, "draft", subject=plan.code, now=now, detail={"plan": digest})
    return row


def open_round(session: Session, row: RoundRow, *, now: datetime) -> RoundRow:
    """Freeze a drafted plan, make the round's key, and issue a code to every point."""
    if row.state != "draft":
        raise WrongState(f"Round {row.code} is {row.state}; only a draft can be opened.")
    row.state, row.opened_at = "open", now
    session.add(RoundKeyRow(round_id=row.id, key=secrets.token_bytes(32)))
    issue_codes(session, row, now=now)
    record(session, "open", subject=row.code, now=now, detail={"plan": row.plan_digest})
    return row


def issue_codes(session: Session, row: RoundRow, *, now: datetime) -> dict[str, str]:
    """Give every point without a code in force a new one; point → code, in plan order."""
    plan = load_round(session, row).plan
    codes = active_codes(session, row.id)
    for point in plan.points:
        if point.code not in codes:
            codes[point.code] = _unused_code(session)
            session.add(
                PointCodeRow(
                    code=codes[point.code], round_id=row.id, point=point.code, issued_at=now
                )
            )
            session.flush()
    return {point.code: codes[point.code] for point in plan.points}


def plan_digest(plan: Plan, registry: Registry) -> str:
    """SHA-256 of what the plan means and of the definitions it names, hex."""
    meaning: dict[str, Any] = {
        "plan": _meaning(plan),
        "survey": text_digest(registry.surveys[plan.survey][0]),
        "score_maps": text_digest(registry.score_maps[0]),
        "system": None,
    }
    if plan.composite is not None:
        meaning["system"] = text_digest(registry.systems[plan.composite.system][0])
    text = json.dumps(meaning, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _meaning(plan: Plan) -> dict[str, Any]:
    return plan.model_dump(mode="json", by_alias=True)


def _unused_code(session: Session) -> str:
    while True:
        code = new_code(secrets.token_bytes(5))
        if session.get(PointCodeRow, code) is None:
            return code


def _what_differs(session: Session, row: RoundRow, plan: Plan, registry: Registry) -> str:
    frozen = load_round(session, row)
    places = list(_differences(_meaning(frozen.plan), _meaning(plan), ""))
    if frozen.survey_digest != text_digest(registry.surveys[plan.survey][0]):
        places.append(f"the text of survey {plan.survey}")
    if not places:
        places.append("the score maps or the indicator system")
    shown = "; ".join(places[:12]) + (
        f"; and {len(places) - 12} more" if len(places) > 12 else ""
    )
    return (
        f"Round {row.code} is {row.state}, and its plan was frozen when it opened. "
        f"The file differs in: {shown}. "
        "Put the file back as it was, or give the new plan a new code."
    )


def _differences(old: Any, new: Any, place: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}, key=str):
            inner = f"{place}.{key}" if place else str(key)
            yield from _differences(old.get(key), new.get(key), inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _differences(before, after, f"{place}[{i}]")
    elif old != new:
        yield f"{place} (frozen {_shown(old)}, now {_shown(new)})"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}…"
