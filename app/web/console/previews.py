"""A run as the public would see it: the very pages of the public, marked as a preview.

Beside them what would change against what is public now.
"""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.database.engine import Session
from app.people.roles import Permission
from app.web.console.pages import Desk, Looking
from app.web.console.readings import open_finished
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.web.results import Published, item_page, method_page, results_page

router = APIRouter(prefix="/console/rounds/{code}/runs/{run_id}/preview")
PreviewDesk = Annotated[Desk, Depends(Looking(Permission.SEE_RESULTS))]


@router.get("")
def preview_results(
    code: str, run_id: int, desk: PreviewDesk, session: ReadingSession
) -> HTMLReply:
    """The finding, the charts, the tables."""
    return _unkept(results_page(_unpublished(session, desk, code, run_id)))


@router.get("/method")
def preview_method(
    code: str, run_id: int, desk: PreviewDesk, session: ReadingSession
) -> HTMLReply:
    """How the numbers were made."""
    return _unkept(method_page(_unpublished(session, desk, code, run_id)))


@router.get("/items/{item}")
def preview_item(
    code: str, run_id: int, item: str, desk: PreviewDesk, session: ReadingSession
) -> HTMLReply:
    """One item, series by series and unit by unit."""
    return _unkept(item_page(_unpublished(session, desk, code, run_id), item))


def _unpublished(session: Session, desk: Desk, code: str, run_id: int) -> Published:
    reading = open_finished(session, desk, code, run_id)
    return Published(
        reading.digest, desk.language, None, run=reading.run, frozen=reading.frozen
    )


def _unkept(text: str) -> HTMLReply:
    return HTMLReply(text, headers={"Cache-Control": "no-store"})
