"""The door of other programs: one person's answers as JSON, kept like everybody's.

For the app of a city or a hall that shows the questionnaire in its own clothes. A code or a
token gives no more right here than on the page, and the limits are the same; the same key
and the same answers give the same receipt. Device and network are those of the program's
server and say nothing of a person: neither is kept.
"""

from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse

from app.errors import NotFound
from app.survey.codes import read_code
from app.web.api.documents import Document, read_document, read_document_answers
from app.web.api.openapi import OPENAPI
from app.web.dependencies import Now, ReadingSession
from app.web.resident.door import Filled, Sender
from app.workflow.arrivals import program_key
from app.workflow.places import find_place

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
    filled = Filled(
        once=program_key(place, document.once),
        answers=reading.answers,
        language=document.language,
        mode="api",
        section_seconds={},
        token=document.token,
    )
    session.close()
    sender = Sender.of(request.scope, request.app.state.settings.proxy_hops)
    verdict = from_thread.run(request.app.state.door.hand_in, place, filled, sender, now)
    status = 201 if verdict.outcome == "stored" else 200
    reply = {"receipt": verdict.receipt, "status": verdict.outcome}
    return JSONResponse(reply, status_code=status, headers=NOT_KEPT)


@router.get("/openapi.json")
def describe() -> JSONResponse:
    """The interface, described for programs."""
    return JSONResponse(OPENAPI, headers={"Cache-Control": "public, max-age=3600"})
