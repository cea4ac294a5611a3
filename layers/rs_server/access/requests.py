"""The principal of an HTTP request, as the gateway's authorizer put it into the event."""

from __future__ import annotations

from starlette.requests import Request

from rs_server.access.principals import ANONYMOUS, Principal


def principal_of(request: Request) -> Principal:
    """Who sent `request`. Outside the gateway there is no event, and the caller is anonymous."""
    event = request.scope.get("aws.event")
    if not event:
        return ANONYMOUS
    context = event.get("requestContext", {}).get("authorizer") or {}
    return Principal.from_context(context)
