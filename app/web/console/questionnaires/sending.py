"""What a form of the editor brings, and how its change is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends

from app.database.console_tables import DraftRow
from app.database.engine import Session
from app.errors import InputRefused, WrongState
from app.web.console.faults import FaultLine, Faults, faults_of, same_place
from app.web.console.pages import Desk
from app.web.console.questionnaires.opened import seen_revision
from app.web.dependencies import ActingSession, Form, Now, SubmittedForm
from app.workflow.definitions.drafting import save_draft, signature_of


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form with the act's session and time."""

    form: Form
    now: datetime
    session: Session


def sent_form(form: SubmittedForm, now: Now, session: ActingSession) -> SentForm:
    """The form of this request."""
    return SentForm(form, now, session)


Sent = Annotated[SentForm, Depends(sent_form)]


def keep(sent: SentForm, desk: Desk, row: DraftRow, body: Mapping[str, Any]) -> DraftRow:
    """Keep a changed body; WrongState where somebody changed the draft since the form."""
    by = signature_of(sent.session, desk.person, desk.scope, now=sent.now)
    return save_draft(sent.session, row, body, seen=seen_revision(sent.form), by=by)


def faults_about(
    refused: InputRefused | WrongState,
    desk: Desk,
    field_of: Callable[[str], str] = same_place,
) -> Faults:
    """What was wrong with a form, or what happened to the draft in the meantime."""
    if isinstance(refused, InputRefused):
        return faults_of(refused, desk.language, field_of)
    said = refused.in_chinese if desk.language == "zh-Hans" else str(refused)
    return Faults((FaultLine("", said),))
