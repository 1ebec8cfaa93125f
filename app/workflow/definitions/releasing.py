"""Releasing a draft: from then on it is a version, immutable, that plans can name.

The key ``code@version`` is unique over the files of `survey_defs/` and everything released in
the console. Surveys are released so; a system takes two people (`weights`). A plan becomes a
round by `draft_round`, an assessment by `draft_assessment`, each from `draft_text`.
"""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from app.database.console_tables import DraftRow
from app.database.drafts import Signature, add_released, drop_draft, hold_draft
from app.database.rounds import record, register_definition, text_digest
from app.errors import WrongState
from app.survey.definition import Survey
from app.survey.writing import definition_text
from app.workflow.definitions.soundness import read_values
from app.workflow.registry import Registry


def draft_text(row: DraftRow) -> str:
    """The draft as the text of its file."""
    return definition_text(row.body)


def release_draft(
    session: Session,
    row: DraftRow,
    *,
    seen: int,
    registry: Registry,
    by: Signature,
) -> str:
    """Make a draft of a survey a version, and return its key.

    InputRefused lists what still has to be mended; WrongState where the key is taken on file
    or in the console, or where somebody changed the draft after revision `seen`. `registry` is
    `full_registry` of this session.
    """
    hold_draft(session, row, seen=seen)
    if row.kind == "system":
        raise WrongState("A system is released when a second person has approved its weights.")
    if row.kind != "survey":
        raise WrongState(f"A {row.kind} is not released: it is drafted as what it plans.")
    key = read_values(Survey, row.body).key
    _require_free(key, registry.surveys)
    text = draft_text(row)
    definition = register_definition(session, row.kind, key=key, text=text, now=by.at)
    add_released(session, definition, by=replace(by, office_id=row.office_id))
    detail: dict[str, object] = {"kind": row.kind, "digest": text_digest(text)}
    record(session, "release definition", subject=key, now=by.at, detail=detail)
    drop_draft(session, row)
    return key


def _require_free(key: str, known: Mapping[str, object]) -> None:
    if key in known:
        raise WrongState(
            f"There is a version {key} already. Raise the version number of the draft.",
            chinese=f"已经有 {key} 这个版本。请把草稿的版本号加一。",
        )
