"""From a scanned code to a receipt, for every form that is not plain and complete.

The front answers what most people send (`web/front.py`); here is the rest: a mistake to look
at, a change of language, one item a page, a report of pressure. A GET never keeps anything:
messengers fetch links before people do. Everything a person has chosen comes back with every
page, so that a mistake or a step back loses nothing, with or without a script.
"""

from anyio import from_thread
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from app.errors import NotFound
from app.survey.answers import Reading, clean_text
from app.survey.codes import read_code
from app.survey.definition import Survey
from app.survey.text import Language
from app.web.dependencies import (
    ActingSession,
    ChosenLanguage,
    Form,
    Now,
    ReadingSession,
    SubmittedForm,
)
from app.web.rendering import HTMLReply
from app.web.resident.door import Sender
from app.web.resident.form import (
    FIELD,
    NOTHING,
    Given,
    counted_items,
    may_follow,
    shown_sections,
    steps,
)
from app.web.resident.once import new_once
from app.web.resident.pages import (
    FORM_CACHE,
    Look,
    resident_page,
    resident_reply,
    resident_text,
    script_address,
)
from app.web.resident.visit import (
    Visit,
    filled,
    known_mode,
    marked,
    one,
    read_given,
    read_visit,
)
from app.workflow.fieldwork import report_pressure
from app.workflow.places import Place, find_place, open_place, require_open

router = APIRouter()

LONGEST_REPORT = 500
KEY_TO_COME = "the-key-of-this-form"
"""Stands in a blank page where the key of each visitor's form will be."""


@router.get("/s/{code}")
def show_questionnaire(
    request: Request, session: ReadingSession, now: Now, language: ChosenLanguage, code: str
) -> HTMLReply:
    """The questionnaire of a code, or why there is none; the front keeps it compiled."""
    place = open_place(session, _sound(code), now)
    mode = known_mode(request.query_params.get("mode", ""))
    once = new_once(place.key, place.code, now)
    visit = Visit(place, language, mode, once, Look.of(request.query_params))
    return _questionnaire(visit, NOTHING)


def receipt_address(
    place: Place, receipt: str, look: Look, language: Language, mode: str
) -> str:
    """Where a kept answer leads; from a kiosk the way back to it goes along."""
    query = look.query(language)
    if mode == "kiosk":
        query += f"{'&' if query else '?'}kiosk={place.code}"
    return f"/r/{receipt}{query}"


def blank_text(place: Place, language: Language, mode: str, look: Look) -> str:
    """An empty questionnaire; two visits of it differ in nothing but the key of the form."""
    return _questionnaire_text(Visit(place, language, mode, KEY_TO_COME, look), NOTHING)


@router.post("/s/{code}", response_model=None)
def submit_questionnaire(
    request: Request, session: ReadingSession, form: SubmittedForm, now: Now, code: str
) -> HTMLReply | RedirectResponse:
    """Keep the answers and lead to the receipt, or show the page again with all of them."""
    place = find_place(session, _sound(code))
    visit = read_visit(place, form, now)
    given, reading = read_given(visit, form)
    is_sent = "to" not in form and (
        not visit.is_stepping or _is_last_step(form, place.survey, reading)
    )
    if not is_sent:
        require_open(place, now)
        return _page_that_goes_on(visit, form, given, reading)
    again = _to_look_at(visit, form, given, reading)
    if again:
        require_open(place, now)
        request.app.state.collector.count(place, "returned")
        return _questionnaire(visit, again, status=422)
    session.close()  # while it waits for the commit, nobody need be without a connection
    door, hops = request.app.state.door, request.app.state.settings.proxy_hops
    what, sender = filled(visit, reading, given, form), Sender.of(request.scope, hops)
    verdict = from_thread.run(door.hand_in, place, what, sender, now)
    address = receipt_address(place, verdict.receipt, visit.look, visit.language, visit.mode)
    return RedirectResponse(address, 303)


