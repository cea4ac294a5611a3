"""Bearer tokens of an OpenID Connect provider: its keys by discovery, and what a token must show to be believed.

OpenID Connect Discovery 1.0 section 4, RFC 7517 (keys), RFC 7519 (claims), RFC 8725 (what to be strict about). Only
the authorizer imports this module, and only when a token arrives: cryptography takes its time to load.
"""

from __future__ import annotations

import json
import logging
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt

from rs_server.access.authentication import BadToken
from rs_server.errors import BackendUnavailable
from rs_server.settings import OidcSettings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a private key only: a shared secret, or none, proves nothing (RFC 8725 section 3.1)."""
REQUIRED_CLAIMS = ["exp", "iat", "iss", "aud", "sub"]
LEEWAY_SECONDS = 30
KEYS_KEPT_SECONDS = 600
UNKNOWN_KEY_SECONDS = 30
"""A token with a key id that is not known makes the keys be read again, at most this often."""
FETCH_SECONDS = 3
MAX_DOCUMENT = 1_000_000

logger = logging.getLogger(__name__)

Fetch = Callable[[str], Any]
"""Reads a JSON document from a URL; raises OSError or ValueError."""


def fetch_json(url: str) -> Any:
    """Read a JSON document over HTTPS (or HTTP from this machine, for a provider under test)."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1"}):
        raise ValueError(f"{url!r} is not an https URL")
    request = urllib.request.Request(url, headers={"accept": "application/json"})  # noqa: S310  # checked above
    with urllib.request.urlopen(request, timeout=FETCH_SECONDS) as answer:  # noqa: S310  # checked above
        return json.loads(answer.read(MAX_DOCUMENT))


class ProviderKeys:
    """The provider's signing keys, read when they are needed and again when they get old or rotate."""

    def __init__(
        self, settings: OidcSettings, fetch: Fetch = fetch_json, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings = settings
        self.fetch = fetch
        self.monotonic = monotonic
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = float("-inf")

    def find(self, key_id: str) -> jwt.PyJWK:
        """The key with this id; raises BadToken for an unknown one, BackendUnavailable when keys cannot be read."""
        age = self.monotonic() - self._read_at
        if age >= KEYS_KEPT_SECONDS or (key_id not in self._keys and age >= UNKNOWN_KEY_SECONDS):
            self._keys = self._read()
            self._read_at = self.monotonic()
        if key_id not in self._keys:
            raise BadToken("signed with a key that the provider does not publish")
        return self._keys[key_id]

    def _read(self) -> dict[str, jwt.PyJWK]:
        try:
            document = self.fetch(self.settings.oidc_jwks_url or self._discovered())
            return dict(filter(None, map(_signing_key, document["keys"])))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            logger.error("keys of the identity provider: %s", error)
            raise BackendUnavailable("The identity provider is out of reach. Try again in a moment.") from error

    def _discovered(self) -> str:
        issuer = self.settings.oidc_issuer
        document = self.fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if document["issuer"] != issuer:
            raise ValueError(f"discovery names the issuer {document['issuer']!r}")
        return str(document["jwks_uri"])


class TokenVerifier:
    """Reads the claims of tokens, if they can be believed."""

    def __init__(self, settings: OidcSettings, keys: ProviderKeys) -> None:
        self.settings = settings
        self.keys = keys

    def claims_of(self, token: str) -> Mapping[str, Any]:
        """The claims of a valid token; raises BadToken saying what is wrong, or BackendUnavailable."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError as error:
            raise BadToken("no JWT") from error
        key_id = header.get("kid")
        if header.get("alg") not in ALGORITHMS or not isinstance(key_id, str) or "crit" in header:
            raise BadToken("no signature of a kind that is taken")
        key = self.keys.find(key_id)
        try:
            return self._decoded(token, key)
        except jwt.ExpiredSignatureError as error:
            raise BadToken("expired", genuine=True) from error
        except (jwt.InvalidTokenError, jwt.InvalidKeyError) as error:
            raise BadToken(f"not valid: {error}") from error

    def _decoded(self, token: str, key: jwt.PyJWK) -> Mapping[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self.settings.oidc_audience,
            issuer=self.settings.oidc_issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED_CLAIMS},
        )
        if not claims["sub"]:
            raise jwt.InvalidTokenError("its subject is empty")
        return claims


def _signing_key(document: Mapping[str, Any]) -> tuple[str, jwt.PyJWK] | None:
    """A published key with its id, if it is one that signs tokens with an algorithm we take."""
    if document.get("use", "sig") != "sig" or not isinstance(document.get("kid"), str):
        return None
    try:
        key = jwt.PyJWK(dict(document))
    except jwt.PyJWTError:
        return None
    return (document["kid"], key) if key.algorithm_name in ALGORITHMS else None
