"""Talking to a provider of identities (OpenID Connect, authorization code with PKCE).

What the provider says is believed only as a signed token that was made for us, now, and for
this attempt (OpenID Connect Core 1.0, section 3.1.3.7). Its access token is not kept.
"""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, Request

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.database.identities import Identity
from app.errors import MinxinError

ALGORITHMS = ["RS256", "PS256", "ES256"]
PATIENCE_SECONDS = 5.0
LARGEST_REPLY = 1_000_000
LONGEST_SUBJECT = 255
"""Characters (OpenID Connect Core 1.0, section 2)."""
KNOWN_FOR_SECONDS = 3600.0
LEEWAY_SECONDS = 60
NEARBY = {"127.0.0.1", "localhost", "::1"}
WELL_KNOWN = "/.well-known/openid-configuration"


class ProviderFailed(MinxinError):
    """The provider did not answer, or said what cannot be believed."""


@dataclass(frozen=True, slots=True)
class Client:
    """What we are to the provider."""

    issuer: str
    client_id: str
    client_secret: str
    return_address: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt is recognised by; the browser keeps it meanwhile."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """An attempt that nobody can foresee."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


class Provider:
    """A provider as far as it is known: its addresses and its keys."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._addresses: Mapping[str, Any] = {}
        self._known_at = 0.0
        self._keys: KeySet | None = None

    def address_for(self, attempt: Attempt) -> str:
        """Where the browser is sent."""
        parameters = {
            "redirect_uri": self.client.return_address,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": create_s256_code_challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        address: str = prepare_grant_uri(
            self._address("authorization_endpoint"),
            client_id=self.client.client_id,
            response_type="code",
            scope="openid",
            **parameters,
        )
        return address

    def identity_of(self, attempt: Attempt, code: str, *, now: int) -> Identity:
        """Who came back with a code; ProviderFailed where that cannot be believed."""
        token = self._redeem(attempt, code)
        try:
            claims = self._verified(token, renew=False)
        except JoseError:
            claims = self._verified(token, renew=True)  # its keys may have changed
        client = self.client
        checked = CodeIDToken(
            claims,
            {},
            options={
                "iss": {"essential": True, "value": client.issuer},
                "aud": {"essential": True, "value": client.client_id},
            },
            params={"nonce": attempt.nonce, "client_id": client.client_id},
        )
        try:
            checked.validate(now=now, leeway=LEEWAY_SECONDS)
        except JoseError as error:
            raise _unbelievable(type(error).__name__) from None
        subject = str(claims["sub"])
        if not 0 < len(subject) <= LONGEST_SUBJECT:
            raise _unbelievable("no usable subject")
        return Identity(client.issuer, subject)

    def _redeem(self, attempt: Attempt, code: str) -> str:
        client = self.client
        body = urlencode(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": client.return_address,
                "code_verifier": attempt.verifier,
            }
        )
        supported = self._known().get("token_endpoint_auth_methods_supported", ())
        is_posted = "client_secret_post" in supported and "client_secret_basic" not in supported
        method = "client_secret_post" if is_posted else "client_secret_basic"
        auth = ClientAuth(client.client_id, client.client_secret, method)
        address = self._address("token_endpoint")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        address, headers, body = auth.prepare("POST", address, headers, body)
        reply = _ask(address, headers=headers, body=body.encode())
        token = reply.get("id_token")
        if not isinstance(token, str):
            raise _unbelievable("no id_token")
        return token

    def _verified(self, token: str, *, renew: bool) -> dict[str, Any]:
        if self._keys is None or renew:
            try:
                self._keys = KeySet.import_key_set(_ask(self._address("jwks_uri")))  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError) as error:
                raise _unbelievable(type(error).__name__) from None
        try:
            return dict(jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError) as error:
            if renew:
                raise _unbelievable(type(error).__name__) from None
            if isinstance(error, JoseError):
                raise
            raise JoseError(str(error)) from None

    def _address(self, name: str) -> str:
        found = self._known().get(name)
        if not isinstance(found, str):
            raise _unbelievable(f"no {name}")
        _require_safe(found)
        return found

    def _known(self) -> Mapping[str, Any]:
        if not self._addresses or time.monotonic() - self._known_at > KNOWN_FOR_SECONDS:
            found = _ask(self.client.issuer.rstrip("/") + WELL_KNOWN)
            if found.get("issuer") != self.client.issuer:
                raise _unbelievable("another issuer")
            self._addresses, self._known_at = found, time.monotonic()
        return self._addresses


def _ask(
    address: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> dict[str, Any]:
    """A JSON object from an address; redirections are not followed."""
    _require_safe(address)
    opener = OpenerDirector()
    for handler in (HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    request = Request(address, data=body, headers=dict(headers or {}))  # noqa: S310 - checked
    try:
        with opener.open(request, timeout=PATIENCE_SECONDS) as reply:
            content = _whole(reply) if reply.status == HTTPStatus.OK else b""
    except (HTTPException, URLError, OSError, ValueError) as error:
        raise _away(type(error).__name__) from None
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _away("no JSON object")
    return found


def _whole(reply: HTTPResponse) -> bytes:
    """All of a reply, if it comes in time: the socket's own patience is with each piece."""
    end, content = time.monotonic() + PATIENCE_SECONDS, b""
    while piece := reply.read1(LARGEST_REPLY):
        content += piece
        if len(content) > LARGEST_REPLY or time.monotonic() > end:
            raise OSError("too much, or too late")
    return content


def _require_safe(address: str) -> None:
    parts = urlsplit(address)
    is_near = parts.scheme == "http" and parts.hostname in NEARBY
    if parts.scheme != "https" and not is_near:
        raise _unbelievable("an address without TLS")


def _away(why: str) -> ProviderFailed:
    return ProviderFailed(
        f"The provider of identities did not answer ({why}). Try again, or use your password.",
        chinese=f"统一身份认证没有回应（{why}）。请再试一次，或者用密码登录。",
    )


def _unbelievable(why: str) -> ProviderFailed:
    return ProviderFailed(
        f"What the provider of identities said cannot be believed ({why}). Begin again; if it "
        "stays so, tell the administrator of the server.",
        chinese=f"统一身份认证的回复核对不上（{why}）。请重新开始；"
        "仍然这样，请告诉服务器管理员。",
    )
