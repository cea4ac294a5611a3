"""An identity provider on this machine: discovery, one published key, and tokens signed with it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "rs-server"
KEY_ID = "key-1"


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """A provider at `issuer`."""

    issuer: str
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def token(self, login: str, roles: list[str], **changes: Any) -> str:
        """A token of a user with these roles, good for an hour."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": f"subject of {login}",
            "preferred_username": login,
            "realm_access": {"roles": roles},
            "iat": now,
            "exp": now + 3600,
        }
        return jwt.encode(claims | changes, self.key, "RS256", {"kid": KEY_ID})

    def document(self, path: str) -> Any:
        """What the provider publishes at `path`; None where there is nothing."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {
            "/.well-known/openid-configuration": {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"},
            "/keys": {"keys": [public | {"kid": KEY_ID, "use": "sig"}]},
        }.get(path)


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """While this lasts, `server` answers in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running_provider() -> Iterator[IdentityProvider]:
    """A provider that answers at a port of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # http.server's name
            document = provider.document(self.path)
            self.send_response(404 if document is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server.RequestHandlerClass = Handler
    with serving(server):
        yield provider
