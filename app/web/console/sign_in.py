"""Signing in to the console and out of it."""

import math
import re
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.database.rounds import act_as, record
from app.database.visits import LONGEST, Beginning, end_visit
from app.documents.wording import translator
from app.settings import Settings
from app.survey.text import Language
from app.web.console.access import OwnBegunForm, cookie_name, is_secure, require_same_origin
from app.web.console.pages import link_query
from app.web.dependencies import (
    ActingSession,
    ChosenLanguage,
    CurrentSettings,
    Form,
    Now,
    SubmittedForm,
)
from app.web.rendering import HTMLReply, page
from app.workflow.people.signing_in import sign_in as begin

router = APIRouter(prefix="/console")

BROWSERS = re.compile(r"Firefox|Edg|MicroMessenger|OPR|Chrome|Safari")
SYSTEMS = re.compile(r"Android|iPhone|iPad|Windows|Mac OS X|HarmonyOS|Linux")


@router.get("/sign-in")
def show_sign_in(language: ChosenLanguage, settings: CurrentSettings) -> HTMLReply:
    """Ask for login and password, or lead to the provider of identities."""
    return sign_in_form(language, settings)


@router.post("/sign-in")
def sign_in(  # noqa: PLR0913 - one parameter is one part of the request
    request: Request,
    form: SubmittedForm,
    settings: CurrentSettings,
    now: Now,
    language: ChosenLanguage,
    session: ActingSession,
) -> Response:
    """Begin a visit if the password is right."""
    require_same_origin(request)
    how = Beginning("password", complete=True, browser=browser_of(request))
    attempt = begin(session, _field(form, "login"), _field(form, "password"), how, now=now)
    if attempt.wait:
        return _not_so_fast(language, settings, attempt.wait)
    if not attempt.token:
        _ = translator(language)
        notice = _("登录名或密码不对，请核对后再试。")
        return sign_in_form(language, settings, status=403, notice=notice)
    place = "/console" if attempt.is_complete else "/console/second-factor"
    reply = RedirectResponse(f"{place}{link_query(language)}", status_code=303)
    keep_visit(reply, settings, attempt.token)
    return reply


@router.post("/sign-out")
def sign_out(
    visit: OwnBegunForm,
    settings: CurrentSettings,
    language: ChosenLanguage,
    now: Now,
    session: ActingSession,
) -> Response:
    """End the visit in this browser."""
    act_as(session, login=visit.person.login, office=visit.person.office.code)
    end_visit(session, visit.token_hash, now=now)
    record(session, "sign_out", subject=visit.person.login, now=now, detail={})
    reply = RedirectResponse(f"/console/sign-in{link_query(language)}", status_code=303)
    reply.delete_cookie(
        cookie_name(settings), path=_cookie_path(settings), secure=is_secure(settings)
    )
    return reply


def keep_visit(reply: Response, settings: Settings, token: str) -> None:
    """Tell the browser the token of its visit, and that no script may read it."""
    reply.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(LONGEST.total_seconds()),
        path=_cookie_path(settings),
        secure=is_secure(settings),
        httponly=True,
        samesite="strict",
    )


def sign_in_form(
    language: Language, settings: Settings, *, status: int = 200, notice: str = ""
) -> HTMLReply:
    """The page that asks who comes; `notice` says why it is shown again."""
    name = settings.oidc_name if settings.oidc_issuer else ""
    values = {"notice": notice, "provider": name}
    return page("console/sign_in.html", language, status=status, **values)


def _cookie_path(settings: Settings) -> str:
    return "/" if is_secure(settings) else "/console"


def browser_of(request: Request) -> str:
    """The family of browser and system, nothing finer."""
    agent = request.headers.get("user-agent", "")
    families = (pattern.search(agent) for pattern in (BROWSERS, SYSTEMS))
    return " · ".join(found[0] for found in families if found)


def _field(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")


def _not_so_fast(language: Language, settings: Settings, wait: timedelta) -> HTMLReply:
    _, seconds = translator(language), math.ceil(wait.total_seconds())
    notice = _("试得太快了，请等 {n} 秒再试。").format(n=seconds)
    reply = sign_in_form(language, settings, status=429, notice=notice)
    reply.headers["Retry-After"] = str(seconds)
    return reply
