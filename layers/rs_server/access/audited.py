"""The audit trail's ear: an ASGI wrapper that records every refusal of a service, and all that administrators do."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rs_server.access.gateway import address_in
from rs_server.access.principals import Principal
from rs_server.access.requests import principal_of
from rs_server.access.store.audit import AuditEntry, AuditStore
from rs_server.access.store.table import connect
from rs_server.errors import BackendUnavailable
from rs_server.http import REFUSALS, request_id
from rs_server.telemetry import logger

REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class Audited:
    """A service whose refusals, and administrators' requests, are in the audit trail.

    Put it around the application: `serve(Audited.by_table(app, table), base_url, "/catalog")`. A trail that cannot be
    written does not change the answer; the loss is logged.
    """

    def __init__(self, app: ASGIApp, trail: AuditStore) -> None:
        self.app = app
        self.trail = trail

    @classmethod
    def by_table(cls, app: ASGIApp, table: str) -> Audited:
        """A service with its trail in the access table of this name."""
        return cls(app, AuditStore(connect(table)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, then record what there is to record."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def listen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        heard: Scope = {**scope, REFUSALS: []}
        try:
            await self.app(heard, receive, listen)
        finally:
            await self._record(Request(heard), status)

    async def _record(self, request: Request, status: int) -> None:
        for entry in _entries(request, status):
            try:
                await asyncio.to_thread(self.trail.record, entry)
            except BackendUnavailable:
                logger.error("audit entry lost", event=entry.event, about=entry.about, by=entry.by)


def entry_of(request: Request, principal: Principal, event: str, about: str, detail: str = "") -> AuditEntry:
    """An audit entry of something that `principal` did with `request`."""
    gateway_event = request.scope.get("aws.event") or {}
    return AuditEntry(event, about, principal.login, detail, address_in(gateway_event), request_id(request))


def _entries(request: Request, status: int) -> list[AuditEntry]:
    principal = principal_of(request)
    path = (request.scope.get("aws.event") or request.scope)["path"]
    what = f"{request.method} {path}"
    entries = []
    for refusal in dict.fromkeys(request.scope[REFUSALS]):
        action, _, resource = refusal.partition(" ")
        entries.append(entry_of(request, principal, "refused", resource, f"{action}: {what} answered {status}"))
    if status in REFUSED and not entries:
        entries.append(entry_of(request, principal, "refused", what, f"answered {status}"))
    if principal.admin:
        entries.append(entry_of(request, principal, "admin.request", what, f"answered {status}"))
    return entries