@router.get("/s/{code}/report")
def show_report(
    session: ReadingSession, now: Now, language: ChosenLanguage, code: str
) -> HTMLReply:
    """The form for saying that a good rating was asked for."""
    place = open_place(session, _sound(code), now)
    return resident_page("resident/report.html", language, place=place, sent=False)


@router.post("/s/{code}/report")
def send_report(
    session: ActingSession,
    form: SubmittedForm,
    now: Now,
    language: ChosenLanguage,
    code: str,
) -> HTMLReply:
    """Keep a report of pressure; the words may be left out."""
    place = open_place(session, _sound(code), now)
    text = clean_text(one(form, "text"))[:LONGEST_REPORT]
    report_pressure(session, place, text, now)
    return resident_page("resident/report.html", language, place=place, sent=True)


def _sound(code: str) -> str:
    sound = read_code(code)
    if sound is None:
        raise NotFound("This code is not one of ours.")
    return sound


def _page_that_goes_on(visit: Visit, form: Form, given: Given, reading: Reading) -> HTMLReply:
    """The page in another language or look, or the next item of step mode."""
    if "to" in form:
        return _questionnaire(visit, given, at=one(form, "at"))
    return _next_step(visit, form, given, reading)


def _to_look_at(visit: Visit, form: Form, given: Given, reading: Reading) -> Given | None:
    """The answers with their marks where the page must come again; None where all is well."""
    wrong = {problem.place for problem in reading.problems}
    insists = "skip" in form or visit.is_stepping
    again = marked(given, reading, among=wrong if insists else wrong | {*reading.missing})
    return again if again.looks or visit.is_renewed else None


def _is_last_step(form: Form, survey: Survey, reading: Reading) -> bool:
    """Whether this page of step mode was the last and the person goes on."""
    at = one(form, "at")
    if "back" in form or steps(survey, reading.answers)[-1] != at:
        return False
    return "skip" in form or at not in _blocking(reading)


def _next_step(visit: Visit, form: Form, given: Given, reading: Reading) -> HTMLReply:
    order = steps(visit.place.survey, reading.answers)
    at = one(form, "at")
    if at not in order:
        return _questionnaire(visit, given)
    position = order.index(at)
    if "back" in form:
        return _questionnaire(visit, given, at=order[max(position - 1, 0)])
    if at in _blocking(reading) and "skip" not in form:
        again = marked(given, reading, among={at})
        return _questionnaire(visit, again, at=at, status=422)
    return _questionnaire(visit, given, at=order[position + 1])


def _blocking(reading: Reading) -> set[str]:
    return {*reading.missing, *(problem.place for problem in reading.problems)}


def _questionnaire(visit: Visit, given: Given, *, at: str = "", status: int = 200) -> HTMLReply:
    text = _questionnaire_text(visit, given, at=at, status=status)
    return resident_reply(text, status=status, cache_control=FORM_CACHE)


def _questionnaire_text(visit: Visit, given: Given, *, at: str = "", status: int = 200) -> str:
    """The page; in step mode the item to look at, else the item `at`, else the first."""
    survey = visit.place.survey
    order = steps(survey, given.answers)
    looks = [code for code in order if code in given.looks]
    step = next(iter([*looks, *(code for code in order if code == at)]), order[0])
    sections = shown_sections(
        survey, visit.language, given, only=step if visit.is_stepping else None
    )
    items = [item for section in sections for item in section.items]
    shown = {item.field for item in items}
    counted = counted_items(survey)
    return resident_text(
        "resident/questionnaire.html",
        visit.language,
        look=visit.look,
        visit=visit,
        place=visit.place,
        survey=survey,
        sections=sections,
        at=step,
        is_first=step == order[0],
        is_last=not may_follow(survey, step, given.answers),
        carried={n: v for n, v in given.fields.items() if n not in shown},
        seconds=given.seconds,
        looks=[item for item in items if item.mark],
        is_renewed=visit.is_renewed and status == 422,
        counted=len(counted),
        done=sum(1 for item in counted if given.fields.get(FIELD + item.code)),
        ticked=sum(1 for item in counted if item.kind in {"single", "number"}),
        script=script_address(),
    )
