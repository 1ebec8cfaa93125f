"""Changing weights: a draft of an indicator system becomes a version when two people want it.

One asks, and names the version; what is asked for is the digest of the draft's text. Whoever
approves has seen that text, and it becomes the version; a draft that was changed in between
has another digest and cannot be approved (`app.workflow.approvals`).
"""

from sqlalchemy.orm import Session

from app.database.console_tables import DraftRow
from app.database.drafts import (
    Signature,
    add_released,
    drop_draft,
    find_draft,
    find_released,
    hold_draft,
)
from app.database.rounds import record, register_definition, text_digest
from app.errors import NotFound, WrongState
from app.people.offices import EVERYWHERE, Scope
from app.scoring.definition.system import IndicatorSystem
from app.workflow.definitions.releasing import draft_text
from app.workflow.definitions.soundness import read_values


def find_change(session: Session, key: str, *, within: Scope = EVERYWHERE) -> DraftRow:
    """The draft that is to become the version `key`, held until the end of the act.

    InputRefused lists what still has to be mended; WrongState where the draft has another
    version by now, or the key was released.
    """
    code, _, version = key.rpartition("@")
    row = find_draft(session, "system", code, within=within)
    hold_draft(session, row, seen=row.revision)
    if str(row.body.get("version")) != version:
        raise WrongState(
            f"The draft {code} is to become version {row.body.get('version')}, not {version}.",
            chinese=f"草稿“{code}”的版本号现在是 {row.body.get('version')}，不是 {version}。",
        )
    read_values(IndicatorSystem, row.body)
    _require_unreleased(session, key)
    return row


def change_digest(row: DraftRow) -> str:
    """SHA-256 of the text that the version will have."""
    return text_digest(draft_text(row))


def release_change(session: Session, key: str, *, by: Signature) -> None:
    """Make the draft the version `key`, in the name of whoever asked for it."""
    row = find_change(session, key)
    text = draft_text(row)
    definition = register_definition(session, "system", key=key, text=text, now=by.at)
    add_released(session, definition, by=by)
    detail: dict[str, object] = {"kind": "system", "digest": text_digest(text)}
    record(session, "release definition", subject=key, now=by.at, detail=detail)
    drop_draft(session, row)


def _require_unreleased(session: Session, key: str) -> None:
    try:
        find_released(session, "system", key)
    except NotFound:
        return
    raise WrongState(
        f"There is a version {key} already. Raise the version number of the draft.",
        chinese=f"已经有 {key} 这个版本。请把草稿的版本号加一。",
    )
