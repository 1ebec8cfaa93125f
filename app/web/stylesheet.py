"""The one style sheet of results and console: hand-written files, joined when first asked.

There is no build. The address carries the digest of the text, so a browser may keep it for
ever and still gets a new one with a new version.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from app.errors import NotFound

FOLDER = Path(__file__).parent / "static" / "css"
FIRST = ("tokens.css", "elements.css")
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """The joined text and the address under which it is served."""

    text: bytes
    address: str


@cache
def stylesheet() -> Stylesheet:
    """Join the files: tokens and plain elements first, then one component after the other."""
    names = sorted(path.name for path in FOLDER.glob("*.css"))
    ordered = [*FIRST, *(name for name in names if name not in FIRST)]
    text = b"\n".join((FOLDER / name).read_bytes() for name in ordered)
    digest = hashlib.sha256(text).hexdigest()[:12]
    return Stylesheet(text, f"/static/minxin-{digest}.css")


@router.get("/static/minxin-{digest}.css", include_in_schema=False)
def send_stylesheet(digest: str) -> Response:
    """The style sheet of this version; an old address gets nothing."""
    sheet = stylesheet()
    if sheet.address != f"/static/minxin-{digest}.css":
        raise NotFound("There is no such style sheet.")
    headers = {"Cache-Control": FOR_EVER}
    return Response(sheet.text, media_type="text/css; charset=utf-8", headers=headers)
