"""A provider of identities on loopback: it discovers, signs and redeems like a real one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "minxin"
SECRET = "a secret of this test"


@dataclass
class LocalProvider:
    """What it says next; every part can be bent."""

    now: int
    address: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    subject: str = "li-min-1"
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over those of a sound token; None takes a claim out."""
    header: dict[str, Any] = field(default_factory=dict)
    forged_by: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """Code → what was asked for with it."""
    asked: list[str] = field(default_factory=list)

    def consent(self, location: str) -> dict[str, str]:
        """What the browser brings back once somebody has agreed."""
        wanted = {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = wanted
        return {"code": code, "state": wanted["state"]}

    def token_for(self, wanted: dict[str, str]) -> str:
        """The signed token of a code."""
        claims = {
            "iss": self.address, "sub": self.subject, "aud": CLIENT, "iat": self.now,
            "exp": self.now + 300, "nonce": wanted["nonce"],
        }  # fmt: skip
        given = {k: v for k, v in (claims | self.claims).items() if v is not None}
        key = self.forged_by or self.key
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        return jwt.encode(header, given, key, algorithms=["RS256", "PS256"])

    def reply(self, path: str, body: str) -> dict[str, Any] | None:
        """The answer to a request."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        form = {k: v[0] for k, v in parse_qs(body).items()}
        wanted = self.codes.pop(form.get("code", ""), None)
        if path != "/token" or wanted is None or not self._proves(form, wanted):
            return None
        return {"access_token": "kept by nobody", "id_token": self.token_for(wanted)}

    def _proves(self, form: dict[str, str], wanted: dict[str, str]) -> bool:
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        challenge = create_s256_code_challenge(form["code_verifier"])
        return challenge == wanted["code_challenge"]


@contextmanager
def local_provider(now: int) -> Iterator[LocalProvider]:
    """Serve one until the end of the block."""
    provider = LocalProvider(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            found = provider.reply(self.path, self.rfile.read(length).decode())
            content = json.dumps(found or {"error": "invalid_grant"}).encode()
            self.send_response(200 if found else 400)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
