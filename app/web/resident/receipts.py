"""Everything a resident can open besides the questionnaire: start, receipt, privacy."""

from contextlib import suppress

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.database.results import list_published_rounds
from app.database.rounds import load_round
from app.errors import NotFound
from app.survey.codes import read_code, read_receipt
from app.survey.text import Language
from app.web.dependencies import ChosenLanguage, ReadingSession
from app.web.rendering import HTMLReply
from app.web.resident.pages import (
    Look,
    resident_page,
    resident_text,
    script,
    script_address,
    working_address,
)
from app.web.stylesheet import FOR_EVER
from app.workflow.fieldwork import ReceiptState, find_receipt
from app.workflow.places import find_place
from app.workflow.telemetry import day_of_forgetting

router = APIRouter()


@router.get("/", response_model=None)
def start(
    request: Request, session: ReadingSession, language: ChosenLanguage
) -> HTMLReply | RedirectResponse:
    """A box for those who cannot scan, and the results that are public."""
    typed = request.query_params.get("code", "")
    code = read_code(typed)
    if code is not None:
        return RedirectResponse(f"/s/{code}{_query(request, language)}", status_code=303)
    rounds = [load_round(session, row) for row in list_published_rounds(session)]
    return resident_page(
        "resident/start.html",
        language,
        status=422 if typed else 200,
        typed=typed,
        rounds=[(one.code, one.plan.title[language]) for one in rounds],
    )


@router.get("/r", response_model=None)
def ask_for_receipt(request: Request, language: ChosenLanguage) -> HTMLReply | RedirectResponse:
    """A box for a receipt number."""
    typed = request.query_params.get("number", "")
    number = read_receipt(typed)
    if number is not None:
        return RedirectResponse(f"/r/{number}{_query(request, language)}", status_code=303)
    status = 422 if typed else 200
    return resident_page("resident/find_receipt.html", language, status=status, typed=typed)


@router.get("/r/{number}")
def show_receipt(
    request: Request, session: ReadingSession, language: ChosenLanguage, number: str
) -> HTMLReply:
    """What became of an answer: never which answer it was."""
    sound = read_receipt(number)
    if sound is None:
        raise NotFound("There is no receipt with this number.")
    state = find_receipt(session, sound)
    return resident_page(
        "resident/receipt.html",
        language,
        look=Look.of(request.query_params),
        receipt=state,
        kiosk=read_code(request.query_params.get("kiosk", "")),
        script=script_address(),
    )


def receipt_text(state: ReceiptState, language: Language, look: Look) -> str:
    """The page of a receipt, for the front to keep."""
    return resident_text(
        "resident/receipt.html",
        language,
        look=look,
        receipt=state,
        kiosk=None,
        script=script_address(),
    )


@router.get("/privacy")
def show_privacy(
    request: Request, session: ReadingSession, language: ChosenLanguage
) -> HTMLReply:
    """What is kept, what is not, how long, and what a person can do about it."""
    code = read_code(request.query_params.get("s", ""))
    day = None
    if code is not None:
        with suppress(NotFound):
            day = day_of_forgetting(session, find_place(session, code)).isoformat()
    return resident_page("resident/privacy.html", language, day=day)


@router.get("/static/{file}.js", include_in_schema=False)
def send_script(file: str) -> Response:
    """An optional script of the questionnaire, at the address that holds its digest."""
    scripts = {script_address(): "answering", working_address(): "working"}
    name = scripts.get(f"/static/{file}.js")
    if name is None:
        raise NotFound("There is no such script.")
    headers = {"Cache-Control": FOR_EVER}
    return Response(script(name), media_type="text/javascript", headers=headers)


def _query(request: Request, language: Language) -> str:
    return Look.of(request.query_params).query(language)
