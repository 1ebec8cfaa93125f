"""One's own account: visits that can be ended, the password, emergency codes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.database.engine import Session
from app.database.identities import list_identities
from app.database.people import find_person, list_roles_of
from app.database.visits import list_visits
from app.errors import InputRefused, NotFound, Problem
from app.people.passwords import normal
from app.web.console.faults import Faults, faults_of
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.sign_in import keep_visit
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply, page
from app.workflow.people.accounts import (
    PasswordChange,
    change_password,
    end_own_visit,
    renew_recovery_codes,
)

router = APIRouter(prefix="/console/account")


@router.get("")
def show_account(
    desk: Annotated[Desk, Depends(Looking(None))], now: Now, session: ReadingSession
) -> HTMLReply:
    """Who one is here, what one may do, where one is signed in."""
    return _page(desk, session, now=now)


@router.post("/password")
def set_password(
    request: Request,
    desk: Annotated[Desk, Depends(Acting(None))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> Response:
    """Change the password: every visit ends, and this browser begins a new one."""
    change = PasswordChange(_field(form, "current"), _field(form, "password"))
    try:
        if normal(change.password) != normal(_field(form, "repeated")):
            raise InputRefused([_unlike()])
        token = change_password(session, desk.visit.token, change, now=now)
    except InputRefused as refused:
        return _page(desk, session, now=now, faults=faults_of(refused, desk.language))
    reply = desk.lead_to("/console/account")
    keep_visit(reply, request.app.state.settings, token)
    return reply


@router.post("/visits")
def end_visit(
    desk: Annotated[Desk, Depends(Acting(None))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> Response:
    """End one of one's own visits."""
    end_own_visit(session, desk.person, _field(form, "visit"), now=now)
    return desk.lead_to("/console/account")


@router.post("/recovery-codes")
def renew_codes(
    desk: Annotated[Desk, Depends(Acting(None))], now: Now, session: ActingSession
) -> HTMLReply:
    """Make ten new codes for emergencies, shown once."""
    codes = renew_recovery_codes(session, desk.person, now=now)
    return page("console/recovery_codes.html", desk.language, codes=codes)


def _page(desk: Desk, session: Session, *, now: Now, faults: Faults | None = None) -> HTMLReply:
    person = find_person(session, desk.person.login)
    if person is None:
        raise NotFound("There is no such person.")
    return desk.page(
        "console/account.html",
        status=422 if faults else 200,
        holds_factor=person.totp_secret is not None,
        visits=list_visits(session, person.id, now=now),
        own_visit=desk.visit.token_hash,
        roles=list_roles_of(session, person.id),
        identities=list_identities(session, person.id),
        provider=desk.settings.oidc_name if desk.settings.oidc_issuer else "",
        faults=faults,
    )


def _unlike() -> Problem:
    return Problem(
        "repeated",
        "is not the same as the new password",
        "Type both again.",
        chinese="两次输入的新密码不一样，请重新输入。",
    )


def _field(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")
