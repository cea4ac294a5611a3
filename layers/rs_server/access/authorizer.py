"""The authorizer: one request's event in, the gateway's answer out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from rs_server.access.authentication import Authenticator
from rs_server.access.gateway import (
    Event,
    address_in,
    allow,
    check_method,
    credential_in,
    deny,
    request_id_in,
)
from rs_server.access.store.audit import AuditEntry, AuditStore
from rs_server.errors import BackendUnavailable, Forbidden, TooManyRequests, Unauthenticated

logger = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any], object], dict[str, Any]]


class Unauthorized(Exception):
    """What the gateway answers with 401: its text must be exactly `Unauthorized`."""


def authorizer_handler(authenticator: Authenticator) -> Handler:
    """The Lambda entry point of the authorizer.

    It raises Unauthorized for a bad credential (401) and denies with a message where the caller is known but may not
    go on (403). Everything else that goes wrong is raised as it is, so that the gateway answers 5xx.
    """

    def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
        try:
            return _decide(authenticator, event)
        except Unauthenticated:
            raise Unauthorized("Unauthorized") from None
        except (Forbidden, TooManyRequests) as error:
            return deny(error.message, event)

    return handle


def _decide(authenticator: Authenticator, event: Event) -> dict[str, Any]:
    login = ""
    try:
        principal = authenticator.principal_of(credential_in(event), address_in(event))
        login = principal.login
        check_method(principal, event)
    except Forbidden as error:
        _record(authenticator, event, login, error.message)
        raise
    return allow(principal, event)


def _record(authenticator: Authenticator, event: Event, login: str, reason: str) -> None:
    """Tell the audit trail of a refusal that no service hears of; a trail out of reach does not change the answer."""
    what = f"{event.get('httpMethod', '')} {event.get('path', '')}"
    entry = AuditEntry("refused", what, login, reason, address=address_in(event), request_id=request_id_in(event))
    try:
        AuditStore(authenticator.table, authenticator.now).record(entry)
    except BackendUnavailable as error:
        logger.error("audit entry lost: %s answered 403: %s", what, error.message)
