"""The phone beside the editor: the resident's own page, with nothing behind it.

The same templates and the same style as a resident gets; no script, nothing can be sent. The
page stands in a frame, so this reply alone may be framed, by our own pages only, and the
editor's pages alone may hold a frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from app.database.drafts import find_draft
from app.people.roles import Permission
from app.settings import DEFINITIONS
from app.survey.admission import EVERYBODY, Admission
from app.survey.editing.showable import showable
from app.survey.plan import Organiser
from app.survey.text import Language, Text
from app.web.console.faults import Faults
from app.web.console.pages import Desk, Looking
from app.web.dependencies import ReadingSession
from app.web.protection import POLICY
from app.web.rendering import HTMLReply
from app.web.resident.form import NOTHING, counted_items, shown_sections
from app.web.resident.pages import Look, policy, resident_reply, resident_text
from app.web.resident.sheet import Sheet
from app.workflow.definitions.versions import find_version

router = APIRouter(prefix="/console/questionnaires")

WITH_FRAME = f"{POLICY.format(style=chr(39) + 'self' + chr(39))}; frame-src 'self'"
"""The policy of pages that hold the frame."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something of a place that the page names."""

    name: Text


@dataclass(frozen=True, slots=True)
class PreviewPlan:
    """What a questionnaire says of its plan."""

    admits: Admission
    organiser: Organiser
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class PreviewPlace:
    """Where the code would hang."""

    code: str
    unit: Named
    point: Named
    plan: PreviewPlan


@dataclass(frozen=True, slots=True)
class PreviewVisit:
    """A look at the page that will never be sent."""

    mode: str = "page"
    once: str = ""
    token: str = ""
    work: str = ""
    is_stepping: bool = False


PLACE = PreviewPlace(
    code="preview",
    unit=Named(Text(zh="预览", en="Preview")),
    point=Named(Text(zh="这里是贴码的地点", en="where the code hangs")),
    plan=PreviewPlan(EVERYBODY, Organiser(name=Text(zh="主办单位", en="the organiser"))),
)


@router.get("/drafts/{draft}/preview")
def preview_draft(
    request: Request,
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """A draft as a resident would see it."""
    row = find_draft(session, "survey", draft, within=desk.scope)
    return preview_reply(row.body, desk.language, Look.of(request.query_params))


@router.get("/versions/{version}/preview")
def preview_version(
    request: Request,
    version: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """A version as a resident sees it."""
    found = find_version(session, DEFINITIONS, version, within=desk.scope)
    return preview_reply(found.body, desk.language, Look.of(request.query_params))


def preview_reply(body: Mapping[str, Any], language: Language, look: Look) -> HTMLReply:
    """The page for the frame: only our own pages may frame it, and it can send nothing."""
    return _framed(preview_text(body, language, look))


def refusal_reply(faults: Faults, language: Language) -> HTMLReply:
    """Why the phone cannot show what stands in a form."""
    lines = faults.lines
    return _framed(resident_text("resident/not_shown.html", language, look=Look(), lines=lines))


def _framed(text: str) -> HTMLReply:
    reply = resident_reply(text, cache_control="no-store")
    framed = policy().replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    framed = framed.replace("form-action 'self'", "form-action 'none'")
    reply.headers["Content-Security-Policy"] = framed.replace("script-src 'self'; ", "")
    return reply


def preview_text(body: Mapping[str, Any], language: Language, look: Look) -> str:
    """The page as text."""
    survey = showable(body)
    if survey is None:
        return resident_text("resident/nothing_yet.html", language, look=look)
    sections = shown_sections(survey, language, NOTHING)
    items = [item for section in sections for item in section.items]
    counted = counted_items(survey)
    return resident_text(
        "resident/preview.html",
        language,
        look=look,
        visit=PreviewVisit(),
        place=PLACE,
        survey=survey,
        sections=sections,
        at=items[0].code,
        is_first=True,
        is_last=True,
        carried={},
        seconds={},
        looks=[],
        is_renewed=False,
        counted=len(counted),
        done=0,
        ticked=0,
    )


def page_bytes(body: Mapping[str, Any], language: Language) -> int:
    """Bytes that a resident's phone loads: the page as it is sent, compressed."""
    return len(Sheet.of(preview_text(body, language, Look())).brotlied)
