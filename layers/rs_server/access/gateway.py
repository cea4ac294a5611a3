"""The gateway's side of the authorizer: where credentials are in an event, and the answer it wants.

What `/{service}/{proxy+}` routes to is decided by the gateway; here the path only tells apart the few POSTs that read.
A wrong guess about it opens nothing, because services check a key's scope on every action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rs_server.access.principals import Principal
from rs_server.errors import Forbidden, Unauthenticated

KEY_HEADER = "x-api-key"
BEARER_HEADER = "authorization"
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
READING_POSTS = frozenset({"search", "aggregate", "aggregations"})
"""Last part of the path of POST routes that only read."""

Event = Mapping[str, Any]


def credential_in(event: Event) -> str | None:
    """The credential of a request, or None; raises Unauthenticated for several different ones or another scheme."""
    given = {value.strip() for value in _headers(event, KEY_HEADER)}
    for value in _headers(event, BEARER_HEADER):
        scheme, _, credential = value.strip().partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Authorization: only 'Bearer' is understood.")
        given.add(credential.strip())
    if not given:
        return None
    if len(given) > 1:
        raise Unauthenticated("The request has different credentials. Send one.")
    return given.pop()


def address_in(event: Event) -> str:
    """The caller's address as the gateway saw it; headers about it are not believed."""
    identity = event.get("requestContext", {}).get("identity") or {}
    return str(identity.get("sourceIp") or "")


def request_id_in(event: Event) -> str:
    """The id under which the gateway knows the request."""
    return str(event.get("requestContext", {}).get("requestId") or "")


def check_method(principal: Principal, event: Event) -> None:
    """Raise Forbidden for a read-only key on a method that writes."""
    if principal.scope is None or not principal.scope.read_only:
        return
    method = str(event.get("httpMethod", "")).upper()
    reads = method == "POST" and str(event.get("path", "")).rpartition("/")[2] in READING_POSTS
    if method not in READING_METHODS and not reads:
        raise Forbidden("This key is read-only. Use one that may write.")


def allow(principal: Principal, event: Event) -> dict[str, Any]:
    """Let the request pass to its service, which is told who the caller is.

    The policy names the whole stage: it holds for this one request, and a path may have characters that a policy
    would read as wildcards.
    """
    stage = "/".join(str(event["methodArn"]).split("/")[:2])
    return _answer("Allow", f"{stage}/*", principal.login or "anonymous", principal.to_context())


def deny(message: str, event: Event) -> dict[str, Any]:
    """Refuse the request with 403; the gateway's response may show `$context.authorizer.message`."""
    return _answer("Deny", str(event["methodArn"]), "refused", {"message": message})


def _headers(event: Event, name: str) -> list[str]:
    several = event.get("multiValueHeaders") or {}
    single = event.get("headers") or {}
    values = [value for key, found in several.items() if key.lower() == name for value in found]
    return values + [value for key, value in single.items() if key.lower() == name]


def _answer(effect: str, resource: str, principal_id: str, context: dict[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {
        "principalId": principal_id,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
