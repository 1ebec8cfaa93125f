"""Signing in through a provider of identities, and linking oneself with it.

The visit's cookie is not sent along when a browser comes back from another site, nor kept from
such a reply for what follows. So coming back gives a page of our own with one button.
"""

import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.database.people import colleague_of
from app.database.visits import find_visit
from app.documents.wording import translator
from app.errors import NotAllowed, WrongState
from app.settings import Settings
from app.survey.text import Language
from app.web.console.access import cookie_name, is_secure, require_same_origin
from app.web.console.pages import Acting, Desk, Looking, link_query
from app.web.console.provider import Attempt, Client, Provider, ProviderFailed
from app.web.console.reviewing import first
from app.web.console.sign_in import browser_of, keep_visit, sign_in_form
from app.web.dependencies import (
    ActingSession,
    ChosenLanguage,
    CurrentSettings,
    Form,
    Now,
    SubmittedForm,
)
from app.web.rendering import HTMLReply, page
from app.workflow.people.identities import link_identity, sign_in_with, unlink_identity

router = APIRouter(prefix="/console")

RETURN = "/console/single-sign-on/return"
PATH = "/console/single-sign-on"
PATIENCE = timedelta(minutes=10)
SIGN_IN = "-"
"""In the cookie, where a visit's hash would say who wants to link."""


def provider_of(request: Request) -> Provider:
    """The provider of this installation; NotAllowed where there is none."""
    settings: Settings = request.app.state.settings
    if not settings.oidc_issuer:
        raise WrongState(
            "No provider of identities is set up here.", chinese="这里没有设统一身份认证。"
        )
    known: Provider | None = getattr(request.app.state, "provider", None)
    if known is None:
        known = Provider(
            Client(
                settings.oidc_issuer,
                settings.oidc_client_id,
                settings.oidc_client_secret,
                settings.public_url.rstrip("/") + RETURN,
            )
        )
        request.app.state.provider = known
    return known


AtProvider = Annotated[Provider, Depends(provider_of)]


# A form may lead nowhere but to ourselves (Content-Security-Policy), so links begin.
@router.get("/single-sign-on")
def start(
    provider: AtProvider, settings: CurrentSettings, language: ChosenLanguage
) -> Response:
    """Send the browser to the provider."""
    return _send_off(provider, settings, SIGN_IN, language)


@router.get("/account/identities/new")
def start_linking(
    desk: Annotated[Desk, Depends(Looking(None))], provider: AtProvider
) -> Response:
    """Send the browser to the provider, to link who comes back with who is signed in."""
    return _send_off(provider, desk.settings, desk.visit.token_hash, desk.language)


@router.post("/account/identities/{identity_id}/removal")
def unlink(
    identity_id: int,
    desk: Annotated[Desk, Depends(Acting(None))],
    now: Now,
    session: ActingSession,
) -> Response:
    """Unlink one of one's own identities."""
    unlink_identity(session, desk.person, identity_id, now=now)
    return desk.lead_to("/console/account")


@router.get("/single-sign-on/return")
def come_back(
    language: ChosenLanguage, code: str = "", state: str = "", error: str = ""
) -> HTMLReply:
    """Back from the provider: one button, which our own page sends."""
    status = 200 if code and state and not error else 403
    return page("console/single_sign_on.html", language, status=status, code=code, state=state)


@router.post("/single-sign-on/completion", response_model=None)
def complete(  # noqa: PLR0913 - one parameter is one part of the request
    request: Request,
    provider: AtProvider,
    settings: CurrentSettings,
    form: SubmittedForm,
    language: ChosenLanguage,
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Believe the provider, if what it says is sound, and sign in or link."""
    require_same_origin(request)
    attempt, wanted = _attempt_of(request, settings, form)
    try:
        identity = provider.identity_of(attempt, first(form, "code"), now=int(now.timestamp()))
    except ProviderFailed as failed:
        again = sign_in_form(language, settings, status=502, notice=_said(failed, language))
        return _over(again, settings)
    if wanted != SIGN_IN:
        found = find_visit(session, request.cookies.get(cookie_name(settings), ""), now=now)
        if found is None or found[0].token_hash != wanted or not found[0].complete:
            raise NotAllowed(
                "The visit that wanted this is over. Sign in and begin again.",
                chinese="原来的登录已经结束。请先登录，再重新关联。",
            )
        link_identity(session, colleague_of(session, found[1]), identity, now=now)
        return _done(f"/console/account{link_query(language)}", settings)
    begun = sign_in_with(session, identity, browser_of(request), now=now)
    if not begun.token:
        _ = translator(language)
        notice = _(
            "这个身份还没有关联账号。请先用密码登录，在“我的账号”里关联；没有账号请找管理员。"
        )
        return _over(sign_in_form(language, settings, status=403, notice=notice), settings)
    place = "/console" if begun.is_complete else "/console/second-factor"
    reply = _done(f"{place}{link_query(language)}", settings)
    keep_visit(reply, settings, begun.token)
    return reply


def _send_off(
    provider: Provider, settings: Settings, wanted: str, language: Language
) -> Response:
    attempt = Attempt.new()
    try:
        address = provider.address_for(attempt)
    except ProviderFailed as failed:
        return sign_in_form(language, settings, status=502, notice=_said(failed, language))
    reply = RedirectResponse(address, status_code=303)
    reply.set_cookie(
        _cookie(settings),
        ".".join((attempt.state, attempt.nonce, attempt.verifier, wanted)),
        max_age=int(PATIENCE.total_seconds()),
        path="/" if is_secure(settings) else PATH,
        secure=is_secure(settings),
        httponly=True,
        samesite="lax",
    )
    return reply


def _attempt_of(request: Request, settings: Settings, form: Form) -> tuple[Attempt, str]:
    """The attempt that this browser began, and what for; NotAllowed for any other one."""
    parts = request.cookies.get(_cookie(settings), "").split(".")
    if len(parts) != 4 or not hmac.compare_digest(
        parts[0].encode(), first(form, "state").encode()
    ):
        raise NotAllowed(
            "This attempt was not begun in this browser, or too long ago. Begin again.",
            chinese="这次登录不是在这个浏览器里开始的，或者隔得太久。请重新开始。",
        )
    return Attempt(*parts[:3]), parts[3]


def _done(place: str, settings: Settings) -> Response:
    return _over(RedirectResponse(place, status_code=303), settings)


def _over(reply: Response, settings: Settings) -> Response:
    """The reply, with which the browser forgets the attempt."""
    path = "/" if is_secure(settings) else PATH
    reply.delete_cookie(_cookie(settings), path=path, secure=is_secure(settings))
    return reply


def _said(failed: ProviderFailed, language: Language) -> str:
    return str(failed) if language == "en" else failed.in_chinese


def _cookie(settings: Settings) -> str:
    return "__Host-minxin-attempt" if is_secure(settings) else "minxin_attempt"
