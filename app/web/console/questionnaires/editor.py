"""The editor: the items of a draft on the left, the phone on the right; order and sections."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.people.roles import Permission
from app.survey.editing.burden import estimated_minutes
from app.survey.editing.outline import (
    find_item,
    find_section,
    moved_down,
    moved_section,
    moved_up,
    unused_code,
    with_section,
    with_section_changed,
    without_section,
)
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.opened import open_draft, words
from app.web.console.questionnaires.preview import WITH_FRAME, page_bytes
from app.web.console.questionnaires.sending import Sent, keep
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix="/console/questionnaires/drafts/{draft}")


@router.get("")
def show_draft(
    request: Request,
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """A draft whole: its parts and items in order, what is missing, the phone."""
    shown = open_draft(session, desk, draft)
    reply = desk.page(
        "console/questionnaires/draft.html",
        draft=shown,
        minutes=estimated_minutes(shown.body),
        size=page_bytes(shown.body, desk.language),
        scales={
            name: shown.scale_line(name, desk.language)
            for name in shown.body.get("scales") or {}
        },
        look=phone_look(request),
    )
    reply.headers["Content-Security-Policy"] = WITH_FRAME
    return reply


@router.post("/items/{item}/places")
def move_item(
    draft: str, item: str, desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response:
    """Move an item one place up or down."""
    shown = open_draft(sent.session, desk, draft)
    find_item(shown.body, item)
    move = moved_up if "up" in sent.form else moved_down
    keep(sent, desk, shown.row, move(shown.body, item))
    return desk.lead_to(f"{shown.address}#item-{item}")


@router.post("/sections")
def add_section(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response:
    """Add a section at the end."""
    shown = open_draft(sent.session, desk, draft)
    taken = [str(section.get("code")) for section in shown.sections]
    code = unused_code(taken, "part")
    body = with_section(shown.body, {"code": code, "title": words(sent.form, "title")})
    keep(sent, desk, shown.row, body)
    return desk.lead_to(f"{shown.address}#section-{code}")


@router.get("/sections/{section}")
def show_section(
    draft: str,
    section: str,
    desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))],
    session: ReadingSession,
) -> HTMLReply:
    """The heading of a section, its note and its place."""
    shown = open_draft(session, desk, draft)
    found = find_section(shown.body, section)
    return desk.page("console/questionnaires/section.html", draft=shown, section=found)


@router.post("/sections/{section}")
def change_section(
    draft: str,
    section: str,
    desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))],
    sent: Sent,
) -> Response:
    """Keep the heading of a section, or move it, or remove it while it is empty."""
    shown = open_draft(sent.session, desk, draft)
    find_section(shown.body, section)
    if "up" in sent.form or "down" in sent.form:
        body = moved_section(shown.body, section, by=-1 if "up" in sent.form else 1)
    elif "remove" in sent.form:
        body = without_section(shown.body, section)
    else:
        values = {"title": words(sent.form, "title"), "note": words(sent.form, "note") or None}
        body = with_section_changed(shown.body, section, values)
    keep(sent, desk, shown.row, body)
    return desk.lead_to(shown.address)


def phone_look(request: Request) -> str:
    """What the address asks the phone to show: ``en`` and ``big`` in any order, checked."""
    asked = {"l=en": request.query_params.get("phone") == "en"}
    asked["big=1"] = "big" in request.query_params
    kept = "&".join(name for name, is_asked in asked.items() if is_asked)
    return f"?{kept}" if kept else ""
