"""Two questions of a watchman: is the process alive, and can it work."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from app.database.engine import is_ready

UNASKED = {"Cache-Control": "no-store"}

router = APIRouter()


@router.get("/healthz")
def show_alive() -> Response:
    """The process answers; says nothing about the database."""
    return PlainTextResponse("alive\n", headers=UNASKED)


@router.get("/readyz")
def show_ready(request: Request) -> Response:
    """The database answers and has this version's tables; otherwise 503."""
    if is_ready(request.app.state.engine):
        return PlainTextResponse("ready\n", headers=UNASKED)
    return PlainTextResponse("not ready\n", status_code=503, headers=UNASKED)
