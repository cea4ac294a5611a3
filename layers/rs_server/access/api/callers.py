"""Who may call the access service at all, and what administrators alone may do."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from rs_server.access.gateway import READING_METHODS
from rs_server.access.principals import Principal
from rs_server.access.requests import principal_of
from rs_server.access.rights import CREDENTIAL_NEEDED
from rs_server.errors import Forbidden, RsServerError, Unauthenticated
from rs_server.http import error_response

PUBLIC_PATHS = frozenset({"/openapi.json"})

Caller = Annotated[Principal, Depends(principal_of)]
"""Who sent the request."""


class KnownCallers:
    """Turns away, before a request is read, who may not call: the anonymous, and narrowed keys that write."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401 or 403."""
        error = _refusal(Request(scope)) if scope["type"] == "http" else None
        if error is None:
            await self.app(scope, receive, send)
        else:
            await error_response(Request(scope), error)(scope, receive, send)


def require_admin(principal: Principal) -> None:
    """Raise Forbidden for who is no administrator, or one with a narrowed key."""
    if not principal.admin:
        raise Forbidden("Only administrators may do this.")
    refuse_narrowed(principal)


def refuse_narrowed(principal: Principal) -> None:
    """Raise Forbidden for a narrowed key, where what is asked for cannot be narrowed alike."""
    if principal.scope is not None:
        raise Forbidden("A narrowed key cannot do this. Use a key without a scope.")


def _refusal(request: Request) -> RsServerError | None:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    if path in PUBLIC_PATHS:
        return None
    principal = principal_of(request)
    if principal.anonymous:
        return Unauthenticated(CREDENTIAL_NEEDED)
    if principal.scope is not None and request.method not in READING_METHODS:
        return Forbidden("A narrowed key never writes under /access. Use a key without a scope.")
    return None
