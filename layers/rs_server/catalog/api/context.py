"""What every route of the catalog is given: the caller, and the public address that links start with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from rs_server.access.requests import principal_of
from rs_server.catalog.caller import Caller, Grants
from rs_server.catalog.rendering import Renderer


def caller_dependency(grants: Grants) -> Callable[[Request], Awaitable[None]]:
    """The dependency of every route that finds the rights of who asks, before anything else is done."""

    async def find_caller(request: Request) -> None:
        request.state.caller = Caller(await grants.rights_of(principal_of(request)))

    return find_caller


def caller_of(request: Request) -> Caller:
    """Who asks, as the dependency found out; without it there is no answer."""
    caller = request.state.caller
    assert isinstance(caller, Caller)
    return caller


def renderer_of(request: Request, bucket: str) -> Renderer:
    """Renders for the address under which the catalog was asked."""
    return Renderer(str(request.base_url), bucket)
