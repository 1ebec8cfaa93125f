"""From nothing to a draft plan, from a draft plan to a round that can be opened.

A code belongs to one round of the whole installation: a plan whose code some other office's
round has is refused before anything of that round is touched.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.database.console_tables import DraftRow
from app.database.drafts import NewDraft, Signature, hold_draft
from app.database.round_list import code_is_taken
from app.database.rounds import find_round, load_round
from app.database.tables import RoundRow
from app.errors import InputRefused, Problem, WrongState
from app.survey.plan import Plan
from app.survey.planning.beginning import Start, new_plan, repeated_plan
from app.workflow.definitions.drafting import start_draft
from app.workflow.definitions.releasing import draft_text
from app.workflow.planning.checking import check_plan
from app.workflow.preparation import draft_round
from app.workflow.registry import Registry

RESERVED = frozenset({"new", "drafts", "plans"})
"""Codes that are addresses of the console already."""


def begin_plan(
    session: Session,
    start: Start,
    *,
    last: RoundRow | None,
    registry: Registry,
    by: Signature,
) -> DraftRow:
    """Begin the plan of a round, anew or as the last one once more."""
    if start.code in RESERVED or code_is_taken(session, start.code):
        raise InputRefused([_taken(start.code)])
    if last is not None:
        body = repeated_plan(written_plan(load_round(session, last).plan), start)
    else:
        known = registry.surveys.get(start.survey)
        body = new_plan(start, known[1] if known else None)
    return start_draft(session, NewDraft("plan", start.code, body), by=by)


def written_plan(plan: Plan) -> Mapping[str, Any]:
    """A plan as plain values, with nothing but what was written."""
    return plan.model_dump(mode="json", by_alias=True, exclude_unset=True)


def make_round(
    session: Session, draft: DraftRow, *, seen: int, registry: Registry, by: Signature
) -> RoundRow:
    """Make a plan that is sound the draft of its round, which can then be opened.

    The plan stays and may be changed and made again until the round is open. InputRefused
    names what is still wrong; WrongState where somebody changed it after revision `seen`.
    """
    hold_draft(session, draft, seen=seen)
    problems = [
        p for found in check_plan(draft.body, registry).problems.values() for p in found
    ]
    if problems:
        raise InputRefused(problems)
    if code_is_taken(session, draft.code):
        before = find_round(session, draft.code)
        if before.office_id != draft.office_id:
            raise InputRefused([_taken(draft.code)])
        if before.state != "draft":
            raise WrongState(
                f"Round {draft.code} is {before.state}; its plan was frozen when it opened.",
                chinese=f"调查“{draft.code}”已经打开，方案已冻结，不能再改。",
            )
    text = draft_text(draft)
    row = draft_round(session, text, source="", registry=registry, now=by.at)
    row.office_id = draft.office_id
    session.flush()
    return row


def _taken(code: str) -> Problem:
    chinese = f"代码“{code}”已经有人用了，请换一个。"
    return Problem("code", "is taken", "Choose another code.", code, chinese=chinese)
