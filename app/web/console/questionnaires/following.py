"""The small script with which the phone follows what is typed: an extra only."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from app.errors import NotFound
from app.web.resident.pages import SCRIPTS, minified
from app.web.stylesheet import FOR_EVER

FILE: Path = SCRIPTS / "phone.js"

router = APIRouter()


@cache
def following_script() -> bytes:
    """The script without its comment and indents."""
    return minified(FILE)


@cache
def following_address() -> str:
    """The address of this version; it holds the digest, so a browser may keep it for ever."""
    return f"/static/phone/{hashlib.sha256(following_script()).hexdigest()[:12]}.js"


@router.get("/static/phone/{digest}.js", include_in_schema=False)
def send_following_script(digest: str) -> Response:
    """The script of this version; an old address gets nothing."""
    if following_address() != f"/static/phone/{digest}.js":
        raise NotFound("There is no such script.")
    headers = {"Cache-Control": FOR_EVER}
    return Response(following_script(), media_type="text/javascript", headers=headers)
