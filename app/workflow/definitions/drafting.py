"""Drafts of definitions: begin, change, give up; for surveys, systems, plans, assessments.

Usage, in a route that has an `ActingSession` and a desk:

    by = signature_of(session, desk.person, desk.scope, now=now)
    row = start_draft(session, NewDraft("plan", code, body), by=by)
    row = find_draft(session, "plan", code, within=desk.scope)
    save_draft(session, row, body, seen=revision_of_the_form, by=by)

A page carries ``row.revision`` in a hidden field and gives it back as `seen`. A draft may be
wrong in any way: `soundness` lists its mistakes, `releasing` makes a version of it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.database.console_tables import DraftRow
from app.database.drafts import (
    NewDraft,
    Signature,
    add_draft,
    change_draft,
    drop_draft,
    hold_draft,
    office_id_at,
)
from app.database.rounds import record
from app.errors import InputRefused, NotAllowed, Problem
from app.people.colleague import Colleague
from app.people.offices import Scope
from app.survey.writing import definition_text

LONGEST_TEXT = 800_000
"""Characters of a draft: a plan of 3,000 units with a point each needs 600,000."""


def signature_of(
    session: Session, person: Colleague, scope: Scope, *, now: datetime
) -> Signature:
    """Who writes, and for which office: the own one if the right reaches it, else its first."""
    if scope.reaches(person.office.path):
        return Signature(person.id, person.office.id, now)
    first = office_id_at(session, scope.paths[0]) if scope.paths else None
    if first is None:
        raise NotAllowed("Your roles do not allow this.", chinese="您的角色不能做这件事。")
    return Signature(person.id, first, now)


def start_draft(session: Session, draft: NewDraft, *, by: Signature) -> DraftRow:
    """Begin a draft; WrongState where a draft of that kind has the code already."""
    _require_size(draft.body)
    row = add_draft(session, draft, by=by)
    detail: dict[str, object] = {"kind": draft.kind}
    record(session, "start draft", subject=draft.code, now=by.at, detail=detail)
    return row


def save_draft(
    session: Session,
    row: DraftRow,
    body: Mapping[str, Any],
    *,
    seen: int,
    by: Signature,
) -> DraftRow:
    """Replace a draft's values if nobody changed it since revision `seen`."""
    _require_size(body)
    change_draft(session, row, body, seen=seen, by=by)
    detail: dict[str, object] = {"kind": row.kind, "revision": row.revision}
    record(session, "edit draft", subject=row.code, now=by.at, detail=detail)
    return row


def give_up_draft(session: Session, row: DraftRow, *, seen: int, now: datetime) -> None:
    """Remove a draft that will not be released."""
    hold_draft(session, row, seen=seen)
    detail: dict[str, object] = {"kind": row.kind, "revision": row.revision}
    record(session, "give up draft", subject=row.code, now=now, detail=detail)
    drop_draft(session, row)


def _require_size(body: Mapping[str, Any]) -> None:
    if len(definition_text(body)) > LONGEST_TEXT:
        raise InputRefused(
            [
                Problem(
                    "file",
                    "is too long to be edited here",
                    "Divide it.",
                    chinese="内容太长，无法在这里编辑。请分成几份。",
                )
            ]
        )
