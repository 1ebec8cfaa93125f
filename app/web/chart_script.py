"""The small script that lets a chart and its table point at each other: an extra only."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from app.errors import NotFound
from app.web.stylesheet import FOR_EVER

FILE = Path(__file__).parent / "static" / "charts.js"

router = APIRouter()


@cache
def chart_script_address() -> str:
    """The address of this version; it holds the digest, so a browser may keep it for ever."""
    return f"/static/charts-{hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]}.js"


@router.get("/static/charts-{digest}.js", include_in_schema=False)
def send_chart_script(digest: str) -> Response:
    """The script of this version; an old address gets nothing."""
    if chart_script_address() != f"/static/charts-{digest}.js":
        raise NotFound("There is no such script.")
    headers = {"Cache-Control": FOR_EVER}
    return Response(FILE.read_bytes(), media_type="text/javascript", headers=headers)
