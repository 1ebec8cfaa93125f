"""From a scanned code to a receipt: the questionnaire, one page or one item a page.

A GET never keeps anything: messengers fetch links before people do. Everything a person has
chosen comes back with every page, so that a change of language, a mistake or a step back
loses nothing, with or without a script.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from app.errors import NotFound
from app.survey.answers import Answer, Reading, clean_text, read_answers
from app.survey.codes import read_code
from app.survey.definition import Survey
from app.survey.paradata import (
    Paradata,
    bounded_seconds,
    device_class,
    five_minute_slot,
    keyed_hash,
    network_prefix,
)
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
from app.web.resident.form import (
    FIELD,
    NOTHING,
    Given,
    counted_items,
    shown_sections,
    steps,
)
from app.web.resident.once import is_genuine, new_once, seconds_since
from app.web.resident.pages import FORM_CACHE, resident_page, script_address
from app.workflow.fieldwork import (
    Place,
    Submission,
    open_place,
    receive_response,
    report_pressure,
)

router = APIRouter()

LONGEST_REPORT = 500


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at the questionnaire: how it is shown and under which key."""

    place: Place
    language: Language
    mode: str
    """`page` or `step`."""
    once: str
    big: bool = False
    dark: bool = False


@router.get("/s/{code}")
def show_questionnaire(
    request: Request, session: ReadingSession, now: Now, language: ChosenLanguage, code: str
) -> HTMLReply:
    """The questionnaire of a code."""
    place = open_place(session, _sound(code), now)
    mode = "step" if request.query_params.get("mode") == "step" else "page"
    visit = Visit(place, language, mode, new_once(place.key, place.code, now))
    first = steps(place.survey, {})[0] if mode == "step" else None
    return _questionnaire(visit, NOTHING, at=first)


@router.post("/s/{code}", response_model=None)
def submit_questionnaire(
    request: Request, session: ActingSession, form: SubmittedForm, now: Now, code: str
) -> HTMLReply | RedirectResponse:
    """Keep the answers and lead to the receipt, or show the page again with all of them."""
    place = open_place(session, _sound(code), now)
    visit = _visit(place, form, now)
    reading = read_answers(place.survey, _by_item(form))
    given = _given(form)
    if "to" in form:
        return _questionnaire(visit, given, at=_one(form, "at") or None)
    if visit.mode == "step" and not _is_last_step(form, place.survey, reading):
        return _next_step(visit, form, given, reading)
    wrong = frozenset(problem.place for problem in reading.problems)
    missing = frozenset() if "skip" in form or visit.mode == "step" else reading.missing
    if wrong or missing or visit.once != _one(form, "once"):
        again = Given(given.fields, frozenset(missing), wrong)
        return _questionnaire(visit, again, at=None, status=422)
    submission = _submission(visit, reading.answers, _paradata(visit, request, form, now))
    receipt = receive_response(session, place, submission, now)
    query = "?l=en" if visit.language == "en" else ""
    return RedirectResponse(f"/r/{receipt}{query}", status_code=303)


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
    text = clean_text(_one(form, "text"))[:LONGEST_REPORT]
    report_pressure(session, place, text, now)
    return resident_page("resident/report.html", language, place=place, sent=True)


def _sound(code: str) -> str:
    sound = read_code(code)
    if sound is None:
        raise NotFound("This code is not one of ours.")
    return sound


def _visit(place: Place, form: Form, now: datetime) -> Visit:
    wanted = _one(form, "to") or _one(form, "l")
    language: Language = "en" if wanted == "en" else "zh-Hans"
    once = _one(form, "once")
    if not is_genuine(once, place.key, place.code):
        once = new_once(place.key, place.code, now)
    mode = "step" if _one(form, "mode") == "step" else "page"
    return Visit(place, language, mode, once, big="big" in form, dark="dk" in form)


def _given(form: Form) -> Given:
    return Given({name: values for name, values in form.items() if name.startswith(FIELD)})


def _by_item(form: Form) -> Form:
    fields = {name: values for name, values in form.items() if name.startswith(FIELD)}
    return {name.removeprefix(FIELD): values for name, values in fields.items()}


def _one(form: Form, name: str) -> str:
    values = form.get(name, ("",))
    return values[0] if values else ""


def _is_last_step(form: Form, survey: Survey, reading: Reading) -> bool:
    """Whether this page of step mode was the last and the person goes on."""
    order = steps(survey, reading.answers)
    at = _one(form, "at")
    if "back" in form or at not in order or order[-1] != at:
        return False
    return "skip" in form or at not in _blocking(reading)


def _blocking(reading: Reading) -> set[str]:
    return {*reading.missing, *(problem.place for problem in reading.problems)}


def _next_step(visit: Visit, form: Form, given: Given, reading: Reading) -> HTMLReply:
    order = steps(visit.place.survey, reading.answers)
    at = _one(form, "at")
    position = order.index(at) if at in order else 0
    if "back" in form:
        return _questionnaire(visit, given, at=order[max(position - 1, 0)])
    if at in _blocking(reading) and "skip" not in form:
        wrong = frozenset(problem.place for problem in reading.problems) & {at}
        marked = Given(given.fields, frozenset({at} - wrong), wrong)
        return _questionnaire(visit, marked, at=at, status=422)
    return _questionnaire(visit, given, at=order[min(position + 1, len(order) - 1)])


def _questionnaire(
    visit: Visit, given: Given, *, at: str | None, status: int = 200
) -> HTMLReply:
    """The page; `at` is the item of step mode."""
    survey = visit.place.survey
    only = at if visit.mode == "step" else None
    if visit.mode == "step" and only is None:
        only = next(iter([*given.wrong, *given.missing]), steps(survey, {})[0])
    sections = shown_sections(survey, visit.language, given, only)
    shown = {item.field for section in sections for item in section.items}
    counted = counted_items(survey)
    return resident_page(
        "resident/questionnaire.html",
        visit.language,
        status=status,
        cache_control=FORM_CACHE,
        visit=visit,
        place=visit.place,
        survey=survey,
        sections=sections,
        at=only,
        is_first=only == next(iter(survey.items)),
        is_last=only == list(survey.items)[-1],
        carried={n: v for n, v in given.fields.items() if n not in shown},
        looks=[item for s in sections for item in s.items if item.mark],
        counted=len(counted),
        done=sum(1 for item in counted if given.fields.get(FIELD + item.code)),
        script=script_address(),
    )


def _submission(visit: Visit, answers: Mapping[str, Answer], paradata: Paradata) -> Submission:
    body = json.dumps(answers, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(body.encode()).hexdigest()
    return Submission(visit.once, digest, answers, paradata)


def _paradata(visit: Visit, request: Request, form: Form, now: datetime) -> Paradata:
    """What is kept of the visit; address and user agent end here."""
    key = visit.place.key
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    return Paradata(
        slot=five_minute_slot(now),
        seconds=seconds_since(visit.once, now),
        section_seconds=_section_seconds(visit.place.survey, form),
        device=keyed_hash(key, "device", device_class(agent)),
        network=keyed_hash(key, "network", network_prefix(address)),
        language=visit.language,
        mode=visit.mode,
    )


def _section_seconds(survey: Survey, form: Form) -> dict[str, int]:
    """Seconds per section as the optional script counted them."""
    counted = {s.code: bounded_seconds(_one(form, f"t-{s.code}")) for s in survey.sections}
    return {code: seconds for code, seconds in counted.items() if seconds is not None}
