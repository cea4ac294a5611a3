"""The access service as an application, without its prefix and without the audit trail's ear."""

from __future__ import annotations

from fastapi import FastAPI, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from rs_server.access.api.callers import KnownCallers
from rs_server.access.api.grants import grants_router
from rs_server.access.api.groups import groups_router
from rs_server.access.api.keys import keys_router
from rs_server.access.api.me import me_router
from rs_server.access.api.stores import Stores
from rs_server.access.api.users import users_router
from rs_server.access.gateway import KEY_HEADER
from rs_server.http import add_error_handlers

CREDENTIALS = [
    Security(APIKeyHeader(name=KEY_HEADER, auto_error=False)),
    Security(HTTPBearer(auto_error=False, description="An API key, or a token of the identity provider")),
]
"""What the API description says about credentials. They are checked by the authorizer, not here."""


def create_app(stores: Stores) -> FastAPI:
    """Routes `/me`, `/keys`, `/grants`, `/users`, `/groups` and `/audit`."""
    app = FastAPI(
        title="rs-server access",
        version="1.0.0",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=CREDENTIALS,
    )
    for make_router in (me_router, keys_router, grants_router, users_router, groups_router):
        app.include_router(make_router(stores))
    app.add_middleware(KnownCallers)
    add_error_handlers(app)
    return app
