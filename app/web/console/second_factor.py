"""The second factor of a visit: showing it, and setting it up for the first time."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from app.database.engine import Session
from app.database.people import find_person
from app.documents.printing.codes import code_symbol_svg
from app.documents.wording import translator
from app.survey.text import Language
from app.web.console.access import BegunVisit, OwnBegunForm, Visit
from app.web.console.pages import link_query
from app.web.console.sign_in import browser_of, keep_visit
from app.web.dependencies import (
    ActingSession,
    ChosenLanguage,
    Form,
    Now,
    ReadingSession,
    SubmittedForm,
)
from app.web.rendering import HTMLReply, page
from app.workflow.people.second_factor import (
    Holder,
    enrol,
    enrolment_address,
    pending_secret,
    show_factor,
)

router = APIRouter(prefix="/console/second-factor")


def holder_of(request: Request, visit: BegunVisit) -> Holder:
    """Whose visit it is."""
    return Holder(visit.token, visit.person, browser_of(request))


VisitHolder = Annotated[Holder, Depends(holder_of)]


@router.get("")
def ask_for_factor(
    visit: BegunVisit, language: ChosenLanguage, session: ReadingSession
) -> Response:
    """Ask for a code, or show how to set the factor up."""
    if visit.complete and _holds_one(session, visit):
        return RedirectResponse(f"/console{link_query(language)}", status_code=303)
    return _ask(session, visit, language)


@router.post("")
def take_factor(  # noqa: PLR0913 - what a form of the console needs
    request: Request,
    visit: OwnBegunForm,
    holder: VisitHolder,
    form: SubmittedForm,
    language: ChosenLanguage,
    now: Now,
    session: ActingSession,
) -> Response:
    """Complete the visit if the code is right."""
    code = _field(form, "code")
    if _holds_one(session, visit):
        token = show_factor(session, holder, code, now=now)
        if token is None:
            return _ask(session, visit, language, is_wrong=True)
        reply: Response = RedirectResponse(f"/console{link_query(language)}", status_code=303)
    else:
        enrolled = enrol(session, holder, code, now=now)
        if enrolled is None:
            return _ask(session, visit, language, is_wrong=True)
        token, codes = enrolled
        reply = page("console/recovery_codes.html", language, codes=codes)
    keep_visit(reply, request.app.state.settings, token)
    return reply


def _ask(
    session: Session, visit: Visit, language: Language, *, is_wrong: bool = False
) -> HTMLReply:
    _ = translator(language)
    secret = "" if _holds_one(session, visit) else pending_secret(visit.token)
    symbol = code_symbol_svg(enrolment_address(secret, visit.person.login)) if secret else ""
    return page(
        "console/second_factor.html",
        language,
        status=422 if is_wrong else 200,
        token=visit.form_token,
        is_wrong=is_wrong,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        symbol=Markup(symbol),  # noqa: S704 - drawn here from letters and digits
    )


def _holds_one(session: Session, visit: Visit) -> bool:
    person = find_person(session, visit.person.login)
    return person is not None and person.totp_secret is not None


def _field(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")
