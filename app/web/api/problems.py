"""How a program is told no: problem documents of RFC 9457, in English.

A problem names the place and the cure and never repeats what was sent.
"""

from collections.abc import Iterable
from http import HTTPStatus

from fastapi.responses import JSONResponse

from app.errors import Problem

PREFIX = "/api/"
"""Whoever asks below this address is a program."""


class ProblemDocument(JSONResponse):
    """A reply that says what was wrong."""

    media_type = "application/problem+json"


def problem_document(
    status: int, detail: str, problems: Iterable[Problem] = ()
) -> ProblemDocument:
    """One sentence about the whole, and every mistake with its place and its cure."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "problems": [
            {"place": one.place, "message": one.message, "cure": one.cure} for one in problems
        ],
    }
    return ProblemDocument(document, status_code=status, headers={"Cache-Control": "no-store"})
