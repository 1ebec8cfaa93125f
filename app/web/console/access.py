"""Who may enter the console: one operator key, until there are accounts.

The key itself never leaves the server. A visit is a signed cookie that ends by itself; the
token in each form is bound to the visit. Everything is derived from the key, so a new key
ends every visit. Without a key there is no console at all.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from app.errors import NotAllowed, NotFound
from app.settings import Settings
from app.web.dependencies import CurrentSettings, Now, SubmittedForm

COOKIE = "minxin_console"
LIFETIME = timedelta(hours=8)
TOKEN_FIELD = "token"  # noqa: S105 - the name of a field
BURST = 5
PAUSE = timedelta(seconds=10)


class SignInNeeded(NotAllowed):
    """Nobody is signed in, or the visit is over."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in visit: a random name and the moment it ends (Unix seconds)."""

    name: str
    ends: int

    def signature(self, key: str, purpose: str) -> str:
        """What only the holder of the key can make of this visit, for one purpose."""
        message = f"{purpose}\0{self.name}\0{self.ends}".encode()
        return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


class Throttle:
    """Slows down wrong keys: a few at once, then one every `PAUSE`, whoever sends them."""

    def __init__(self) -> None:
        self._free_at: datetime | None = None

    def wait(self, now: datetime) -> timedelta:
        """How long until the next wrong key is answered; nothing if this one is."""
        earliest = now - (BURST - 1) * PAUSE
        used = max(self._free_at or earliest, earliest)
        if used > now:
            return used - now
        self._free_at = used + PAUSE
        return timedelta(0)


def console_settings(settings: CurrentSettings) -> Settings:
    """The settings, if there is a console; otherwise the page that any wrong address gets."""
    if not settings.console_key:
        raise NotFound("There is no console.")
    return settings


ConsoleSettings = Annotated[Settings, Depends(console_settings)]


def is_the_key(settings: Settings, given: str) -> bool:
    """Compare in constant time; digests hide even the length."""
    pair = (hashlib.sha256(text.encode()).digest() for text in (settings.console_key, given))
    return hmac.compare_digest(*pair)


def begin_visit(settings: Settings, now: datetime) -> str:
    """The value of the cookie of a new visit."""
    visit = Visit(secrets.token_urlsafe(16), int((now + LIFETIME).timestamp()))
    return f"{visit.name}.{visit.ends}.{visit.signature(settings.console_key, 'visit')}"


def read_visit(settings: Settings, cookie: str, now: datetime) -> Visit | None:
    """The visit of a cookie; None if it is not ours or over."""
    name, _, rest = cookie.partition(".")
    ends, _, signature = rest.partition(".")
    if not (ends.isascii() and ends.isdigit() and len(ends) <= 12):
        return None
    visit = Visit(name, int(ends))
    expected = visit.signature(settings.console_key, "visit")
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        return None
    return visit if now.timestamp() < visit.ends else None


def current_visit(request: Request, settings: ConsoleSettings, now: Now) -> Visit:
    """The visit of this request; SignInNeeded without one."""
    visit = read_visit(settings, request.cookies.get(COOKIE, ""), now)
    if visit is None:
        raise SignInNeeded("Sign in to the console first.")
    return visit


SignedIn = Annotated[Visit, Depends(current_visit)]


def form_token(settings: Settings, visit: Visit) -> str:
    """The token that every form of a visit carries."""
    return visit.signature(settings.console_key, "form")


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


def own_form(
    request: Request, settings: ConsoleSettings, visit: SignedIn, form: SubmittedForm
) -> Visit:
    """The visit whose own page sent this form; NotAllowed for any other sender."""
    require_same_origin(request)
    given = next(iter(form.get(TOKEN_FIELD, ())), "")
    expected = form_token(settings, visit)
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise NotAllowed("The form is out of date. Open the page again and repeat.")
    return visit


OwnForm = Annotated[Visit, Depends(own_form)]
