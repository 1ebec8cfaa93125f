"""Coming in for the first time, or with a new password: a code, then a password of one's own.

The code is typed into a form and never stands in an address, where logs would keep it.
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.database.engine import Session
from app.documents.wording import translator
from app.errors import InputRefused, NotFound
from app.people.passwords import FEWEST_ALONE, FEWEST_WITH_SECOND
from app.survey.text import Language
from app.web.console.access import require_same_origin
from app.web.console.faults import Faults, faults_of
from app.web.console.pages import link_query
from app.web.dependencies import ActingSession, ChosenLanguage, Form, Now, SubmittedForm
from app.web.rendering import HTMLReply, page
from app.workflow.people.welcoming import Welcomed, accept_welcome, whose_welcome

router = APIRouter(prefix="/console/welcome")


@router.get("")
def ask_for_code(language: ChosenLanguage) -> HTMLReply:
    """Ask for the code."""
    return page("console/welcome.html", language, faulty=False, typed="")


@router.post("")
def choose_password(
    request: Request,
    form: SubmittedForm,
    now: Now,
    language: ChosenLanguage,
    session: ActingSession,
) -> Response:
    """Ask for a password where the code is good, and keep it."""
    require_same_origin(request)
    given = _given(form)
    try:
        if "password" not in form:
            return _password_page(session, given, language, now=now)
        accept_welcome(session, given, now=now)
    except NotFound:
        return page(
            "console/welcome.html", language, status=422, faulty=True, typed=given.token
        )
    except InputRefused as refused:
        faults = faults_of(refused, language)
        return _password_page(session, given, language, now=now, faults=faults)
    return RedirectResponse(f"/console/sign-in{link_query(language)}", status_code=303)


def _given(form: Form) -> Welcomed:
    names = ("token", "password", "repeated", "login", "name")
    token, password, repeated, login, name = (next(iter(form.get(n, ())), "") for n in names)
    return Welcomed(token, password, repeated, login, name)


def _password_page(
    session: Session,
    given: Welcomed,
    language: Language,
    *,
    now: Now,
    faults: Faults | None = None,
) -> HTMLReply:
    person = whose_welcome(session, given.token, now=now)
    second = person is None or person.needs_second_factor
    fewest = FEWEST_WITH_SECOND if second else FEWEST_ALONE
    _ = translator(language)
    return page(
        "console/welcome_password.html",
        language,
        status=422 if faults else 200,
        given=given,
        whose=person,
        faults=faults,
        hint=_("至少 {n} 个字符；几个不相干的词连成一句，好记又难猜。").format(n=fewest),
    )
