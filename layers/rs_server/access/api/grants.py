"""Routes of grants: share, list who has what, withdraw."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import APIRouter
from starlette.requests import Request

from rs_server.access.api.callers import Caller
from rs_server.access.api.models import GrantAnswer, GrantRequest, GrantsAnswer
from rs_server.access.api.paging import Limit, Token, next_links, position_in
from rs_server.access.api.sharing import grant_of, grants_managed, is_own_subject, require_manage
from rs_server.access.api.stores import Stores
from rs_server.access.audited import entry_of
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Rights
from rs_server.access.store.grants import NO_GRANT, StoredGrant, parse_grant_id
from rs_server.errors import NotFound


def grants_router(stores: Stores) -> APIRouter:
    """`/grants` and `/grants/{id}`."""
    router = APIRouter(prefix="/grants", tags=["grants"])

    @router.put("")
    async def put_grant(body: GrantRequest, caller: Caller, request: Request) -> GrantAnswer:
        """Let a subject do `actions` on a resource that the caller manages, in place of an earlier grant."""
        grant = grant_of(body, stores)
        rights = await stores.reader.rights_of(caller)
        require_manage(rights, grant.resource, f"There is no {grant.resource}.")
        stored = StoredGrant(grant, caller.login, stores.now().replace(microsecond=0))
        shown = GrantAnswer.of(stored)
        until = f" until {grant.expires.isoformat()}" if grant.expires else ""
        detail = f"{grant.subject} may {', '.join(shown.actions)}{until}"
        entry = entry_of(request, caller, "grant.put", str(grant.resource), detail)
        await asyncio.to_thread(stores.grants.put, stored, entry)
        return shown

    @router.get("")
    async def list_grants(
        caller: Caller, request: Request, resource: str = "", subject: str = "", limit: Limit = 1000, token: Token = ""
    ) -> GrantsAnswer:
        """Grants on what the caller manages: all, those on `resource`, or of `subject`. One's own too, by `subject`."""
        rights = await stores.reader.rights_of(caller)
        if caller.admin and caller.scope is None and not resource and not subject:
            position = position_in(token, {"pk", "sk"})
            found, last = await asyncio.to_thread(stores.grants.page, limit, position)
            return GrantsAnswer(grants=[GrantAnswer.of(one) for one in found], links=next_links(request, last))
        found = await asyncio.to_thread(_matching, stores, rights, resource, subject)
        return _page(request, found, limit, position_in(token, {"after"}))

    @router.delete("/{grant_id}", status_code=HTTPStatus.NO_CONTENT)
    async def withdraw_grant(grant_id: str, caller: Caller, request: Request) -> None:
        """Withdraw a grant on what the caller manages. It stops working within 30 s."""
        subject, pattern = parse_grant_id(grant_id)
        rights = await stores.reader.rights_of(caller)
        if not pattern.exact and not rights.filter("manage", pattern.tokens[0]).includes(pattern):
            raise NotFound(NO_GRANT)
        require_manage(rights, pattern, NO_GRANT)
        stored = await asyncio.to_thread(stores.grants.find, subject, pattern)
        if stored is None:
            raise NotFound(NO_GRANT)
        detail = f"{subject} had {', '.join(sorted(stored.grant.actions))}"
        entry = entry_of(request, caller, "grant.withdrawn", str(pattern), detail)
        await asyncio.to_thread(stores.grants.delete, stored, entry)

    return router


def _page(
    request: Request, found: Sequence[StoredGrant], limit: int, position: Mapping[str, str] | None
) -> GrantsAnswer:
    """Grants in the order of their places, from behind a position on: a list of any length is no answer of 6 MB."""
    by_place = {f"{stored.grant.resource} {stored.grant.subject}": stored for stored in found}
    places = sorted(place for place in by_place if position is None or place > position["after"])
    last = {"after": places[limit - 1]} if len(places) > limit else None
    shown = [GrantAnswer.of(by_place[place]) for place in places[:limit]]
    return GrantsAnswer(grants=shown, links=next_links(request, last))


def _matching(stores: Stores, rights: Rights, resource: str, subject: str) -> Sequence[StoredGrant]:
    principal = rights.principal
    if resource:
        pattern = ResourcePattern.parse(resource)
        require_manage(rights, pattern, f"There is no {resource}.")
        found = stores.grants.on(pattern)
    elif subject and (is_own_subject(principal, subject) or (principal.admin and principal.scope is None)):
        found = stores.grants.of_subject(subject)
    else:
        found = grants_managed(stores, rights)
    return [stored for stored in found if not subject or stored.grant.subject == subject]
