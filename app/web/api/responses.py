"""The door of other programs: one person's answers as JSON, kept like everybody's.

For the app of a city or a hall that shows the questionnaire in its own clothes. A code or a
token gives no more right here than on the page; the same key and the same body give the same
receipt. What is sent comes from the program's server: of address and user agent nothing is
kept, not even a hash.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse

from app.errors import NotFound, TokenRefused
from app.survey.answers import Answer
from app.survey.codes import read_code
from app.survey.paradata import Paradata, five_minute_slot
from app.survey.tokens import read_token
from app.web.api.documents import Document, read_document, read_document_answers
from app.web.api.openapi import OPENAPI
from app.web.dependencies import Now, ReadingSession
from app.workflow.admission import Arrival, Submission
from app.workflow.places import Place, find_place

JSON_TYPES = {"application/json", "application/json;charset=utf-8"}
NOT_KEPT = {"Cache-Control": "no-store"}

router = APIRouter(prefix="/api/v1")


async def sent_document(request: Request) -> Document:
    """The document of a request; 415 for anything that does not say it is JSON in UTF-8."""
    sent_as = request.headers.get("content-type", "").replace(" ", "").lower()
    if sent_as not in JSON_TYPES:
        raise HTTPException(415)
    return read_document(await request.body())


@router.post("/responses")
def keep_response(
    request: Request,
    document: Annotated[Document, Depends(sent_document)],
    session: ReadingSession,
    now: Now,
) -> JSONResponse:
    """Keep the answers: 201 and a receipt; 200 and the same receipt if they came before."""
    code = read_code(document.code)
    if code is None:
        raise NotFound("This code is not one of ours.")
    place = find_place(session, code)
    reading = read_document_answers(place.survey, document)
    submission = Submission(
        once=document.once,
        body_digest=_digest(place, document, reading.answers),
        answers=reading.answers,
        paradata=_paradata(document, now),
        channel="api",
        token=_token(document),
    )
    verdict = from_thread.run(request.app.state.collector.keep, Arrival(place, submission))
    status = 201 if verdict.outcome == "stored" else 200
    reply = {"receipt": verdict.receipt, "status": verdict.outcome}
    return JSONResponse(reply, status_code=status, headers=NOT_KEPT)


@router.get("/openapi.json")
def describe() -> JSONResponse:
    """The interface, described for programs."""
    return JSONResponse(OPENAPI, headers={"Cache-Control": "public, max-age=3600"})


def _token(document: Document) -> str:
    token = read_token(document.token) if document.token else ""
    if token is None:
        raise TokenRefused("invalid")
    return token


def _paradata(document: Document, now: datetime) -> Paradata:
    return Paradata(slot=five_minute_slot(now), language=document.language)


def _digest(place: Place, document: Document, answers: Mapping[str, Answer]) -> str:
    """Tell two bodies apart; keyed, for a short text could be guessed from a plain hash."""
    meaning = [place.code, document.token, document.language, answers]
    body = json.dumps(meaning, sort_keys=True, ensure_ascii=False)
    return hmac.digest(place.key, f"api\0{body}".encode(), hashlib.sha256).hex()
