"""The authorizer's handler in this process, on the deployed table.

A credential that is no good is refused by the authorizer before any service hears of the request. On AWS it does that
by raising an error; the emulator then starts the function anew, which takes seconds. So of the rows that are refused
for that reason one of each service goes through the gateway, and the others are put to the handler itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from local import emulator
from local.stack_file import Stack
from rs_server.access.authorizer import Unauthorized
from tests.e2e.authorization.identity_provider import AUDIENCE
from tests.handlers import imported

REFUSED = frozenset({"bad", "exp", "rev", "dis"})
"""The columns whose credential is no good."""

Authorize = Callable[[str, str, Mapping[str, str]], httpx.Response]


@contextmanager
def authorizer(stack: Stack, issuer: str) -> Iterator[Authorize]:
    """Asks the handler about a request: answers 401 as the gateway would, or 200 where it lets the request pass."""
    environment = {
        "AWS_ENDPOINT_URL": stack.aws_endpoint_url,
        "AWS_ACCESS_KEY_ID": emulator.CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": emulator.CREDENTIALS["aws_secret_access_key"],
        "AWS_DEFAULT_REGION": emulator.REGION,
        "ACCESS_TABLE": stack.outputs["AccessTableName"],
        "OIDC_ISSUER": issuer,
        "OIDC_AUDIENCE": AUDIENCE,
    }
    with imported("authorizer", environment) as module:
        yield lambda method, path, headers: _ask(module.handler, method, path, headers)


def _ask(handler: Callable[..., Any], method: str, path: str, headers: Mapping[str, str]) -> httpx.Response:
    event = {
        "type": "REQUEST",
        "methodArn": f"arn:aws:execute-api:{emulator.REGION}:000000000000:api/v1/{method}{path}",
        "httpMethod": method,
        "path": path,
        "headers": headers,
        "requestContext": {"identity": {"sourceIp": "127.0.0.1"}},
    }
    try:
        effect = handler(event, None)["policyDocument"]["Statement"][0]["Effect"]
    except Unauthorized:
        return httpx.Response(401, headers={"access-control-allow-origin": "*"})
    return httpx.Response(200 if effect == "Allow" else 403)
