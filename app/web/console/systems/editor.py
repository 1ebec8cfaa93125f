"""A draft whole: its tree with all weights, what is missing, and where each part is changed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.errors import NotFound
from app.people.roles import Permission
from app.scoring.editing.outline import (
    codes_of,
    filled_from_chinese,
    moved_down,
    moved_up,
    without_part,
)
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.sending import Sent, keep
from app.web.console.systems.opened import ADDRESS, open_draft
from app.web.console.systems.table import tree_lines, written
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix=ADDRESS + "/drafts/{draft}")


@router.get("")
def show_draft(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """The tree of a draft with its weights and sums, and what keeps it from being released."""
    shown = open_draft(session, desk, draft)
    return desk.page(
        "console/systems/draft.html",
        draft=shown,
        body=shown.body,
        lines=tree_lines(shown.body),
        written=written,
    )


@router.post("/parts/{part}/places")
def move_part(
    draft: str, part: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response:
    """Move a node or an indicator one place up or down among its kind."""
    shown = open_draft(sent.session, desk, draft)
    _require_part(shown.body, part)
    move = moved_up if "up" in sent.form else moved_down
    keep(sent, desk, shown.row, move(shown.body, part))
    return desk.lead_to(f"{shown.address}#part-{part}")


@router.post("/parts/{part}/removal")
def remove_part(
    draft: str, part: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response:
    """Take a node without content or an indicator out of the tree."""
    shown = open_draft(sent.session, desk, draft)
    _require_part(shown.body, part)
    keep(sent, desk, shown.row, without_part(shown.body, part))
    return desk.lead_to(shown.address)


@router.post("/translation")
def fill_english(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response:
    """Put the Chinese words where English ones are missing."""
    shown = open_draft(sent.session, desk, draft)
    keep(sent, desk, shown.row, filled_from_chinese(shown.body))
    return desk.lead_to(shown.address)


def _require_part(body: dict[str, object], code: str) -> None:
    if code not in codes_of(body):
        raise NotFound(f"There is no part {code!r}.", chinese=f"没有“{code}”。")
