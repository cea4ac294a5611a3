"""The station's token endpoint and the check of what it issued (OAuth 2 password, client_credentials, refresh)."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from simulators.odata.errors import ODataError
from simulators.profiles.model import Auth


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the station's one user and one client log in with."""

    username: str = "rs"
    password: str = "rs-password"  # the simulator's own, told in its documentation
    client_id: str = "rs-client"
    client_secret: str = "rs-client-secret"


class TokenRefused(Exception):
    """The token endpoint's error (RFC 6749, section 5.2), with its HTTP status."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


@dataclass(slots=True)
class _Session:
    """A login: the refresh token that belongs to it, and until when it lives."""

    refresh_token: str
    expires: float


class TokenStore:
    """Issues tokens, and knows which are valid."""

    def __init__(
        self, auth: Auth, credentials: Credentials, real_seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._auth = auth
        self._credentials = credentials
        self._real_seconds = real_seconds
        self._access: dict[str, float] = {}
        self._sessions: dict[str, _Session] = {}

    def issue(self, form: Mapping[str, str], authorization: str | None) -> dict[str, Any]:
        """Answer a token call; raises TokenRefused."""
        self._forget_expired()
        self._check_client(form, authorization)
        match form.get("grant_type"):
            case "refresh_token" if self._auth.refresh_seconds:
                return self._refreshed(form.get("refresh_token", ""))
            case "password" if "password" in self._auth.grants:
                self._check_user(form.get("username", ""), form.get("password", ""))
            case "client_credentials" if "client_credentials" in self._auth.grants:
                pass
            case grant:
                raise TokenRefused(400, "unsupported_grant_type", f"This station has no grant {grant!r}.")
        self._check_scope(form.get("scope", ""))
        return self._login()

    def check(self, headers: Mapping[str, str]) -> None:
        """Return if the request carries a valid credential; raises 401."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic" and self._auth.basic:
            if _basic(token) != (self._credentials.username, self._credentials.password):
                raise _unauthorized("User or password is wrong!")
            return
        if self._auth.header == "bearer":
            given = token.strip() if scheme.lower() == "bearer" else ""
        else:
            given = headers.get(self._auth.header.lower(), "")
        self._check_access_token(given)

    def revoke_all(self) -> None:
        """End all tokens, refresh tokens too."""
        self._access.clear()
        self._sessions.clear()

    def revoke_access(self) -> None:
        """End the access tokens; refresh tokens live on."""
        self._access.clear()

    def _check_access_token(self, token: str) -> None:
        if not token:
            raise _unauthorized("Token is missing!")
        expires = self._access.get(token)
        if expires is None:
            raise _unauthorized("Token is invalid!")
        if expires <= self._real_seconds():
            raise _unauthorized("Token is valid but is expired!")

    def _check_client(self, form: Mapping[str, str], authorization: str | None) -> None:
        given = None
        if self._auth.client != "body" and authorization and authorization.lower().startswith("basic "):
            given = _basic(authorization[6:])
        elif self._auth.client != "basic":
            given = (form.get("client_id", ""), form.get("client_secret", ""))
        expected = (self._credentials.client_id, self._credentials.client_secret)
        if given is None or not compare_digest(":".join(given).encode(), ":".join(expected).encode()):
            raise TokenRefused(401, "unauthorized_client", "Invalid client or client credentials.")

    def _check_user(self, username: str, password: str) -> None:
        expected = (self._credentials.username, self._credentials.password)
        if (username, password) != expected:
            raise TokenRefused(401, "invalid_grant", "Invalid user credentials.")

    def _check_scope(self, scope: str) -> None:
        missing = set((self._auth.scope or "").split()) - set(scope.split())
        if missing:
            raise TokenRefused(400, "invalid_scope", f"Ask for the scope {self._auth.scope!r}.")

    def _login(self) -> dict[str, Any]:
        limit = self._auth.max_sessions
        if limit is not None and len(self._sessions) >= limit:
            raise TokenRefused(403, "session_limit", "Too many sessions of this user: refresh the token you have.")
        session = _Session(secrets.token_urlsafe(32), self._real_seconds() + self._auth.refresh_seconds)
        if self._auth.refresh_seconds:
            self._sessions[session.refresh_token] = session
        return self._answer(session)

    def _refreshed(self, refresh_token: str) -> dict[str, Any]:
        session = self._sessions.get(refresh_token)
        if session is None or session.expires <= self._real_seconds():
            raise TokenRefused(400, "invalid_grant", "The refresh token is invalid or expired.")
        return self._answer(session)

    def _answer(self, session: _Session) -> dict[str, Any]:
        now = self._real_seconds()
        token = secrets.token_urlsafe(48)
        self._access[token] = now + self._auth.access_seconds
        answer = {"access_token": token, "token_type": "bearer", "expires_in": self._auth.access_seconds}
        if self._auth.refresh_seconds:
            answer["refresh_token"] = session.refresh_token
            answer["refresh_expires_in"] = max(0, round(session.expires - now))
        return answer

    def _forget_expired(self) -> None:
        # Access tokens are kept a while after their end, so that "expired" can be told from "invalid".
        now = self._real_seconds()
        self._access = {token: end for token, end in self._access.items() if end > now - 3600}
        self._sessions = {token: each for token, each in self._sessions.items() if each.expires > now}


def _unauthorized(message: str) -> ODataError:
    return ODataError(401, message, {"WWW-Authenticate": "Bearer"})


def _basic(encoded: str) -> tuple[str, str] | None:
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password
