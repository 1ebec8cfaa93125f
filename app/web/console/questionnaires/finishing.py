"""The end of a draft: what a release means, the release, giving up; and files to take away."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.documents.xlsform import write_xlsform
from app.errors import InputRefused
from app.people.roles import Permission
from app.settings import DEFINITIONS
from app.survey.editing.burden import estimated_minutes
from app.survey.editing.differences import differences
from app.survey.writing import definition_text
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.cover import scored_items
from app.web.console.questionnaires.opened import ADDRESS, open_draft, seen_revision
from app.web.console.questionnaires.preview import page_bytes
from app.web.console.questionnaires.sending import Sent
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.definitions.drafting import give_up_draft, signature_of
from app.workflow.definitions.releasing import release_draft
from app.workflow.definitions.versions import Version, find_version, list_versions, versions_of
from app.workflow.registry import full_registry

router = APIRouter(prefix="/console/questionnaires")

YAML = "application/yaml; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/drafts/{draft}/release")
def show_release(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))],
    session: ReadingSession,
) -> HTMLReply:
    """What will be fixed, and what changed since the version before; asks."""
    return _release_page(desk, session, draft)


@router.post("/drafts/{draft}/release", response_model=None)
def release(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response | HTMLReply:
    """Make the draft a version that plans can name."""
    shown = open_draft(sent.session, desk, draft)
    by = signature_of(sent.session, desk.person, desk.scope, now=sent.now)
    registry = full_registry(sent.session, DEFINITIONS)
    seen = seen_revision(sent.form)
    try:
        key = release_draft(sent.session, shown.row, seen=seen, registry=registry, by=by)
    except InputRefused:
        return _release_page(desk, sent.session, draft, status=422)
    return desk.lead_to(f"{ADDRESS}/versions/{key}")


@router.post("/drafts/{draft}/end")
def give_up(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response:
    """Remove a draft that nobody will finish."""
    shown = open_draft(sent.session, desk, draft)
    give_up_draft(sent.session, shown.row, seen=seen_revision(sent.form), now=sent.now)
    return desk.lead_to(ADDRESS)


@router.get("/drafts/{draft}/questionnaire.yaml")
def draft_as_text(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> Response:
    """The draft as the text of a definition file."""
    body = open_draft(session, desk, draft).body
    return _file(definition_text(body).encode(), YAML, f"{draft}.yaml")


@router.get("/drafts/{draft}/questionnaire.xlsx")
def draft_as_workbook(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> Response:
    """The draft as an XLSForm."""
    return _workbook(open_draft(session, desk, draft).body, draft)


@router.get("/versions/{version}/questionnaire.yaml")
def version_as_text(
    version: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> Response:
    """The text of a version, as it was kept."""
    found = find_version(session, DEFINITIONS, version, within=desk.scope)
    return _file(found.text.encode(), YAML, f"{found.key}.yaml")


@router.get("/versions/{version}/questionnaire.xlsx")
def version_as_workbook(
    version: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> Response:
    """A version as an XLSForm."""
    found = find_version(session, DEFINITIONS, version, within=desk.scope)
    return _workbook(found.body, found.key)


def _release_page(
    desk: Desk, session: ReadingSession, draft: str, *, status: int = 200
) -> HTMLReply:
    shown = open_draft(session, desk, draft)
    before = _version_before(session, desk, shown.body)
    return desk.page(
        "console/questionnaires/release.html",
        status=status,
        draft=shown,
        minutes=estimated_minutes(shown.body),
        size=page_bytes(shown.body, desk.language),
        scored=scored_items(shown),
        before=before,
        changes=differences(before.body, shown.body) if before else [],
    )


def _version_before(
    session: ReadingSession, desk: Desk, body: Mapping[str, Any]
) -> Version | None:
    family = versions_of(
        list_versions(session, DEFINITIONS, within=desk.scope), str(body.get("code"))
    )
    older = [one for one in family if one.survey.version < body["version"]]
    return older[0] if older else None


def _workbook(body: Mapping[str, Any], name: str) -> Response:
    return _file(write_xlsform(body), XLSX, f"{name}.xlsx")


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
