"""Signing in to the console and out of it."""

import logging
import math
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.database.rounds import record
from app.documents.wording import translator
from app.survey.text import Language
from app.web.console.access import (
    COOKIE,
    LIFETIME,
    ConsoleSettings,
    OwnForm,
    Throttle,
    begin_visit,
    is_the_key,
    require_same_origin,
)
from app.web.console.pages import link_query
from app.web.dependencies import ActingSession, ChosenLanguage, Now, SubmittedForm
from app.web.rendering import HTMLReply, page

log = logging.getLogger(__name__)

router = APIRouter(prefix="/console")


@router.get("/sign-in")
def show_sign_in(settings: ConsoleSettings, language: ChosenLanguage) -> HTMLReply:
    """Ask for the key."""
    return _form(language)


@router.post("/sign-in")
def sign_in(
    request: Request,
    settings: ConsoleSettings,
    form: SubmittedForm,
    now: Now,
    language: ChosenLanguage,
) -> Response:
    """Begin a visit if the key is right; slow down whoever guesses."""
    require_same_origin(request)
    # The right key always opens, however many others guess: nobody can lock the operator out.
    if not is_the_key(settings, next(iter(form.get("key", ())), "")):
        throttle: Throttle = request.app.state.console_throttle
        wait = throttle.wait(now)
        if wait:
            return _not_so_fast(language, wait)
        log.warning("a wrong console key was given")
        _ = translator(language)
        notice = _("钥匙不对，请核对后再试。")
        return _form(language, status=403, notice=notice)
    # Only now is a place among the writers taken: strangers cannot hold it up.
    with request.app.state.acting.begin() as session:
        record(session, "sign_in", subject="console", now=now, detail={})
    reply = RedirectResponse(f"/console{link_query(language)}", status_code=303)
    reply.set_cookie(
        COOKIE,
        begin_visit(settings, now),
        max_age=int(LIFETIME.total_seconds()),
        path="/console",
        secure=settings.public_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return reply


@router.post("/sign-out")
def sign_out(
    visit: OwnForm, language: ChosenLanguage, now: Now, session: ActingSession
) -> Response:
    """End the visit in this browser."""
    record(session, "sign_out", subject="console", now=now, detail={})
    reply = RedirectResponse(f"/console/sign-in{link_query(language)}", status_code=303)
    reply.delete_cookie(COOKIE, path="/console")
    return reply


def _form(language: Language, *, status: int = 200, notice: str = "") -> HTMLReply:
    return page("console/sign_in.html", language, status=status, notice=notice)


def _not_so_fast(language: Language, wait: timedelta) -> HTMLReply:
    _, seconds = translator(language), math.ceil(wait.total_seconds())
    notice = _("试得太快了，请等 {n} 秒再试。").format(n=seconds)
    reply = _form(language, status=429, notice=notice)
    reply.headers["Retry-After"] = str(seconds)
    return reply
