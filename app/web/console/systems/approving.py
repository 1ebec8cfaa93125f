"""What somebody sees before approving other weights: exactly what would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.database.approvals import Asked
from app.database.drafts import find_draft
from app.database.engine import Session
from app.database.rounds import text_digest
from app.errors import NotFound
from app.people.offices import EVERYWHERE, Scope
from app.scoring.editing.differences import Differences, differences
from app.settings import DEFINITIONS
from app.survey.writing import definition_text
from app.web.console.systems.opened import ADDRESS
from app.web.console.systems.table import TreeLine, tree_lines
from app.workflow.definitions.system_versions import find_system, list_systems, version_before


@dataclass(frozen=True, slots=True)
class WeightsAsked:
    """What was asked for, against the version before it."""

    title: Mapping[str, str]
    types: list[Mapping[str, Any]]
    lines: list[TreeLine]
    before: str
    """The key of the version before; empty for a first version."""
    found: Differences | None
    is_stale: bool
    """The draft was changed after it was asked for: this cannot be approved any more."""


def weights_asked(session: Session, asked: Asked, *, within: Scope) -> WeightsAsked | None:
    """The weights that were asked for, as far as a scope sees them; None if they are gone."""
    try:
        body = _body_asked(session, asked, within)
    except NotFound:
        return None
    before = version_before(list_systems(session, DEFINITIONS, within=EVERYWHERE), body)
    return WeightsAsked(
        title=body.get("title") or {},
        types=list(body.get("types") or body.get("vectors") or []),
        lines=tree_lines(body),
        before=before.key if before else "",
        found=differences(before.body, body) if before else None,
        is_stale=asked.waits and text_digest(definition_text(body)) != asked.row.digest,
    )


def address_asked(asked: Asked) -> str:
    """Where the system itself can be looked at: the draft, and once approved the version."""
    key = asked.row.object
    if asked.answer is not None and asked.answer.answer == "approve":
        return f"{ADDRESS}/versions/{key}"
    return f"{ADDRESS}/drafts/{key.rpartition('@')[0]}" if asked.waits else ADDRESS


def _body_asked(session: Session, asked: Asked, within: Scope) -> Mapping[str, Any]:
    key = asked.row.object
    if asked.waits:
        return find_draft(session, "system", key.rpartition("@")[0], within=within).body
    if asked.answer is not None and asked.answer.answer != "approve":
        raise NotFound(f"{key} was not released.")
    return find_system(session, DEFINITIONS, key, within=within).body
