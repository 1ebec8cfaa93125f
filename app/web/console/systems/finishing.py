"""The end of a draft: what a release changes, asking a second person for it, giving up."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.errors import InputRefused, WrongState
from app.people.roles import Permission
from app.scoring.editing.differences import differences
from app.settings import DEFINITIONS
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.opened import one, seen_revision
from app.web.console.questionnaires.sending import Sent, faults_about
from app.web.console.systems.opened import ADDRESS, CHANGE, OpenDraft, open_draft
from app.web.console.systems.shelf import text_file
from app.web.console.systems.table import tree_lines, written
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.approvals import LONGEST_NOTE, Wish, ask
from app.workflow.definitions.drafting import give_up_draft
from app.workflow.definitions.releasing import draft_text
from app.workflow.definitions.system_versions import list_systems, version_before
from app.workflow.registry import full_registry

router = APIRouter(prefix=ADDRESS + "/drafts/{draft}")


@router.get("/release")
def show_release(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """What changes against the version before, weight by weight; asks."""
    return _page(desk, session, open_draft(session, desk, draft))


@router.post("/release", response_model=None)
def ask_for_release(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Ask somebody else to approve that the draft become a version."""
    shown = open_draft(sent.session, desk, draft)
    try:
        _require_seen(shown, seen_revision(sent.form))
        _require_free(sent.session, shown.key)
        wish = Wish(CHANGE, shown.key, one(sent.form, "note"))
        asked = ask(sent.session, desk.person, wish, now=sent.now)
    except (InputRefused, WrongState) as refused:
        note = one(sent.form, "note")
        faults = None if shown.complaints else faults_about(refused, desk)
        return _page(desk, sent.session, shown, note=note, faults=faults, status=422)
    return desk.lead_to(f"/console/approvals/{asked.id}")


@router.post("/end")
def give_up(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response:
    """Remove a draft that nobody will finish."""
    shown = open_draft(sent.session, desk, draft)
    give_up_draft(sent.session, shown.row, seen=seen_revision(sent.form), now=sent.now)
    return desk.lead_to(ADDRESS)


@router.get("/system.yaml")
def draft_as_text(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> Response:
    """The draft as the text of a definition file."""
    shown = open_draft(session, desk, draft)
    return text_file(draft_text(shown.row), f"{draft}.yaml")


def _page(  # noqa: PLR0913 - what the page shows
    desk: Desk,
    session: ReadingSession,
    draft: OpenDraft,
    *,
    note: str = "",
    faults: Faults | None = None,
    status: int = 200,
) -> HTMLReply:
    sight = desk.person.scope(Permission.SEE_DEFINITIONS)
    before = version_before(list_systems(session, DEFINITIONS, within=sight), draft.body)
    return desk.page(
        "console/systems/release.html",
        status=status,
        draft=draft,
        body=draft.body,
        lines=tree_lines(draft.body),
        before=before,
        found=differences(before.body, draft.body) if before else None,
        written=written,
        note=note,
        longest_note=LONGEST_NOTE,
        faults=faults,
    )


def _require_seen(draft: OpenDraft, seen: int) -> None:
    if draft.row.revision != seen:
        raise WrongState(
            "The draft was changed after you opened this page. Look at it again.",
            chinese="您打开这一页之后，草稿又改过。请看过新的内容再提出。",
        )


def _require_free(session: ReadingSession, key: str) -> None:
    if key in full_registry(session, DEFINITIONS).systems:
        raise WrongState(
            f"There is a version {key} already. Raise the version number of the draft.",
            chinese=f"已经有 {key} 这个版本。请把草稿的版本号加一。",
        )
