"""The questionnaires that are there: drafts and versions, one version, what changed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.database.drafts import ZONE, list_drafts
from app.people.roles import Permission
from app.settings import DEFINITIONS
from app.survey.editing.burden import estimated_minutes
from app.survey.editing.differences import differences
from app.survey.editing.scale_bank import scale_line
from app.web.console.pages import Desk, Looking
from app.web.console.questionnaires.editor import phone_look
from app.web.console.questionnaires.preview import WITH_FRAME, page_bytes
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.definitions.versions import find_version, list_versions, versions_of

router = APIRouter(prefix="/console/questionnaires")


@router.get("")
def show_shelf(
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """Every draft and every version, with what can be begun."""
    return desk.page(
        "console/questionnaires/shelf.html",
        zone=ZONE,
        drafts=list_drafts(session, "survey", within=desk.scope),
        versions=list_versions(session, DEFINITIONS, within=desk.scope),
    )


@router.get("/versions/{version}")
def show_version(
    request: Request,
    version: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """One version: its items, its scales, the phone, the versions before and after."""
    found = find_version(session, DEFINITIONS, version, within=desk.scope)
    family = versions_of(
        list_versions(session, DEFINITIONS, within=desk.scope), found.survey.code
    )
    reply = desk.page(
        "console/questionnaires/version.html",
        zone=ZONE,
        version=found,
        survey=found.survey,
        family=family,
        earlier=[one for one in family if one.survey.version < found.survey.version],
        scales={
            name: scale_line(scale, desk.language)
            for name, scale in found.body.get("scales", {}).items()
        },
        minutes=estimated_minutes(found.body),
        size=page_bytes(found.body, desk.language),
        look=phone_look(request),
    )
    reply.headers["Content-Security-Policy"] = WITH_FRAME
    return reply


@router.get("/versions/{version}/changes")
def show_changes(
    request: Request,
    version: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """What changed from another version to this one, item by item."""
    found = find_version(session, DEFINITIONS, version, within=desk.scope)
    since = request.query_params.get("since", "")
    older = find_version(session, DEFINITIONS, since, within=desk.scope)
    return desk.page(
        "console/questionnaires/changes.html",
        version=found,
        older=older,
        changes=differences(older.body, found.body),
    )
