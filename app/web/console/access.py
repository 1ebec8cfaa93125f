"""Who may enter the console: the visit of a request, and the form that belongs to it.

A visit is a random token in a cookie that no script can read; the database knows its hash.
The token in each form is derived from the visit's, so that only our own pages can send one.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from app.database.people import colleague_of
from app.database.visits import SEEN_EVERY, find_visit, mark_seen
from app.errors import NotAllowed
from app.people.colleague import Colleague
from app.settings import Settings
from app.web.dependencies import Now, ReadingSession, SubmittedForm, SubmittedParts

TOKEN_FIELD = "token"  # noqa: S105 - the name of a field


class SignInNeeded(NotAllowed):
    """Nobody is signed in, or the visit is over."""


class SecondFactorNeeded(NotAllowed):
    """The password was right; the second factor is still to come."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in visit and whose it is."""

    token: str
    token_hash: str
    person: Colleague
    complete: bool
    factor: str

    @property
    def form_token(self) -> str:
        """The token that every form of the visit carries."""
        return form_token(self.token)


def form_token(token: str) -> str:
    """What only a page of the visit with this token can hold."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def is_secure(settings: Settings) -> bool:
    """Whether the service is reached over TLS."""
    return settings.public_url.startswith("https:")


def cookie_name(settings: Settings) -> str:
    """The cookie's name; a browser keeps the promise that begins with two underscores."""
    return "__Host-minxin" if is_secure(settings) else "minxin_console"


def begun_visit(request: Request, now: Now, session: ReadingSession) -> Visit:
    """The visit of this request, complete or not; SignInNeeded without one."""
    token = request.cookies.get(cookie_name(request.app.state.settings), "")
    found = find_visit(session, token, now=now) if token else None
    if found is None:
        raise SignInNeeded("Sign in to the console first.", chinese="请先登录。")
    row, person = found
    if now - row.seen_at >= SEEN_EVERY:
        with request.app.state.acting.begin() as acting:
            mark_seen(acting, row.token_hash, now=now)
    return Visit(token, row.token_hash, colleague_of(session, person), row.complete, row.factor)


BegunVisit = Annotated[Visit, Depends(begun_visit)]


def current_visit(visit: BegunVisit) -> Visit:
    """The visit of this request with nothing left to show."""
    if not visit.complete:
        raise SecondFactorNeeded("Give the code of your second factor first.")
    return visit


SignedIn = Annotated[Visit, Depends(current_visit)]


def require_same_origin(request: Request) -> None:
    """Refuse a form that another site sent.

    Our own pages send no referrer, so a browser may write ``Origin: null``; only a browser
    without Sec-Fetch-Site is judged by its Origin.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        is_own = site == "same-origin"
    else:
        is_own = origin is None or _is_at(origin, request.headers.get("host"))
    if not is_own:
        raise NotAllowed("This form was sent from another site.")


def _is_at(origin: str, host: str | None) -> bool:
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False


def require_own_token(visit: Visit, given: str) -> None:
    """Refuse a form that no page of this visit made."""
    if not hmac.compare_digest(visit.form_token.encode(), given.encode()):
        raise NotAllowed("The form is out of date. Open the page again and repeat.")


def own_begun_form(request: Request, visit: BegunVisit, form: SubmittedForm) -> Visit:
    """The visit, complete or not, whose own page sent this form."""
    require_same_origin(request)
    require_own_token(visit, next(iter(form.get(TOKEN_FIELD, ())), ""))
    return visit


def own_form(request: Request, visit: SignedIn, form: SubmittedForm) -> Visit:
    """The visit whose own page sent this form; NotAllowed for any other sender."""
    return own_begun_form(request, visit, form)


def own_parts(request: Request, visit: SignedIn, parts: SubmittedParts) -> Visit:
    """The visit whose own page sent this form with its files."""
    return own_begun_form(request, visit, parts.form)


OwnBegunForm = Annotated[Visit, Depends(own_begun_form)]
OwnForm = Annotated[Visit, Depends(own_form)]
OwnParts = Annotated[Visit, Depends(own_parts)]
