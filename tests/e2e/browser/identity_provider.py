"""The tests' identity provider with a log-in page: authorization code with PKCE, as a browser goes through it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.e2e.authorization.identity_provider import IdentityProvider, serving

FORM = (
    "<!doctype html><title>Institute</title><link rel=icon href=data:,><form action=/approve>{hidden}"
    "<label>Name <input name=login></label><button>Go</button></form>"
)


class Desk:
    """Log-ins under way at a provider."""

    def __init__(self, provider: IdentityProvider) -> None:
        self.provider = provider
        self.codes: dict[str, dict[str, str]] = {}

    def page(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """What the provider answers to a GET: status, headers, body."""
        parts = urlsplit(path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            hidden = "".join(f"<input type=hidden name={name} value='{value}'>" for name, value in given.items())
            return 200, {"content-type": "text/html"}, FORM.format(hidden=hidden).encode()
        if parts.path == "/approve":
            code = secrets.token_urlsafe()
            self.codes[code] = given
            query = urlencode({"code": code, "state": given["state"]})
            return 302, {"location": f"{given['redirect_uri']}?{query}"}, b""
        document = self.provider.document(parts.path)
        if parts.path == "/.well-known/openid-configuration":
            issuer = self.provider.issuer
            ends = {"authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token"}
            document = {**document, **ends}
        return 404 if document is None else 200, {"content-type": "application/json"}, json.dumps(document).encode()

    def tokens(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """What a code is changed for; a code is good once, and only for the browser that asked for it."""
        given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        asked = self.codes.pop(given.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest()).decode()
        if asked is None or asked["code_challenge"] != proof.rstrip("="):
            return 400, {"error": "invalid_grant"}
        login = asked["login"]
        nonce = {"nonce": asked["nonce"]} if "nonce" in asked else {}
        identity = self.provider.token(login, [], aud=asked["client_id"], **nonce)
        access = self.provider.token(login, [])
        return 200, {"access_token": access, "id_token": identity, "token_type": "Bearer", "expires_in": 600}


@contextmanager
def provider_with_log_in() -> Iterator[IdentityProvider]:
    """A provider that answers at a port of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}")
    desk = Desk(provider)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # http.server's name
            status, headers, body = desk.page(self.path)
            self.answer(status, headers, body)

        def do_POST(self) -> None:  # http.server's name
            status, document = desk.tokens(self.rfile.read(int(self.headers["content-length"])))
            self.answer(status, {"content-type": "application/json"}, json.dumps(document).encode())

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "access-control-allow-origin": "*"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server.RequestHandlerClass = Handler
    with serving(server):
        yield provider
