"""The indicator systems that are there: drafts and versions, one version, what changed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.database.drafts import ZONE, list_drafts
from app.people.roles import Permission
from app.scoring.editing.differences import differences
from app.settings import DEFINITIONS
from app.web.console.pages import Desk, Looking
from app.web.console.systems.opened import ADDRESS
from app.web.console.systems.table import tree_lines, written
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.definitions.system_versions import (
    family_of,
    find_among,
    find_system,
    list_systems,
)

router = APIRouter(prefix=ADDRESS)

YAML = "application/yaml; charset=utf-8"


@router.get("")
def show_shelf(
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """Every draft and every version, with what can be begun."""
    return desk.page(
        "console/systems/shelf.html",
        zone=ZONE,
        drafts=list_drafts(session, "system", within=desk.scope),
        versions=list_systems(session, DEFINITIONS, within=desk.scope),
    )


@router.get("/versions/{version}")
def show_version(
    version: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """One version: its tree with the weights, every indicator's source, deductions, grades."""
    every = list_systems(session, DEFINITIONS, within=desk.scope)
    found = find_among(every, version)
    family = family_of(every, found.system.code)
    return desk.page(
        "console/systems/version.html",
        zone=ZONE,
        version=found,
        system=found.system,
        body=found.body,
        lines=tree_lines(found.body),
        written=written,
        family=family,
        earlier=[one for one in family if one.system.version < found.system.version],
    )


@router.get("/versions/{version}/changes")
def show_changes(
    request: Request,
    version: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> HTMLReply:
    """What changed from another version to this one: the weights, then the rest."""
    every = list_systems(session, DEFINITIONS, within=desk.scope)
    found = find_among(every, version)
    older = find_among(every, request.query_params.get("since", ""))
    return desk.page(
        "console/systems/changes.html",
        version=found,
        older=older,
        found=differences(older.body, found.body),
        written=written,
    )


@router.get("/versions/{version}/system.yaml")
def version_as_text(
    version: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_DEFINITIONS))],
    session: ReadingSession,
) -> Response:
    """The text of a version, as it was kept."""
    found = find_system(session, DEFINITIONS, version, within=desk.scope)
    return text_file(found.text, f"{found.key}.yaml")


def text_file(text: str, name: str) -> Response:
    """A definition to take away."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(text.encode(), media_type=YAML, headers=headers)
