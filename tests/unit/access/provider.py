"""An OpenID Connect provider in memory: keys that rotate, discovery, signed tokens, outages."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from rs_server.settings import OidcSettings
from tests.unit.access.conftest import FakeClock

ISSUER = "https://id.example/realms/ground"
AUDIENCE = "rs-server"
JWKS_URL = "https://id.example/keys"
SETTINGS = OidcSettings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE)


@cache
def rsa_key(number: int) -> rsa.RSAPrivateKey:
    """One of some private keys, made once for all tests."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """What the authorizer sees of the provider, and what a user gets from it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.published = [jwk(rsa_key(1), "key-1")]
        self.discovery: dict[str, Any] = {"issuer": ISSUER, "jwks_uri": JWKS_URL}
        self.fetched: list[str] = []
        self.down = False

    def fetch(self, url: str) -> Any:
        """The authorizer's way to the provider's documents."""
        self.fetched.append(url)
        if self.down:
            raise ConnectionRefusedError("down")
        documents = {f"{ISSUER}/.well-known/openid-configuration": self.discovery, JWKS_URL: {"keys": self.published}}
        return json.loads(json.dumps(documents[url]))

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims of a good token, with changes; a claim that is None is left out."""
        now = int(self.clock().timestamp())
        whole = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "4711",
            "preferred_username": "carol",
            "iat": now,
            "exp": now + 300,
        } | changes
        return {name: value for name, value in whole.items() if value is not None}

    def token(self, key: int = 1, kid: str = "key-1", algorithm: str = "RS256", **changes: Any) -> str:
        """A signed token."""
        return jwt.encode(self.claims(**changes), rsa_key(key), algorithm, {"kid": kid})


def jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str, **members: str) -> dict[str, Any]:
    """The public half of a key as the provider publishes it."""
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return json.loads(kind.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"} | members


def unsigned(header: Mapping[str, Any], claims: Mapping[str, Any], signature: bytes = b"x") -> str:
    """A token put together by hand, with a signature that is none."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
